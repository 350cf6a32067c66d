"""Deliveries of fixed allocations from a present on: nothing before it, nothing better or worse than the rooms say."""

from dataclasses import replace
from functools import cache
from typing import Any

import polars as pl
import pytest

from doorstep.domain import DayPlan, Retailer
from doorstep.foundation import InputError, InternalError
from doorstep.operations import plan_day
from doorstep.operations.corridor.live import plan_deliveries
from doorstep.vehicle_routing import PyVrpSolver
from tests.operations.live.live_shop import ALLOCATED, VANS, decided, forty, shop
from tests.small import CHICAGO, ORDERS, at, table

MONDAY = "2026-03-02"
PARIS = "Europe/Paris"
SHOP = shop()
HOURS = ["00:00", "10:30", "13:10", "19:00"]


@cache
def planned(clock: str) -> DayPlan:
    """Return the plan of the forty orders at a local time of the day they were placed on."""
    now = at(clock, MONDAY, PARIS)
    return plan_deliveries(forty(), decided().allocations, now=now, iterations=30, seed=1)


def one(now: str, shopped: Retailer = SHOP, allocations: pl.DataFrame = ALLOCATED, **options: Any) -> DayPlan:
    """Return the plan of the one order of a shop."""
    return plan_deliveries(shopped, allocations, now=at(now), iterations=20, seed=1, **options)


def reasons(plan: DayPlan) -> list[tuple[str, str]]:
    return plan.order_outcomes.select("order_id", "reason").rows()


def test_what_was_decided_is_what_is_brought():
    plan = planned("00:00")
    assert plan.allocations.equals(decided().allocations)
    assert set(plan.order_outcomes["status"]) == {"served"}
    assert set(plan.deliveries["order_id"]) == set(decided().allocations["order_id"])


def test_the_allocations_of_a_whole_day_can_all_be_brought():
    day = plan_day(forty(), iterations=30).plan
    live = plan_deliveries(forty(), day.allocations, now=0, iterations=30, seed=1)
    assert live.allocations.equals(day.allocations)
    assert live.order_outcomes["window_end_at"].to_list() == (
        day.order_outcomes.filter(pl.col("status") == "served")["window_end_at"].to_list()
    )


@pytest.mark.parametrize("clock", HOURS)
def test_nothing_is_picked_loaded_or_handed_over_before_now(clock):
    plan, now = planned(clock), at(clock, MONDAY, PARIS)
    moments = [
        plan.deliveries["ready_at"],
        plan.deliveries["arrive_at"],
        plan.routes["starts_at"],
        plan.stops["arrive_at"],
        plan.parcels["lane_departs_at"].drop_nulls(),
    ]
    assert all((moment >= now).all() for moment in moments)


@pytest.mark.parametrize("clock", HOURS)
def test_every_order_has_an_outcome_and_what_is_served_is_on_time(clock):
    outcomes = planned(clock).order_outcomes
    assert set(outcomes["order_id"]) == set(decided().allocations["order_id"])
    assert outcomes.filter(pl.col("status") == "served")["on_time"].all()
    assert set(outcomes.filter(pl.col("status") == "unserved")["reason"]) <= {"window_cannot_be_met", "no_capacity"}


def test_the_later_it_is_the_later_orders_are_ready():
    early, late = (planned(clock).deliveries.select("order_id", "ready_at") for clock in ("10:30", "13:10"))
    both = early.group_by("order_id").max().join(late.group_by("order_id").max(), on="order_id")
    assert (both["ready_at_right"] >= both["ready_at"]).all()
    assert (both["ready_at_right"] > both["ready_at"]).any()


def test_decisions_are_on_modes_only_and_name_what_is_done():
    plan = planned("10:30")
    assert set(plan.decisions["question"]) == {"mode"}
    assert set(plan.decisions.filter("chosen")["delivery_id"]) == set(plan.deliveries["delivery_id"])


