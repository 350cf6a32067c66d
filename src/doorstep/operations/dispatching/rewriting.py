"""Routes given another course: stops in another order, on another route, or on a vehicle more, in one transaction."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl
from sqlalchemy import delete, select, update

from doorstep.domain.lifecycles.delivery import BEFORE_PICKUP, ON_THE_ROAD
from doorstep.foundation import ConflictError
from doorstep.operations.bring.course import REPLAN, Course, change_course, course_of, done_of, timed_of
from doorstep.operations.bring.dispatch import GIVEN, LockedRoute, lock_route
from doorstep.operations.bring.follow_up import BEEN_THERE
from doorstep.operations.bring.join import Joining
from doorstep.operations.bring.new_routes import new_route, route_row
from doorstep.operations.bring.timing import Done, Timer, Visit
from doorstep.operations.caller import Caller
from doorstep.operations.dispatching.running import OWN, vehicles_running
from doorstep.operations.fulfil.parts import LEFT, DeliveryNow, lock_orders
from doorstep.operations.roads import travel_now
from doorstep.operations.transitions import advance
from doorstep.storage import Connection
from doorstep.storage.open_orders import live_retailer
from doorstep.storage.schema.fulfilment import deliveries, shipments, stops

Trips = tuple[tuple[str, ...], ...]
STILL_OURS = (*BEFORE_PICKUP, *ON_THE_ROAD)
"""States of deliveries that an own van may still bring."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseChange:
    """What a route was to do, and is to do instead: its deliveries ahead, trip by trip, those done left out.

    Without ``route_id`` it is a new route of a vehicle of ``vehicle_id``.
    """

    route_id: str
    vehicle_id: str
    before: Trips
    after: Trips

    @property
    def back(self) -> "CourseChange":
        """The change that takes this one back."""
        return CourseChange(route_id=self.route_id, vehicle_id=self.vehicle_id, before=self.after, after=self.before)


def rewrite(
    connection: Connection, caller: Caller, site_id: str, changes: Sequence[CourseChange], *, now: int, reason: str
) -> tuple[CourseChange, ...]:
    """Give routes of a site another course, and return the changes with the ids of new routes.

    A route that has nothing to do any more is cancelled. What was done since the changes were thought of stays.

    Raises
    ------
    ConflictError
        If a route is not as it was thought to be, a stop that is to change routes has left the site, or a vehicle is
        not free any more.
    """
    old = sorted((change for change in changes if change.route_id), key=lambda change: change.route_id)
    fresh = [change for change in changes if not change.route_id]
    wanted = _deliveries(connection, caller, {name for c in changes for trip in (*c.before, *c.after) for name in trip})
    on_them = select(deliveries.c.order_id).where(deliveries.c.route_id.in_([change.route_id for change in old]))
    on_route = connection.execute(on_them).scalars().all()
    lock_orders(connection, caller, {*on_route, *(delivery.order_id for delivery in wanted.values())})
    wanted = _deliveries(connection, caller, set(wanted))  # as they are now that nobody else can change them
    locked = {change.route_id: lock_route(connection, caller, change.route_id) for change in old}
    courses = {change.route_id: course_of(connection, change.route_id) for change in old}
    for change in old:
        _check_as_thought(change, locked[change.route_id], courses[change.route_id])
    _check_at_site(connection, changes, wanted)
    found = [*old]
    for change in fresh:
        route_id = _new(connection, caller, site_id, change, wanted, now)
        found.append(CourseChange(route_id=route_id, vehicle_id=change.vehicle_id, before=(), after=change.after))
    kept = {name for change in changes for trip in change.after for name in trip}
    _give(connection, None, [n for change in old for trip in change.before for n in trip if n not in kept])
    for change in old:
        _give(connection, change.route_id, [name for trip in change.after for name in trip])
    for change in old:
        _recourse(connection, caller, change, courses[change.route_id], now=now, reason=reason)
    return tuple(found)


