"""The clock of a route: the earliest return that its trips allow, and for that the latest departure.

A route is a row of visits: loadings at depots, stops, and the return. Walking forward, every step as early as
possible, gives the earliest return; leaving later never brings a vehicle home earlier. Three things need more:

- A rest may be taken at several moments. The walk carries one clock for each set of rests taken, the earliest.
- A ride that takes too long makes its pickup begin later, until it fits: the least times that satisfy all limits.
- Who leaves after a rest's last moment needs no such rest, so the walk starts there once more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from doorstep.foundation.arrays import Ints
from doorstep.vehicle_routing.hours import Hours, hours_of
from doorstep.vehicle_routing.plan import NOTHING, Begun, VehicleRoute
from doorstep.vehicle_routing.problem import RoutingProblem
from doorstep.vehicle_routing.roads import UNREACHABLE

FOREVER = 1 << 62


def schedule_route(
    problem: RoutingProblem, vehicle: int, trips: Sequence[Sequence[int]], *, begun: Begun = NOTHING
) -> VehicleRoute | None:
    """Return the route with the earliest return and, for that, the latest departure; None if the clock allows none.

    With one window for each stop, no traffic and no breaks no other schedule is shorter: leaving earlier only adds
    waiting, leaving later moves the return. Elsewhere leaving later can shorten a route; it does so only to keep the
    longest duration, and then the earliest return that keeps it counts. Nobody leaves later at the price of lateness:
    a stop whose lateness costs is served when due, or as early as it can be. Loads, skills and range are not looked at.
    What has ``begun`` stays.

    All this is exact but where a route has both rests and limits of rides: a pickup then waits for the rest where the
    vehicle would be home first, which now and then is not the best place for it.

    References
    ----------
    Cordeau, Laporte (2003), A tabu search heuristic for the static multi-vehicle dial-a-ride problem, Transportation
    Research B 37(6): pickups that wait until rides fit.
    """
    kept = tuple(tuple(trip) for trip in trips if trip)
    way = way_of(problem, vehicle, kept, begun) if kept else None
    if way is None:
        return None
    longest = int(problem.vehicles.max_duration_s[vehicle])
    start_at = way.visits[0].windows[0][0]
    while (early := way.earliest(start_at)) is not None:
        run = way.latest(start_at, early)
        if run.at - run.begins[0] <= longest:
            return _as_route(vehicle, kept, run)
        if way.rigid:
            return None
        start_at = max(run.begins[0] + 1, run.at - longest)  # who leaves before is out for too long
    return None


def approach_seconds(problem: RoutingProblem, origins: Ints, destinations: Ints) -> Ints:
    """Return what a vehicle needs more before service on each arc between places, 0 within a building [s]."""
    stops, before = problem.stops, origins - len(problem.depots)
    to = destinations - len(problem.depots)
    from_building = np.where(before >= 0, stops.building[np.maximum(before, 0)], -1)
    building = stops.building[np.maximum(to, 0)]
    inside = (to < 0) | ((building >= 0) & (building == from_building))
    return np.where(inside, 0, stops.approach_s[np.maximum(to, 0)])


class _Visit(NamedTuple):
    """``drive_s`` on the road and ``approach_s`` on foot, then ``stay_s`` that begins within one of the windows.

    Windows are ordered by their start. To begin after ``due_at`` costs.
    """

    drive_s: int
    approach_s: int
    stay_s: int
    windows: tuple[tuple[int, int], ...]
    due_at: int = FOREVER

    def first(self, at: int) -> int | None:
        """Return the first moment from ``at`` on at which it may begin."""
        for opens, closes in self.windows:
            if at <= closes:
                return max(at, opens)
        return None

    def last(self, at: int) -> int:
        """Return the last moment up to ``at`` at which it may begin."""
        return max(min(at, closes) for opens, closes in self.windows if opens <= at)

    def until(self, at: int) -> "_Visit":
        """Return the visit that begins no later than ``at``."""
        return self._replace(windows=tuple((opens, min(closes, at)) for opens, closes in self.windows if opens <= at))


class _Rest(NamedTuple):
    """A break of the vehicle."""

    earliest_at: int
    latest_at: int
    length_s: int


class _Ride(NamedTuple):
    """Numbers of the visits between which something rides, and how long it may [s]."""

    pickup: int
    delivery: int
    limit_s: int


class _Run(NamedTuple):
    """A clock at ``at``, and what happened until then: arrivals and beginnings of visits, beginnings of rests."""

    at: int
    arrivals: tuple[int, ...] = ()
    begins: tuple[int, ...] = ()
    rests: tuple[int, ...] = ()

    def arrived(self, at: int, approach_s: int) -> "_Run":
        return _Run(at + approach_s, (*self.arrivals, at), self.begins, self.rests)

    def stayed(self, begin: int, stay_s: int) -> "_Run":
        return _Run(begin + stay_s, self.arrivals, (*self.begins, begin), self.rests)

    def rested(self, begin: int, length_s: int) -> "_Run":
        return _Run(begin + length_s, self.arrivals, self.begins, (*self.rests, begin))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """Visits of a route in their order, the first a loading, the last the return; ``rigid``: later is never shorter."""

    visits: tuple[_Visit, ...]
    hours: Hours
    rests: tuple[_Rest, ...]
    rides: tuple[_Ride, ...]
    rigid: bool

    def earliest(self, start_at: int) -> _Run | None:
        """Return the run with the earliest return of those that start at ``start_at`` or later."""
        runs = [self._run(opening, self.visits) for opening in self._openings(start_at)]
        return min((run for run in runs if run is not None), key=lambda run: run.at, default=None)

    def latest(self, start_at: int, early: _Run) -> _Run:
        """Return the run that starts last and returns with ``early``, no later at its visits than due or than there."""
        visits = [
            visit if visit.due_at == FOREVER else visit.until(max(visit.due_at, begin))
            for visit, begin in zip(self.visits, early.begins, strict=True)
        ]
        visits[-1] = visits[-1].until(early.at)
        if not (self.hours.starts or self.rests or self.rides):
            return self._run(_backward(visits), visits) or early
        openings = [*self._openings(start_at), early.at + 1]
        best = early
        for low, high in pairwise(openings):
            if (run := self._run(low, visits)) is not None:
                best = self._last_start(low, high, run, visits)
        return best

    def _last_start(self, low: int, high: int, run: _Run, visits: Sequence[_Visit]) -> _Run:
        """Return the run with the latest start in [``low``, ``high``), of which ``run`` has the first."""
        while high - low > 1:
            middle = (low + high) // 2
            found = self._run(middle, visits)
            if found is None:
                high = middle
            else:
                low, run = middle, found
        return run

    def _openings(self, start_at: int) -> list[int]:
        """Return the first start, and those after which a rest is no longer asked for: between two, order is kept."""
        return sorted({start_at, *(rest.latest_at + 1 for rest in self.rests if rest.latest_at >= start_at)})

    def _run(self, start_at: int, visits: Sequence[_Visit]) -> _Run | None:
        """Return the run from a start with every step as early as possible; None if a window or a ride breaks."""
        not_before: dict[int, int] = {}
        while (found := self._walk(start_at, visits, not_before)) is not None:
            wanted = {p: found.begins[d] - limit_s - visits[p].stay_s for p, d, limit_s in self.rides}
            early = {p: at for p, at in wanted.items() if at > found.begins[p]}
            if not early:
                return found
            not_before |= early
        return None

    def _walk(self, start_at: int, visits: Sequence[_Visit], not_before: dict[int, int]) -> _Run | None:
        """Return the earliest run through all visits, some of which begin no earlier than ``not_before``."""
        if not self.rests:
            return self._straight(start_at, visits, not_before)
        runs = {0: _Run(start_at)}  # by the set of rests taken
        last = len(visits) - 1
        for number, visit in enumerate(visits):
            runs = {
                rested: run.arrived(self.hours.arrival(run.at, visit.drive_s), visit.approach_s)
                for rested, run in runs.items()
            }
            if self.rests and 0 < number < last:
                self._add_rests(runs)
            runs = {
                rested: run.stayed(begin, visit.stay_s)
                for rested, run in runs.items()
                if (begin := visit.first(max(run.at, not_before.get(number, run.at)))) is not None
            }
            if self.rests and number < last:
                self._add_rests(runs)
        whole = [
            run
            for rested, run in sorted(runs.items())
            if not any(
                start_at <= rest.latest_at < run.at and not rested >> number & 1
                for number, rest in enumerate(self.rests)
            )
        ]
        return min(whole, key=lambda run: run.at, default=None)

    def _straight(self, start_at: int, visits: Sequence[_Visit], not_before: dict[int, int]) -> _Run | None:
        """Return the earliest run of a vehicle that never rests: there is one clock."""
        at, arrivals, begins, arrival = start_at, [], [], self.hours.arrival
        for number, visit in enumerate(visits):
            at = arrival(at, visit.drive_s)
            arrivals.append(at)
            at += visit.approach_s
            begin = visit.first(max(at, not_before.get(number, at)))
            if begin is None:
                return None
            begins.append(begin)
            at = begin + visit.stay_s
        return _Run(at, tuple(arrivals), tuple(begins))

    def _add_rests(self, runs: dict[int, _Run]) -> None:
        """Add to the runs that stand at one moment those that rest there."""
        for rested in range(1 << len(self.rests)):
            for number, rest in enumerate(self.rests):
                run, more = runs.get(rested), rested | 1 << number
                if run is None or more == rested or run.at > rest.latest_at:
                    continue
                after = run.rested(max(run.at, rest.earliest_at), rest.length_s)
                if more not in runs or after.at < runs[more].at:
                    runs[more] = after


def _backward(visits: Sequence[_Visit]) -> int:
    """Return the latest start from which all visits can begin in time."""
    latest = FOREVER
    for visit in reversed(visits):
        latest = visit.last(latest - visit.stay_s) - visit.approach_s - visit.drive_s
    return latest


def way_of(problem: RoutingProblem, vehicle: int, trips: tuple[tuple[int, ...], ...], begun: Begun) -> _Way | None:
    """Return the visits of a route; None if some two have no road between them, or it or a ride is too long at best."""
    kinds, sites = problem.vehicles, len(problem.depots)
    profile, end = int(kinds.profile[vehicle]), int(kinds.end[vehicle])
    loads_at = [int(kinds.start[vehicle]), *[int(kinds.reload[vehicle])] * (len(trips) - 1)]
    rows = zip(loads_at, trips, strict=True)
    places = np.array([place for depot, trip in rows for place in (depot, *(stop + sites for stop in trip))] + [end])
    metres, seconds = problem.roads.along(profile, places[:-1], places[1:])
    if max(int(metres.max()), int(seconds.max())) >= UNREACHABLE:
        return None
    drives = [0, *seconds.tolist()]
    walks = [0, *approach_seconds(problem, places[:-1], places[1:]).tolist()]
    visits: list[_Visit] = []
    for depot, trip in zip(loads_at, trips, strict=True):
        visits.append(_loading(problem, vehicle, depot, trip, drives[len(visits)]))
        for stop in trip:
            visits.append(_service(problem, stop, drives[len(visits)], walks[len(visits)]))
    back_by = int(min(kinds.shift_end_at[vehicle], problem.depots.close_at[end]))
    visits.append(_Visit(drives[-1], 0, 0, ((-FOREVER, back_by),)))
    _settle(visits, begun)
    hours, rests = hours_of(problem, profile), _settled(_rests(problem, vehicle), begun)
    rides = _rides(problem, places)
    least = 100 if not hours.starts else int(problem.traffic.percent[profile].min())
    whole = _Ride(0, len(visits) - 1, int(kinds.max_duration_s[vehicle]) - visits[0].stay_s)
    if any(_least_ride_s(visits[p : d + 1], least) > limit_s for p, d, limit_s in (whole, *rides)):
        return None
    late = any(visit.due_at < FOREVER or len(visit.windows) > 1 for visit in visits)
    return _Way(visits=tuple(visits), hours=hours, rests=rests, rides=rides, rigid=not (late or hours.starts or rests))


def _loading(problem: RoutingProblem, vehicle: int, depot: int, trip: tuple[int, ...], drive_s: int) -> _Visit:
    """Return the loading of a trip: when the vehicle is there, the depot is open and all parcels are released."""
    depots = problem.depots
    opens = max(
        int(problem.vehicles.shift_start_at[vehicle]),
        int(depots.open_at[depot]),
        int(problem.stops.release_at[list(trip)].max()),
    )
    return _Visit(drive_s, 0, int(depots.loading_s[depot]), ((opens, int(depots.close_at[depot])),))


def _service(problem: RoutingProblem, stop: int, drive_s: int, approach_s: int) -> _Visit:
    stops, more = problem.stops, problem.windows
    windows = [(int(stops.start_at[stop]), int(stops.end_at[stop]))]
    if len(more):
        here = np.flatnonzero(more.stop == stop)
        windows += zip(more.start_at[here].tolist(), more.end_at[here].tolist(), strict=True)
        windows.sort()
    due_at = int(stops.due_at[stop]) if stops.late_per_hour_minor[stop] else FOREVER
    return _Visit(drive_s, approach_s, int(stops.service_s[stop]), tuple(windows), due_at)


def _rests(problem: RoutingProblem, vehicle: int) -> tuple[_Rest, ...]:
    breaks = problem.breaks
    mine = np.flatnonzero(breaks.vehicle == vehicle)
    columns = (breaks.earliest_at[mine], breaks.latest_at[mine], breaks.length_s[mine])
    return tuple(_Rest(*row) for row in zip(*(column.tolist() for column in columns), strict=True))


def _settle(visits: list[_Visit], begun: Begun) -> None:
    """Give the visits that have begun their moments; lateness there can no longer be helped."""
    for number, at in enumerate(begun.begins):
        visits[number] = visits[number]._replace(windows=((at, at),), due_at=FOREVER)
    if not begun.begins:
        opens, closes = visits[0].windows[0]
        visits[0] = visits[0]._replace(windows=((max(opens, begun.now), closes),))


def _settled(rests: tuple[_Rest, ...], begun: Begun) -> tuple[_Rest, ...]:
    """Return the rests, those that have begun at their moments, each for what could wait least; the others later."""
    left, taken = sorted(rests, key=lambda rest: rest.latest_at), []
    for at in begun.rests:
        if rest := next((rest for rest in left if rest.earliest_at <= at <= rest.latest_at), None):
            left.remove(rest)
            taken.append(rest._replace(earliest_at=at, latest_at=at))
    since = begun.begins[-1] if begun.begins else -FOREVER
    return (*taken, *(rest._replace(earliest_at=max(rest.earliest_at, since)) for rest in left))


def _rides(problem: RoutingProblem, places: Ints) -> tuple[_Ride, ...]:
    """Return the rides of a route by the numbers of their visits, which are those of its places."""
    pairs = problem.pairs
    if not len(pairs):
        return ()
    number = {stop: at for at, stop in enumerate((places - len(problem.depots)).tolist()) if stop >= 0}
    rows = zip(pairs.pickup.tolist(), pairs.delivery.tolist(), pairs.max_ride_s.tolist(), strict=True)
    rides = (_Ride(number.get(p, FOREVER), number.get(d, -1), limit_s) for p, d, limit_s in rows)
    return tuple(ride for ride in rides if ride.pickup < ride.delivery)


def _least_ride_s(visits: Sequence[_Visit], percent: int) -> int:
    """Return a ride from the first to the last of some visits without any waiting, at its fastest [s]."""
    driven = sum(visit.drive_s for visit in visits[1:]) * percent // 100
    return driven + sum(visit.approach_s for visit in visits[1:]) + sum(visit.stay_s for visit in visits[1:-1])


def _as_route(vehicle: int, trips: tuple[tuple[int, ...], ...], run: _Run) -> VehicleRoute:
    loads, arrivals, services = [], [], []
    number = 0
    for trip in trips:
        after = number + 1 + len(trip)
        loads.append(run.begins[number])
        arrivals.append(run.arrivals[number + 1 : after])
        services.append(run.begins[number + 1 : after])
        number = after
    return VehicleRoute(
        vehicle=vehicle,
        trips=trips,
        load_at=tuple(loads),
        arrive_at=tuple(arrivals),
        service_at=tuple(services),
        rest_at=run.rests,
        end_at=run.at,
    )
