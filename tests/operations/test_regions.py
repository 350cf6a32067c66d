"""Regions of the network in the corridor: what counts against leaving one, what is said of it, and what is measured."""

import polars as pl
import pytest

from doorstep.domain import Retailer
from doorstep.measurement import check_costs
from doorstep.operations import plan_day
from doorstep.operations.corridor.live import decide_sites
from tests.small import CHICAGO, ORDERS, at, retailer, table

VANS = table(
    "vehicle_id site_id count shift_starts shift_ends max_weight_g max_volume_ml",
    ("V1", "S1", 1, "08:00", "20:00", 500_000, 5_000_000),
    ("V2", "S2", 1, "08:00", "20:00", 500_000, 5_000_000),
)


def shop(weight: int = 0, near: str = "east", far: str = "west", **tables: pl.DataFrame) -> Retailer:
    """Return two stores, of which the one nearest to the door is 3,000 dearer, and the regions that they are in."""
    sites = table(
        "site_id kind lat lon time_zone package_cost_minor region",
        ("S1", "store", 41.0, -87.0, CHICAGO, 3_050, near),
        ("S2", "store", 41.06, -87.0, CHICAGO, 50, far),
    )
    stock = table("site_id product_id on_hand", ("S1", "A", 9), ("S2", "A", 9))
    policy = table("out_of_region_cost_minor", (weight,))
    return retailer(**{"sites": sites, "stock": stock, "policy": policy, "vehicles": VANS, **tables})


@pytest.mark.parametrize(
    ("asked", "site"),
    [
        (shop(), "S2"),
        (shop(5_000), "S1"),
        (shop(1), "S2"),
        (shop(5_000, far="east"), "S2"),  # one region: no border is crossed
        (shop(5_000, near=""), "S2"),  # an order whose nearest site has no region is at home everywhere
        (shop(5_000, far=""), "S1"),
    ],
)
def test_the_policy_says_what_leaving_a_region_counts(asked: Retailer, site: str):
    assert decide_sites(asked).allocations["site_id"].to_list() == [site]


def test_a_cheaper_site_that_lost_by_its_region_says_so():
    weighed = {row["site_id"]: row["why"] for row in decide_sites(shop(5_000)).decisions.iter_rows(named=True)}
    assert weighed["S2"] == "Would cost less if it were in the region of the order."
    assert weighed["S1"] == "Costs least for the whole order."


def test_a_collected_order_is_of_the_region_where_it_is_collected():
    levels = table("service_level_id method cutoff promise_days", ("collect", "click_and_collect", "20:00", 1))
    order = ORDERS.with_columns(service_level_id=pl.lit("collect"), pickup_site_id=pl.lit("S2"))
    lanes = table("from_site_id to_site_id departs duration_s parcel_cost_minor", ("S1", "S2", "12:00", 3_600, 0))
    stock = table("site_id product_id on_hand", ("S1", "A", 9))
    plan = plan_day(shop(orders=order, service_levels=levels, lanes=lanes, stock=stock), iterations=1, seed=1).plan
    assert plan.order_outcomes.select("status", "in_region_parcels").rows() == [("served", 0)]


@pytest.mark.parametrize(
    ("asked", "parcels", "share"),
    [(shop(), 0, 0.0), (shop(5_000), 1, 1.0), (shop(5_000, near=""), None, 0.0), (shop(far="east"), 1, 1.0)],
)
def test_a_day_counts_the_parcels_that_stay_in_their_region(asked: Retailer, parcels: int | None, share: float):
    day = plan_day(asked, iterations=5, seed=1)
    assert day.plan.order_outcomes["in_region_parcels"].to_list() == [parcels]
    assert day.measures["doorstep"]["in_region_share"] == share
    wrong = day.plan.order_outcomes.with_columns(in_region_parcels=pl.lit(2, pl.Int64))
    told = check_costs(asked.tables(), day.plan.tables() | {"order_outcomes": wrong})
    assert told == [f"order O1: in_region_parcels is 2, not {parcels}."]


def test_an_order_placed_now_is_decided_by_the_same_weight():
    assert decide_sites(shop(5_000), now=at("08:30")).allocations["site_id"].to_list() == ["S1"]
