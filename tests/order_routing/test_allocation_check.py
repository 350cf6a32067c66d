"""The checker of allocations finds each fault planted in a sound plan."""

import polars as pl
import pytest

from doorstep.order_routing import check_allocations
from tests.hand_plan import plan, shop
from tests.small import at

SHOP, PLAN = shop(), plan()


def faults(allocations: pl.DataFrame = PLAN.allocations, **tables: pl.DataFrame) -> list[str]:
    return check_allocations(SHOP.tables() | tables, allocations, PLAN.order_outcomes)


def with_quantity(order: str, product: str, quantity: int) -> pl.DataFrame:
    row = (pl.col("order_id") == order) & (pl.col("product_id") == product)
    return PLAN.allocations.with_columns(quantity=pl.when(row).then(quantity).otherwise(pl.col("quantity")))


def test_the_plan_to_be_spoiled_is_sound():
    assert faults() == []


def test_more_units_than_are_free_above_the_safety_stock():
    stock = SHOP.stock.with_columns(safety_stock=pl.lit(2))
    assert "site S1, product A: 3 units allocated, 2 free." in faults(stock=stock)


def test_units_of_a_product_that_the_site_does_not_hold():
    moved = PLAN.allocations.with_columns(
        site_id=pl.when(pl.col("order_id") == "O2").then(pl.lit("F1")).otherwise(pl.col("site_id"))
    )
    assert faults(moved) == ["site F1, product B: 2 units allocated, 0 free."]


def test_a_unit_too_few_or_too_many():
    assert faults(with_quantity("O2", "B", 1)) == ["order O2, product B: 2 to serve, 1 allocated."]
    assert "order O6, product C: 1 to serve, 2 allocated." in faults(with_quantity("O6", "C", 2))


def test_two_lines_of_one_product_are_added_up():
    assert SHOP.order_lines.filter(pl.col("order_id") == "O2").height == 2
    assert faults(PLAN.allocations.filter(pl.col("order_id") != "O2")) == [
        "order O2, product B: 2 to serve, 0 allocated."
    ]


def test_units_for_an_order_that_is_not_served():
    extra = PLAN.allocations.clear().vstack(PLAN.allocations).with_columns(pl.col("order_id").replace("O1", "O7"))
    assert "order O7, product A: 0 to serve, 1 allocated." in faults(extra)


def test_a_line_beyond_the_pick_capacity_of_a_day():
    sites = SHOP.sites.with_columns(pick_lines_per_day=pl.lit(4))
    assert "site S1 picks 5 lines on 2026-03-03, more than 4." in faults(sites=sites)


@pytest.mark.parametrize(
    "orders",
    [
        SHOP.orders.with_columns(
            placed_at=pl.col("placed_at").replace(at("12:00"), at("21:30"))
        ),  # ready after closing
        SHOP.orders.with_columns(placed_at=pl.col("placed_at").replace(at("12:00"), at("12:00", "2026-03-04"))),
    ],
)
def test_capacity_is_counted_on_the_day_of_picking(orders):
    assert faults(orders=orders, sites=SHOP.sites.with_columns(pick_lines_per_day=pl.lit(4))) == []
