"""What can be done about promises at risk on the routes of a site: ways, each with its price and what it mends."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from doorstep.dispatch import Limits, late_stops, mend
from doorstep.dispatch.ways import NEVER_S, Way, late, outlook, ways
from doorstep.foundation import Stop
from doorstep.operations.dispatching.limits import CALL, CARRIER, DispatchLimits
from doorstep.operations.dispatching.rewriting import CourseChange, Trips
from doorstep.operations.dispatching.running import SiteRun

HOUR_S, MINUTE_S = 3_600, 60
LEAST_MOVED = 2
"""Stops that one proposal may move on the smallest site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A carrier that can still bring a delivery: what it would take, and when it would be there [epoch s]."""

    delivery_id: str
    carrier_id: str
    fee_minor: int
    arrive_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A proposal before it is kept.

    ``delivery_id`` is the promise that a carrier or a call is about, ``until_at`` the later time that a call tells.
    ``late_before_s`` and ``late_after_s`` say by how much each delivery is late that is; ``cost_minor`` is what it
    costs more than driving on, and ``gain_minor`` what it is worth.
    """

    kind: str
    changes: tuple[CourseChange, ...]
    delivery_id: str | None = None
    carrier_id: str = ""
    until_at: int | None = None
    cost_minor: int
    late_before_s: tuple[int, ...]
    late_after_s: tuple[int, ...]
    moved: int
    shift_s: int
    gain_minor: int
    reason: str


def at_risk(run: SiteRun, limits: DispatchLimits) -> dict[int, int]:
    """Return the stops that will be late, or less than the margin before, and those on no route, by how much [s]."""
    last_at = run.running.problem.stops.end_at
    return late_stops(run.running, margin_s=limits.margin_s) | late({}, sorted(run.open), last_at)


