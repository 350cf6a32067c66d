"""Lanes to the station near the door: their cost, cut-off and room; own vans' days; the price list before routes.

The centre F1 has no van. Its lane leaves for the station S1 at 12:00, takes an hour, and sorting half an hour; a parcel
costs 60 on it and 25 to sort. An own drop from S1 is taken to cost 300, and 21 for the risk of failure.
"""

import numpy as np
import polars as pl
import pytest

from doorstep.delivery_mode import (
    Drops,
    Packages,
    choose_ways,
    estimate_drop_prices,
    quote_drops,
)
from doorstep.delivery_mode.clocks import own_days
from doorstep.delivery_mode.estimate import OwnDropPrice, Reach, weight_classes
from doorstep.delivery_mode.tariff import IMPOSSIBLE
from doorstep.foundation.arrays import Ints
from doorstep.operations.corridor.world import World, build_world
from tests.small import CHICAGO, at, retailer, table

NO = int(IMPOSSIBLE)
WEDNESDAY = "2026-03-04"
F1, S1 = 0, 1
NINE = at("09:00")
SITES = table(
    "site_id kind lat lon time_zone skills",
    ("F1", "fc", 41.0, -87.2, CHICAGO, ""),
    ("S1", "store", 41.0, -87.0, CHICAGO, ""),
)
STOCK = table("site_id product_id on_hand", ("F1", "A", 9), ("F1", "B", 9))
VAN = table("vehicle_id site_id max_weight_g max_volume_ml", ("V1", "S1", 100_000, 1_000_000))
LANE = "from_site_id to_site_id departs duration_s parcel_cost_minor capacity_parcels"


def shop(*, orders=1, product="A", capacity=None, level="next_day", **tables):
    rows = [
        (f"O{n}", at("08:00"), 41.0, -87.0, level, "S1" if level == "click_and_collect" else "") for n in range(orders)
    ]
    return retailer(
        **{
            "sites": SITES,
            "stock": STOCK,
            "vehicles": VAN,
            "lanes": table(LANE, ("F1", "S1", "12:00", 3_600, 60, capacity)),
            "orders": table("order_id placed_at lat lon service_level_id pickup_site_id", *rows),
            "order_lines": table(
                "order_id line_no product_id quantity", *((f"O{n}", 1, product, 1) for n in range(orders))
            ),
        }
        | tables
    )


def own(world: World, price: int = 300) -> OwnDropPrice:
    return OwnDropPrice(np.full((len(world.sites), world.calendar.days), price), np.zeros(len(world.sites), np.int64))


def column(values: int | list[int], count: int) -> Ints:
    return np.broadcast_to(np.array(values, dtype=np.int64), (count,)).copy()


def ways(found, direct=NO, *, ready=NINE, parcels=1, lanes=1):
    """The ways of one package of every order, picked at F1."""
    world, count = build_world(found), found.orders.height
    packages = Packages(
        order=np.arange(count),
        site=column(F1, count),
        ready_at=column(ready, count),
        parcels=column(parcels, count),
        weight_g=column(1_000, count),
        direct_minor=column(direct, count),
        metres=column(20_000, count),
        out_s=column(2_000, count),
        home_s=column(2_000, count),
    )
    return choose_ways(world.modes, packages, world.stations, own(world), use_lanes_to_door=lanes)


def dispatch(*args, **values):
    return ways(*args, **values).dispatch.tolist()


@pytest.mark.parametrize(("direct", "site"), [(407, S1), (406, F1)])
def test_the_lane_is_taken_when_lane_and_own_drop_cost_less_than_a_carrier(direct, site):
    assert dispatch(shop(), direct) == [site]  # 60 + 25 + 300 + 21 = 406


def test_the_lane_costs_for_every_parcel():
    assert dispatch(shop(), 491, parcels=2) == [F1]  # 2 x 85 + 321 = 491
    assert dispatch(shop(), 492, parcels=2) == [S1]


def test_simple_rules_do_not_use_lanes_to_the_door():
    assert dispatch(shop(), 900, lanes=0) == [F1]


