"""A delivery moved by hand: to another route of its site, or to another place on its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

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


@dataclass(frozen=True, slots=True, kw_only=True)
class MovePrice:
    """What a move would do: its cost more than now, and who is late before and after it, by how much [s].

    ``shift_s`` is how much each other stop of both routes would be served later.
    """

    delivery_id: str
    route_id: str
    cost_minor: int
    late_before_s: dict[str, int]
    late_after_s: dict[str, int]
    shift_s: dict[str, int]


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
    move = _thought(connection, caller, delivery_id, route_id, after, now)
    run, plan = move.run, move.plan
    changed = {r: trips for r, trips in move.after.items() if trips != plan[r]}
    changes = [
        CourseChange(route_id=run.routes[r].route_id, vehicle_id=run.routes[r].vehicle_id,
                     before=_named(run, plan[r]), after=_named(run, trips))
        for r, trips in changed.items()
    ]  # fmt: skip
    rewrite(connection, caller, run.site_id, changes, now=now, reason="moved")
    expire_about(connection, caller, run.site_id, {delivery_id, *(change.route_id for change in changes)}, now=now)
    at = outlook(run.running, move.to, move.after[move.to]).at
    by_s = late(at, sorted(at), run.running.problem.stops.end_at)
    return Moved(delivery_id=delivery_id, route_id=route_id, late_s={run.names[s]: n for s, n in by_s.items()})


def price_move(
    connection: Connection, caller: Caller, delivery_id: str, *, route_id: str, now: int, after: str | None = None
) -> MovePrice:
    """Return what ``move_delivery`` would do, without doing it; raises as it does."""
    move = _thought(connection, caller, delivery_id, route_id, after, now)
    run, last_at = move.run, move.run.running.problem.stops.end_at
    touched = [r for r, trips in move.after.items() if trips != move.plan[r] or r == move.to]
    was, will = ({r: outlook(run.running, r, plan[r]) for r in touched} for plan in (move.plan, move.after))
    was_at = {stop: at for seen in was.values() for stop, at in seen.at.items()}
    will_at = {stop: at for seen in will.values() for stop, at in seen.at.items()}

    def named(of: Mapping[int, int]) -> dict[str, int]:
        return {run.names[stop]: by_s for stop, by_s in of.items()}

    stops = sorted({*was_at, *will_at})
    return MovePrice(
        delivery_id=delivery_id,
        route_id=route_id,
        cost_minor=sum(seen.cost_minor for seen in will.values()) - sum(seen.cost_minor for seen in was.values()),
        late_before_s=named(late(was_at, stops, last_at)),
        late_after_s=named(late(will_at, stops, last_at)),
        shift_s=named({stop: will_at[stop] - at for stop, at in was_at.items() if will_at.get(stop, at) != at}),
    )


class _Move(NamedTuple):
    """A move as thought of: what runs, to which route, and the trips of all routes as they are and would be."""

    run: SiteRun
    to: int
    plan: dict[int, Places]
    after: dict[int, Places]


def _thought(
    connection: Connection, caller: Caller, delivery_id: str, route_id: str, after: str | None, now: int
) -> _Move:
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
    return _Move(run, to, plan, rest | {to: best})


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
