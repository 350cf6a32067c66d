"""When a webhook is tried again, and what an answer means for its endpoint; a pure reckoning."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from doorstep.foundation.units import SECONDS_PER_DAY, SECONDS_PER_HOUR

_HOURS = (2, 5, 10, 14, 20, 24)
DELAYS_S = (0, 5, 300, 1_800, *(hours * SECONDS_PER_HOUR for hours in _HOURS))
"""How long after the one before each of the ten attempts is made: example delays of Standard Webhooks, three days."""

JITTER_PARTS = 10
MOST_FAILURES = 300
GONE = 410

Disabled: TypeAlias = Literal["", "gone", "failing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What an answer means: whether the message is delivered, and whether its endpoint is switched off, and why.

    ``failures_in_a_row`` is what the endpoint's count is from now on.
    """

    delivered: bool
    failures_in_a_row: int
    disabled: Disabled


def next_attempt_at(attempts: int, now: int, *, retry_after_s: int | None, rng: np.random.Generator) -> int | None:
    """Return when to try next; None when the ten attempts are used up [epoch s].

    Up to a tenth of the delay is added by chance, so that what failed together is not tried again together.

    Parameters
    ----------
    attempts
        How many have been made.
    now
        The present [epoch s].
    retry_after_s
        What the receiver asked for; kept up to 24 h, never shortening the delay.
    rng
        Source of chance.
    """
    if attempts >= len(DELAYS_S):
        return None
    delay_s = DELAYS_S[attempts]
    delay_s += int(rng.integers(0, delay_s // JITTER_PARTS, endpoint=True))
    return now + max(delay_s, min(retry_after_s or 0, SECONDS_PER_DAY))


def judge(status: int, *, failures_in_a_row: int) -> Verdict:
    """Return what an answer means for its message and its endpoint.

    2xx is delivered. 410 says that the endpoint is gone: it is switched off at once. So it is after 300 failures in a
    row, over all of its messages.

    Parameters
    ----------
    status
        Of the answer; 0 when none came.
    failures_in_a_row
        The endpoint's failures before this one since it last took a message.
    """
    if 200 <= status < 300:
        return Verdict(delivered=True, failures_in_a_row=0, disabled="")
    failures = failures_in_a_row + 1
    disabled: Disabled = "gone" if status == GONE else "failing" if failures >= MOST_FAILURES else ""
    return Verdict(delivered=False, failures_in_a_row=failures, disabled=disabled)
