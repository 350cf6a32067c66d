"""Measures of a plan from its tables."""

import polars as pl

from doorstep.domain import DayPlan
from doorstep.domain.tables import COLLECTED, COST_PARTS

MEASURES: dict[str, str] = {
    "orders": "orders in the folder",
    "served": "orders served in full inside their promise",
    "unserved": "orders returned with a reason",
    "cost_total_minor": "all costs of the served orders",
    "cost_per_order_minor": "all costs by served order",
    "cost_per_parcel_minor": "all costs by parcel",
    **{f"{part}_per_order_minor": f"{part.replace('_', ' ')} by served order" for part in COST_PARTS},
    "margin_per_order_minor": "margin of goods plus fee less cost, by served order",
    "on_time_share": "orders served inside their promise, of all orders",
    "same_or_next_day_share": "orders served by the day after they were placed, of all orders",
    "split_rate": "served orders picked at more than one site",
    "parcels_per_order": "parcels by served order",
    "hand_offs_per_parcel": "times a parcel changes hands after picking: lane, van or carrier; none where collected",
    "distance_site_to_door_m": "straight line from the picking site to the door, mean over parcels of door orders",
    "in_region_share": "parcels picked in the region of their door, of those to doors that have a region",
    "own_fleet_share": "drops to the door brought by own vehicles",
    "routes": "shifts of own vehicles",
    "parcels_per_route": "parcels by route",
    "stops_per_route": "doors by route",
    "stops_per_route_hour": "doors by hour between first loading and return",
    "km_per_stop": "kilometres driven by door",
    "stem_share": "kilometres between site and first or last door, of all driven",
}
"""Each measure with its definition; the order is that of reports."""


def measure(plan: DayPlan) -> dict[str, float]:
    """Return the measures of a plan; shares of nothing are zero."""
    outcomes = plan.order_outcomes
    served = outcomes.filter(pl.col("status").cast(pl.String) == "served")
    parcels = plan.parcels.height
    cost = _sum(served, "cost_minor")
    values = {
        "orders": outcomes.height,
        "served": served.height,
        "unserved": outcomes.height - served.height,
        "cost_total_minor": cost,
        "cost_per_order_minor": _ratio(cost, served.height),
        "cost_per_parcel_minor": _ratio(cost, parcels),
        **{f"{part}_per_order_minor": _ratio(_sum(served, f"{part}_minor"), served.height) for part in COST_PARTS},
        "margin_per_order_minor": _ratio(_sum(served, "revenue_minor") - cost, served.height),
        "on_time_share": _ratio(_sum(outcomes, "on_time"), outcomes.height),
        "same_or_next_day_share": _ratio(_sum(outcomes, "same_or_next_day"), outcomes.height),
        "split_rate": _ratio(served.filter(pl.col("sites") > 1).height, served.height),
        "parcels_per_order": _ratio(parcels, served.height),
        "hand_offs_per_parcel": _ratio(_weighted(served, "hand_offs"), 100 * parcels),
        "distance_site_to_door_m": _distance(served),
        "in_region_share": _in_region(served),
        **_route_measures(plan),
    }
    return {name: float(values[name]) for name in MEASURES}


def _route_measures(plan: DayPlan) -> dict[str, float]:
    doors = plan.deliveries.filter(pl.col("mode").cast(pl.String) != "pickup")
    own = doors.filter(pl.col("mode").cast(pl.String) == "own_fleet").height
    routes = plan.routes
    stops, metres = _sum(routes, "stops"), _sum(routes, "distance_m")
    seconds = _sum(routes, "ends_at") - _sum(routes, "starts_at")
    return {
        "own_fleet_share": _ratio(own, doors.height),
        "routes": routes.height,
        "parcels_per_route": _ratio(_sum(routes, "parcels"), routes.height),
        "stops_per_route": _ratio(stops, routes.height),
        "stops_per_route_hour": _ratio(3600 * stops, seconds),
        "km_per_stop": _ratio(metres, 1000 * stops),
        "stem_share": _ratio(_sum(routes, "stem_m"), metres),
    }


def _distance(served: pl.DataFrame) -> float:
    door = _to_doors(served)
    return _ratio(_weighted(door, "distance_m"), _sum(door, "parcels"))


def _in_region(served: pl.DataFrame) -> float:
    regional = _to_doors(served).filter(pl.col("in_region_parcels").is_not_null())
    return _ratio(_sum(regional, "in_region_parcels"), _sum(regional, "parcels"))


def _to_doors(served: pl.DataFrame) -> pl.DataFrame:
    return served.filter(~pl.col("method").is_in(list(COLLECTED)))


def _weighted(table: pl.DataFrame, column: str) -> int:
    return int(table.select((pl.col(column) * pl.col("parcels")).sum()).item())


def _sum(table: pl.DataFrame, column: str) -> int:
    return int(table[column].sum())


def _ratio(value: float, by: float) -> float:
    return value / by if by else 0.0
