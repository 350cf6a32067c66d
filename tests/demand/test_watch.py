"""Biases that last and quantiles that no longer cover are told; chance is not."""

import numpy as np
import polars as pl
import pytest

from doorstep.demand import forecast_orders, watch
from doorstep.demand.orders import HOURS
from doorstep.foundation import InputError
from tests.demand.histories import MONDAY


def seen(rate: float, seed: int = 0):
    rng = np.random.default_rng(seed)
    mean = np.full((40, 60), 5.0)
    return rng.poisson(mean * rate).astype(float), mean, np.full((40, 60), 9)


def test_right_forecasts_are_not_told():
    units, mean, quantile = seen(1.0)
    found = watch(units, mean, quantile, q=0.968, group=np.arange(40) // 20)
    assert not found.biased.any()
    assert not found.drifted.any()
    assert found.told(["a", "b"]) == ()


def test_a_group_that_sells_a_fifth_more_is_told_by_name():
    units, mean, quantile = seen(1.0)
    units[20:], _, _ = (part[20:] for part in seen(1.2, seed=1))
    found = watch(units, mean, quantile, q=0.968, group=np.arange(40) // 20)
    assert found.biased.tolist() == [False, True]
    assert found.drifted.tolist() == [False, True]
    assert "b: forecasts lie 15% below what came." in found.told(["a", "b"])


def test_shapes_that_disagree_are_refused():
    with pytest.raises(InputError):
        watch(
            np.ones((2, 3)), np.ones((2, 2)), np.ones((2, 3), dtype=np.int64), q=0.9, group=np.zeros(2, dtype=np.int64)
        )


def order_counts() -> pl.DataFrame:
    rows = [
        ("z", method, MONDAY + day, hour, orders)
        for day in range(70)
        for method, hour, orders in (("delivery", 9, 4), ("delivery", 18, 12), ("pickup", 12, 5))
    ]
    table = pl.DataFrame(rows, schema=["zone_id", "method", "day", "hour", "orders"], orient="row")
    return table.with_columns(pl.col("day").cast(pl.Int32).cast(pl.Date))


def test_orders_come_in_the_hours_in_which_they_came():
    found = forecast_orders(order_counts(), MONDAY + 69, 7, rng=np.random.default_rng(0))
    mean = found.mean()
    assert mean.shape == (2, 7, HOURS)
    assert found.hours.sum(axis=2) == pytest.approx(np.ones((2, 7)))
    delivery = found.days.product_ids.index("delivery")
    assert mean.sum(axis=2)[delivery] == pytest.approx(np.full(7, 16.0), rel=0.1)
    assert mean[delivery, 0].argmax() == 18
    assert mean[1 - delivery, 0].argmax() == 12


def test_hours_that_are_none_and_given_twice_are_refused():
    table = order_counts()
    with pytest.raises(InputError, match="1 rows of order counts have an hour not from 0 to 23"):
        forecast_orders(
            table.with_columns(hour=pl.when(pl.int_range(pl.len()) == 0).then(24).otherwise("hour")),
            MONDAY,
            7,
            rng=np.random.default_rng(0),
        )
    with pytest.raises(InputError, match="2 give an hour more than once"):
        forecast_orders(pl.concat([table, table.head(1)]), MONDAY, 7, rng=np.random.default_rng(0))
