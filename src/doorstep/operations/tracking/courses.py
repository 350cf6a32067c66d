"""Where vans really were on their routes: the positions of who rode with them, from start to end."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from sqlalchemy import Row, func, select

from doorstep.foundation import ConflictError, NotFoundError
from doorstep.geography.roads.matching import NOISE_M, Track
from doorstep.operations.positions.take import E7
from doorstep.operations.tracking.runs import AFTER_S, BEFORE_S
from doorstep.storage import Connection
from doorstep.storage.schema.fulfilment import routes, stops, tracking_events
from doorstep.storage.schema.tracking import device_positions, devices
from doorstep.tracking.screening import Verdict

VAN = "van"
"""The type of vehicles that drive on the streets that the platform has; others teach nothing about them."""
BELIEVED = (Verdict.GOOD.value, Verdict.LATE.value)
MOST_ROUTES = 500
"""Routes that ended on a day and are looked at, those with the most stops first."""
MOST_POSITIONS = 50_000
RUN = ("in_progress", "completed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A route from when its van started until its end, or until now; ``track`` is what its device told meanwhile."""

    route_id: str
    began_at: int
    ended_at: int
    planned_m: int
    track: Track


def driven_routes(
    connection: Connection, tenant_id: str, vehicles: pl.DataFrame, *, from_at: int, to_at: int
) -> list[str]:
    """Return the routes of vans that ended from a moment to before another [epoch s], the largest first."""
    vans = vehicles.filter(pl.col("vehicle_type") == VAN)["vehicle_id"].to_list()
    of = routes.c
    query = select(of.route_id).where(of.tenant_id == tenant_id, of.state == "completed", of.vehicle_id.in_(vans))
    query = query.where(of.event_at >= from_at, of.event_at < to_at)
    return list(connection.execute(query.order_by(of.stops.desc(), of.route_id).limit(MOST_ROUTES)).scalars())


def course_of(connection: Connection, tenant_id: str, route_id: str, *, now: int) -> Course:
    """Return the course of a route that is under way or over; without a device its track is empty.

    It begins with the first thing that was reported of the route or its deliveries, and ends with the last. Of several
    devices the one counts that told the most.

    Raises
    ------
    NotFoundError
        If the tenant has no such route.
    ConflictError
        If it has not started.
    """
    columns = (routes.c.driver, routes.c.distance_m, routes.c.starts_at, routes.c.state)
    mine = (routes.c.route_id == route_id) & (routes.c.tenant_id == tenant_id)
    route = connection.execute(select(*columns).where(mine)).one_or_none()
    if route is None:
        raise NotFoundError(f"route {route_id} does not exist.")
    names = select(stops.c.delivery_id).where(stops.c.route_id == route_id, stops.c.delivery_id != "")
    of = tracking_events.c
    about = (of.tenant_id == tenant_id) & ((of.object_id == route_id) | of.object_id.in_(names))
    day = (of.occurred_at > route.starts_at - BEFORE_S) & (of.occurred_at < route.starts_at + AFTER_S)
    facts = select(func.min(of.occurred_at).label("first"), func.max(of.occurred_at).label("last")).where(about, day)
    seen = connection.execute(facts).one()
    if route.state not in RUN or seen.first is None:
        raise ConflictError(f"route {route_id} has not started: nothing was driven.")
    ended_at = now if route.state == "in_progress" else seen.last
    rows = list(_positions(connection, tenant_id, (route_id, route.driver), seen.first, ended_at))
    return Course(route_id=route_id, began_at=seen.first, ended_at=ended_at, planned_m=route.distance_m,
                  track=_track(rows))  # fmt: skip


def _positions(
    connection: Connection, tenant_id: str, rides: tuple[str, str], from_at: int, to_at: int
) -> "Iterator[Row[tuple[int, int, int, int | None]]]":
    """Yield the positions of the device that told the most of those that rode with a route, the oldest first."""
    device, position = devices.c, device_positions.c
    route_id, driver = rides
    riding = device.route_id == route_id
    if driver:
        riding |= (device.route_id == "") & (device.driver == driver)
    meanwhile = (position.at >= from_at) & (position.at <= to_at) & position.verdict.in_(BELIEVED)
    busiest = (
        select(position.device_no)
        .join(devices, device.device_no == position.device_no)
        .where(device.tenant_id == tenant_id, riding, meanwhile)
        .group_by(position.device_no)
        .order_by(func.count().desc(), position.device_no)
        .limit(1)
    )
    number = connection.execute(busiest).scalar_one_or_none()
    if number is None:
        return
    query = select(position.at, position.lat_e7, position.lon_e7, position.accuracy_m)
    query = query.where(position.device_no == number, meanwhile).order_by(position.at, position.source)
    yield from connection.execute(query.limit(MOST_POSITIONS))


def _track(rows: "Sequence[Row[tuple[int, int, int, int | None]]]") -> Track:
    """Return positions as the matcher takes them, one for each second."""
    told = {row.at: row for row in rows}
    at = np.array(list(told), dtype=np.int64)
    return Track(
        lat=np.array([row.lat_e7 / E7 for row in told.values()]),
        lon=np.array([row.lon_e7 / E7 for row in told.values()]),
        at=at,
        noise_m=np.array([float(row.accuracy_m or NOISE_M) for row in told.values()]),
    )
