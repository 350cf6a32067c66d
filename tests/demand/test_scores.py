"""Scores agree with sums worked by hand, and backtests with what they are made of."""

import numpy as np
import pytest

from doorstep.demand import backtest
from doorstep.demand.scores import QUANTILES, stock_scores, weekly_step, weighted_rmsse
from doorstep.foundation import InputError
from tests.demand.histories import MONDAY, history, shop


def test_one_series_scores_its_scaled_error_on_every_level():
    one = history(np.array([[0.0, 2, 0, 4, 3, 1]]))
    # From the first sale on the steps are -2 and 4: scale (4 + 16) / 2. Errors 1 and -1.
    score = weighted_rmsse(one, MONDAY + 3, np.array([[2.0, 2.0]]), one.units)
    assert score == pytest.approx([np.sqrt(1 / 10)] * 6)


def test_items_count_by_what_was_paid_for_them():
    units = np.array([[1.0, 3, 1, 3, 3], [2, 4, 2, 4, 9]])
    two = history(units)
    paid = np.array([[1.0] * 5, [3.0] * 5])
    score = weighted_rmsse(two, MONDAY + 3, np.array([[3.0], [5.0]]), paid)
    assert score[4] == pytest.approx(0.25 * 0 + 0.75 * np.sqrt(16 / 4))
    assert score[0] == pytest.approx(np.sqrt(16 / 16))


def test_stock_is_scored_by_what_is_short_and_what_is_left():
    came = np.array([4.0, 0.0])
    stock = np.tile(np.array([3, 2]), (len(QUANTILES), 1))
    found = stock_scores(came, stock, 2.0)
    by_hand = np.mean([(q * 1 + (1 - q) * 2) / 2 / 2 for q in QUANTILES])
    assert found.pinball == pytest.approx(by_hand)
    assert (found.coverage, found.stock_over_demand, found.fill) == (0.5, 5 / 4, 3 / 4)


def test_the_weekly_step_leaves_out_the_days_after_the_last_whole_week():
    assert weekly_step(np.array([[1.0] * 7 + [3.0] * 7 + [99.0]])) == 14.0
    with pytest.raises(InputError, match="less than two weeks"):
        weekly_step(np.ones((1, 13)))


def test_a_backtest_forecasts_each_origin_with_what_was_known():
    whole = shop(products=15, days=140)
    origins = [whole.last_day - 35, whole.last_day - 28]
    found = backtest(whole, origins, horizon_days=28, lead_days=7, rng=np.random.default_rng(1))
    assert [test.origin for test in found] == origins
    assert all(test.plan.first_day == test.origin + 1 for test in found)
    assert all(0.1 < test.wrmsse < 1.2 for test in found)
    assert all(0.85 < test.stock.coverage <= 1.0 for test in found)
    with pytest.raises(InputError, match="fewer than 28 days"):
        backtest(whole, [whole.last_day - 27], horizon_days=28, lead_days=7, rng=np.random.default_rng(1))


def test_the_spread_of_poisson_demand_is_close_to_poisson():
    whole = history(np.random.default_rng(2).poisson(2.0, (300, 160)).astype(float))
    (found,) = backtest(whole, [whole.last_day - 28], horizon_days=28, lead_days=7, rng=np.random.default_rng(1))
    demand = found.plan.lead_time(7)
    assert (demand.variance() / demand.mean).mean() == pytest.approx(1.0, abs=0.25)
    assert found.stock.coverage == pytest.approx(0.95, abs=0.04)
