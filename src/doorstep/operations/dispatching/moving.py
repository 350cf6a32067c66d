"""A delivery moved by hand: to another route of its site, or to another place on its own."""

from dataclasses import dataclass

from sqlalchemy import select

from doorstep.dispatch.ways import late, outlook
from doorstep.foundation import ConflictError, NotFoundError
from doorstep.operations.caller import Caller
from doorstep.operations.dispatching.limits import load_limits
from doorstep.operations.dispatching.proposals import expire_about
from doorstep.operations.dispatching.rewriting import CourseChange, Trips, rewrite
from doorstep.operations.dispatching.running import SiteRun, load_run
from doorstep.storage import Connection
from doorstep.storage.schema.fulfilment import deliveries

Places = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A delivery that was moved, and the deliveries of its new route that will be late, by how much [s]."""

    delivery_id: str
    route_id: str
    late_s: dict[str, int]


def move_delivery(
    connection: Connection, caller: Caller, delivery_id: str, *, route_id: str, now: int, after: str | None = None
) -> Moved:
    """Put a delivery on a route behind the delivery ``after`` ("": first), or where it costs least.

    A dispatcher may make others late; who will be, is told.

    Raises
    ------
    NotFoundError
        If the tenant has no such delivery, or its site no such route that goes on.
    ConflictError
        If it has left the site with another van, the van has no room, lacks a skill, or has left without it.
    """
    mine = (deliveries.c.delivery_id == delivery_id) & (deliveries.c.tenant_id == caller.tenant_id)
    site_id = connection.execute(select(deliveries.c.site_id).where(mine)).scalar_one_or_none()
    if site_id is None:
        raise NotFoundError(f"delivery {delivery_id} does not exist.")
    run = load_run(connection, caller.tenant_id, site_id, now=now)
    to = _route(run, route_id)
    if run is None or to is None or delivery_id not in run.names:
        raise NotFoundError(
            f"route {route_id} of {site_id} does not go on, or {delivery_id} is not brought from there."
        )
    stop = run.names.index(delivery_id)
    plan = {route.vehicle: route.trips for route in run.running.plan.routes}
    home = next((r for r, trips in plan.items() if any(stop in trip for trip in trips)), None)
    if stop in run.running.settled_stops:
        raise ConflictError(f"the van is at delivery {delivery_id}, or on its way there.")
    if stop in run.aboard and home not in (None, to):
        raise ConflictError(f"delivery {delivery_id} is on its van.", hint="Maybe its van can come to it earlier.")
    rest = {r: tuple(tuple(s for s in trip if s != stop) for trip in trips) for r, trips in plan.items()}
    best = _best(run, to, rest[to], stop, after, load_limits(connection, caller.tenant_id).late_per_hour_minor)
    changed = {r: trips for r, trips in (rest | {to: best}).items() if trips != plan[r]}
    changes = [
        CourseChange(route_id=run.routes[r].route_id, vehicle_id=run.routes[r].vehicle_id,
                     before=_named(run, plan[r]), after=_named(run, trips))
        for r, trips in changed.items()
    ]  # fmt: skip
    rewrite(connection, caller, site_id, changes, now=now, reason="moved")
    expire_about(connection, caller, site_id, {delivery_id, *(change.route_id for change in changes)}, now=now)
    at = outlook(run.running, to, best).at
    by_s = late(at, sorted(at), run.running.problem.stops.end_at)
    return Moved(delivery_id=delivery_id, route_id=route_id, late_s={run.names[s]: n for s, n in by_s.items()})


def _route(run: SiteRun | None, route_id: str) -> int | None:
    routes = run.routes if run else ()
    return next((r for r, route in enumerate(routes) if route.route_id == route_id), None)


def _best(run: SiteRun, to: int, trips: Places, stop: int, after: str | None, late_per_hour_minor: int) -> Places:
    """Return the trips of a route with the stop in the best place allowed."""
    last_at, found = run.running.problem.stops.end_at, []
    for tried in _tries(run, to, trips, stop, after):
        seen = outlook(run.running, to, tried)
        late_s = sum(late(seen.at, sorted(seen.at), last_at).values())
        found.append((seen.cost_minor + late_s * late_per_hour_minor // 3_600, tried))
    if not found:
        raise ConflictError(
            f"route {run.routes[to].route_id} has no place for {run.names[stop]}: no room, no skill, or it has left.",
            hint="Maybe another route has.",
        )
    return min(found)[1]


def _tries(run: SiteRun, to: int, trips: Places, stop: int, after: str | None) -> list[Places]:
    problem, route = run.running.problem, next(r for r in run.running.plan.routes if r.vehicle == to)
    if int(problem.stops.requirements[stop]) & ~int(problem.vehicles.skills[to]):
        return []
    settled = run.running.settled_stops
    begun = bool(run.running.settled[run.running.plan.routes.index(route)])
    tries = []
    for number, trip in enumerate(trips):
        if begun and number == 0 and stop not in run.aboard:
            continue  # its van has been loaded
        load = problem.stops.load[[*trip, stop]].sum(axis=0)
        if (load > problem.vehicles.capacity[to]).any():
            continue
        for place in range(len(trip) + 1):
            before = run.names[trip[place - 1]] if place else ""
            if (after is None or after == before) and not any(s in settled for s in trip[place:]):
                longer = (*trip[:place], stop, *trip[place:])
                tries.append((*trips[:number], longer, *trips[number + 1 :]))
    return tries


def _named(run: SiteRun, trips: Places) -> Trips:
    return tuple(tuple(run.names[stop] for stop in trip) for trip in trips if trip)
