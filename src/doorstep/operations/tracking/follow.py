"""A route under way followed: where its van is, when it will be at each door, and what of that is told.

What is reported may come late: everything is worked out anew from all facts each time, and what was told before is
remembered with the route, so following twice tells nothing twice.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any
from zlib import crc32

import numpy as np
from sqlalchemy import delete, select

from doorstep.operations.caller import Caller
from doorstep.operations.roads import travel_now
from doorstep.operations.tracking.learning import driven_trips, load_paces
from doorstep.operations.tracking.runs import Call, Reader, Run
from doorstep.operations.tracking.seen import seen_of
from doorstep.storage import Connection
from doorstep.storage.journal import canonical
from doorstep.storage.prepared import inserting
from doorstep.storage.retailers import load_reference
from doorstep.storage.schema.access import tenants
from doorstep.storage.schema.etas import etas, watches
from doorstep.storage.schema.fulfilment import deliveries, routes
from doorstep.tracking import Ahead, Watch, follow, judge, predict
from doorstep.tracking.eta import Etas, Paces
from doorstep.tracking.eta_learning import NOTHING, Taken
from doorstep.tracking.events import IN_TIME, LIKELY_LATE, Arrival, Fence, Happened, Limits, Plan, Seen, Told

LEVEL = 0.9
"""The van is there within the interval that is shown with this probability."""
LIMITS = Limits()
TYPES = {
    "arriving": "delivery.arriving",
    "eta_changed": "delivery.eta_changed",
    "delay_predicted": "delivery.delay_predicted",
    "arrived": "route.fence_entered",
    "left": "route.fence_left",
    "dwell": "route.dwell",
    "off_route": "route.off_route",
    "on_route": "route.back_on_route",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """A route as it was followed: how many doors it has ahead, and the types of what was told."""

    doors: int = 0
    told: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was known of a route under way at a moment: where it has been, what is ahead, and what was told by then."""

    run: Run
    calls: Sequence[Call]
    places: Sequence[Seen]
    ahead: Ahead
    paces: Paces
    told: str | None
    now: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """When a route will be at its doors, and what has happened since it was followed last."""

    look: Look
    arrivals: Sequence[Arrival]
    watch: Watch
    happened: Sequence[Happened]


def routes_to_follow(connection: Connection, tenant_id: str) -> list[str]:
    """Return the ids of a tenant's routes that are under way, or were when they were followed last."""
    out = select(routes.c.route_id).where(routes.c.tenant_id == tenant_id, routes.c.state == "in_progress")
    before = select(watches.c.route_id).where(watches.c.tenant_id == tenant_id)
    return sorted(connection.execute(out.union(before)).scalars())


def tenants_with_routes(connection: Connection) -> list[str]:
    """Return the tenants that have routes to follow."""
    out = select(routes.c.tenant_id).where(routes.c.tenant_id == tenants.c.tenant_id, routes.c.state == "in_progress")
    before = select(watches.c.tenant_id).where(watches.c.tenant_id == tenants.c.tenant_id)
    query = select(tenants.c.tenant_id).where(out.exists() | before.exists()).order_by(tenants.c.tenant_id)
    return list(connection.execute(query).scalars())


def follow_route(connection: Connection, caller: Caller, route_id: str, *, now: int) -> Followed:
    """Predict when a route will be at each door that it has ahead, and tell what is new; one that has ended has none.

    Where it is, is known from the facts reported and from the devices that ride with it. All in one transaction;
    ``look_at_route``, ``foresee`` and ``tell_foreseen`` are its parts, of which only the last one writes.
    """
    look = look_at_route(connection, caller.tenant_id, route_id, now=now)
    if look is None:
        forget_ended(connection, caller, route_id)
        return Followed()
    return tell_foreseen(connection, caller, foresee(look))


def look_at_route(connection: Connection, tenant_id: str, route_id: str, *, now: int) -> Look | None:
    """Return what is known of a route at a moment, None if it is not under way."""
    if _state(connection, tenant_id, route_id) != "in_progress":
        return None
    tables = load_reference(connection, tenant_id)
    reader = Reader(connection, tenant_id, tables, travel_now(connection, tenant_id, tables, now=now))
    runs = reader.runs([route_id])
    if not runs:
        return None
    (run,) = runs
    places = sorted({*run.seen, *seen_of(connection, tenant_id, route_id, now=now)})
    ahead, calls = ahead_of(reader, run, places, now)
    paces, told = load_paces(connection, tenant_id), _told_before(connection, route_id)
    return Look(run=run, calls=calls, places=places, ahead=ahead, paces=paces, told=told, now=now)


