"""Stated probabilities are shares of what was kept: shrunk where little is known, never falling with slack."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.foundation import InputError
from doorstep.promising import Keeping, Outcomes, learn
from doorstep.promising.keeping import BINS, MOST_SPLITS, PRIOR, Prior, pooled

Row = tuple[int, int, int, int, bool]


def outcomes(rows: Sequence[Row], *, ages: Sequence[int] = ()) -> Outcomes:
    """Return outcomes of (level, splits, slack, hour, kept), by default all of today."""
    numbers = [np.array([row[k] for row in rows], dtype=np.int64) for k in range(4)]
    kept = np.array([row[4] for row in rows], dtype=np.bool_)
    age = np.array(ages or [0] * len(rows), dtype=np.int64)
    return Outcomes(level=numbers[0], splits=numbers[1], slack_min=numbers[2], hour=numbers[3], age_days=age, kept=kept)


def stated(found: Keeping, *, level: int = 0, splits: int = 1, slack: int = 100, hour: int = 10) -> float:
    asked = (np.array([number], dtype=np.int64) for number in (level, splits, slack, hour))
    return float(found.probability(**dict(zip(("level", "splits", "slack_min", "hour"), asked, strict=True)))[0])


def test_where_nothing_is_known_the_prior_is_stated():
    assert stated(learn(outcomes([]), levels=2), level=1) == pytest.approx(PRIOR.kept)
    assert stated(learn(outcomes([]), levels=1, prior=Prior(kept=0.5, strength=1))) == 0.5


def test_few_outcomes_move_the_prior_by_what_they_are_worth():
    found = learn(outcomes([(0, 1, 100, 10, False)] * 20, ages=[99] * 20), levels=1, prior=Prior(kept=0.9, strength=20))
    assert stated(found) == pytest.approx(0.45, abs=1e-3)  # 20 broken beside 18 kept of 20 believed


def test_many_outcomes_are_believed():
    rows: list[Row] = [(0, 1, 100, 10, n % 4 > 0) for n in range(4_000)]
    assert stated(learn(outcomes(rows), levels=1)) == pytest.approx(0.75, abs=0.003)


def test_levels_and_splits_that_differ_are_told_apart():
    rows: list[Row] = [(0, 1, 100, 10, n % 10 > 0) for n in range(2_000)]
    rows += [(1, 1, 100, 10, n % 2 > 0) for n in range(2_000)] + [(0, 2, 100, 10, n % 5 > 0) for n in range(2_000)]
    found = learn(outcomes(rows), levels=2)
    assert stated(found) == pytest.approx(0.9, abs=0.01)
    assert stated(found, level=1) == pytest.approx(0.5, abs=0.01)
    assert stated(found, splits=2) == pytest.approx(0.8, abs=0.01)


def test_a_level_without_outcomes_is_stated_like_all_others_together():
    rows: list[Row] = [(0, 1, 100, 10, n % 5 > 0) for n in range(5_000)]
    assert stated(learn(outcomes(rows), levels=2), level=1) == pytest.approx(0.8, abs=0.005)


def test_the_last_days_move_what_is_stated_more_than_those_before():
    good: list[Row] = [(0, 1, 100, 10, n % 10 > 0) for n in range(1_000)]
    bad: list[Row] = [(0, 1, 100, 10, n % 10 > 2) for n in range(1_000)]
    ages = [9] * 1_000 + [0] * 1_000
    worse = learn(outcomes(good + bad, ages=ages), levels=1)
    better = learn(outcomes(bad + good, ages=ages), levels=1)
    assert worse.shift < 0 < better.shift
    assert stated(worse) == pytest.approx(0.72, abs=0.01)
    assert stated(better) == pytest.approx(0.88, abs=0.01)


def test_more_sites_than_are_told_apart_count_as_the_most():
    found = learn(outcomes([(0, 9, 100, 10, False)] * 50), levels=1)
    assert stated(found, splits=MOST_SPLITS) == stated(found, splits=7)


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(1, 4), st.integers(-60, 3_000), st.integers(0, 23),
                          st.booleans()), max_size=60))  # fmt: skip
def test_more_slack_never_states_less_and_every_probability_is_one(rows):
    found = learn(outcomes(rows), levels=2).kept
    assert found.shape[-1] == BINS
    assert (np.diff(found, axis=-1) >= -1e-12).all()
    assert ((found > 0) & (found < 1)).all()


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 5)), min_size=1, max_size=7))
def test_pooling_keeps_the_weighted_mean_and_is_the_nearest_rising_row(cells):
    value, weight = (np.array(column, dtype=np.float64) for column in zip(*cells, strict=True))
    found = pooled(value, weight)
    assert (np.diff(found) >= -1e-9).all()
    assert float(found @ weight) == pytest.approx(float(value @ weight))
    for cut in range(1, len(cells)):  # the optimum balances every block: nothing is gained by moving its upper part up
        assert float((value - found)[cut:] @ weight[cut:]) <= 1e-9


def test_a_row_that_rises_is_left_alone():
    value = np.array([0.1, 0.1, 0.9])
    assert pooled(value, np.ones(3)).tolist() == value.tolist()


@pytest.mark.parametrize("row", [(-1, 1, 0, 0, True), (0, 0, 0, 0, True), (0, 1, 0, 24, True), (2, 1, 0, 0, True)])
def test_outcomes_that_cannot_be_are_refused(row):
    with pytest.raises(InputError):
        learn(outcomes([row]), levels=2)


def test_an_unknown_level_and_a_certain_prior_are_refused():
    with pytest.raises(InputError, match="not all below 1"):
        stated(learn(outcomes([]), levels=1), level=1)
    with pytest.raises(InputError, match="prior"):
        Prior(kept=1.0)
    with pytest.raises(InputError, match="must all be"):
        Outcomes(
            level=np.zeros(1, np.int64), splits=np.ones(1, np.int64), slack_min=np.zeros(2, np.int64),
            hour=np.zeros(1, np.int64), age_days=np.zeros(1, np.int64), kept=np.ones(1, np.bool_),
        )  # fmt: skip
