"""Forecasts in shards are those of their products, wherever they are worked out."""

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

import numpy as np
import pytest

from doorstep.demand import explain, forecast
from doorstep.demand import shards as room
from doorstep.demand.check import check_forecast
from doorstep.demand.shards import forecast_in_shards
from doorstep.foundation import InputError
from tests.demand.histories import shop


def rng() -> np.random.Generator:
    return np.random.default_rng(5)


@pytest.fixture(scope="module")
def shopped():
    whole = shop(products=60)
    return whole, forecast_in_shards(whole, whole.last_day, 28, rng=rng(), shards=3)


def test_shards_make_a_whole_plan_near_that_of_all_products(shopped):
    whole, plan = shopped
    assert check_forecast(whole, plan) == []
    assert plan.method == "learnt"
    assert plan.notes[0] == "Products are forecast in 3 shards."
    alone = forecast(whole, whole.last_day, 28, rng=rng())
    assert plan.mean.sum() == pytest.approx(alone.mean.sum(), rel=0.05)
    assert np.corrcoef(plan.mean.ravel(), alone.mean.ravel())[0, 1] > 0.95
    assert plan.stock(0.95, 7).sum() == pytest.approx(alone.stock(0.95, 7).sum(), rel=0.1)


def test_the_plan_is_the_same_on_an_executor(shopped):
    whole, plan = shopped
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        found = forecast_in_shards(whole, whole.last_day, 28, rng=rng(), shards=3, executor=executor)
    assert (found.mean == plan.mean).all()
    assert (found.stock(0.95, 7) == plan.stock(0.95, 7)).all()


def test_each_series_is_explained_by_its_own_shard(shopped):
    whole, plan = shopped
    for series in (0, 5, whole.series - 1):
        level, reasons = explain(plan.factors, series, 9)
        told = level * np.prod([reason.factor for reason in reasons])
        assert told == pytest.approx(plan.mean[series, 9], rel=0.02)


def test_a_shard_is_the_forecast_of_its_products(shopped):
    """Products are dealt by their attributes: those of one department and category go round the shards."""
    whole, plan = shopped
    order = sorted(range(60), key=lambda p: (whole.attributes[p].tolist(), p))
    mine = np.isin(whole.product, order[0::3])
    alone = forecast(whole.only(mine), whole.last_day, 28, rng=rng().spawn(3)[0])
    assert (plan.mean[mine] == alone.mean).all()


def test_one_shard_is_the_plain_forecast_and_many_series_are_dealt_by_themselves(monkeypatch):
    whole = shop(products=12)
    plain = forecast(whole, whole.last_day, 7, rng=rng())
    assert (forecast_in_shards(whole, whole.last_day, 7, rng=rng()).mean == plain.mean).all()
    monkeypatch.setattr(room, "MOST_SERIES", 20)
    dealt = forecast_in_shards(whole, whole.last_day, 7, rng=rng())
    assert dealt.notes[0] == "Products are forecast in 3 shards."


def test_new_products_and_kinds_that_only_one_shard_has_do_not_disturb_the_others():
    whole = shop(products=12)
    in_stock, units = whole.in_stock.copy(), whole.units.copy()
    in_stock[:4], units[:4] = 0.0, 0.0
    new = replace(whole, in_stock=in_stock, units=units)
    with ThreadPoolExecutor(2) as executor:
        plan = forecast_in_shards(new, new.last_day, 7, rng=rng(), shards=12, executor=executor)
    assert check_forecast(new, plan) == []
    assert plan.spread.plain.tolist() == [True] * 4 + [False] * 44


def test_no_shards_are_refused():
    with pytest.raises(InputError, match="shards 0 must be at least 1"):
        forecast_in_shards(shop(products=2), 1, 7, rng=rng(), shards=0)
