"""Orders against a stock: what is lost and what comes from near, worked by hand and against the corridor."""

from functools import cache

import numpy as np
import polars as pl
import pytest

from doorstep.domain import Retailer
from doorstep.foundation import InputError
from doorstep.operations.planning.stock_replay import replay_stock, several_days
from doorstep.simulation.sample import find_city, sample_retailer
from tests.small import CHICAGO, at, retailer, table


def shop(*lines: tuple[str, int, str, int]) -> Retailer:
    """Return two stores eleven kilometres apart in one region and a third far off, with vans at each."""
    sites = table(
        "site_id kind lat lon time_zone region",
        ("S1", "store", 41.0, -87.0, CHICAGO, "a"),
        ("S2", "store", 41.1, -87.0, CHICAGO, "a"),
        ("S3", "store", 41.5, -87.0, CHICAGO, "b"),
    )
    vans = table(
        "vehicle_id site_id count shift_starts shift_ends max_weight_g max_volume_ml",
        *[(f"V{site}", f"S{site}", 1, "08:00", "20:00", 500_000, 5_000_000) for site in (1, 2, 3)],
    )
    names = list(dict.fromkeys(line[0] for line in lines))
    orders = table(
        "order_id placed_at lat lon postal_code service_level_id",
        *[(name, at("08:00") + number, 41.0, -87.0, "60601", "same_day") for number, name in enumerate(names)],
    )
    return retailer(sites=sites, vehicles=vans, orders=orders,
                    order_lines=table("order_id line_no product_id quantity", *lines))  # fmt: skip


def stock(*rows: tuple[str, str, int]) -> pl.DataFrame:
    return table("site_id product_id on_hand", *rows)


def test_units_come_from_the_nearest_until_they_are_gone_and_then_from_farther_or_are_lost():
    asked = shop(("O1", 1, "A", 2), ("O2", 1, "A", 2), ("O3", 1, "A", 2), ("O4", 1, "A", 2))
    found = replay_stock(asked, stock(("S1", "A", 2), ("S2", "A", 2), ("S3", "A", 2)))
    assert (found.orders, found.served, found.units, found.lost_units) == (4, 3, 8, 2)
    assert (found.own_zone_share, found.in_region_share) == (2 / 6, 4 / 6)
    assert (found.one_site_share, found.packages) == (1.0, 3)
    assert found.km_per_unit == pytest.approx((0 + 11.12 + 55.6) / 3, rel=1e-3)
    assert (found.lost_margin_minor, found.lost_share) == (2 * 300, 0.25)
    assert (found.stock_units, found.stock_value_minor) == (6, 6 * 600)


def test_an_order_that_two_sites_serve_is_not_from_one():
    found = replay_stock(shop(("O1", 1, "A", 1), ("O1", 2, "C", 1)), stock(("S1", "A", 1), ("S2", "C", 1)))
    assert (found.served, found.one_site_share, found.packages) == (1, 0.0, 2)
    assert found.own_zone_share == 0.5


def test_nothing_on_the_shelves_loses_everything():
    found = replay_stock(shop(("O1", 1, "A", 1)), stock(("S1", "C", 1)))
    assert (found.served, found.lost_units, found.own_zone_share, found.one_site_share) == (0, 1, 0.0, 0.0)


@cache
def sample() -> Retailer:
    return sample_retailer(find_city("Lyon, FR"), 4, 1, 200, np.random.default_rng(1))


def test_more_stock_loses_no_more_and_its_own_stock_serves_as_many_as_there_are():
    shelves = sample().stock.select("site_id", "product_id", "on_hand")
    today, more = (replay_stock(sample(), shelves.with_columns(pl.col("on_hand") * times)) for times in (1, 3))
    assert today.lost_units >= more.lost_units
    assert more.stock_units == 3 * today.stock_units
    assert today.units == sample().order_lines["quantity"].sum()


def test_several_days_are_drawn_from_the_orders_each_with_its_lines():
    three = several_days(sample(), 3, np.random.default_rng(2))
    assert three.orders.height == 3 * sample().orders.height
    assert not three.orders["order_id"].is_duplicated().any()
    first = three.orders.sort("placed_at")
    spread = int(first["placed_at"].max()) - int(first["placed_at"].min())  # type: ignore[arg-type]
    assert 2 * 86_400 < spread < 3 * 86_400
    per_order = three.order_lines.group_by("order_id").agg(pl.col("quantity").sum())
    known = set(sample().order_lines.group_by("order_id").agg(pl.col("quantity").sum())["quantity"])
    assert set(per_order["quantity"]) <= known
    assert per_order.height == three.orders.height
    with pytest.raises(InputError, match="0 days"):
        several_days(sample(), 0, np.random.default_rng(1))