def test_what_is_ready_as_the_lane_leaves_takes_it():
    found = ways(shop(), ready=at("12:00"))
    assert (found.departs_at.tolist(), found.ready_at.tolist()) == ([at("12:00")], [at("13:30")])


def test_what_is_ready_a_second_later_waits_for_the_next_departure():
    found = ways(shop(), ready=at("12:00:01"))
    assert (found.departs_at.tolist(), found.ready_at.tolist()) == ([at("12:00", WEDNESDAY)], [at("13:30", WEDNESDAY)])


def test_a_lane_that_arrives_after_the_promise_is_no_way():
    assert dispatch(shop(level="same_day"), ready=at("12:00:01")) == [F1]


def test_those_who_save_most_take_the_room_that_a_departure_has():
    found = ways(shop(orders=3, capacity=2), [600, 500, 700])
    assert found.dispatch.tolist() == [S1, F1, S1]
    assert found.left_behind.tolist() == [False, False, False]  # the second one's carrier comes to F1


def test_a_package_of_two_parcels_does_not_take_a_place_for_one():
    assert dispatch(shop(capacity=1), 900, parcels=2) == [F1]


def test_who_can_go_by_the_lane_only_and_finds_no_room_is_left_behind():
    found = ways(shop(orders=2, capacity=1), NO)
    assert found.dispatch.tolist() == [S1, F1]
    assert found.left_behind.tolist() == [False, True]


@pytest.mark.parametrize("lanes", [0, 1])
def test_a_collected_order_that_finds_no_room_on_its_lane_is_left_behind(lanes):
    found = ways(shop(orders=2, capacity=1, level="click_and_collect"), NO, lanes=lanes)
    assert found.dispatch.tolist() == [S1, F1]
    assert found.left_behind.tolist() == [False, True]


def test_a_collected_order_goes_to_its_place_whatever_a_carrier_asks():
    assert dispatch(shop(level="click_and_collect"), 0) == [S1]


@pytest.mark.parametrize(("skills", "site"), [("", F1), ("chilled", S1)])
def test_goods_go_only_through_stations_that_can_keep_them(skills, site):
    sites = SITES.with_columns(skills=pl.lit(skills))
    van = VAN.with_columns(skills=pl.lit("chilled"))
    assert dispatch(shop(product="B", sites=sites, vehicles=van), 10_000) == [site]


def own_day(ready, opens, ends, *, out_s=600, service_s=300, needs=0, **van):
    """Days, counted from Tuesday, on which the van could make the trip."""
    world = build_world(shop(vehicles=VAN.with_columns(**{k: pl.lit(v) for k, v in van.items()})))
    site, ready_at, drive, service, open_at, end_at, bits = (
        column(v, 1) for v in (S1, ready, out_s, service_s, opens, ends, needs)
    )
    days = own_days(
        world.modes.fleet, site, ready_at, drive, drive, service, open_at, end_at, bits, world.modes.midnight_at
    )
    tuesday = int(world.calendar.day_of(site, column(at("08:00"), 1))[0])
    return (days.first[0] - tuesday + np.flatnonzero(days.feasible[0])).tolist()


def test_a_van_can_come_on_every_day_of_the_window():
    assert own_day(at("09:00"), at("09:00"), at("20:00", WEDNESDAY)) == [0, 1]


@pytest.mark.parametrize(("end", "days"), [("09:25", [0]), ("09:24:59", [])])
def test_service_may_begin_as_the_window_ends_and_not_later(end, days):
    assert own_day(at("09:00"), at("09:00"), at(end)) == days  # 900 s of loading, 600 s of driving


@pytest.mark.parametrize(("shift", "days"), [("09:40", [0]), ("09:39", [])])
def test_the_van_must_be_back_before_its_shift_ends(shift, days):
    assert own_day(at("09:00"), at("09:00"), at("20:00"), shift_ends=shift) == days  # 900 + 600 + 300 + 600 s


def test_loading_begins_with_the_shift():
    assert own_day(at("07:30"), at("07:30"), at("08:25")) == [0]
    assert own_day(at("07:30"), at("07:30"), at("08:24:59")) == []


