"""Forecasts find what was put into a history, and say so where there is too little to learn from."""

import math
import sys
import warnings
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from doorstep.demand import DemandHistory, explain, forecast
from doorstep.demand.check import check_forecast
from doorstep.demand.levels import smoothed_level
from doorstep.demand.seasonality import seasonality
from doorstep.foundation import InputError, Iterations
from tests.demand.histories import MONDAY, history, shop


def rng() -> np.random.Generator:
    return np.random.default_rng(5)


@pytest.fixture(scope="module")
def shopped():
    whole = shop()
    return whole, forecast(whole, whole.last_day, 28, rng=rng())


def test_a_learnt_plan_is_whole(shopped):
    whole, plan = shopped
    assert plan.method == "learnt"
    assert check_forecast(whole, plan) == []


def test_weekends_are_as_busy_as_they_were(shopped):
    _, plan = shopped
    weekend = (plan.first_day + np.arange(28) + 3) % 7 >= 5
    ratio = plan.mean[:, weekend].mean() / plan.mean[:, ~weekend].mean()
    assert ratio == pytest.approx(2.0 / 0.6, rel=0.2)


def test_promoted_weeks_are_forecast_higher_and_without_offers_they_are_not(shopped):
    whole, plan = shopped
    blind = forecast(whole, whole.last_day, 28, rng=rng(), offers=False)
    ahead = whole.promotion[:, whole.days : whole.days + 28].reshape(-1, 4, 7).mean(axis=2)
    lift = (plan.mean / blind.mean).reshape(-1, 4, 7).mean(axis=2)
    assert lift[ahead > 0.9].mean() > 1.5 * lift[ahead == 0].mean()


def test_the_same_lot_gives_the_same_plan(shopped):
    whole, plan = shopped
    assert (forecast(whole, whole.last_day, 28, rng=rng()).mean == plan.mean).all()


def test_later_sales_change_nothing():
    whole = shop(products=20)
    day = whole.first_day + 119
    plan = forecast(whole, day, 14, rng=rng())
    whole.units[:, 120:] = 99
    assert (forecast(whole, day, 14, rng=rng()).mean == plan.mean).all()


def test_reasons_multiply_to_the_forecast(shopped):
    _, plan = shopped
    for series, day in ((0, 0), (17, 6), (100, 27)):
        level, reasons = explain(plan.factors, series, day)
        told = level * math.prod(reason.factor for reason in reasons)
        assert told == pytest.approx(plan.mean[series, day], rel=0.01)
    assert "weekday" in {reason.about for reason in reasons}


def test_training_ends_when_it_is_asked_to():
    whole = shop(products=30)
    plan = forecast(whole, whole.last_day, 7, rng=rng(), stop=Iterations(limit=3))
    assert check_forecast(whole, plan) == []


def test_where_lightgbm_cannot_be_loaded_the_plan_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    whole = shop(products=20)
    plan = forecast(whole, whole.last_day, 28, rng=rng())
    assert plan.method == "window"
    assert "LightGBM cannot be loaded" in plan.notes[0]
    assert check_forecast(whole, plan) == []


@pytest.mark.parametrize("days", [1, 2, 8, 30])
def test_a_short_history_is_forecast_by_its_average(days):
    whole = history(np.full((3, days), 2.0))
    plan = forecast(whole, whole.last_day, 7, rng=rng())
    assert plan.method == "window"
    assert plan.mean.sum(axis=1) == pytest.approx([14.0] * 3, rel=0.1)
    assert check_forecast(whole, plan) == []


def test_a_product_out_of_stock_is_not_a_product_unwanted():
    units, in_stock = np.full((2, 60), 3.0), np.ones((2, 60))
    units[0, 30:], in_stock[0, 30:] = 0.0, 0.0
    plan = forecast(history(units, in_stock=in_stock), MONDAY + 59, 7, rng=rng())
    assert plan.mean[0].sum() == pytest.approx(21.0, rel=0.1)


def test_half_a_day_in_stock_counts_half():
    units, in_stock = np.full((1, 56), 2.0), np.full((1, 56), 0.5)
    plan = forecast(history(units, in_stock=in_stock), MONDAY + 55, 7, rng=rng())
    assert plan.mean.sum() == pytest.approx(28.0, rel=0.05)


def test_products_that_never_sell_are_forecast_near_nothing():
    plan = forecast(history(np.zeros((4, 100))), MONDAY + 99, 7, rng=rng())
    assert plan.mean.sum(axis=1).max() < 0.1
    assert plan.lead_time(7).quantile(0.5).tolist() == [0] * 4


def test_a_new_product_sells_like_those_of_its_type():
    rates = np.array([1.0, 1.0, 1.0, 9.0, 9.0, 9.0, 0.0, 0.0])
    units = np.repeat(rates[:, None], 70, axis=1)
    in_stock = np.ones_like(units)
    in_stock[6:] = 0.0
    attributes = np.array([[0], [0], [0], [1], [1], [1], [0], [1]])
    plan = forecast(history(units, in_stock=in_stock, attributes=attributes), MONDAY + 69, 7, rng=rng())
    assert "2 series were never on offer" in " ".join(plan.notes)
    new = plan.mean.mean(axis=1)[6:]
    assert 1.0 < new[0] < 4.0
    assert 6.0 < new[1] < 9.0


