"""The clock of a route against every schedule there is: all starts, waits and rests in whole seconds of a minute."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import ceil

import numpy as np
import pytest

from doorstep.vehicle_routing import RoutingProblem, schedule_route
from tests.trials import seeds
from tests.vehicle_routing.small_routes import Depot, Pair, Rest, Stop, Van, routing

END = 60
Trips = list[list[int]]


@dataclass(frozen=True, slots=True)
class State:
    """A clock, the rests taken, and when the service at each pickup on board ended."""

    at: int
    rested: frozenset[int] = frozenset()
    picked: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Force:
    """Every schedule of a route of the first type of vehicle."""

    problem: RoutingProblem

    def best(self, trips: Trips) -> tuple[int, int] | None:
        """Return start and end of the route that is back first and, of those, leaves last."""
        return min(self.all(trips), key=lambda clock: (clock[1], -clock[0]), default=None)

    def all(self, trips: Trips) -> Iterator[tuple[int, int]]:
        """Yield start and end of every schedule."""
        kinds, depots = self.problem.vehicles, self.problem.depots
        back_by = min(int(kinds.shift_end_at[0]), int(depots.close_at[kinds.end[0]]))
        for start_at in range(END):
            if self.loads_at(trips[0], start_at):
                for state in self.after(trips, start_at):
                    missed = [b for b in self.rests() if b not in state.rested and self.is_out(b, start_at, state.at)]
                    short = state.at - start_at <= kinds.max_duration_s[0]
                    if state.at <= back_by and short and not missed:
                        yield start_at, state.at

    def after(self, trips: Trips, start_at: int) -> set[State]:
        """Return the states in which a route may come home."""
        start, end = int(self.problem.vehicles.start[0]), int(self.problem.vehicles.end[0])
        loading_s = int(self.problem.depots.loading_s[start])
        states, place = {State(start_at + loading_s)}, start
        for number, trip in enumerate(trips):
            if number:
                ready = self.lingering(self.driven(self.lingering(states), place, start))
                states = {State(s.at + loading_s, s.rested) for s in ready if self.loads_at(trip, s.at)}
                place = start
            for stop in trip:
                there = self.lingering(self.driven(self.lingering(states), place, self.problem.place(stop)))
                states = {after for state in there for after in self.served(state, stop)}
                place = self.problem.place(stop)
        return self.driven(self.lingering(states), place, end)

    def rests(self) -> list[int]:
        return np.flatnonzero(self.problem.breaks.vehicle == 0).tolist()

    def is_out(self, rest: int, start_at: int, end_at: int) -> bool:
        return start_at <= int(self.problem.breaks.latest_at[rest]) < end_at

    def loads_at(self, trip: list[int], at: int) -> bool:
        kinds, depots, start = self.problem.vehicles, self.problem.depots, int(self.problem.vehicles.start[0])
        opens = max(int(kinds.shift_start_at[0]), int(depots.open_at[start]))
        released = int(self.problem.stops.release_at[trip].max())
        return max(opens, released) <= at <= int(depots.close_at[start])

    def lingering(self, states: set[State]) -> set[State]:
        """Return the states that follow from waiting and resting at one place."""
        breaks, found, todo = self.problem.breaks, set(states), list(states)
        while todo:
            state = todo.pop()
            new = {State(state.at + 1, state.rested, state.picked)}
            for b in self.rests():
                if b not in state.rested and breaks.earliest_at[b] <= state.at <= breaks.latest_at[b]:
                    new.add(State(state.at + int(breaks.length_s[b]), state.rested | {b}, state.picked))
            fresh = {s for s in new - found if s.at <= END}
            found |= fresh
            todo += fresh
        return found

    def driven(self, states: set[State], origin: int, destination: int) -> set[State]:
        _, seconds = self.problem.roads.along(0, np.array([origin]), np.array([destination]))
        clocks = {at: self.arrival(at, int(seconds[0])) for at in {state.at for state in states}}
        walk = self.walk(origin, destination)
        return {State(clocks[s.at] + walk, s.rested, s.picked) for s in states if clocks[s.at] + walk <= END}

    def arrival(self, at: int, drive_s: int) -> int:
        """Drive second by second of the clock."""
        left, traffic = Fraction(drive_s), self.problem.traffic
        while left > 0:
            period = max(0, int(np.searchsorted(traffic.start_at, at, side="right")) - 1)
            covered = Fraction(100, int(traffic.percent[0, period])) if len(traffic) else Fraction(1)
            left, at = left - covered, at + 1
        return ceil(at)

    def walk(self, origin: int, destination: int) -> int:
        sites, stops = len(self.problem.depots), self.problem.stops
        if destination < sites:
            return 0
        before = int(stops.building[origin - sites]) if origin >= sites else -1
        inside = before >= 0 and before == stops.building[destination - sites]
        return 0 if inside else int(stops.approach_s[destination - sites])

    def served(self, state: State, stop: int) -> Iterator[State]:
        stops, more, pairs = self.problem.stops, self.problem.windows, self.problem.pairs
        windows = [(stops.start_at[stop], stops.end_at[stop])]
        windows += [(more.start_at[w], more.end_at[w]) for w in np.flatnonzero(more.stop == stop)]
        if not any(opens <= state.at <= closes for opens, closes in windows):
            return
        end_at, picked = state.at + int(stops.service_s[stop]), dict(state.picked)
        for pair in np.flatnonzero(pairs.delivery == stop).tolist():
            if state.at - picked.pop(pair) > pairs.max_ride_s[pair]:
                return
        picked |= dict.fromkeys(np.flatnonzero(pairs.pickup == stop).tolist(), end_at)
        if end_at <= END:
            yield State(end_at, state.rested, tuple(sorted(picked.items())))


@dataclass(frozen=True, slots=True)
class Features:
    traffic: bool
    rests: bool
    rides: bool
    windows: bool


def random_route(seed: int, features: Features) -> tuple[RoutingProblem, Trips]:
    rng = np.random.default_rng(seed)

    def one(low: int, high: int) -> int:
        return int(rng.integers(low, high))

    count = one(2, 5)
    stops = []
    for _ in range(count):
        opens, later = one(0, 20) * one(0, 2), one(15, 50)
        stops.append(
            Stop(x=10 * one(0, 4), y=10 * one(0, 2), window=(opens, opens + one(10, 55)), service=one(0, 3),
                 release=one(0, 12) * one(0, 2), building=one(-1, 2), approach=one(0, 3),
                 more=((later, later + one(0, 8)),) if features.windows else ())
        )  # fmt: skip
    van = Van(shift=(one(0, 5), one(50, END)), end=one(0, 2), longest=one(14, END), reloads=1)
    depots = [Depot(x=10 * one(-1, 2), hours=(one(0, 6), one(50, END)), loading=one(0, 4)) for _ in range(2)]
    rests, traffic = [], []
    for _ in range(one(1, 3) if features.rests else 0):
        earliest = one(3, 25)
        rests.append(Rest(earliest=earliest, latest=earliest + one(0, 18), length=one(1, 8)))
    if features.traffic:
        starts = np.sort(rng.choice(np.arange(3, 50), 3, replace=False)).tolist()
        traffic = [(start, one(40, 250)) for start in starts]
    cut = one(1, count + 1)
    first, second = (min(cut, 2) - 2, min(cut, 2) - 1) if cut > 1 else (cut, cut + 1)
    pairs = [Pair(pickup=first, delivery=second, ride=one(2, 20))] if features.rides and second < count else []
    trips = [trip for trip in (list(range(cut)), list(range(cut, count))) if trip]
    return routing(stops, [van], depots=depots, pairs=pairs, rests=rests, traffic=traffic), trips


EXACT = [Features(*which) for which in product((False, True), repeat=4) if not (which[1] and which[2])]


@pytest.mark.parametrize("features", EXACT, ids=str)
@pytest.mark.parametrize("seed", seeds(6))
def test_no_schedule_returns_earlier_or_leaves_later_for_the_same_return(features, seed):
    problem, trips = random_route(seed, features)
    route = schedule_route(problem, 0, trips)
    assert (route and (route.start_at, route.end_at)) == Force(problem).best(trips)


@pytest.mark.parametrize("seed", seeds(12))
def test_with_rests_and_limits_of_rides_together_the_schedule_is_one_of_those_there_are(seed):
    problem, trips = random_route(seed, Features(traffic=False, rests=True, rides=True, windows=True))
    route = schedule_route(problem, 0, trips)
    assert route is None or (route.start_at, route.end_at) in set(Force(problem).all(trips))
