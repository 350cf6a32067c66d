"""Measures of a plan made by hand, and the checker of costs on faults planted in it."""

import polars as pl
import pytest

from doorstep.domain import DayPlan
from doorstep.domain.tables import PLAN_TABLES, UNSERVED_REASONS
from doorstep.measurement import MEASURES, check_costs, measure
from tests.hand_plan import changed, framed, plan, shop
from tests.small import at

SHOP, PLAN = shop(), plan()
BY_HAND = {
    "orders": 7,
    "served": 6,
    "unserved": 1,
    "cost_total_minor": 1_358 + 1_577 + 1_358 + 2_340 + 460 + 934,  # 8,027
    "cost_per_order_minor": 8_027 / 6,
    "cost_per_parcel_minor": 8_027 / 8,
    "pick_per_order_minor": (120 + 130 + 120 + 240 + 210 + 120) / 6,
    "carton_per_order_minor": 6 * 40 / 6,
    "line_haul_per_order_minor": 170 / 6,
    "stem_per_order_minor": 2_400 / 6,
    "drop_per_order_minor": 1_340 / 6,
    "carrier_fee_per_order_minor": (660 + 1_330 + 800) / 6,
    "failure_risk_per_order_minor": (3 * 21 + 2 * 35 + 14) / 6,
    "margin_per_order_minor": (1_099 + 1_199 + 1_099 + 1_399 + 600 + 1_499 - 8_027) / 6,
    "on_time_share": 6 / 7,
    "same_or_next_day_share": 6 / 7,
    "split_rate": 1 / 6,
    "parcels_per_order": 8 / 6,
    "hand_offs_per_parcel": 1.0,  # van or carrier for six parcels, the lane for the two that are collected
    "distance_site_to_door_m": (1_000 + 1_400 + 1_000 + 2 * 10_000 + 3_000) / 6,
    "in_region_share": 5 / 6,  # of the two of O4 one comes from the other region, whichever is its own
    "own_fleet_share": 3 / 6,
    "routes": 1,
    "parcels_per_route": 3,
    "stops_per_route": 3,
    "stops_per_route_hour": 3 * 3_600 / 4_880,
    "km_per_stop": 2.0,
    "stem_share": 5_000 / 6_000,
}


def test_every_measure_is_worked_by_hand():
    assert list(BY_HAND) == list(MEASURES)


@pytest.mark.parametrize("name", list(BY_HAND))
def test_a_measure_is_what_the_hand_says(name):
    assert measure(PLAN)[name] == pytest.approx(BY_HAND[name], rel=1e-12)


def test_the_parts_of_the_cost_add_up_to_the_whole():
    found = measure(PLAN)
    parts = sum(found[f"{part}_per_order_minor"] for part in
                ("pick", "carton", "line_haul", "stem", "drop", "carrier_fee", "failure_risk"))  # fmt: skip
    assert parts == pytest.approx(found["cost_per_order_minor"])


def test_measures_of_an_empty_plan_are_zero():
    tables = {name: framed(name) for name in PLAN_TABLES if name != "scoreboard"}
    assert measure(DayPlan(**tables)) == dict.fromkeys(MEASURES, 0.0)


def faults(**planned: pl.DataFrame) -> list[str]:
    return check_costs(SHOP.tables(), PLAN.tables() | planned)


def test_the_plan_to_be_spoiled_is_sound():
    assert faults() == []


@pytest.mark.parametrize(
    ("column", "right"),
    [
        ("pick_minor", 120),
        ("carton_minor", 40),
        ("line_haul_minor", 0),
        ("stem_minor", 800),
        ("drop_minor", 377),
        ("carrier_fee_minor", 0),
        ("failure_risk_minor", 21),
    ],
)
def test_a_part_of_the_cost_that_the_plan_does_not_bear(column, right):
    found = faults(order_outcomes=changed(PLAN.order_outcomes, "O1", **{column: right + 1}))
    assert found == [f"order O1: {column.removesuffix('_minor')} is {right + 1}, not {right}."]


def test_a_cost_that_is_not_the_sum_of_its_parts():
    assert faults(order_outcomes=changed(PLAN.order_outcomes, "O4", cost_minor=2_341)) == [
        "order O4: cost 2341 is not the sum of its parts 2340."
    ]


@pytest.mark.parametrize(
    ("column", "value", "right"),
    [
        ("sites", 1, 2),
        ("parcels", 3, 2),
        ("in_region_parcels", 2, 1),
        ("hand_offs", 99, 100),
        ("revenue_minor", 1_400, 1_399),
        ("delivered_at", at("19:00", "2026-03-04"), at("20:00", "2026-03-04")),
    ],
)
def test_a_count_or_a_moment_that_the_plan_does_not_bear(column, value, right):
    found = faults(order_outcomes=changed(PLAN.order_outcomes, "O4", **{column: value}))
    assert found == [f"order O4: {column} is {value}, not {right}."]


def test_an_order_called_late_that_is_on_time():
    found = faults(order_outcomes=changed(PLAN.order_outcomes, "O1", on_time=False))
    assert found == [f"order O1: on_time is False, delivered at {at('09:16:40')}."]


def test_an_order_called_on_time_that_is_late():
    found = faults(order_outcomes=changed(PLAN.order_outcomes, "O1", window_end_at=at("09:16:39")))
    assert found == [f"order O1: on_time is True, delivered at {at('09:16:40')}."]


def test_an_unserved_order_without_a_reason():
    assert faults(order_outcomes=changed(PLAN.order_outcomes, "O7", reason="")) == [
        "order O7: unserved without a reason.",
        f"order O7: its reason is none of {UNSERVED_REASONS}.",
    ]


def test_an_unserved_order_that_costs():
    assert faults(order_outcomes=changed(PLAN.order_outcomes, "O7", cost_minor=5)) == [
        "order O7: unserved, yet cost_minor is 5."
    ]


@pytest.mark.parametrize("column", ["on_time", "same_or_next_day"])
def test_an_unserved_order_that_is_said_to_be_fast(column):
    assert faults(order_outcomes=changed(PLAN.order_outcomes, "O7", **{column: True})) == [
        f"order O7: unserved, yet {column} is True."
    ]


@pytest.mark.parametrize("column", ["stem_minor", "drop_minor"])
def test_a_route_whose_cost_its_deliveries_do_not_bear(column):
    found = faults(deliveries=changed(PLAN.deliveries, "D1", **{column: 1}))
    assert "route R1: its cost 3740 is not what its deliveries bear." in found


def test_a_route_with_more_doors_than_deliveries():
    found = faults(routes=changed(PLAN.routes, "R1", stops=4))
    assert found == ["route R1: its cost 3740 is not what its deliveries bear."]


def test_a_route_that_brings_nothing():
    found = faults(routes=pl.concat([PLAN.routes, PLAN.routes.with_columns(route_id=pl.lit("R2"))]))
    assert found == ["route R2: its cost 3740 is not what its deliveries bear."]
