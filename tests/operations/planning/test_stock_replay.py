"""Orders against a stock: what is lost and what comes from near, worked by hand and against the corridor."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import polars as pl
import pytest

from doorstep.domain import Retailer
from doorstep.foundation import InputError, Interrupt
from doorstep.foundation.arrays import Ints, ints
from doorstep.operations.planning.assortments import bought_together
from doorstep.operations.planning.site_demand import demand_of_orders, natural_sites
from doorstep.operations.planning.stock_evening import Evening, accept_proposals, replenishment
from doorstep.operations.planning.stock_ledger import Movements
from doorstep.operations.planning.stock_outcome import StockOutcome
from doorstep.operations.planning.stock_problem import stock_problem, tiers_of, units_of
from doorstep.operations.planning.stock_replay import DayOfOrders, drawn_days, replay_stock
from doorstep.operations.planning.stock_wishes import StockWishes
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


def shelves(*rows: tuple[str, str, int]) -> Ints:
    """Return units of A, B and C at S1, S2 and S3."""
    found = np.zeros((3, 3), np.int64)
    for site, product, units in rows:
        found["ABC".index(product), int(site[1]) - 1] = units
    return found


def one_day(asked: Retailer) -> DayOfOrders:
    return DayOfOrders(retailer=asked, natural=natural_sites(asked))


def replayed(days: Sequence[DayOfOrders], units: Ints, evening: Evening | None = None) -> StockOutcome:
    found = replay_stock(days, units, evening=evening)
    assert found is not None
    assert found.faults == ()
    return found


def test_units_come_from_the_nearest_until_they_are_gone_and_then_from_farther_or_are_lost():
    asked = shop(("O1", 1, "A", 2), ("O2", 1, "A", 2), ("O3", 1, "A", 2), ("O4", 1, "A", 2))
    found = replayed([one_day(asked)], shelves(("S1", "A", 2), ("S2", "A", 2), ("S3", "A", 2))).figures()
    assert (found["orders"], found["served"], found["units"], found["lost_units"]) == (4, 3, 8, 2)
    assert (found["own_zone_share"], found["in_region_share"]) == (2 / 6, 4 / 6)
    assert (found["one_site_share"], found["packages"]) == (1.0, 3)
    assert found["km_per_unit"] == pytest.approx((0 + 11.12 + 55.6) / 3, rel=1e-3)
    assert (found["lost_margin_minor"], found["lost_share"]) == (2 * 300, 0.25)
    assert (found["stock_units"], found["stock_value_minor"]) == (6, 6 * 600)
    # One shelf is wanted of, that of A at S1: it holds 2 of 8.
    assert (found["short_shelves"], found["short_share"]) == (1, 1.0)
    # A van takes each parcel once: nobody else has it in his hands.
    assert found["hand_offs_per_parcel"] == 1.0


def test_an_order_that_two_sites_serve_is_not_from_one():
    asked = one_day(shop(("O1", 1, "A", 1), ("O1", 2, "C", 1)))
    found = replayed([asked], shelves(("S1", "A", 1), ("S2", "C", 1))).figures()
    assert (found["served"], found["one_site_share"], found["packages"]) == (1, 0.0, 2)
    assert found["own_zone_share"] == 0.5


def test_nothing_on_the_shelves_loses_everything():
    found = replayed([one_day(shop(("O1", 1, "A", 1)))], shelves(("S1", "C", 1))).figures()
    names = ("served", "lost_units", "own_zone_share", "one_site_share", "hand_offs_per_parcel")
    assert [found[name] for name in names] == [0, 1, 0.0, 0.0, 0.0]


@cache
def sample() -> Retailer:
    return sample_retailer(find_city("Lyon, FR"), 4, 1, 200, np.random.default_rng(1))


def test_more_stock_loses_no_more_and_its_own_stock_serves_as_many_as_there_are():
    there = units_of(sample(), "on_hand")
    today, more = (replayed([one_day(sample())], times * there).days[0] for times in (1, 3))
    assert today.lost_units >= more.lost_units
    assert more.stock_units == 3 * today.stock_units
    assert today.units == sample().order_lines["quantity"].sum()


def test_days_are_drawn_from_the_orders_each_with_its_lines():
    three = drawn_days(sample(), 3, np.random.default_rng(2))
    whole = pl.concat([day.retailer.orders for day in three])
    assert whole.height == 3 * sample().orders.height
    assert not whole["order_id"].is_duplicated().any()
    assert whole["placed_at"].is_sorted()
    first = int(ints(sample().orders["placed_at"]).min())
    for number, day in enumerate(three):
        assert set((ints(day.retailer.orders["placed_at"]) - first) // 86_400) == {number}
    lines = pl.concat([day.retailer.order_lines for day in three])
    per_order = lines.group_by("order_id").agg(pl.col("quantity").sum())
    known = set(sample().order_lines.group_by("order_id").agg(pl.col("quantity").sum())["quantity"])
    assert set(per_order["quantity"]) <= known
    assert per_order.height == whole.height
    assert all(day.natural.shape == (day.retailer.orders.height,) for day in three)
    with pytest.raises(InputError, match="0 days"):
        drawn_days(sample(), 0, np.random.default_rng(1))


def test_what_stands_in_orders_by_chance_is_drawn_anew_by_what_is_expected():
    asked, expected = sample(), np.zeros((sample().products.height, sample().sites.height))
    expected[:50] = 1.0
    learnt = bought_together(asked, asked.orders.sort("placed_at"), expected)
    copied = drawn_days(asked, 2, np.random.default_rng(2))
    for chance in (0.0, 1.0):
        days = drawn_days(asked, 2, np.random.default_rng(2), model=replace(learnt, by_chance=chance))
        wanted = set(pl.concat([day.retailer.order_lines for day in days])["product_id"])
        alike = [day.retailer.order_lines.equals(other.retailer.order_lines)
                 for day, other in zip(days, copied, strict=True)]  # fmt: skip
        assert alike == [not chance, not chance]
        assert (wanted <= set(asked.products["product_id"][:50])) == bool(chance)
        assert all(day.retailer.orders.equals(other.retailer.orders) for day, other in zip(days, copied, strict=True))
    known = asked.order_lines.group_by("product_id").agg(pl.col("quantity").unique())
    drawn = pl.concat([day.retailer.order_lines for day in days]).join(known, on="product_id", how="left")
    of_it = drawn.filter(pl.col("quantity_right").is_not_null())
    assert of_it["quantity"].is_in(of_it["quantity_right"]).all()
    assert set(drawn.filter(pl.col("quantity_right").is_null())["quantity"]) <= {1}


def test_a_day_has_as_many_orders_as_a_day_of_several():
    asked = shop(*((f"O{number}", 1, "A", 1) for number in range(10)))
    later = pl.Series([day * 86_400 for day in range(5) for _ in range(2)])
    spread = replace(asked, orders=asked.orders.with_columns(pl.col("placed_at") + later))
    days = drawn_days(spread, 2, np.random.default_rng(1))
    first = int(ints(spread.orders["placed_at"]).min())
    assert [day.retailer.orders.height for day in days] == [2, 2]
    assert [set((ints(day.retailer.orders["placed_at"]) - first) // 86_400) for day in days] == [{0}, {1}]


def test_what_is_bought_in_the_evening_is_there_in_the_morning_and_what_takes_longer_later():
    asked = shop(*((f"O{number}", 1, "A", 1) for number in range(4)))
    days = drawn_days(asked, 4, np.random.default_rng(1))

    def two_days_later(on_hand: Ints, coming: Movements) -> Movements:
        bought = coming.units.sum()
        return Movements.of([(0, -1, 0, 3, 2), (0, 0, 1, 1, 1)] if not bought and on_hand[0, 0] else [])

    found = replayed(days, shelves(("S1", "A", 6)), two_days_later)
    # 6 - 4 sold - 1 moved; then 1 at S1 and the moved one at S2 are sold; then the three bought; then nothing is left.
    assert [day.stock_units for day in found.days] == [6, 2, 3, 0]
    assert [day.served for day in found.days] == [4, 2, 3, 0]
    assert [day.bought_units for day in found.days] == [3, 0, 0, 0]
    assert found.total("moved_units") == 1


def test_what_the_folder_expects_comes_on_its_day():
    asked = shop(("O1", 1, "A", 1))
    coming = table("receipt_id site_id product_id units expected_at", ("r", "S1", "A", 5, at("12:00", "2026-03-04")))
    days = drawn_days(Retailer.complete(asked.tables() | {"receipts": coming}), 4, np.random.default_rng(1))
    assert [day.stock_units for day in replayed(days, shelves()).days] == [0, 5, 4, 3]


def test_what_sites_pick_late_is_no_room_for_the_next_day():
    asked = shop(("O1", 1, "A", 1), ("O2", 1, "A", 1))
    slow = asked.sites.with_columns(pick_lines_per_day=pl.when(pl.col("site_id") == "S1").then(1).otherwise(0))
    late = asked.orders.with_columns(placed_at=pl.Series([at("08:00"), at("23:00")]),
                                     service_level_id=pl.lit("next_day"))  # fmt: skip
    whole = Retailer.complete(asked.tables() | {"sites": slow, "orders": late})
    days = [one_day(whole), one_day(replace(whole, orders=late.with_columns(pl.col("placed_at") + 86_400)))]
    alone, both = replayed(days[1:], shelves(("S1", "A", 9))), replayed(days, shelves(("S1", "A", 9)))
    assert [day.served for day in alone.days] == [2]
    assert [day.served for day in both.days] == [2, 1]  # O1 of the second day finds the line of O2 of the first


def test_shelves_are_filled_to_their_first_units_and_the_sample_loses_little_for_days():
    there = units_of(sample(), "on_hand")
    days = drawn_days(sample(), 3, np.random.default_rng(2))
    demand, tiers = demand_of_orders(sample(), 2), tiers_of(sample())
    problem = stock_problem(sample(), demand, tiers, StockWishes())
    first = replenishment(sample(), demand, problem, tiers, StockWishes(), target=there)
    filled, alone = replayed(days, there, accept_proposals(sample(), first)), replayed(days, there)
    assert [day.stock_units for day in filled.days] == [there.sum()] * 3
    sold = filled.total("units") - filled.total("lost_units")
    assert 0 < filled.total("bought_units") < sold
    assert alone.total("bought_units") == 0
    assert filled.total("lost_units") < alone.total("lost_units")


def test_somebody_who_interrupts_is_told_nothing():
    assert (
        replay_stock([one_day(shop(("O1", 1, "A", 1)))], shelves(("S1", "A", 1)), interrupt=Interrupt(asked=True))
        is None
    )
