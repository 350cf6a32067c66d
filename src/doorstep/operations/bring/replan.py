"""A route planned again: stops that are lost leave it, deliveries given to it join it, what is done stays."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select, update

from doorstep.foundation import ConflictError
from doorstep.operations.bring.dispatch import LockedRoute, lock_route
from doorstep.operations.bring.follow_up import BEEN_THERE
from doorstep.operations.bring.join import Joining, joined
from doorstep.operations.bring.plan_routes import stop_rows
from doorstep.operations.bring.timing import Done, StopTime, TimedRoute, Timer, Visit
from doorstep.operations.caller import Caller
from doorstep.operations.roads import travel_now
from doorstep.operations.transitions import StaleVersionError, advance
from doorstep.storage import Connection
from doorstep.storage.journal import canonical
from doorstep.storage.open_orders import live_retailer
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.fulfilment import deliveries, routes, stops

REPLAN = {
    "planned": "replan",
    "assigned": "replan_assigned",
    "dispatched": "replan_dispatched",
    "in_progress": "replan_in_progress",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplannedRoute:
    """A route after planning it again.

    ``lost`` and ``added`` are deliveries that left and joined it, ``refused`` those for which it has no place, ``late``
    those that it will reach after their window; without any change the version is as before.
    """

    route_id: str
    state: str
    version: int
    lost: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    late: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Course:
    """A route as it was: site, vehicle and start, and its stops trip by trip with when each trip was to be loaded."""

    site_id: str
    vehicle_id: str
    starts_at: int
    trips: tuple[tuple[StopTime, ...], ...]
    load_at: tuple[int, ...]


def replan(
    connection: Connection, caller: Caller, route_id: str, *, now: int, if_version: int | None = None
) -> ReplannedRoute:
    """Plan a route again if its deliveries have changed, in a new version; its state stays.

    Cancelled deliveries leave it. Deliveries that were given to it (``deliveries.route_id``) join it where that costs
    least and nobody is served late by it. Stops that are done stay as they were. A route without stops ends.

    Raises
    ------
    NotFoundError, StaleVersionError
        If the tenant has no such route, or it no longer has the version ``if_version``.
    ConflictError
        If the retailer no longer has its vehicle.
    """
    route = lock_route(connection, caller, route_id)
    if if_version is not None and route.version != if_version:
        raise StaleVersionError("route", route_id, route.version)
    course = _course(connection, route_id)
    on_it = [stop.delivery_id for trip in course.trips for stop in trip]
    here = {delivery.delivery_id: delivery.state for delivery in route.deliveries}
    lost = tuple(name for name in on_it if name not in here)
    fresh = [name for name in here if name not in on_it and here[name] not in BEEN_THERE]
    unchanged = ReplannedRoute(route_id=route_id, state=route.state, version=route.version)
    if route.state not in REPLAN or not (lost or fresh):
        return unchanged
    retailer = live_retailer(connection, caller.tenant_id, sorted(route.orders))
    timer = Timer(retailer.tables(), travel_now(connection, caller.tenant_id, retailer.tables(), now=now))
    if not timer.knows(course.site_id, course.vehicle_id):
        raise ConflictError(f"vehicle {course.vehicle_id} or site {course.site_id} of route {route_id} is gone.")
    joining = Joining.of(connection, retailer, route.deliveries, course.vehicle_id)
    kept = [[joining.visits[stop.delivery_id] for stop in trip if stop.delivery_id in here] for trip in course.trips]
    done = _done(course, here, now) if route.state == "in_progress" else Done(load_at=(), stops={})
    trips = kept
    added: list[str] = []
    for name in fresh:
        found = joined(timer, course.site_id, joining, trips, done, name, day_at=course.starts_at, now=now)
        if found is not None:
            trips = found
            added.append(name)
    refused = tuple(name for name in fresh if name not in added)
    if not any(trips) or (lost and not added and all(here[v.delivery_id] in BEEN_THERE for t in trips for v in t)):
        return _ended(connection, caller, route, lost, refused, now)
    if not lost and not added:
        return ReplannedRoute(route_id=route_id, state=route.state, version=route.version, refused=refused)
    timed = _timed(timer, course, trips, done, now)
    known = {"lost": list(lost), "added": added}
    columns = _columns(timed, joining)
    change = advance(connection, caller, "route", route_id, REPLAN[route.state], now=now, changes=columns, data=known)
    _store(connection, caller, route_id, timed)
    return ReplannedRoute(
        route_id=route_id,
        state=change.to_state,
        version=change.version,
        lost=lost,
        added=tuple(added),
        refused=refused,
        late=_late(timed, joining),
    )


def _course(connection: Connection, route_id: str) -> _Course:
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
    return _Course(
        site_id=row.site_id,
        vehicle_id=row.vehicle_id,
        starts_at=row.starts_at,
        trips=tuple(tuple(trip) for trip in trips),
        load_at=tuple(loads),
    )


def _done(course: _Course, here: Mapping[str, str], now: int) -> Done:
    """Return what has happened: where the van has been, and the trips that were loaded for that or should be by now."""
    been = {s.delivery_id: s for trip in course.trips for s in trip if here.get(s.delivery_id) in BEEN_THERE}
    begun = [number for number, trip in enumerate(course.trips) if any(stop.delivery_id in been for stop in trip)]
    due = [number for number, load_at in enumerate(course.load_at) if load_at <= now]
    last = max([*begun, *due], default=0)
    kept = [any(stop.delivery_id in here for stop in trip) for trip in course.trips]  # trips of lost stops vanish
    return Done(load_at=[at for at, left in zip(course.load_at[: last + 1], kept, strict=False) if left], stops=been)


def _timed(timer: Timer, course: _Course, trips: Sequence[Sequence[Visit]], done: Done, now: int) -> TimedRoute:
    timed = None
    if not done.load_at:
        timed = timer.timed(course.site_id, course.vehicle_id, trips, day_at=course.starts_at, now=now)
    return timed or timer.gone_on(course.site_id, course.vehicle_id, trips, done, now=now)


def _ended(
    connection: Connection,
    caller: Caller,
    route: LockedRoute,
    lost: tuple[str, ...],
    refused: tuple[str, ...],
    now: int,
) -> ReplannedRoute:
    """End a route that has nowhere to go any more."""
    event = "complete" if route.state == "in_progress" else "cancel"
    change = advance(connection, caller, "route", route.route_id, event, now=now, data={"lost": list(lost)})
    gone = (stops.c.route_id == route.route_id) & stops.c.delivery_id.in_(lost)
    connection.execute(delete(stops).where(gone))
    return ReplannedRoute(
        route_id=route.route_id, state=change.to_state, version=change.version, lost=lost, refused=refused
    )


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


def _late(timed: TimedRoute, joining: Joining) -> tuple[str, ...]:
    doors = (stop for stop in timed.stops if stop.delivery_id)
    return tuple(stop.delivery_id for stop in doors if stop.service_at > joining.visits[stop.delivery_id].end_at)
