"""Closed roads and slow traffic as they are read."""

import json
from typing import Any

from sqlalchemy import Row, select

from doorstep.api.conventions.geojson import Point
from doorstep.api.models.roads import RoadEvent
from doorstep.foundation import NotFoundError
from doorstep.storage import Connection
from doorstep.storage.schema.roads import road_events


def show_road_event(connection: Connection, tenant_id: str, road_event_id: str) -> RoadEvent:
    """Return an obstacle.

    Raises
    ------
    NotFoundError
        If the tenant has no such one.
    """
    of = road_events.c
    mine = (of.road_event_id == road_event_id) & (of.tenant_id == tenant_id)
    row = connection.execute(select(road_events).where(mine)).one_or_none()
    if row is None:
        raise NotFoundError(f"road event {road_event_id} does not exist.", hint="Maybe it is over.")
    return _shown(row)


def list_road_events(
    connection: Connection, tenant_id: str, *, limit: int, before: str = "", now: int
) -> list[RoadEvent]:
    """Return obstacles that are not over, the newest first; ``before`` is the id of the last one seen."""
    of = road_events.c
    query = select(road_events).where(of.tenant_id == tenant_id, of.ends_at > now)
    query = query.where(of.road_event_id < before) if before else query
    return [_shown(row) for row in connection.execute(query.order_by(of.road_event_id.desc()).limit(limit))]


def _shown(row: "Row[Any]") -> RoadEvent:
    points = [(lon, lat) for lat, lon in json.loads(row.points)]
    is_area = row.radius_m > 0
    return RoadEvent(
        id=row.road_event_id,
        line=[] if is_area else points,
        centre=Point(coordinates=points[0]) if is_area else None,
        radius_m=row.radius_m,
        slower_pct=row.slower_pct,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        note=row.note,
        created_at=row.created_at,
    )