def foresee(look: Look) -> Foreseen:
    """Return when a route will be at each door ahead, and what of it is new; reads and writes nothing."""
    found = predict(look.ahead, look.paces, level=LEVEL, rng=_dice(look.run, look.ahead))
    arrivals = [arrival for arrival in _arrivals(look.calls, found) if arrival.name]
    watch, happened = _watched(look, arrivals)
    return Foreseen(look=look, arrivals=arrivals, watch=watch, happened=happened)


def tell_foreseen(connection: Connection, caller: Caller, foreseen: Foreseen) -> Followed:
    """Keep what was foreseen and publish what is new, unless the route has changed since it was looked at."""
    look = foreseen.look
    if not _is_as_seen(connection, caller, look):
        return Followed()
    _store(connection, caller, look.run, foreseen.arrivals, foreseen.watch, look.now)
    for event in foreseen.happened:
        _publish(connection, caller, look.run, event, look.now)
    return Followed(doors=len(foreseen.arrivals), told=tuple(TYPES[event.kind] for event in foreseen.happened))


def forget_ended(connection: Connection, caller: Caller, route_id: str) -> None:
    """Forget what was foreseen of a route that is under way no more."""
    if _state(connection, caller.tenant_id, route_id, lock=True) not in ("in_progress", None):
        _forget(connection, route_id)


def _state(connection: Connection, tenant_id: str, route_id: str, *, lock: bool = False) -> str | None:
    query = select(routes.c.state).where(routes.c.route_id == route_id, routes.c.tenant_id == tenant_id)
    return connection.execute(query.with_for_update() if lock else query).scalar_one_or_none()


def _told_before(connection: Connection, route_id: str) -> str | None:
    return connection.execute(select(watches.c.state).where(watches.c.route_id == route_id)).scalar_one_or_none()


def _is_as_seen(connection: Connection, caller: Caller, look: Look) -> bool:
    """Return whether route and deliveries are in the version that was looked at, and nobody has followed it since."""
    run, route, delivery = look.run, routes.c, deliveries.c
    mine = (route.route_id == run.route_id) & (route.tenant_id == caller.tenant_id)
    now = connection.execute(select(route.state, route.version).where(mine).with_for_update()).one_or_none()
    if now is None or tuple(now) != (run.state, run.version) or _told_before(connection, run.route_id) != look.told:
        return False
    seen = {call.delivery_id: call.version for trip in run.trips for call in trip if call.delivery_id}
    query = select(delivery.delivery_id, delivery.version).where(delivery.delivery_id.in_(seen))
    return {row.delivery_id: row.version for row in connection.execute(query)} == seen


def ahead_of(reader: Reader, run: Run, places: Sequence[Seen], now: int) -> tuple[Ahead, list[Call]]:
    """Return what a run has to do, with the stops ahead in their order."""
    begun = max((n for n, trip in enumerate(run.trips) if any(c.left_at or c.came_at for c in trip)), default=0)
    doors = [call for trip in run.trips for call in trip]
    last = max((call for call in doors if call.left_at), key=lambda call: (call.left_at, call.planned_at), default=None)
    since_at, at = (last.left_at or now, (last.lat, last.lon)) if last else (run.leaves_at, (run.lat, run.lon))
    started = [call.left_for_at for call in doors if call.left_for_at]
    if last is None and (started or run.started_at):
        since_at = min(started, default=run.started_at or now)
    told = [(c.left_for_at, n) for n, trip in enumerate(run.trips) for c in trip if c.left_for_at and n > begun]
    set_out = [(left_at, n) for left_at, n in told if left_at >= since_at]
    if last and set_out:  # loaded again, and on its way to the next trip
        since_at, begun = min(set_out)
        at = (run.lat, run.lon)
    calls = [c for n, trip in enumerate(run.trips) for c in trip if not c.done and (c.delivery_id or n > begun)]
    here = [call for call in calls if call.came_at and not call.left_at]
    if here:
        calls.remove(here[0])
        calls.insert(0, here[0])
        since_at = int(here[0].came_at or now)
    elif places and places[-1].at > since_at:
        since_at, *at_last = places[-1]
        at = (at_last[0], at_last[1])
    drives, services = reader.spans(run, calls, at)
    before = list(driven_trips(reader, run, fewest=1))
    ahead = Ahead(
        drives=drives,
        services=services,
        not_before_at=np.array([call.not_before_at for call in calls], dtype=np.int64),
        since_at=min(since_at, now),
        now=now,
        serving=bool(here),
        driven=_last([trip.driven for trip in before]),
        served=_last([trip.served for trip in before]),
    )
    return ahead, calls


def _last(parts: Sequence[Taken]) -> Taken:
    """Return what the latest trip says of the run."""
    return parts[-1] if parts else NOTHING


