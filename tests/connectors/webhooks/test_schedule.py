"""The patience of three days, and what an answer means; the delays are those of the specification's example."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.connectors.webhooks import Verdict, judge, next_attempt_at
from doorstep.connectors.webhooks.schedule import DELAYS_S

NOW = 1_700_000_000
DAY_S = 86_400


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_ten_attempts_are_spread_over_three_days():
    assert DELAYS_S == (0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
    assert sum(DELAYS_S) / DAY_S == pytest.approx(3.15, abs=0.01)


def test_the_first_attempt_is_made_at_once_and_there_is_no_eleventh():
    assert next_attempt_at(0, NOW, retry_after_s=None, rng=rng()) == NOW
    assert next_attempt_at(10, NOW, retry_after_s=None, rng=rng()) is None
    assert next_attempt_at(10, NOW, retry_after_s=60, rng=rng()) is None


@given(st.integers(0, 9), st.integers(0, 2**32))
def test_a_delay_is_lengthened_by_a_tenth_at_most_and_never_shortened(attempts, seed):
    at = next_attempt_at(attempts, NOW, retry_after_s=None, rng=rng(seed))
    assert at is not None
    assert DELAYS_S[attempts] <= at - NOW <= DELAYS_S[attempts] * 1.1


def test_messages_that_failed_together_are_not_tried_again_together():
    shared = rng()
    assert len({next_attempt_at(4, NOW, retry_after_s=None, rng=shared) for _ in range(50)}) > 30


@pytest.mark.parametrize(
    ("asked_s", "waits_s"), [(3_600, 3_600), (DAY_S, DAY_S), (10 * DAY_S, DAY_S), (0, 5), (-60, 5), (None, 5)]
)
def test_what_the_receiver_asks_for_is_kept_up_to_a_day_and_shortens_nothing(asked_s, waits_s):
    assert next_attempt_at(1, NOW, retry_after_s=asked_s, rng=rng()) == NOW + waits_s


@pytest.mark.parametrize("status", [200, 202, 204, 299])
def test_2xx_is_delivered_and_clears_the_count_of_failures(status):
    assert judge(status, failures_in_a_row=299) == Verdict(delivered=True, failures_in_a_row=0, disabled="")


@pytest.mark.parametrize("status", [0, 100, 199, 301, 400, 404, 429, 500, 503])
def test_anything_else_is_a_failure_that_counts(status):
    assert judge(status, failures_in_a_row=3) == Verdict(delivered=False, failures_in_a_row=4, disabled="")


def test_an_endpoint_that_is_gone_is_switched_off_at_once():
    assert judge(410, failures_in_a_row=0) == Verdict(delivered=False, failures_in_a_row=1, disabled="gone")


@pytest.mark.parametrize(("before", "disabled"), [(298, ""), (299, "failing"), (300, "failing")])
def test_an_endpoint_is_switched_off_with_its_300th_failure_in_a_row(before, disabled):
    assert judge(500, failures_in_a_row=before).disabled == disabled
