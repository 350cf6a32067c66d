"""Sums are drawn to what groups sell as a whole."""

import numpy as np
import pytest

from doorstep.demand.totals import WEIGHT, group_forecast, total_factors
from tests.demand.histories import history


def test_a_group_that_always_sells_the_same_is_forecast_so():
    steady = history(np.tile(np.array([[2.0], [3.0]]), (1, 63)), zone=np.array([0, 0]), product=np.array([0, 1]))
    assert group_forecast(steady, np.ones((2, 70)), steady.zone) == pytest.approx([35.0])


def test_a_forecast_twice_too_high_is_drawn_back_part_of_the_way():
    steady = history(np.full((2, 63), 2.0))
    factors = total_factors(steady, np.ones((2, 70)), np.full((2, 7), 4.0))
    assert factors == pytest.approx([0.5**WEIGHT] * 2)


def test_a_short_history_is_left_alone():
    assert total_factors(history(np.ones((2, 55))), np.ones((2, 62)), np.full((2, 7), 4.0)).tolist() == [1.0, 1.0]


def test_zones_and_departments_are_both_met():
    rng = np.random.default_rng(1)
    product, zone = np.divmod(np.arange(12), 3)
    sold = history(
        rng.poisson(3.0, (12, 70)).astype(float), product=product, zone=zone, attributes=np.array([[0], [0], [1], [1]])
    )
    mean = rng.random((12, 7)) * 5
    factors = total_factors(sold, np.ones((12, 77)), mean)
    due = (mean * factors[:, None]).sum(axis=1)
    own = group_forecast(sold, np.ones((12, 77)), sold.groups(0))
    before = np.bincount(sold.groups(0), weights=mean.sum(axis=1))
    assert np.bincount(sold.groups(0), weights=due) == pytest.approx(before ** (1 - WEIGHT) * own**WEIGHT, rel=1e-3)