def test_the_same_seed_gives_the_same_plan():
    again = plan_deliveries(forty(), decided().allocations, now=at("10:30", MONDAY, PARIS), iterations=30, seed=1)
    assert all(again.tables()[name].equals(found) for name, found in planned("10:30").tables().items())


def test_a_van_starts_when_the_order_is_ready():
    plan = one("07:00")  # placed at 08:00, prepared in an hour
    assert plan.deliveries["ready_at"].to_list() == plan.routes["starts_at"].to_list() == [at("09:00")]


def test_preparation_that_the_clock_says_is_under_way_but_nobody_confirmed_begins_now():
    assert one("08:30").deliveries["ready_at"].to_list() == [at("09:30")]
    assert one("12:00").routes["starts_at"].to_list() == [at("13:00")]


def test_a_packed_order_leaves_at_once():
    plan = one("12:00", ready_at={("O1", "S1"): at("09:00")})
    assert plan.routes["starts_at"].to_list() == [at("12:00")]


def test_an_order_that_is_being_packed_leaves_when_it_will_be_ready():
    plan = one("12:00", ready_at={("O1", "S1"): at("12:20"), ("O9", "S1"): 0, ("O1", "S9"): 0})
    assert plan.routes["starts_at"].to_list() == [at("12:20")]


def test_a_site_goes_on_after_its_cut_off_with_what_it_heard_of_before():
    sites = table("site_id kind lat lon time_zone order_cutoff", ("S1", "store", 41.0, -87.0, CHICAGO, "11:00"))
    assert one("12:00", shopped=shop(sites=sites)).deliveries["ready_at"].to_list() == [at("13:00")]


def test_a_site_that_has_closed_goes_on_in_the_morning():
    early_bird = table(
        "site_id kind lat lon time_zone opens closes", ("S1", "store", 41.0, -87.0, CHICAGO, "06:00", "12:30")
    )
    tomorrow = ORDERS.with_columns(service_level_id=pl.lit("next_day"))
    plan = one("12:00", shopped=shop(sites=early_bird, orders=tomorrow))
    assert plan.deliveries["ready_at"].to_list() == [at("07:00", "2026-03-04")]


def test_a_promise_that_time_has_overtaken_is_unserved():
    assert reasons(one("19:30")) == [("O1", "window_cannot_be_met")]
    assert one("19:30").allocations.height == 0


def test_an_early_delivery_keeps_the_promise_of_its_service_level():
    later = shop(orders=ORDERS.with_columns(service_level_id=pl.lit("next_day")))
    assert one("12:00", shopped=later).deliveries["arrive_at"][0] < at("23:59")


def test_vehicles_that_are_out_bring_nothing():
    two = shop(vehicles=VANS.with_columns(count=pl.lit(2)))
    assert one("12:00", shopped=two, busy={("V1", 1)}).routes.height == 1
    assert reasons(one("12:00", shopped=two, busy={("V1", 2)})) == [("O1", "no_admissible_mode")]


def test_a_vehicle_whose_shift_is_over_stays_home():
    morning = VANS.with_columns(vehicle_id=pl.lit("V0"), shift_ends=pl.lit("11:00"))
    both = shop(vehicles=pl.concat([morning, VANS]))
    assert one("12:00", shopped=both).routes["vehicle_id"].to_list() == ["V1"]


def collected(**tables: pl.DataFrame) -> dict[str, pl.DataFrame]:
    orders = ORDERS.with_columns(service_level_id=pl.lit("click_and_collect"), pickup_site_id=pl.lit("S1"))
    return {"orders": orders, **tables}


def test_an_order_is_collected_where_it_is_packed():
    plan = one("12:00", shopped=shop(**collected()))
    assert plan.deliveries.select("mode", "ready_at").rows() == [("pickup", at("13:00"))]


def test_an_order_that_would_be_ready_after_its_window_is_not_collected():
    assert reasons(one("19:30", shopped=shop(**collected()))) == [("O1", "window_cannot_be_met")]


