"""The checker of routes finds each fault planted in a sound plan."""

import polars as pl
import pytest

from doorstep.vehicle_routing.check import check_routes
from tests.hand_plan import changed, plan, road, shop
from tests.small import at

SHOP, PLAN = shop(), plan()


def faults(tables: dict[str, pl.DataFrame] | None = None, **planned: pl.DataFrame) -> list[str]:
    return check_routes(SHOP.tables() | (tables or {}), PLAN.tables() | planned, road)


def vehicles(**values: object) -> dict[str, pl.DataFrame]:
    return {"vehicles": changed(SHOP.vehicles, "V1", **values)}


def test_the_plan_to_be_spoiled_is_sound():
    assert faults() == []


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"max_weight_g": 2_199}, "route R1: stop 2: weight_g 2200 exceeds 2199."),
        ({"max_volume_ml": 5_807}, "route R1: stop 2: volume_ml 5808 exceeds 5807."),
        ({"max_parcels": 1}, "route R1: stop 2: parcels 2 exceeds 1."),
        ({"max_distance_m": 5_999}, "route R1: drives 6000 m, beyond its range 5999 m."),
        ({"max_reloads": 0}, "route R1: reloads too often."),
        ({"skills": "signature"}, "route R1: stop 2: needs ['chilled'], which the vehicle lacks."),
        ({"skills": "chilled"}, "route R1: stop 4: needs ['signature'], which the vehicle lacks."),
        ({"fixed_cost_minor": 999}, "route R1: fixed_minor is 1000, not 999."),
        ({"cost_per_km_minor": 51}, "route R1: distance_minor is 300, not 306."),
        ({"cost_per_hour_minor": 3_600}, "route R1: time_minor is 2440, not 4880."),
        ({"site_id": "F1"}, "route R1: its vehicle belongs to another site."),
    ],
)
def test_a_vehicle_that_could_not_drive_the_route(values, sentence):
    assert sentence in faults(vehicles(**values))


@pytest.mark.parametrize("values", [{"shift_starts": "09:01"}, {"shift_ends": "10:21"}])
def test_a_route_outside_the_shift(values):
    (fault,) = faults(vehicles(**values))
    assert fault.startswith("route R1: works ")
    assert "outside its shift" in fault


def test_one_vehicle_twice_a_day():
    twice = pl.concat([PLAN.routes, PLAN.routes.with_columns(route_id=pl.lit("R2"))])
    stops = pl.concat([PLAN.stops, PLAN.stops.with_columns(route_id=pl.lit("R2"))])
    assert "2 routes of V1 on 2026-03-03, 1 vehicles." in faults(routes=twice, stops=stops)


def test_a_delivery_on_no_route():
    found = faults(stops=PLAN.stops.filter(pl.col("delivery_id") != "D2"))
    assert "delivery D2 stands 0 times on route R1." in found


def test_a_delivery_on_another_route_than_it_names():
    assert "delivery D1 stands 0 times on route R9." in faults(deliveries=changed(PLAN.deliveries, "D1", route_id="R9"))


def test_a_route_without_its_return():
    assert "route R1: does not start and end at its site." in faults(stops=PLAN.stops.filter(pl.col("kind") != "end"))


@pytest.mark.parametrize(
    ("stop", "values", "sentence"),
    [
        ("R1/1", {"distance_m": 900}, "stop 1: 900 m driven, the road is 1000 m."),
        ("R1/4", {"arrive_at": at("10:16:39"), "service_at": at("10:16:40")}, f"stop 4: arrives at {at('10:16:39')}"),
        ("R1/2", {"service_at": at("09:21:19")}, "stop 2: service begins before arrival."),
        ("R1/2", {"leave_at": at("09:24:19")}, "stop 2: stays 179 s, service takes 180."),
        ("R1/2", {"lat": 41.011}, "stop 2: is not at the door of order O2."),
        ("R1/0", {"lat": 41.001}, "stop 0: loads elsewhere."),
        ("R1/5", {"lon": -87.001}, "stop 5: ends elsewhere."),
        ("R1/0", {"leave_at": at("09:14:59")}, "stop 0: loads for less than 900 s."),
        ("R1/3", {"service_at": at("09:59:59")}, "stop 3: delivery D3 is loaded before it is ready."),
        ("R1/0", {"service_at": at("08:59:59")}, "stop 0: delivery D1 is loaded before it is ready."),
    ],
)
def test_a_stop_that_cannot_be(stop, values, sentence):
    found = faults(stops=changed(PLAN.stops, stop, **values))
    assert any(fault.startswith(f"route R1: {sentence}") for fault in found), found


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("distance_m", 6_001),
        ("distance_minor", 301),
        ("time_minor", 2_441),
        ("fixed_minor", 1_001),
        ("cost_minor", 3_741),
    ],
)
def test_a_figure_of_the_route_that_its_stops_contradict(column, value):
    (fault,) = faults(routes=changed(PLAN.routes, "R1", **{column: value}))
    assert fault == f"route R1: {column} is {value}, not {value - 1}."


@pytest.mark.parametrize(
    ("column", "value", "right"),
    [
        ("starts_at", at("08:59"), at("09:00")),
        ("ends_at", at("10:22"), at("10:21:20")),
        ("stops", 2, 3),
        ("parcels", 4, 3),
        ("trips", 1, 2),
        ("stem_m", 4_000, 5_000),
    ],
)
def test_a_clock_or_a_count_of_the_route_that_its_stops_contradict(column, value, right):
    assert faults(routes=changed(PLAN.routes, "R1", **{column: value})) == [
        f"route R1: {column} is {value}, not {right}."
    ]


def test_a_delivery_that_says_another_arrival_than_the_route():
    found = faults(deliveries=changed(PLAN.deliveries, "D1", arrive_at=at("09:16")))
    assert found == [f"route R1: stop 1: delivery says {at('09:16')}, route {at('09:16:40')}."]


def test_service_after_the_promise_ends():
    late = changed(PLAN.order_outcomes, "O3", window_end_at=at("10:16:39"))
    assert faults(order_outcomes=late) == [f"route R1: stop 4: service at {at('10:16:40')} is outside the promise."]


def test_service_before_the_promise_starts_where_nobody_may_come_early():
    later = changed(PLAN.order_outcomes, "O1", window_start_at=at("09:30"))
    assert faults(order_outcomes=later) == []  # same_day allows early delivery
    levels = {"service_levels": SHOP.service_levels.with_columns(early_allowed=pl.lit(False))}
    assert faults(levels, order_outcomes=later) == [
        f"route R1: stop 1: service at {at('09:16:40')} is outside the promise."
    ]


def test_a_requirement_of_the_service_level_counts_as_well():
    levels = {"service_levels": SHOP.service_levels.with_columns(requirements=pl.lit("two_person"))}
    assert "route R1: stop 1: needs ['two_person'], which the vehicle lacks." in faults(levels)


def test_an_order_that_says_its_own_service_time():
    orders = {"orders": SHOP.orders.with_columns(service_s=pl.lit(60, pl.Int64))}
    assert "route R1: stop 1: stays 180 s, service takes 60." in faults(orders)


def test_a_route_whose_row_is_gone():
    assert "route R1 has stops but no row." in faults(routes=PLAN.routes.filter(pl.col("route_id") != "R1"))


def test_a_route_that_stands_twice():
    assert "route R1 stands 2 times." in faults(routes=pl.concat([PLAN.routes, PLAN.routes]))
