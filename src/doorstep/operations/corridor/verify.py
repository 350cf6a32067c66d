"""Runs every room's checker on a finished plan, with travel recomputed from scratch."""

import math

import polars as pl

from doorstep.delivery_mode import check_deliveries
from doorstep.domain import DayPlan, Retailer
from doorstep.geography import GreatCircleTimes, TravelTimes
from doorstep.measurement import check_costs
from doorstep.operations.corridor.present import Present
from doorstep.operations.corridor.releases import as_released, check_releases
from doorstep.operations.corridor.road import AskedRoad, EstimatedRoad, Road, ToldRoad
from doorstep.order_routing import check_allocations
from doorstep.promising import check_promises
from doorstep.vehicle_routing.check import check_routes
from doorstep.warehouse import check_parcels


def verify(retailer: Retailer, plan: DayPlan, travel: TravelTimes, *, explained: bool = True) -> list[str]:
    """Return every violation that the checkers of the rooms find, one sentence each; none means the plan holds.

    Distances and times are asked of the travel times point by point; where these are the great-circle estimate, they
    are recomputed from the policy instead. Where the plan is ``explained``, its decisions must name what was done.
    """
    tables, planned = retailer.tables(), plan.tables()
    road = road_of(tables, travel)
    return [
        *check_allocations(tables, plan.allocations, plan.order_outcomes),
        *check_deliveries(tables, planned, road),
        *timeless_faults(tables, plan, road),
        *(_decision_faults(planned, ("site", "mode")) if explained else []),
    ]


def verify_without_streets(retailer: Retailer, plan: DayPlan) -> list[str]:
    """Return the violations that show without the streets that a plan was made on.

    Drives are taken as its stops tell them. What deliveries cost and when carriers arrive is left unchecked: it follows
    from drives that no stop tells.
    """
    tables = retailer.tables()
    return [
        *check_allocations(tables, plan.allocations, plan.order_outcomes),
        *timeless_faults(tables, plan, ToldRoad(plan.stops)),
        *_decision_faults(plan.tables(), ("site", "mode")),
    ]


def verify_live(retailer: Retailer, plan: DayPlan, travel: TravelTimes, present: Present) -> list[str]:
    """Return every violation of a plan made at the present, with allocations that were fixed before.

    Stock and pick capacity were taken when the orders were allocated, so only that all of it is brought is asked here.
    The checker of deliveries prepares every order from when it was placed; so it is shown each delivery as ready when
    the plan says, and what is ready when, lanes included, is recomputed from the present.
    """
    tables, planned = retailer.tables(), plan.tables()
    road = road_of(tables, travel)
    return [
        *check_allocations(_granted(tables, plan), plan.allocations, plan.order_outcomes),
        *check_deliveries(*as_released(tables, planned), road),
        *check_releases(tables, planned, present),
        *timeless_faults(tables, plan, road),
        *_decision_faults(planned, ("mode",)),
    ]


def timeless_faults(tables: dict[str, pl.DataFrame], plan: DayPlan, road: Road) -> list[str]:
    """Return the violations of the rules that hold whenever the plan was made."""
    planned = plan.tables()
    return [
        *check_promises(
            tables["orders"],
            tables["service_levels"],
            plan.order_outcomes,
            _at_place(tables, "time_zone"),
            later_of_order=_at_place(tables, "next_day_cutoff"),
            closed_of_order=_closed_at_place(tables),
        ),
        *check_parcels(
            tables["products"],
            tables["cartons"],
            plan.allocations,
            plan.parcels,
            plan.parcel_lines,
            fill_pct=int(tables["policy"]["carton_fill_pct"][0]),
        ),
        *check_routes(tables, planned, road),
        *check_costs(tables, planned),
    ]


def road_of(tables: dict[str, pl.DataFrame], travel: TravelTimes) -> Road:
    """Return metres and seconds from point to point, by another way than the plan's where that is possible."""
    if isinstance(travel, GreatCircleTimes):
        return EstimatedRoad(tables["policy"].row(0, named=True))
    return AskedRoad(travel)


def _granted(tables: dict[str, pl.DataFrame], plan: DayPlan) -> dict[str, pl.DataFrame]:
    """Return the tables with what is allocated as stock, and no limit of picks."""
    stock = plan.allocations.group_by("site_id", "product_id").agg(on_hand=pl.col("quantity").sum())
    return tables | {
        "stock": stock.with_columns(safety_stock=pl.lit(0, dtype=pl.Int64)),
        "sites": tables["sites"].with_columns(pick_lines_per_day=pl.lit(None, dtype=pl.Int64)),
    }


def _decision_faults(planned: dict[str, pl.DataFrame], questions: tuple[str, ...]) -> list[str]:
    """Return the sites and modes that were taken without being marked as chosen, or the other way round."""
    chosen = planned["decisions"].filter("chosen")
    sites = chosen.filter(pl.col("question") == "site").select("order_id", "site_id").unique()
    modes = chosen.filter(pl.col("question") == "mode").select(
        "delivery_id", pl.col("mode").cast(pl.String), "carrier_id"
    )
    taken = planned["deliveries"].select("delivery_id", pl.col("mode").cast(pl.String), "carrier_id")
    served = planned["order_outcomes"].filter(pl.col("status") == "served").select("order_id")
    picking = planned["allocations"].select("order_id", "site_id").unique()
    sites = sites.join(served, on="order_id", how="semi")
    return [
        f"decision on {what}: {row} is {'done but not chosen' if left is done else 'chosen but not done'}."
        for question, what, done, said in (("site", "sites", picking, sites), ("mode", "modes", taken, modes))
        if question in questions
        for left, right in ((done, said), (said, done))
        for row in left.join(right, on=left.columns, how="anti").iter_rows()
    ]


def _at_place(tables: dict[str, pl.DataFrame], column: str) -> list[str]:
    """Return a column of the site at each order's place: that of collection, else the nearest."""
    sites = list(tables["sites"].select("site_id", "lat", "lon", said=column).iter_rows())
    there = {site: said for site, _, _, said in sites}
    if len(set(there.values())) == 1:
        return [sites[0][3]] * tables["orders"].height
    return [
        there[pickup] if pickup else min(sites, key=lambda s: _chord(s[1], s[2], lat, lon))[3]
        for pickup, lat, lon in tables["orders"].select("pickup_site_id", "lat", "lon").iter_rows()
    ]


def _closed_at_place(tables: dict[str, pl.DataFrame]) -> list[set[str]]:
    """Return the closed days of the site at each order's place."""
    rows, none = list(tables["closed_days"].select("site_id", "day").iter_rows()), set[str]()
    if not rows:
        return [none] * tables["orders"].height
    days = {site: {day for of, day in rows if of in ("", site)} for site in tables["sites"]["site_id"]}
    return [days[site] for site in _at_place(tables, "site_id")]


def _chord(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> float:
    a, b, c = math.radians(lat_a), math.radians(lat_b), math.radians(lon_b - lon_a)
    return -(math.sin(a) * math.sin(b) + math.cos(a) * math.cos(b) * math.cos(c))
