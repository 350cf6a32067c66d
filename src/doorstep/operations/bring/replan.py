"""A route planned again: stops that are lost leave it, deliveries given to it join it, what is done stays."""

from dataclasses import dataclass

from sqlalchemy import delete

from doorstep.foundation import ConflictError
from doorstep.operations.bring.course import REPLAN, change_course, course_of, done_of, late_of, timed_of
from doorstep.operations.bring.dispatch import LockedRoute, lock_route
from doorstep.operations.bring.follow_up import BEEN_THERE
from doorstep.operations.bring.join import Joining, joined
from doorstep.operations.bring.timing import Done, Timer
from doorstep.operations.caller import Caller
from doorstep.operations.roads import travel_now
from doorstep.operations.transitions import StaleVersionError, advance
from doorstep.storage import Connection
from doorstep.storage.open_orders import live_retailer
from doorstep.storage.schema.fulfilment import stops


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
    course = course_of(connection, route_id)
    on_it = course.names
    here = {delivery.delivery_id: delivery.state for delivery in route.deliveries}
    lost = tuple(name for name in on_it if name not in here)
    fresh = [name for name in here if name not in on_it and here[name] not in BEEN_THERE]
    unchanged = ReplannedRoute(route_id=route_id, state=route.state, version=route.version)
    if route.state not in REPLAN or not (lost or fresh):
        return unchanged
    retailer = live_retailer(connection, caller.tenant_id, sorted(route.orders))
    tables = retailer.tables()
    timer = Timer(tables, travel_now(connection, caller.tenant_id, tables, now=now, sets_out_at=course.starts_at))
    if not timer.knows(course.site_id, course.vehicle_id):
        raise ConflictError(f"vehicle {course.vehicle_id} or site {course.site_id} of route {route_id} is gone.")
    joining = Joining.of(connection, retailer, route.deliveries, course.vehicle_id)
    kept = [[joining.visits[stop.delivery_id] for stop in trip if stop.delivery_id in here] for trip in course.trips]
    done = done_of(course, here, now) if route.state == "in_progress" else Done(load_at=(), stops={})
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
    timed = timed_of(timer, course, trips, done, now)
    known = {"lost": list(lost), "added": added}
    change = change_course(connection, caller, (route_id, route.state), timed, joining, now=now, told=known)
    return ReplannedRoute(
        route_id=route_id,
        state=change.to_state,
        version=change.version,
        lost=lost,
        added=tuple(added),
        refused=refused,
        late=late_of(timed, joining),
    )


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