def _dice(run: Run, ahead: Ahead) -> np.random.Generator:
    """Return a generator that draws alike as long as nothing was reported, so that no time moves by chance."""
    return np.random.default_rng([crc32(run.route_id.encode()), len(ahead.drives)])


def _arrivals(calls: Sequence[Call], found: Etas) -> list[Arrival]:
    columns = (found.expected_at.tolist(), found.from_at.tolist(), found.until_at.tolist())
    return [
        Arrival(call.delivery_id, expected, early, late, planned_at=call.planned_at, due_at=call.due_at)
        for call, expected, early, late in zip(calls, *columns, strict=True)
    ]


def _watched(look: Look, arrivals: Sequence[Arrival]) -> tuple[Watch, list[Happened]]:
    """Return the watch over a run and what is new."""
    run, calls, ahead = look.run, look.calls, look.ahead
    watch = Watch() if look.told is None else _read(look.told)
    coming = calls[0].delivery_id if calls and not ahead.serving else ""
    doors = [call for trip in run.trips for call in trip if call.delivery_id]
    line = [(run.lat, run.lon), *((call.lat, call.lon) for trip in run.trips for call in trip), (run.lat, run.lon)]
    plan = Plan(
        fences=(Fence(run.site_id, run.lat, run.lon), *(Fence(c.delivery_id, c.lat, c.lon) for c in doors)),
        lat=np.array([lat for lat, _ in line]),
        lon=np.array([lon for _, lon in line]),
        coming=coming,
    )
    happened: list[Happened] = []
    for place in look.places:
        watch, new = follow(watch, place, plan, LIMITS)
        happened += new
    expected = [arrival for arrival in arrivals if not (ahead.serving and arrival.name == calls[0].delivery_id)]
    watch, new = judge(watch, expected, LIMITS, coming=coming, now=look.now)
    return watch, [*happened, *new]


def _store(
    connection: Connection, caller: Caller, run: Run, arrivals: Sequence[Arrival], watch: Watch, now: int
) -> None:
    _forget(connection, run.route_id)
    rows = [
        {"delivery_id": a.name, "tenant_id": caller.tenant_id, "route_id": run.route_id, "expected_at": a.expected_at,
         "from_at": a.from_at, "until_at": a.until_at, "made_at": now}
        for a in arrivals
    ]  # fmt: skip
    if rows:
        connection.execute(delete(etas).where(etas.c.delivery_id.in_([row["delivery_id"] for row in rows])))
        connection.run(inserting(etas), rows)
    row = {"route_id": run.route_id, "tenant_id": caller.tenant_id, "state": _written(watch)}
    connection.run(inserting(watches), [row])


def _forget(connection: Connection, route_id: str) -> None:
    connection.execute(delete(etas).where(etas.c.route_id == route_id))
    connection.execute(delete(watches).where(watches.c.route_id == route_id))


def _publish(connection: Connection, caller: Caller, run: Run, event: Happened, now: int) -> None:
    """Publish what has happened about the delivery or the route; neither has changed by it."""
    versions = {call.delivery_id: call.version for trip in run.trips for call in trip if call.delivery_id}
    type_ = TYPES[event.kind]
    kind, object_id, version = "route", run.route_id, run.version
    data: dict[str, object] = {"route_id": run.route_id, "occurred_at": event.at}
    if type_.startswith("delivery."):
        kind, object_id, version = "delivery", event.subject, versions[event.subject]
        data["delivery_id"] = event.subject
    elif event.subject:
        data["delivery_id" if event.subject in versions else "site_id"] = event.subject
    if event.arrival is not None:
        data |= {"expected_at": event.arrival.expected_at, "from_at": event.arrival.from_at,
                 "until_at": event.arrival.until_at}  # fmt: skip
    if event.lateness > IN_TIME:
        data["late"] = "likely" if event.lateness == LIKELY_LATE else "surely"
    connection.journal.publish(
        event_id=connection.new_id("evt", now), tenant_id=caller.tenant_id, type=type_, kind=kind,
        object_id=object_id, sequence=version, at=now, data=data,
    )  # fmt: skip


def _written(watch: Watch) -> str:
    told = {field.name: getattr(watch, field.name) for field in fields(watch)} | {
        "inside": sorted(watch.inside),
        "arriving": sorted(watch.arriving),
        "told": {name: list(what) for name, what in watch.told.items()},
        "still": None if watch.still is None else list(watch.still),
    }
    return canonical(told)


def _read(text: str) -> Watch:
    known: dict[str, Any] = json.loads(text)
    return Watch(
        **known
        | {
            "inside": frozenset(known["inside"]),
            "arriving": frozenset(known["arriving"]),
            "told": {name: Told(*what) for name, what in known["told"].items()},
            "still": None if known["still"] is None else Seen(*known["still"]),
        }
    )
