"""Runs every room's checker on a finished plan, with travel recomputed from scratch."""

import math
from typing import Protocol

import numpy as np
import polars as pl

from doorstep.delivery_mode import check_deliveries
from doorstep.domain import DayPlan, Retailer
from doorstep.geography import GreatCircleTimes, Places, TravelTimes
from doorstep.measurement import check_costs
from doorstep.order_routing import check_allocations
from doorstep.promising import check_promises
from doorstep.vehicle_routing import check_routes
from doorstep.warehouse import check_parcels


def verify(retailer: Retailer, plan: DayPlan, travel: TravelTimes, *, explained: bool = True) -> list[str]:
    """Return every violation that the checkers of the rooms find, one sentence each; none means the plan holds.

    Distances and times are asked of the travel times point by point; where these are the great-circle estimate, they
    are recomputed from the policy instead. Where the plan is ``explained``, its decisions must name what was done.
    """
    tables, planned = retailer.tables(), plan.tables()
    road: Road = EstimatedRoad(tables["policy"].row(0, named=True))
    if not isinstance(travel, GreatCircleTimes):
        road = AskedRoad(travel)
    return [
        *check_promises(tables["orders"], tables["service_levels"], plan.order_outcomes, _zones(tables)),
        *check_allocations(tables, plan.allocations, plan.order_outcomes),
        *check_parcels(
            tables["products"],
            tables["cartons"],
            plan.allocations,
            plan.parcels,
            plan.parcel_lines,
            fill_pct=int(tables["policy"]["carton_fill_pct"][0]),
        ),
        *check_deliveries(tables, planned, road),
        *check_routes(tables, planned, road),
        *check_costs(tables, planned),
        *(_decision_faults(planned) if explained else []),
    ]


def _decision_faults(planned: dict[str, pl.DataFrame]) -> list[str]:
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
        for what, done, said in (("sites", picking, sites), ("modes", taken, modes))
        for left, right in ((done, said), (said, done))
        for row in left.join(right, on=left.columns, how="anti").iter_rows()
    ]


class Road(Protocol):
    """Metres and seconds from a point to another."""

    def __call__(self, lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> tuple[int, int]:
        """Return metres and seconds."""
        ...


class EstimatedRoad:
    """Metres and seconds by the policy's circuity and speeds."""

    def __init__(self, policy: dict[str, int]) -> None:
        self.policy = policy

    def __call__(self, lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> tuple[int, int]:
        """Return metres and seconds."""
        half_phi = math.radians(lat_b - lat_a) / 2
        half_lambda = math.radians(lon_b - lon_a) / 2
        h = math.sin(half_phi) ** 2
        h += math.cos(math.radians(lat_a)) * math.cos(math.radians(lat_b)) * math.sin(half_lambda) ** 2
        straight = 2 * 6_371_008.8 * math.asin(math.sqrt(min(1.0, h)))
        metres = round(straight * self.policy["circuity_pct"] / 100)
        near = min(metres, self.policy["near_distance_m"])
        slow, fast = self.policy["near_speed_kmh"], self.policy["far_speed_kmh"]
        return metres, -(-(near * fast + (metres - near) * slow) * 3600 // (slow * fast * 1000))


class AskedRoad:
    """Metres and seconds of any travel times, one pair at a time."""

    def __init__(self, travel: TravelTimes) -> None:
        self.travel = travel

    def __call__(self, lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> tuple[int, int]:
        """Return metres and seconds."""
        ends = [Places(lat=np.array([lat]), lon=np.array([lon])) for lat, lon in ((lat_a, lon_a), (lat_b, lon_b))]
        metres, seconds = self.travel.between(*ends)
        return int(metres[0]), int(seconds[0])


def _zones(tables: dict[str, pl.DataFrame]) -> list[str]:
    """Return the zone of each order: that of the place of collection, else of the nearest site."""
    sites = list(tables["sites"].select("site_id", "lat", "lon", "time_zone").iter_rows())
    zone_of = {site: zone for site, _, _, zone in sites}
    if len(set(zone_of.values())) == 1:
        return [sites[0][3]] * tables["orders"].height
    return [
        zone_of[pickup] if pickup else min(sites, key=lambda s: _chord(s[1], s[2], lat, lon))[3]
        for pickup, lat, lon in tables["orders"].select("pickup_site_id", "lat", "lon").iter_rows()
    ]


def _chord(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> float:
    a, b, c = math.radians(lat_a), math.radians(lat_b), math.radians(lon_b - lon_a)
    return -(math.sin(a) * math.sin(b) + math.cos(a) * math.cos(b) * math.cos(c))
