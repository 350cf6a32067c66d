"""Routes as they stand, with their stops and their line on the map."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import sqlalchemy as sa
from sqlalchemy import select

from doorstep.api.conventions.geojson import Feature, FeatureCollection, LineString, line, point
from doorstep.api.models.parts import Money
from doorstep.api.models.routes import Route, RouteStop
from doorstep.api.views.etas import ETA_COLUMNS, eta_of
from doorstep.api.views.matching import matching
from doorstep.foundation import NotFoundError
from doorstep.geography import Places
from doorstep.geography.roads.courses import line_through
from doorstep.storage import Connection
from doorstep.storage.schema.etas import etas
from doorstep.storage.schema.fulfilment import routes, stops

MOST_OFF_M = 4.0
"""The line of a route is nowhere farther from the streets that it drives on."""
_same = (etas.c.delivery_id == stops.c.delivery_id) & (etas.c.route_id == stops.c.route_id)


def find_route(connection: Connection, tenant_id: str, route_id: str, *, currency: str) -> Route:
    """Return a route with its stops and its line.

    Raises
    ------
    NotFoundError
        If the tenant has no such route.
    """
    mine = (routes.c.route_id == route_id) & (routes.c.tenant_id == tenant_id)
    row = connection.execute(select(routes).where(mine)).one_or_none()
    if row is None:
        raise NotFoundError(f"route {route_id} does not exist.")
    visited = _stops(connection, [route_id])[route_id]
    return _shown(row, visited, currency).model_copy(update={"line": _line(connection, visited)})


def list_routes(
    connection: Connection,
    tenant_id: str,
    *,
    currency: str,
    limit: int,
    before: str = "",
    state: str | None = None,
    site_id: str | None = None,
    starts_from: int | None = None,
    starts_until: int | None = None,
) -> list[Route]:
    """Return routes with their stops, the newest first; ``before`` is the id of the last one seen."""
    query = select(routes).where(routes.c.tenant_id == tenant_id)
    wanted = {routes.c.state: state, routes.c.site_id: site_id}
    query = matching(query, wanted)
    if before:
        query = query.where(routes.c.route_id < before)
    if starts_from is not None:
        query = query.where(routes.c.starts_at >= starts_from)
    if starts_until is not None:
        query = query.where(routes.c.starts_at < starts_until)
    rows = connection.execute(query.order_by(routes.c.route_id.desc()).limit(limit)).all()
    visited = _stops(connection, [row.route_id for row in rows])
    return [_shown(row, visited[row.route_id], currency) for row in rows]


def route_on_map(route: Route) -> FeatureCollection:
    """Return a route as GeoJSON: its line, if it has one, and its stops."""
    features = [
        Feature(
            id=f"{route.id}/{stop.sequence}",
            geometry=stop.point,
            properties={"sequence": stop.sequence, "kind": stop.kind, "delivery_id": stop.delivery_id,
                        "arrive_at": stop.model_dump(mode="json")["arrive_at"]},
        )
        for stop in route.stops
    ]  # fmt: skip
    if route.line is not None:
        whole: dict[str, str | int | float | bool | None] = {
            "vehicle_id": route.vehicle_id, "state": route.state, "distance_m": route.distance_m
        }  # fmt: skip
        features.insert(0, Feature(id=route.id, geometry=route.line, properties=whole))
    return FeatureCollection(features=features)


def _stops(connection: Connection, ids: Sequence[str]) -> defaultdict[str, list[RouteStop]]:
    found: defaultdict[str, list[RouteStop]] = defaultdict(list)
    joined = stops.outerjoin(etas, _same)
    query = (
        select(stops, *ETA_COLUMNS)
        .select_from(joined)
        .where(stops.c.route_id.in_(ids))
        .order_by(stops.c.route_id, stops.c.sequence)
    )
    for row in connection.execute(query) if ids else ():
        found[row.route_id].append(
            RouteStop(
                sequence=row.sequence,
                kind=row.kind,
                delivery_id=row.delivery_id or None,
                point=point(lat=row.lat, lon=row.lon),
                arrive_at=row.arrive_at,
                service_at=row.service_at,
                leave_at=row.leave_at,
                distance_m=row.distance_m,
                eta=eta_of(row),
            )
        )
    return found


def _line(connection: Connection, visited: Sequence[RouteStop]) -> LineString | None:
    """Return the line of a route, along streets where the platform drives on its own, None if it goes nowhere."""
    if len(visited) < 2:
        return None
    lat, lon = (np.array(axis) for axis in zip(*((stop.point.lat, stop.point.lon) for stop in visited), strict=True))
    if connection.streets is not None and connection.road_server is None:
        lat, lon = line_through(connection.streets, Places(lat=lat, lon=lon), most_off_m=MOST_OFF_M)
    return line(zip(lat.tolist(), lon.tolist(), strict=True))


def _shown(row: "sa.Row[tuple[object, ...]]", visited: Sequence[RouteStop], currency: str) -> Route:
    return Route(
        id=row.route_id,
        site_id=row.site_id,
        vehicle_id=row.vehicle_id,
        driver=row.driver,
        state=row.state,
        version=row.version,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        distance_m=row.distance_m,
        trips=row.trips,
        parcels=row.parcels,
        cost=Money(amount=row.cost_minor, currency=currency),
        line=None,
        stops=list(visited),
    )
