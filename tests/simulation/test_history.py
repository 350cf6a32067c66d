"""Made-up weeks of sales: repeatable, in the pattern of the orders, with promotions and empty shelves."""

from datetime import date
from functools import cache

import numpy as np
import polars as pl
import pytest

from doorstep.domain import Retailer
from doorstep.foundation import InputError
from doorstep.simulation.sample import find_city, sample_retailer
from doorstep.simulation.sample.history import LIFT, WEEKDAYS, sales_history

LAST, DAYS = date(2026, 3, 1), 56


@cache
def shop() -> Retailer:
    return sample_retailer(find_city("Lyon, FR"), 4, 1, 600, np.random.default_rng(1))


@cache
def sold() -> pl.DataFrame:
    return sales_history(shop(), LAST, DAYS, np.random.default_rng(2))


def test_equal_seeds_give_equal_sales_and_no_row_is_there_twice():
    assert sold().equals(sales_history(shop(), LAST, DAYS, np.random.default_rng(2)))
    assert not sold().select("product_id", "zone_id", "day").is_duplicated().any()
    assert (sold()["day"].min(), sold()["day"].max()) == (date(2026, 1, 5), LAST)


def test_a_day_sells_about_what_the_orders_ask_and_weekends_more():
    by_day = sold().group_by("day").agg(pl.col("units").sum()).sort("day")["units"].to_numpy()
    asked = int(shop().order_lines["quantity"].sum())
    assert by_day.mean() == pytest.approx(asked, rel=0.15)
    weekday = by_day.reshape(-1, 7).mean(axis=0)  # 2026-01-05 is a Monday
    assert np.corrcoef(weekday, WEEKDAYS)[0, 1] > 0.8


def test_what_was_not_there_was_not_sold_and_promotions_sell_more_for_less():
    gone = sold().filter(pl.col("in_stock_share") == 0)
    assert gone.height > 0
    assert gone["units"].sum() == 0
    price = shop().products.select("product_id", usual="price_minor")
    rows = sold().filter(pl.col("in_stock_share") == 1).join(price, on="product_id")
    on, off = (rows.filter(pl.col("promotion") == value) for value in (1.0, 0.0))
    assert (on["price_minor"] == (on["usual"] * 0.8).round().cast(pl.Int64)).all()
    assert (off["price_minor"] == off["usual"]).all()
    weeks = sold().filter(pl.col("promotion") == 1).select("product_id", pl.col("day").dt.truncate("1w")).unique()
    share = weeks.height / (shop().products.height * DAYS / 7)
    lift = int(on["units"].sum()) / share / (int(off["units"].sum()) / (1 - share))
    assert lift == pytest.approx(LIFT, rel=0.25)


def test_no_days_and_no_orders_are_refused():
    with pytest.raises(InputError, match="0 days"):
        sales_history(shop(), LAST, 0, np.random.default_rng(1))
