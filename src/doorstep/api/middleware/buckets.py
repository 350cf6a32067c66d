"""Token buckets: each caller may spend what has dripped into its bucket, and no more than it holds."""

import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

MOST_CALLERS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """Requests that a caller may make: ``burst`` at once, ``per_s`` in the long run."""

    per_s: float
    burst: int

    @property
    def window_s(self) -> int:
        """Seconds after which an empty bucket is full again, rounded up."""
        return math.ceil(self.burst / self.per_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether the request may go on, what is left, and after how many seconds there is room again."""

    allowed: bool
    allowance: Allowance
    remaining: int
    retry_after_s: int


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: float


class Buckets:
    """The buckets of all callers in memory, the most recently seen ones; a forgotten caller starts with a full one.

    One process counts for itself: N processes behind a proxy allow N times as much.

    Parameters
    ----------
    seconds
        A clock that never steps back.
    """

    def __init__(self, seconds: Callable[[], float], *, most_callers: int = MOST_CALLERS) -> None:
        self._seconds = seconds
        self._most = most_callers
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def spend(self, caller: str, allowance: Allowance) -> Verdict:
        """Take one token from a caller's bucket, if there is one."""
        now = self._seconds()
        bucket = self._buckets.get(caller)
        if bucket is None:
            bucket = self._buckets[caller] = _Bucket(float(allowance.burst), now)
            if len(self._buckets) > self._most:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(caller)
        dripped = max(0.0, now - bucket.filled_at) * allowance.per_s
        bucket.tokens = min(allowance.burst, bucket.tokens + dripped)
        bucket.filled_at = now
        allowed = bucket.tokens >= 1
        if allowed:
            bucket.tokens -= 1
        wait_s = 0 if bucket.tokens >= 1 else max(1, math.ceil((1 - bucket.tokens) / allowance.per_s))
        return Verdict(
            allowed=allowed, allowance=allowance, remaining=int(bucket.tokens), retry_after_s=0 if allowed else wait_s
        )

    def __len__(self) -> int:
        return len(self._buckets)
