"""A split order whose packages meet at the station: planned, checked, explained, and brought in live operation.

A lies at F1 only and B at F2 only; the store S1 beside the door has the van, and lanes from both centres.
"""

from dataclasses import replace

import polars as pl
import pytest

from doorstep.domain import DayPlan, Retailer
from doorstep.operations import plan_day
from doorstep.operations.corridor.live import plan_deliveries
from doorstep.operations.corridor.verify import verify
from doorstep.operations.corridor.world import great_circle_times
from tests.delivery_mode.test_merge import LANE, SITES, VAN
from tests.small import at, retailer, table


def shop(late: str = "14:00", level: str = "same_day") -> Retailer:
    """Return an order of A and B, which both go by the courier from each centre too, at 3,000 each."""
    return retailer(
        sites=SITES.with_columns(preparation_s=pl.lit(3_600)),
        stock=table("site_id product_id on_hand", ("F1", "A", 9), ("F2", "C", 9)),
        vehicles=VAN.with_columns(shift_starts=pl.lit("08:00"), shift_ends=pl.lit("20:00")),
        lanes=table(LANE, ("F1", "S1", "12:00", 3_600, 60, None), ("F2", "S1", late, 3_600, 60, None)),
        carriers=table("carrier_id kind", ("CO", "on_demand")),
        carrier_rates=table("carrier_id price_minor", ("CO", 3_000)),
        orders=table("order_id placed_at lat lon service_level_id", ("O1", at("08:00"), 41.01, -87.0, level)),
        order_lines=table("order_id line_no product_id quantity", ("O1", 1, "A", 1), ("O1", 2, "C", 1)),
    )


def brought(plan: DayPlan) -> list[tuple[str, str, int]]:
    return plan.deliveries.select("dispatch_site_id", pl.col("mode").cast(pl.String), "parcels").rows()


def test_both_packages_are_one_stop_that_leaves_when_the_last_has_come():
    result = plan_day(shop(), iterations=50)
    assert brought(result.plan) == [("S1", "own_fleet", 2)]
    assert result.violations["doorstep"] == ()
    assert result.plan.parcels["lane_departs_at"].sort().to_list() == [at("12:00"), at("14:00")]
    (row,) = result.plan.deliveries.to_dicts()
    assert row["ready_at"] == at("15:30")
    loaded = result.plan.stops.filter(pl.col("kind").cast(pl.String) != "delivery")["service_at"].to_list()
    assert min(loaded) >= at("15:30")
    assert (row["line_haul_minor"], result.measures["doorstep"]["split_rate"]) == (2 * 85, 1.0)


def test_the_decision_says_what_merging_saves_and_how_long_the_first_waits():
    plan = plan_day(shop(), iterations=50).plan
    (chosen,) = plan.decisions.filter(pl.col("chosen") & (pl.col("question") == "mode"))["why"].to_list()
    assert " 2 packages are merged here: by estimate that saves " in chosen
    assert chosen.endswith("over a way for each; the first waits 120 minutes for the last.")


def test_packages_go_apart_where_waiting_would_break_the_window():
    result = plan_day(shop(late="18:45"), iterations=50)  # ready at S1 at 20:15, promised until 20:00
    assert sorted(brought(result.plan)) == [("F2", "on_demand", 1), ("S1", "own_fleet", 1)]
    assert result.unserved["doorstep"] == {}
    assert "merged" not in " ".join(result.plan.decisions["why"])


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        ({"ready_at": at("13:30")}, f"ready_at is {at('13:30')}, not {at('15:30')}."),
        ({"line_haul_minor": 85}, "line_haul_minor is 85, not 170."),
        ({"parcels": 1}, "parcels is 1, its parcels say 2."),
    ],
)
def test_a_merged_delivery_that_leaves_before_its_last_parcel_or_loses_one_is_found(spoil, sentence):
    found = plan_day(shop(), iterations=50).plan
    spoilt = replace(found, deliveries=found.deliveries.with_columns(**{k: pl.lit(v) for k, v in spoil.items()}))
    assert any(fault.endswith(sentence) for fault in verify(shop(), spoilt, great_circle_times(shop())))


def test_a_parcel_that_travels_twice_is_found():
    found = plan_day(shop(), iterations=50).plan
    twice = replace(found, parcels=pl.concat([found.parcels, found.parcels.head(1)]))
    faults = verify(shop(), twice, great_circle_times(shop()))
    assert any("travels twice." in fault for fault in faults)


def test_fixed_packages_meet_in_live_operation_as_long_as_the_second_is_packed_in_time():
    allocated = table("order_id product_id site_id quantity", ("O1", "A", "F1", 1), ("O1", "C", "F2", 1))
    packed = {("O1", "F1"): at("09:00"), ("O1", "F2"): at("09:30")}

    def planned(**ready: int) -> DayPlan:
        known = packed | {("O1", site): moment for site, moment in ready.items()}
        return plan_deliveries(shop(), allocated, now=at("09:45"), ready_at=known, iterations=50, seed=1)

    assert brought(planned()) == [("S1", "own_fleet", 2)]
    assert sorted(brought(planned(F2=at("14:00:01")))) == [("F2", "on_demand", 1), ("S1", "own_fleet", 1)]