def test_a_van_waits_for_the_window_to_open():
    assert own_day(at("09:00"), at("19:45"), at("19:50")) == [0]  # back at 20:00
    assert own_day(at("09:00"), at("19:45:01"), at("19:50")) == []


def test_a_van_that_lacks_a_skill_cannot_come():
    assert own_day(at("09:00"), at("09:00"), at("20:00"), needs=1) == []


WITH_CARD = {
    "vehicles": VAN.clear(),
    "carriers": table(
        "carrier_id kind dim_ml_per_kg fuel_surcharge_bp failure_bp",
        ("PX", "parcel", 5_000, 800, 250),
        ("CO", "on_demand", None, 0, 100),
    ),
    "carrier_rates": table(
        "carrier_id max_weight_g price_minor price_per_km_minor included_m",
        ("PX", 1_000, 500, 0, 0),
        ("PX", 5_000, 700, 10, 1_000),
        ("PX", 20_000, 1_100, 20, 1_000),
        ("CO", 20_000, 1_900, 100, 3_000),
    ),
}


@pytest.mark.parametrize("metres", [0, 4_567, 40_000])
@pytest.mark.parametrize(("level", "carrier"), [("two_day", "PX"), ("same_day", "CO")])
def test_the_price_list_is_what_the_carrier_asks_for_one_parcel_at_the_bound_of_each_class(level, carrier, metres):
    found = shop(level=level, **WITH_CARD)
    world = build_world(found)
    classes = weight_classes(world.modes)
    assert list(zip(classes.class_g.tolist(), classes.parcels.tolist(), strict=True)) == [
        (1_000, 1), (5_000, 1), (20_000, 1), (40_000, 2), (80_000, 4), (160_000, 8)
    ]  # fmt: skip
    row = [np.full((1, 1), value) for value in (F1, metres, 700, 700)]
    prices = estimate_drop_prices(
        world.modes, Reach(*row), world.stations, np.full((1, 1), at("09:00")), own(world), classes
    )
    ones = np.ones(3, np.int64)
    drops = Drops(
        order=0 * ones, site=F1 * ones, ready_at=at("09:00") * ones, metres=metres * ones, out_s=700 * ones,
        requirements=0 * ones, parcel_start=np.arange(4), parcel_g=classes.class_g[:3], parcel_ml=ones, parcel_mm=ones,
    )  # fmt: skip
    quoted = quote_drops(world.modes, drops).with_risk(world.modes.carrier_failure_minor)
    assert prices.price[0, 0, :3].tolist() == quoted.min(axis=1).tolist()
    assert quoted.argmin(axis=1).tolist() == [found.carriers["carrier_id"].to_list().index(carrier)] * 3
    assert prices.why.tolist() == [[0]]


def test_several_parcels_of_the_top_class_are_priced_each():
    world = build_world(shop(level="two_day", **WITH_CARD))
    row = [np.full((1, 1), value) for value in (F1, 0, 700, 700)]
    prices = estimate_drop_prices(
        world.modes, Reach(*row), world.stations, np.full((1, 1), at("09:00")), own(world), weight_classes(world.modes)
    )
    assert prices.price[0, 0, 3:].tolist() == [n * 1_188 + 35 for n in (2, 4, 8)]  # 1,100 and 8 % of fuel, 35 of risk


def test_nobody_who_could_come_is_no_mode_and_somebody_too_late_is_the_window():
    for tables, why in (({"carriers": WITH_CARD["carriers"].clear()}, 2), ({}, 0)):
        world = build_world(
            shop(
                level="same_day",
                **WITH_CARD | tables | ({"carrier_rates": WITH_CARD["carrier_rates"].clear()} if tables else {}),
            )
        )
        row = [np.full((1, 1), value) for value in (F1, 0, 700, 700)]
        ready = np.full((1, 1), at("09:00"))
        prices = estimate_drop_prices(
            world.modes, Reach(*row), world.stations, ready, own(world), weight_classes(world.modes)
        )
        assert prices.why.tolist() == [[why]]
    late = np.full((1, 1), at("19:59"))
    assert estimate_drop_prices(
        world.modes, Reach(*row), world.stations, late, own(world), weight_classes(world.modes)
    ).why.tolist() == [[1]]