def weigh(run: SiteRun, limits: DispatchLimits, offers: Sequence[Offer], stop: Stop, *, seed: int) -> tuple[Draft, ...]:
    """Return what is worth proposing, the best first; nothing if no promise is at risk."""
    if not at_risk(run, limits):
        return ()
    most = max(LEAST_MOVED, limits.moved_pct * len(run.names) // 100)
    allowed = Limits(
        moved=most, shift_s=limits.shift_s, margin_s=limits.margin_s, late_per_hour_minor=limits.late_per_hour_minor
    )
    mended = mend(run.running, allowed, stop, seed=seed)
    found = [_of_way(run, way, limits) for way in ways(run.running, mended.repair.plan)]
    found += _outside(run, limits, offers)
    found += _calls(run, limits)
    return tuple(sorted((d for d in found if d.gain_minor >= limits.least_gain_minor), key=lambda d: -d.gain_minor))


def _of_way(run: SiteRun, way: Way, limits: DispatchLimits) -> Draft:
    before = {route.vehicle: route.trips for route in run.running.plan.routes}
    changes = [_change(run, r, before[r], trips) for r, trips in way.routes.items()]
    changes += [
        CourseChange(route_id="", vehicle_id=run.at_home[kind - len(run.routes)], before=(), after=_named(run, trips))
        for kind, trips in way.fresh
    ]
    return Draft(
        kind=way.kind,
        changes=tuple(changes),
        cost_minor=way.cost_minor,
        moved=len(way.moved),
        shift_s=way.shift_s,
        gain_minor=way.gain_minor(limits.late_per_hour_minor),
        reason=_told(way.late_before, way.late_after),
        late_before_s=tuple(way.late_before.values()),
        late_after_s=tuple(way.late_after.values()),
    )


def _outside(run: SiteRun, limits: DispatchLimits, offers: Sequence[Offer]) -> Iterator[Draft]:
    """Yield what carriers could bring instead: the stop leaves its route, and all behind it come earlier."""
    number = {name: n for n, name in enumerate(run.names)}
    for offer in offers:
        stop = number[offer.delivery_id]
        route = next((route for route in run.running.plan.routes if stop in route.stops), None)
        was_at: Mapping[int, int] = {}
        will_at: Mapping[int, int] = {}
        saved = 0
        changes: tuple[CourseChange, ...] = ()
        if route is not None:
            rest = tuple(tuple(s for s in trip if s != stop) for trip in route.trips)
            was, will = outlook(run.running, route.vehicle, route.trips), outlook(run.running, route.vehicle, rest)
            was_at, will_at, saved = was.at, will.at, was.cost_minor - will.cost_minor
            kept = tuple(trip for trip in rest if trip)
            changes = (_change(run, route.vehicle, route.trips, kept),)
        last_at = run.running.problem.stops.end_at
        stops = sorted({stop, *was_at})
        before, after = late(was_at, stops, last_at), late(will_at, [s for s in stops if s != stop], last_at)
        if offer.arrive_at > run.due_at[stop]:
            after[stop] = offer.arrive_at - int(run.due_at[stop])
        if stop not in before:
            continue
        cost = offer.fee_minor - saved
        yield Draft(
            kind=CARRIER,
            changes=changes,
            delivery_id=offer.delivery_id,
            carrier_id=offer.carrier_id,
            cost_minor=cost,
            moved=1,
            shift_s=max((abs(will_at[s] - was_at[s]) for s in will_at.keys() & was_at.keys()), default=0),
            gain_minor=_worth(before, after, limits) - cost,
            reason=f"{offer.carrier_id} can bring it. {_told(before, after)}",
            late_before_s=tuple(before.values()),
            late_after_s=tuple(after.values()),
        )


def _calls(run: SiteRun, limits: DispatchLimits) -> Iterator[Draft]:
    """Yield a call for each promise that will be broken if nothing changes: who agreed to it minds half as much."""
    for stop, by_s in late_stops(run.running).items():
        before = {stop: by_s}
        worth = _worth(before, {}, limits) // 2
        until_at = int(run.due_at[stop]) + by_s + limits.margin_s
        yield Draft(
            kind=CALL,
            changes=(),
            delivery_id=run.names[stop],
            until_at=until_at,
            cost_minor=limits.call_minor,
            moved=0,
            shift_s=0,
            gain_minor=worth - limits.call_minor,
            reason=f"Agree on a later time: it will be {_minutes(by_s)} late. No route changes.",
            late_before_s=(by_s,),
            late_after_s=(by_s,),
        )


def _change(run: SiteRun, r: int, before: Sequence[Sequence[int]], after: Sequence[Sequence[int]]) -> CourseChange:
    route = run.routes[r]
    return CourseChange(
        route_id=route.route_id, vehicle_id=route.vehicle_id, before=_named(run, before), after=_named(run, after)
    )


def _named(run: SiteRun, trips: Sequence[Sequence[int]]) -> Trips:
    return tuple(tuple(run.names[stop] for stop in trip) for trip in trips if trip)


def _worth(before: Mapping[int, int], after: Mapping[int, int], limits: DispatchLimits) -> int:
    return (sum(before.values()) - sum(after.values())) * limits.late_per_hour_minor // HOUR_S


def _told(before: Mapping[int, int], after: Mapping[int, int]) -> str:
    return f"Without it {_how_late(before)}; with it {_how_late(after)}."


def _how_late(late_s: Mapping[int, int]) -> str:
    lost, late_by = sum(by_s == NEVER_S for by_s in late_s.values()), [n for n in late_s.values() if n != NEVER_S]
    parts = [f"{lost} {'rides' if lost == 1 else 'ride'} with nobody"] if lost else []
    if late_by:
        parts.append(f"{len(late_by)} {'is' if len(late_by) == 1 else 'are'} late, by {_minutes(sum(late_by))} in all")
    return " and ".join(parts) or "all are in time"


def _minutes(seconds: int) -> str:
    return f"{-(-seconds // MINUTE_S)} min"
