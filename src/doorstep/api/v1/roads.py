"""Closed roads and slow traffic: plans and arrivals go around them, and through them more slowly."""

from typing import Annotated

import numpy as np
from fastapi import Depends, Path
from starlette.responses import Response

from doorstep.api.access.guarded import guarded_router
from doorstep.api.desk import Acting, Reading
from doorstep.api.models.base import Page
from doorstep.api.models.fields import ObjectId
from doorstep.api.models.roads import RoadEvent, RoadEventCreate, StreetSpeeds
from doorstep.api.paging import PageWish, wanted_page
from doorstep.api.problems import documented
from doorstep.api.views.courses import show_street_speeds
from doorstep.api.views.roads import list_road_events, show_road_event
from doorstep.geography import Places
from doorstep.geography.obstacles import ClosedLine, SlowCircle
from doorstep.operations import roads as operations
from doorstep.storage import Connection

router = guarded_router("roads", "/road-events")
speeds_router = guarded_router("roads", "/street-speeds")
RoadEventId = Annotated[ObjectId, Path()]


@router.post("", status_code=201, response_model=RoadEvent, responses=documented("idempotency_key_reused"))
async def create_road_event(wanted: RoadEventCreate, desk: Acting) -> Response:
    """Tell that a road is closed, or traffic slow in an area; from then on plans and arrivals reckon with it."""
    event = operations.RoadEvent(
        obstacle=_obstacle(wanted),
        starts_at=desk.now if wanted.starts_at is None else wanted.starts_at,
        ends_at=wanted.ends_at,
        note=wanted.note,
    )

    def act(connection: Connection) -> RoadEvent:
        name = operations.create_road_event(connection, desk.caller, event, now=desk.now)
        return show_road_event(connection, desk.tenant_id, name)

    return await desk.act(act, status=201)


@router.get("", response_model=Page[RoadEvent], responses=documented("bad_cursor"))
async def read_road_events(desk: Reading, wish: Annotated[PageWish, Depends(wanted_page)]) -> Response:
    """List what is on or will be, the newest first."""
    return await desk.show_page(
        wish,
        lambda connection: list_road_events(
            connection, desk.tenant_id, limit=wish.limit + 1, before=wish.after, now=desk.now
        ),
        lambda each: (each.created_at, each.id),
    )


@router.get("/{road_event_id}", response_model=RoadEvent, responses=documented("not_found"))
async def read_road_event(road_event_id: RoadEventId, desk: Reading) -> Response:
    """Show a closed road or slow area."""
    return await desk.show(lambda connection: show_road_event(connection, desk.tenant_id, road_event_id))


@router.delete("/{road_event_id}", status_code=204, response_class=Response,
               responses=documented("not_found", "idempotency_key_reused"))  # fmt: skip
async def end_road_event(road_event_id: RoadEventId, desk: Acting) -> Response:
    """End it now, or call it off."""
    return await desk.act(
        lambda connection: operations.end_road_event(connection, desk.caller, road_event_id, now=desk.now)
    )


@speeds_router.get("", response_model=StreetSpeeds, responses=documented("not_found"))
async def read_street_speeds(desk: Reading) -> Response:
    """Show how long streets take at each time of the day, as own vans drove them in the last weeks."""
    return await desk.show(lambda connection: show_street_speeds(connection, desk.tenant_id))


def _obstacle(wanted: RoadEventCreate) -> operations.Obstacle:
    if wanted.centre is not None:
        middle = wanted.centre
        return SlowCircle(lat=middle.lat, lon=middle.lon, radius_m=wanted.radius_m, slower_pct=wanted.slower_pct)
    lon, lat = np.array(wanted.line, dtype=np.float64).T
    return ClosedLine(points=Places(lat=lat, lon=lon))
