"""A route as it stands in storage: trip by trip its stops, what of it is done, and how a new course of it is stored."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select, update

from doorstep.operations.bring.follow_up import BEEN_THERE
from doorstep.operations.bring.join import Joining
from doorstep.operations.bring.new_routes import stop_rows
from doorstep.operations.bring.timing import Done, StopTime, TimedRoute, Timer, Visit
from doorstep.operations.caller import Caller
from doorstep.operations.transitions import Change, advance
from doorstep.storage import Connection
from doorstep.storage.journal import canonical
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.fulfilment import deliveries, routes, stops

REPLAN = {
    "planned": "replan",
    "assigned": "replan_assigned",
    "dispatched": "replan_dispatched",
    "in_progress": "replan_in_progress",
}
"""The event that changes the course of a route, by its state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A route as it was: site, vehicle and start, and its stops trip by trip with when each trip was to be loaded."""

    site_id: str
    vehicle_id: str
    starts_at: int
    trips: tuple[tuple[StopTime, ...], ...]
    load_at: tuple[int, ...]

    @property
    def names(self) -> list[str]:
        """The deliveries on it, in their order."""
        return [stop.delivery_id for trip in self.trips for stop in trip]


def course_of(connection: Connection, route_id: str) -> Course:
    """Return the course of a route."""
    columns = (routes.c.site_id, routes.c.vehicle_id, routes.c.starts_at)
    row = connection.execute(select(*columns).where(routes.c.route_id == route_id)).one()
    asked = select(*(stops.c[name] for name in StopTime._fields)).where(stops.c.route_id == route_id)
    trips: list[list[StopTime]] = []
    loads: list[int] = []
    for stop in map(StopTime._make, connection.execute(asked.order_by(stops.c.sequence)).all()):
        if stop.kind in ("start", "reload"):
            trips.append([])
            loads.append(stop.service_at)
        elif stop.kind == "delivery":
            trips[-1].append(stop)
    return Course(
        site_id=row.site_id,
        vehicle_id=row.vehicle_id,
        starts_at=row.starts_at,
        trips=tuple(tuple(trip) for trip in trips),
        load_at=tuple(loads),
    )


def done_of(course: Course, here: Mapping[str, str], now: int) -> Done:
    """Return what has happened: where the van has been, and the trips that were loaded for that or should be by now."""
    been = {s.delivery_id: s for trip in course.trips for s in trip if here.get(s.delivery_id) in BEEN_THERE}
    begun = [number for number, trip in enumerate(course.trips) if any(stop.delivery_id in been for stop in trip)]
    due = [number for number, load_at in enumerate(course.load_at) if load_at <= now]
    last = max([*begun, *due], default=0)
    kept = [any(stop.delivery_id in here for stop in trip) for trip in course.trips]  # trips of lost stops vanish
    return Done(load_at=[at for at, left in zip(course.load_at[: last + 1], kept, strict=False) if left], stops=been)


def timed_of(timer: Timer, course: Course, trips: Sequence[Sequence[Visit]], done: Done, now: int) -> TimedRoute:
    """Return the clock of new trips: from now on if nothing is done and they keep their windows, else as it goes on."""
    timed = None
    if not done.load_at:
        timed = timer.timed(course.site_id, course.vehicle_id, trips, day_at=course.starts_at, now=now)
    return timed or timer.gone_on(course.site_id, course.vehicle_id, trips, done, now=now)


def change_course(
    connection: Connection,
    caller: Caller,
    route: tuple[str, str],
    timed: TimedRoute,
    joining: Joining,
    *,
    now: int,
    told: Mapping[str, object],
    reason: str = "",
) -> Change:
    """Store a new course of a route, given by its id and state, in a new version; ``told`` is published with it."""
    route_id, state = route
    change = advance(connection, caller, "route", route_id, REPLAN[state], now=now, reason=reason,
                     changes=_columns(timed, joining), data=told)  # fmt: skip
    _store(connection, caller, route_id, timed)
    return change


def late_of(timed: TimedRoute, joining: Joining) -> tuple[str, ...]:
    """Return the deliveries that are reached after their window."""
    doors = (stop for stop in timed.stops if stop.delivery_id)
    return tuple(stop.delivery_id for stop in doors if stop.service_at > joining.visits[stop.delivery_id].end_at)


def _columns(timed: TimedRoute, joining: Joining) -> dict[str, object]:
    doors = [stop.delivery_id for stop in timed.stops if stop.delivery_id]
    return {
        "starts_at": timed.starts_at,
        "ends_at": timed.ends_at,
        "distance_m": timed.distance_m,
        "stops": len(doors),
        "parcels": sum(joining.loads[door].parcels for door in doors),
        "trips": timed.trips,
        "cost_minor": timed.cost_minor,
        "driver_minor": timed.driver_minor,
    }


def _store(connection: Connection, caller: Caller, route_id: str, timed: TimedRoute) -> None:
    """Store the stops, and what each delivery on them costs and when it arrives by the new plan."""
    connection.execute(delete(stops).where(stops.c.route_id == route_id))
    connection.run(inserting(stops), stop_rows(caller, route_id, timed))
    for stop in timed.stops:
        if not stop.delivery_id:
            continue
        mine = deliveries.c.delivery_id == stop.delivery_id
        parts = json.loads(connection.execute(select(deliveries.c.cost_parts).where(mine)).scalar_one())
        parts |= {"stem": timed.stem_minor[stop.delivery_id], "drop": timed.drop_minor[stop.delivery_id]}
        values = {"arrive_at": stop.service_at, "cost_minor": sum(parts.values()), "cost_parts": canonical(parts)}
        connection.execute(update(deliveries).where(mine).values(values))