def test_a_known_product_in_a_new_zone_sells_as_it_does_elsewhere():
    product, zone = np.divmod(np.arange(8), 4)
    units = np.repeat(np.array([1.0, 1, 1, 1, 6, 6, 6, 0])[:, None], 70, axis=1)
    in_stock = np.ones_like(units)
    in_stock[7] = 0.0
    plan = forecast(history(units, in_stock=in_stock, product=product, zone=zone), MONDAY + 69, 7, rng=rng())
    assert 4.0 < plan.mean[7].mean() < 7.0


def test_closed_days_do_not_bend_the_weekdays():
    units = np.tile(np.array([5.0] * 6 + [10.0]), 12)[None].repeat(3, axis=0)
    in_stock = np.ones_like(units)
    units[:, 20], in_stock[:, 20] = 0.0, 0.0
    calendar = seasonality(history(units, in_stock=in_stock), horizon_days=7).multipliers()[0, -7:]
    assert calendar[6] / calendar[:6].mean() == pytest.approx(2.0, rel=0.1)


def test_smoothing_stands_still_while_nothing_is_on_offer():
    units = np.array([[4.0, 0, 4, 0, 0, 0, 0, 0]])
    offered = np.array([[1.0, 1, 1, 1, 0, 0, 0, 0]])
    still = smoothed_level(units, offered)
    assert still == pytest.approx(smoothed_level(units[:, :4], offered[:, :4]))
    assert smoothed_level(units, np.ones((1, 8)))[0] < still[0]


def test_wrong_spans_are_refused(shopped):
    whole, plan = shopped
    with pytest.raises(InputError, match="must lie within"):
        plan.lead_time(29)
    with pytest.raises(InputError, match="at least 1"):
        forecast(whole, whole.last_day, 0, rng=rng())


def test_the_check_tells_what_is_wrong(shopped):
    whole, plan = shopped
    kept = plan.mean[3, 2]
    plan.mean[3, 2] = np.nan
    assert check_forecast(whole, plan) == ["mean of series 3 on day 2 is nan."]
    plan.mean[3, 2] = kept
    assert "series of the plan" in check_forecast(whole.only(np.arange(whole.series) > 0), plan)[0]


def test_displays_count_by_themselves():
    whole = shop()
    shown = replace(whole, promotion=np.zeros_like(whole.promotion), display=whole.promotion)
    plan = forecast(shown, shown.last_day, 28, rng=rng())
    ahead = shown.display[:, shown.days : shown.days + 28].reshape(-1, 4, 7).mean(axis=2)
    week = plan.mean.reshape(-1, 4, 7).mean(axis=2)
    usual = week.mean(axis=1, keepdims=True)
    assert (week / usual)[ahead > 0.9].mean() > 1.3 * (week / usual)[ahead == 0].mean()
    assert "display" in {reason.about for s in range(20) for reason in explain(plan.factors, s, 0)[1]}


def test_new_products_are_forecast_higher_in_weeks_in_which_they_are_promoted():
    whole = shop(products=300, days=126)
    new = whole.product < 30
    units, in_stock = whole.units.copy(), whole.in_stock.copy()
    units[new], in_stock[new] = 0.0, 0.0
    hidden = replace(whole, units=units, in_stock=in_stock)
    plan = forecast(hidden, hidden.last_day, 28, rng=rng())
    assert check_forecast(hidden, plan) == []
    ahead = whole.promotion[new, whole.days : whole.days + 28].reshape(-1, 4, 7).mean(axis=2)
    week = plan.mean[new].reshape(-1, 4, 7).mean(axis=2)
    assert week[ahead > 0.9].mean() > 1.5 * week[ahead == 0].mean()
    for day in (0, 9, 27):
        level, reasons = explain(plan.factors, 3, day)
        assert level * math.prod(reason.factor for reason in reasons) == pytest.approx(plan.mean[3, day], rel=0.01)


def test_reasons_of_short_series_leave_out_what_was_learnt_from_others():
    whole = shop()
    in_stock, units = whole.in_stock.copy(), whole.units.copy()
    in_stock[0, :-10], units[0, :-10] = 0.0, 0.0
    plan = forecast(replace(whole, in_stock=in_stock, units=units), whole.last_day, 14, rng=rng())
    level, reasons = explain(plan.factors, 0, 8)
    assert level * math.prod(reason.factor for reason in reasons) == pytest.approx(plan.mean[0, 8], rel=0.01)


@pytest.mark.parametrize(("days", "ahead"), [(1, 3), (9, 10), (20, 7)])
def test_new_products_after_a_short_history_sell_as_others_do(days, ahead):
    units, in_stock = np.ones((4, days)), np.ones((4, days))
    units[3], in_stock[3] = 0.0, 0.0
    whole = history(units, in_stock=in_stock)
    plan = forecast(whole, whole.last_day, ahead, rng=rng())
    assert check_forecast(whole, plan) == []
    assert plan.mean[3] == pytest.approx(np.ones(ahead), rel=0.05)


@pytest.mark.parametrize(("products", "days"), [(1, 1), (2, 10), (3, 40)])
@pytest.mark.parametrize("units", [0, 1, 100_000])
@pytest.mark.parametrize("share", [1.0, 0.04, 1e-300, 0.0])
def test_however_odd_the_history_is_the_forecast_is_whole(products, days, units, share):
    rows = [(f"p{number}", "z", MONDAY + day, units) for number in range(products) for day in range(days)]
    whole = DemandHistory.from_tables(
        pl.DataFrame(rows, schema=["product_id", "zone_id", "day", "units"], orient="row").with_columns(
            pl.col("day").cast(pl.Int32).cast(pl.Date), in_stock_share=pl.lit(share)
        )
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert check_forecast(whole, forecast(whole, whole.last_day, 28, rng=rng())) == []