def _deliveries(connection: Connection, caller: Caller, names: set[str]) -> dict[str, DeliveryNow]:
    query = select(*(deliveries.c[name] for name in DeliveryNow._fields)).where(
        deliveries.c.tenant_id == caller.tenant_id,
        deliveries.c.delivery_id.in_(sorted(names)),
        deliveries.c.mode == OWN,
    )
    return {row.delivery_id: DeliveryNow._make(row) for row in connection.execute(query)}


def _check_as_thought(change: CourseChange, route: LockedRoute, course: Course) -> None:
    """Raise if what a route has ahead is not what it was to have, apart from what has been done since."""
    states = {delivery.delivery_id: delivery.state for delivery in route.deliveries}
    done = {name for name, state in states.items() if state in BEEN_THERE}
    ahead = [name for name in course.names if name in states and name not in done]
    thought = [name for trip in change.before for name in trip if name not in done]
    if route.state not in REPLAN or sorted(ahead) != sorted(thought):
        raise ConflictError(
            f"route {route.route_id} has changed since: it is {route.state}, with {len(ahead)} stops ahead.",
            hint="Maybe wait for the next proposal.",
        )


def _check_at_site(connection: Connection, changes: Sequence[CourseChange], wanted: Mapping[str, DeliveryNow]) -> None:
    """Raise if a delivery that is to change routes has left its site, or is brought by nobody any more."""
    home = {name: change.route_id for change in changes for trip in change.before for name in trip}
    moving = {name for change in changes for trip in change.after for name in trip
              if name not in {n for t in change.before for n in t}}  # fmt: skip
    for name in sorted(moving):
        delivery = wanted.get(name)
        if delivery is None:
            raise ConflictError(f"delivery {name} is not brought any more.", hint="Maybe wait for the next proposal.")
        if (delivery.route_id or "") != home.get(name, "") or delivery.state not in STILL_OURS:
            raise ConflictError(
                f"delivery {name} is {delivery.state}, and another's by now.", hint="Maybe wait for the next proposal."
            )
        if delivery.route_id is not None and has_left(connection, name):
            raise ConflictError(f"delivery {name} is on its van.", hint="Maybe its van can come to it earlier.")


def has_left(connection: Connection, delivery_id: str) -> bool:
    """Return whether something of a delivery has left the site that packed it."""
    query = select(shipments.c.shipment_id).where(shipments.c.delivery_id == delivery_id, shipments.c.state.in_(LEFT))
    return connection.execute(query.limit(1)).first() is not None


def _give(connection: Connection, route_id: str | None, names: Sequence[str]) -> None:
    connection.execute(update(deliveries).where(deliveries.c.delivery_id.in_(names)).values(route_id=route_id))


def _new(
    connection: Connection,
    caller: Caller,
    site_id: str,
    change: CourseChange,
    wanted: Mapping[str, DeliveryNow],
    now: int,
) -> str:
    """Make a route for a vehicle more and return its id."""
    mine = [wanted[name] for trip in change.after for name in trip]
    retailer = live_retailer(connection, caller.tenant_id, sorted({delivery.order_id for delivery in mine}))
    timer = Timer(retailer.tables(), travel_now(connection, caller.tenant_id, retailer.tables(), now=now))
    known = retailer.vehicles.filter(pl.col("vehicle_id") == change.vehicle_id)
    taken = vehicles_running(connection, caller.tenant_id, now=now)[change.vehicle_id]
    if not known.height or known["count"][0] <= taken or not timer.knows(site_id, change.vehicle_id):
        raise ConflictError(f"no vehicle {change.vehicle_id} is free at {site_id}.", hint="Maybe it is out by now.")
    joining = Joining.of(connection, retailer, mine, change.vehicle_id)
    trips = _visits(change.after, joining)
    timed = timer.timed(site_id, change.vehicle_id, trips, day_at=now, now=now)
    timed = timed or timer.gone_on(site_id, change.vehicle_id, trips, Done(load_at=(), stops={}), now=now)
    route_id = connection.new_id("rte", now)
    parcels = sum(joining.loads[delivery.delivery_id].parcels for delivery in mine)
    row = route_row(caller, route_id, (site_id, change.vehicle_id), timed, parcels, now)
    new_route(connection, caller, row, timed, now=now)
    _give(connection, route_id, [delivery.delivery_id for delivery in mine])
    return route_id


