"""Closed roads and slow traffic that a dispatcher tells of, and travel times that know of what is on now.

What is told does not change: a dispatcher ends it and tells anew. It counts from its start to its end, and is forgotten
after; each change is on the stream, for whoever plans by it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
import polars as pl
from sqlalchemy import Row, delete, select

from doorstep.foundation import InputError, NotFoundError
from doorstep.geography import GreatCircleTimes, Places, TravelTimes
from doorstep.geography.obstacles import ClosedLine, ObstructedTimes, SlowCircle
from doorstep.geography.roads.access import StreetsOrEstimate, StreetTimes
from doorstep.geography.roads.obstructed import obstructed
from doorstep.operations.access import note
from doorstep.operations.caller import Caller
from doorstep.operations.forgetting import WORKER
from doorstep.operations.street_speeds import most_kept, speeds_key, streets_at
from doorstep.storage import Connection
from doorstep.storage.journal import canonical
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.roads import road_events

KIND = "road_event"
ROAD = ("circuity_pct", "near_speed_kmh", "far_speed_kmh", "near_distance_m")
Obstacle = ClosedLine | SlowCircle


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadEvent:
    """An obstacle from ``starts_at`` to before ``ends_at`` [epoch s]; ``note`` says why.

    Raises
    ------
    InputError
        If it ends before it starts.
    """

    obstacle: Obstacle
    starts_at: int
    ends_at: int
    note: str = ""

    def __post_init__(self) -> None:
        if self.ends_at <= self.starts_at:
            raise InputError(f"ends_at {self.ends_at} must be after starts_at {self.starts_at}.")


def create_road_event(connection: Connection, caller: Caller, event: RoadEvent, *, now: int) -> str:
    """Store an obstacle, tell it and return its id.

    Raises
    ------
    InputError
        If it is over by now.
    """
    if event.ends_at <= now:
        raise InputError(f"ends_at {event.ends_at} is over: it is {now}.")
    obstacle, name = event.obstacle, connection.new_id("road", now)
    if isinstance(obstacle, ClosedLine):
        points, radius_m, slower_pct = obstacle.points, 0, 0
    else:
        points = Places(lat=np.array([obstacle.lat]), lon=np.array([obstacle.lon]))
        radius_m, slower_pct = obstacle.radius_m, obstacle.slower_pct
    pairs = [[lat, lon] for lat, lon in zip(points.lat.tolist(), points.lon.tolist(), strict=True)]
    row = {"road_event_id": name, "tenant_id": caller.tenant_id, "points": canonical(pairs), "radius_m": radius_m,
           "slower_pct": slower_pct, "starts_at": event.starts_at, "ends_at": event.ends_at, "note": event.note,
           "created_at": now}  # fmt: skip
    connection.run(inserting(road_events), [row])
    _tell(connection, caller, name, "create", (event.starts_at, event.ends_at), now)
    return name


def end_road_event(connection: Connection, caller: Caller, road_event_id: str, *, now: int) -> None:
    """End an obstacle at once, or call it off.

    Raises
    ------
    NotFoundError
        If the tenant has no such one.
    """
    of = road_events.c
    mine = (of.road_event_id == road_event_id) & (of.tenant_id == caller.tenant_id)
    row = connection.execute(select(of.starts_at, of.ends_at).where(mine).with_for_update()).one_or_none()
    if row is None:
        raise NotFoundError(f"road event {road_event_id} does not exist.", hint="Maybe it is over.")
    connection.execute(delete(road_events).where(mine))
    _tell(connection, caller, road_event_id, "end", (row.starts_at, min(row.ends_at, now)), now)


def end_past_road_events(connection: Connection, *, now: int, limit: int) -> int:
    """Forget obstacles that are over, tell it, and return how many."""
    of = road_events.c
    over = select(of.road_event_id, of.tenant_id).where(of.ends_at <= now).order_by(of.ends_at).limit(limit)
    rows = connection.execute(over).all()
    for row in rows:
        end_road_event(connection, Caller(row.tenant_id, WORKER), row.road_event_id, now=now)
    return len(rows)


def roads_now(connection: Connection, tenant_id: str, *, now: int) -> tuple[str, ...]:
    """Return the ids of the obstacles that are on, in one order: as long as they are the same, so are travel times."""
    return tuple(row.road_event_id for row in _on(connection, tenant_id, now))


def usual_travel(
    connection: Connection, tenant_id: str, tables: Mapping[str, pl.DataFrame], *, at: int | None = None
) -> TravelTimes:
    """Return the travel times of a moment [epoch s], without it of any hour, where there are no obstacles.

    By the road server if there is one, else on streets at the speeds that were learnt there, else estimated.
    """
    return _travel(tables, connection.road_server or streets_at(connection, tenant_id, tables, at=at))


def travel_now(
    connection: Connection, tenant_id: str, tables: Mapping[str, pl.DataFrame], *, now: int, sets_out_at: int = 0
) -> TravelTimes:
    """Return the travel times of this hour, or of a later one at which one sets out, around and through what is on now.

    On streets nobody drives through a closed one, and what is slow is a part of them; where times are estimated, or a
    server's, it is a leg's straight line that crosses them.
    """
    rows = _on(connection, tenant_id, now)
    obstacles = [obstacle_of(row) for row in rows]
    closed = tuple(each for each in obstacles if isinstance(each, ClosedLine))
    slow = tuple(each for each in obstacles if isinstance(each, SlowCircle))
    if connection.road_server is not None or connection.streets is None:
        usual = _travel(tables, connection.road_server)
        return ObstructedTimes(travel=usual, closed=closed, slow=slow) if obstacles else usual
    at = max(now, sets_out_at)
    streets = streets_at(connection, tenant_id, tables, at=at)
    if streets is None or not obstacles:
        return _travel(tables, streets)
    told = [[row.road_event_id for row in rows], *speeds_key(connection, tenant_id, tables, at=at)]
    key = ("obstructed", tenant_id, crc32(canonical(told).encode()))
    on_them = connection.memo(key, lambda: obstructed(streets, closed=closed, slow=slow), most=most_kept(streets))
    return _travel(tables, on_them, ObstructedTimes(travel=_estimate(tables), closed=closed, slow=slow))


def _travel(
    tables: Mapping[str, pl.DataFrame], streets: StreetTimes | None, elsewhere: TravelTimes | None = None
) -> TravelTimes:
    estimate = _estimate(tables)
    return estimate if streets is None else StreetsOrEstimate(streets=streets, estimate=estimate, elsewhere=elsewhere)


def _estimate(tables: Mapping[str, pl.DataFrame]) -> GreatCircleTimes:
    return GreatCircleTimes(**{name: int(tables["policy"][name][0]) for name in ROAD})


def obstacle_of(row: "Row[Any]") -> Obstacle:
    """Return what is kept in a row."""
    lat, lon = np.array(json.loads(row.points), dtype=np.float64).T
    if row.radius_m:
        return SlowCircle(lat=float(lat[0]), lon=float(lon[0]), radius_m=row.radius_m, slower_pct=row.slower_pct)
    return ClosedLine(points=Places(lat=lat, lon=lon))


def _on(connection: Connection, tenant_id: str, now: int) -> "Sequence[Row[Any]]":
    of = road_events.c
    query = select(road_events).where(of.tenant_id == tenant_id, of.ends_at > now, of.starts_at <= now)
    return connection.execute(query.order_by(of.road_event_id)).all()


def _tell(connection: Connection, caller: Caller, name: str, event: str, period: tuple[int, int], now: int) -> None:
    note(connection, caller, KIND, name, event, now)
    connection.journal.publish(
        event_id=connection.new_id("evt", now), tenant_id=caller.tenant_id, kind=KIND, object_id=name, at=now,
        type=f"{KIND}.{'created' if event == 'create' else 'ended'}", sequence=1 if event == "create" else 2,
        data={"road_event_id": name, "starts_at": period[0], "ends_at": period[1]},
    )  # fmt: skip
