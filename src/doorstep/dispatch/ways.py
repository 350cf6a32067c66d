"""What could be done about the day, taken apart: each way is some routes that change together, with its price.

A mended plan may hold several remedies that have nothing to do with each other. Each can be taken or left alone: its
routes exchange stops with no other's. What it costs, who is late without it and with it, how many stops it moves and by
how much it shifts others is worked out from the routes before and after, by one clock that never refuses: nobody drives
past a door because it is late.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from doorstep.dispatch.lateness import patient
from doorstep.foundation.arrays import Ints
from doorstep.vehicle_routing import RoutePlan, schedule_route
from doorstep.vehicle_routing.changes import moved_stops
from doorstep.vehicle_routing.plan import Begun
from doorstep.vehicle_routing.running import RunningPlan, settled_trips

REORDER, SWAP, HELP = "reorder", "swap", "help"
"""Another order on a route; stops that change routes; a vehicle more."""
NEVER_S = 4 * 3_600
"""How late a stop counts that nobody serves."""
Trips = tuple[tuple[int, ...], ...]
_Part = tuple[set[int], list[tuple[int, Trips]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Routes that change together.

    ``routes`` are the new trips by type of vehicle: of a route that is there, none if it has nothing to do any more;
    ``fresh`` those of vehicles more, as type and trips. ``cost_minor`` is what it costs more than driving on, lateness
    apart; ``late_before`` and ``late_after`` say who is late, by how much [s]; ``shift_s`` is the largest shift of a
    stop that stays where it is.
    """

    kind: str
    routes: Mapping[int, Trips]
    fresh: tuple[tuple[int, Trips], ...]
    cost_minor: int
    late_before: Mapping[int, int]
    late_after: Mapping[int, int]
    moved: frozenset[int]
    shift_s: int

    def gain_minor(self, late_per_hour_minor: int) -> int:
        """Return what it is worth, with an hour of lateness at a price."""
        saved_s = sum(self.late_before.values()) - sum(self.late_after.values())
        return saved_s * late_per_hour_minor // 3_600 - self.cost_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """Of one route: what it will cost, lateness apart, and when it will be at each open stop [epoch s]."""

    cost_minor: int
    at: Mapping[int, int]


def outlook(running: RunningPlan, vehicle: int, trips: Trips) -> Outlook:
    """Return what becomes of some trips of a vehicle, of which a route may have begun; one without stops costs nothing.

    A route that has begun drives home even if nothing is left on it.
    """
    number = next((r for r, route in enumerate(running.plan.routes) if route.vehicle == vehicle), None)
    count = 0 if number is None else running.settled[number]
    if not any(trips) and not count:
        return Outlook(cost_minor=0, at={})
    begun, settled = Begun(now=running.now), set[int]()
    if number is not None and count:
        begun = Begun.of(running.plan.routes[number], count, now=running.now)
        settled = {stop for trip in settled_trips(running.plan.routes[number], count) for stop in trip}
    kept = [trip for trip in trips if trip]
    timed = schedule_route(patient(running.problem), vehicle, kept, begun=begun) if kept else None
    if timed is None:
        return Outlook(cost_minor=0, at={})
    parts = timed.cost_parts(running.problem)
    times = zip(timed.stops, (at for trip in timed.service_at for at in trip), strict=True)
    return Outlook(
        cost_minor=parts.total_minor - parts.lateness_minor,
        at={stop: at for stop, at in times if stop not in settled},
    )


def late(at: Mapping[int, int], stops: Sequence[int], last_at: Ints) -> dict[int, int]:
    """Return who of some stops is late, by how much [s]; who is not served is late by ``NEVER_S``."""
    by_s = {stop: at[stop] - int(last_at[stop]) if stop in at else NEVER_S for stop in stops}
    return {stop: seconds for stop, seconds in by_s.items() if seconds > 0}


def ways(running: RunningPlan, plan: RoutePlan) -> tuple[Way, ...]:
    """Return what a mended plan changes, part by part; each existing route must be of a type of its own."""
    before = {route.vehicle: route.trips for route in running.plan.routes}
    after = {route.vehicle: route.trips for route in plan.routes if route.vehicle in before}
    fresh = [(route.vehicle, route.trips) for route in plan.routes if route.vehicle not in before]
    changed = [vehicle for vehicle, trips in before.items() if after.get(vehicle, ()) != trips]
    return tuple(_way(running, before, after, *part) for part in _parts(before, after, changed, fresh))


def _parts(
    before: Mapping[int, Trips],
    after: Mapping[int, Trips],
    changed: Sequence[int],
    fresh: Sequence[tuple[int, Trips]],
) -> Iterator[tuple[list[int], list[tuple[int, Trips]]]]:
    """Yield routes that exchange stops: existing ones, and vehicles more."""
    home = {stop: vehicle for vehicle in changed for trip in before[vehicle] for stop in trip}
    groups: list[_Part] = []
    new: list[_Part] = [({v, *(home[s] for t in after.get(v, ()) for s in t if s in home)}, []) for v in changed]
    new += [({home[s] for t in trips for s in t if s in home}, [(v, trips)]) for v, trips in fresh]
    for mine, more in new:
        apart = []
        for group in groups:
            if group[0] & mine:
                mine |= group[0]
                more[:0] = group[1]
            else:
                apart.append(group)
        groups = [*apart, (mine, more)]
    for vehicles, more in groups:
        yield sorted(vehicles), more


def _way(
    running: RunningPlan,
    before: Mapping[int, Trips],
    after: Mapping[int, Trips],
    vehicles: Sequence[int],
    fresh: Sequence[tuple[int, Trips]],
) -> Way:
    last_at = running.problem.stops.end_at
    was = [outlook(running, vehicle, before[vehicle]) for vehicle in vehicles]
    new = [(vehicle, after.get(vehicle, ())) for vehicle in vehicles] + list(fresh)
    will = [outlook(running, vehicle, trips) for vehicle, trips in new]
    old_at = {stop: at for one in was for stop, at in one.at.items()}
    new_at = {stop: at for one in will for stop, at in one.at.items()}
    stops = sorted({*old_at, *new_at})
    old = [(vehicle, before[vehicle]) for vehicle in vehicles]
    moved = moved_stops(old, new)
    crossed = any(
        stop in old_at and not any(stop in trip for trip in before.get(vehicle, ()))
        for vehicle, trips in new
        for trip in trips
        for stop in trip
    )
    joined = any(stop not in old_at for stop in new_at)
    return Way(
        kind=HELP if fresh else SWAP if crossed or joined else REORDER,
        routes={vehicle: after.get(vehicle, ()) for vehicle in vehicles},
        fresh=tuple(fresh),
        cost_minor=sum(one.cost_minor for one in will) - sum(one.cost_minor for one in was),
        late_before=late(old_at, stops, last_at),
        late_after=late(new_at, stops, last_at),
        moved=frozenset(moved | (new_at.keys() - old_at.keys())),
        shift_s=max((abs(new_at[s] - old_at[s]) for s in new_at.keys() & old_at.keys() - moved), default=0),
    )
