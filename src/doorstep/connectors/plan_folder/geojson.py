"""The plan as a map file: RFC 7946, positions as longitude then latitude in WGS 84 degrees."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

import polars as pl

from doorstep.domain import DayPlan, Retailer
from doorstep.geography.roads.courses import Course

Json: TypeAlias = "str | int | float | bool | None | list[Json] | dict[str, Json]"

DECIMALS = 6
"""Digits after the point of a coordinate: a tenth of a metre."""
MOST_OFF_M = 1.0
"""Lines along streets are drawn so close to where they are."""


def write_geojson(path: Path, retailer: Retailer, plan: DayPlan, courses: Mapping[str, Course]) -> None:
    """Write sites and doors as points and routes as lines, one feature a line of text; see ``route_features``."""
    with path.open("w", encoding="utf-8") as file:
        file.write('{"type":"FeatureCollection","features":[\n')
        for number, feature in enumerate(features(retailer, plan, courses)):
            file.write(",\n" if number else "")
            file.write(json.dumps(feature, ensure_ascii=False, separators=(",", ":")))
        file.write("\n]}\n")


def features(retailer: Retailer, plan: DayPlan, courses: Mapping[str, Course]) -> Iterator[dict[str, Json]]:
    """Yield the features: sites, then routes, then deliveries."""
    yield from site_features(retailer)
    yield from route_features(plan, courses)
    yield from delivery_features(retailer, plan)


def site_features(retailer: Retailer) -> Iterator[dict[str, Json]]:
    """Yield a point for each site."""
    for site in retailer.sites.iter_rows(named=True):
        yield feature(
            f"site/{site['site_id']}",
            "Point",
            position(site["lat"], site["lon"]),
            {"layer": "site", "site_id": site["site_id"], "kind": site["kind"], "name": site["name"]},
        )


def route_features(plan: DayPlan, courses: Mapping[str, Course]) -> Iterator[dict[str, Json]]:
    """Yield a line for each route, from its site through its doors and back: by its course, else straight."""
    lines = (
        plan.stops.sort("route_id", "sequence")
        .group_by("route_id", maintain_order=True)
        .agg(pl.col("lat"), pl.col("lon"))
    )
    routes = plan.routes.join(lines, on="route_id", how="inner", maintain_order="left")
    routes = routes.with_columns(utc_text("starts_at", "departure"), utc_text("ends_at", "return"))
    kept = ("route_id", "vehicle_id", "site_id", "departure", "return", "starts_at", "ends_at")
    sums = ("stops", "parcels", "trips", "distance_m", "cost_minor")
    for route in routes.iter_rows(named=True):
        ends = [(route["lat"], route["lon"])]
        course = [each.simplified(MOST_OFF_M) for each in courses.get(route["route_id"], ())]
        lines_of = [(each.lat.tolist(), each.lon.tolist()) for each in course] or ends
        path = [position(lat, lon) for lats, lons in lines_of for lat, lon in zip(lats, lons, strict=True)]
        if len(path) < 2:  # RFC 7946 3.1.4: a line has two positions or more
            continue
        told = {name: route[name] for name in kept + sums}
        yield feature(f"route/{route['route_id']}", "LineString", path, {"layer": "route", "mode": "own_fleet", **told})


def delivery_features(retailer: Retailer, plan: DayPlan) -> Iterator[dict[str, Json]]:
    """Yield a point for each delivery, with its place in the route where it has one."""
    doors = plan.stops.filter(pl.col("kind") == "delivery").select("delivery_id", "sequence")
    rows = (
        plan.deliveries.join(retailer.orders.select("order_id", "lat", "lon"), on="order_id", maintain_order="left")
        .join(plan.routes.select("route_id", "vehicle_id"), on="route_id", how="left", maintain_order="left")
        .join(doors, on="delivery_id", how="left", maintain_order="left")
        .with_columns(utc_text("arrive_at", "arrival"))
    )
    kept = ("delivery_id", "order_id", "mode", "dispatch_site_id", "arrival", "arrive_at", "parcels", "sequence")
    optional = ("carrier_id", "route_id", "vehicle_id")
    for row in rows.iter_rows(named=True):
        told: dict[str, Json] = {name: row[name] for name in kept} | {name: row[name] or None for name in optional}
        place = position(row["lat"], row["lon"])
        yield feature(f"delivery/{row['delivery_id']}", "Point", place, {"layer": "delivery", **told})


def utc_text(column: str, name: str) -> pl.Expr:
    """Return a column of moments [epoch s] as ISO 8601 text in UTC."""
    return pl.from_epoch(pl.col(column), time_unit="s").dt.strftime("%Y-%m-%dT%H:%M:%SZ").alias(name)


def position(lat: float, lon: float) -> Json:
    """Return a position in GeoJSON's order, longitude first."""
    return [round(lon, DECIMALS), round(lat, DECIMALS)]


def feature(name: str, kind: str, coordinates: Json, properties: dict[str, Json]) -> dict[str, Json]:
    """Return one feature."""
    geometry: Json = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "id": name, "geometry": geometry, "properties": properties}