def _visits(trips: Sequence[Sequence[str]], joining: Joining) -> list[list[Visit]]:
    return [[joining.visits[name] for name in trip] for trip in trips if trip]


def _recourse(
    connection: Connection, caller: Caller, change: CourseChange, course: Course, *, now: int, reason: str
) -> None:
    """Store the new course of a route whose deliveries have been given to it."""
    route = lock_route(connection, caller, change.route_id)
    here = {delivery.delivery_id: delivery.state for delivery in route.deliveries}
    done = done_of(course, here, now) if route.state == "in_progress" else Done(load_at=(), stops={})
    trips = _with_done(course, here, change.after)
    if all(here.get(name) in BEEN_THERE for trip in trips for name in trip):
        _end(connection, caller, change, route.state, now=now, reason=reason)
        return
    retailer = live_retailer(connection, caller.tenant_id, sorted({d.order_id for d in route.deliveries}))
    tables = retailer.tables()
    timer = Timer(tables, travel_now(connection, caller.tenant_id, tables, now=now, sets_out_at=course.starts_at))
    if not timer.knows(course.site_id, course.vehicle_id):
        raise ConflictError(f"vehicle {course.vehicle_id} or site {course.site_id} of the route is gone.")
    joining = Joining.of(connection, retailer, route.deliveries, course.vehicle_id)
    timed = timed_of(timer, course, _visits(trips, joining), done, now)
    told = {"lost": sorted(set(course.names) - here.keys()), "added": sorted(here.keys() - set(course.names))}
    change_course(connection, caller, (change.route_id, route.state), timed, joining, now=now, told=told, reason=reason)
    if route.state in GIVEN:
        for delivery in route.deliveries:
            if delivery.state == "booked":
                advance(connection, caller, "delivery", delivery.delivery_id, "assign", now=now)


def _with_done(course: Course, here: Mapping[str, str], after: Trips) -> list[list[str]]:
    """Return trips ahead behind what is done: the stops done of the current trip belong to it."""
    done = [[s.delivery_id for s in trip if here.get(s.delivery_id) in BEEN_THERE] for trip in course.trips]
    ahead = [[name for name in trip if here.get(name, "") not in ("", *BEEN_THERE)] for trip in after]
    begun = [trip for trip in done if trip]
    ahead = [trip for trip in ahead if trip]
    last = course.trips[max((n for n, trip in enumerate(done) if trip), default=0)]
    goes_on = bool(begun and ahead) and any(s.delivery_id in ahead[0] for s in last)
    if goes_on:
        return [*begun[:-1], [*begun[-1], *ahead[0]], *ahead[1:]]
    return [*begun, *ahead]


def _end(connection: Connection, caller: Caller, change: CourseChange, state: str, *, now: int, reason: str) -> None:
    """End a route that has nowhere to go any more."""
    event = "complete" if state == "in_progress" else "cancel"
    lost = [name for trip in change.before for name in trip]
    advance(connection, caller, "route", change.route_id, event, now=now, reason=reason, data={"lost": lost})
    connection.execute(delete(stops).where((stops.c.route_id == change.route_id) & stops.c.delivery_id.in_(lost)))


def written(changes: Sequence[CourseChange]) -> list[dict[str, object]]:
    """Return changes as they are stored and shown."""
    return [
        {"route_id": c.route_id, "vehicle_id": c.vehicle_id, "before": [list(t) for t in c.before],
         "after": [list(t) for t in c.after]}
        for c in changes
    ]  # fmt: skip


def read(text: str) -> tuple[CourseChange, ...]:
    """Return changes that were stored."""
    return tuple(
        CourseChange(route_id=row["route_id"], vehicle_id=row["vehicle_id"],
                     before=tuple(map(tuple, row["before"])), after=tuple(map(tuple, row["after"])))
        for row in json.loads(text)
    )  # fmt: skip