def test_an_order_packed_where_no_lane_leads_to_its_shopper_is_not_collected():
    sites = table(
        "site_id kind lat lon time_zone", ("S1", "store", 41.0, -87.0, CHICAGO), ("S2", "store", 41.1, -87.0, CHICAGO)
    )
    elsewhere = ALLOCATED.with_columns(site_id=pl.lit("S2"))
    plan = one("12:00", shopped=shop(**collected(sites=sites)), allocations=elsewhere)
    assert reasons(plan) == [("O1", "no_admissible_mode")]


def test_what_is_chilled_is_not_collected_after_a_lane_to_a_place_without_a_fridge():
    sites = table(
        "site_id kind lat lon time_zone", ("S1", "store", 41.0, -87.0, CHICAGO), ("S2", "fc", 41.1, -87.0, CHICAGO)
    )
    lanes = table("from_site_id to_site_id departs duration_s parcel_cost_minor", ("S2", "S1", "14:00", 1_800, 50))
    lines = table("order_id line_no product_id quantity", ("O1", 1, "B", 1))
    cold = shop(**collected(sites=sites, lanes=lanes, order_lines=lines))
    chilled = table("order_id product_id site_id quantity", ("O1", "B", "S2", 1))
    assert reasons(one("12:00", shopped=cold, allocations=chilled)) == [("O1", "no_admissible_mode")]
    fridge = replace(cold, sites=cold.sites.with_columns(skills=pl.lit("chilled")))
    assert one("12:00", shopped=fridge, allocations=chilled).parcels["lane_departs_at"].to_list() == [at("14:00")]


def test_a_part_of_an_order_can_be_brought():
    lines = table("order_id line_no product_id quantity", ("O1", 1, "A", 5), ("O1", 2, "C", 1))
    plan = one("12:00", shopped=shop(order_lines=lines), allocations=ALLOCATED.with_columns(quantity=pl.lit(2)))
    assert plan.parcel_lines.select("product_id", "quantity").rows() == [("A", 2)]
    assert plan.order_outcomes["revenue_minor"].to_list() == [2 * 300 + 799]


def test_stock_that_has_been_picked_and_pick_capacity_that_was_used_are_taken_for_granted():
    sites = table("site_id kind lat lon time_zone pick_lines_per_day", ("S1", "store", 41.0, -87.0, CHICAGO, 0))
    bare = shop(sites=sites, stock=table("site_id product_id on_hand", ("S1", "B", 1)))
    assert one("12:00", shopped=bare).allocations.equals(one("12:00").allocations)


def test_without_allocations_there_is_nothing_to_bring():
    plan = one("12:00", allocations=ALLOCATED.clear())
    assert all(table.height == 0 for table in plan.tables().values())


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("order_id", "O9", r"allocated order_id \['O9'\] not found"),
        ("product_id", "Z", r"product_id \['Z'\] not found"),
        ("site_id", "S9", r"site_id \['S9'\] not found"),
        ("quantity", 0, "allocations: "),
    ],
)
def test_an_allocation_of_what_does_not_exist_is_refused(column, value, message):
    with pytest.raises(InputError, match=message):
        one("12:00", allocations=ALLOCATED.with_columns(pl.lit(value).alias(column)))


def test_a_vehicle_that_does_not_exist_cannot_be_out():
    with pytest.raises(InputError, match=r"busy vehicle_id \['V9'\] not found"):
        one("12:00", busy={("V9", 1)})


def test_patience_below_one_is_refused():
    with pytest.raises(InputError, match="iterations 0 must be at least 1"):
        plan_deliveries(shop(), ALLOCATED, now=0, iterations=0, seed=1)


class Hasty(PyVrpSolver):
    """An engine whose vans leave a day early."""

    def solve(self, problem, stop, *, seed, start=None):
        plan = super().solve(problem, stop, seed=seed, start=start)
        yesterday = tuple(
            replace(route, load_at=tuple(load - 86_400 for load in route.load_at)) for route in plan.routes
        )
        return replace(plan, routes=yesterday)


def test_a_plan_that_the_checkers_refuse_is_a_defect():
    with pytest.raises(InternalError, match="before now"):
        one("12:00", solver=Hasty())
