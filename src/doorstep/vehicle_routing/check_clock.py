"""Recomputes the clock of a route for ``check_plan``, in exact numbers and from the problem alone.

- Driving begins the moment that loading or service ends, or the moment that a rest ends which the vehicle takes there.
- In traffic a second of the clock covers 100 / percent seconds of the road, in each period what lies in it; the arrival
  is rounded up to a whole second. ``arrive_at`` is the arrival at the kerb, ``approach_s`` comes after it.
- Between arrival and service, or between return and the next loading, the vehicle waits, rests and walks as it likes.
- A rest that lies elsewhere, in a drive or a service, is not one.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import ceil
from typing import NamedTuple

import numpy as np

from doorstep.foundation.arrays import Ints
from doorstep.vehicle_routing.plan import VehicleRoute
from doorstep.vehicle_routing.problem import RoutingProblem


class Leg(NamedTuple):
    """A drive between two places."""

    origin: int
    target: int
    metres: int
    seconds: int


class Rest(NamedTuple):
    """A rest taken for a break; what is taken for none of them is ``NO_BREAK`` long."""

    at: int
    length_s: int


NO_BREAK = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """The problem with the columns of its stops as plain numbers, and what belongs to each stop."""

    problem: RoutingProblem
    columns: dict[str, list[int]]
    load: list[list[int]]
    pickup: list[list[int]]
    windows: dict[int, list[tuple[int, int]]]
    pairs: list[tuple[int, int]]
    pair_of: dict[int, int]

    @classmethod
    def of(cls, problem: RoutingProblem) -> "Book":
        """Return the book of a problem."""
        stops, more = problem.stops, problem.windows
        names = ("start_at", "end_at", "release_at", "service_s", "prize_minor", "requirements", "due_at",
                 "late_per_hour_minor", "building", "approach_s", "extra_minor", "group", "vehicle")  # fmt: skip
        windows: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for stop, opens, closes in zip(more.stop.tolist(), more.start_at.tolist(), more.end_at.tolist(), strict=True):
            windows[stop].append((opens, closes))
        pairs = list(zip(problem.pairs.pickup.tolist(), problem.pairs.delivery.tolist(), strict=True))
        return cls(
            problem=problem,
            columns={name: getattr(stops, name).tolist() for name in names},
            load=stops.load.tolist(),
            pickup=stops.pickup.tolist(),
            windows=windows,
            pairs=pairs,
            pair_of={stop: pair for pair, ends in enumerate(pairs) for stop in ends},
        )

    def at(self, name: str, stop: int) -> int:
        """Return a stop's value in a column."""
        return self.columns[name][stop]

    def depot(self, name: str, depot: int) -> int:
        """Return a depot's value."""
        return int(getattr(self.problem.depots, name)[depot])

    def vehicle(self, name: str, route: VehicleRoute) -> int:
        """Return a value of the route's vehicle."""
        return int(getattr(self.problem.vehicles, name)[route.vehicle])

    def loads_at(self, route: VehicleRoute, trip: int) -> int:
        """Return the depot at which a trip of a route loads."""
        return self.vehicle("reload" if trip else "start", route)

    def legs(self, route: VehicleRoute) -> list[list[Leg]]:
        """Return the legs of each trip of a route, from depot to depot."""
        sites, depots = len(self.problem.depots), [self.loads_at(route, n) for n in range(len(route.trips))]
        depots.append(self.vehicle("end", route))
        ways = [
            list(pairwise([depots[n], *(sites + stop for stop in trip), depots[n + 1]]))
            for n, trip in enumerate(route.trips)
        ]
        arcs: Ints = np.array([arc for way in ways for arc in way], dtype=np.int64)
        metres, seconds = self.problem.roads.along(self.vehicle("profile", route), arcs[:, 0], arcs[:, 1])
        known = zip(metres.tolist(), seconds.tolist(), strict=True)
        return [[Leg(*arc, *next(known)) for arc in way] for way in ways]


def clock_faults(book: Book, route: VehicleRoute, legs: Sequence[Sequence[Leg]]) -> list[str]:
    """Return a sentence for each moment of a route that cannot be.

    Where breaks overlap a rest may be taken for either: the reading with the fewest faults counts.
    """
    breaks = book.problem.breaks
    columns = (breaks.vehicle, breaks.earliest_at, breaks.latest_at, breaks.length_s)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    mine = [(earliest, latest, length) for vehicle, earliest, latest, length in rows if vehicle == route.vehicle]
    found: list[list[str]] = []
    for rests, missed in _readings(sorted(route.rest_at), mine):
        faults = [f"it rests at {rest.at}, which is none of its breaks." for rest in rests if rest.length_s == NO_BREAK]
        for earliest, latest, length in missed:
            if route.load_at[0] <= latest < route.end_at:
                faults.append(f"it does not rest for {length} s between {earliest} and {latest}.")
        walk = _Walk(book, route, [rest for rest in rests if rest.length_s != NO_BREAK])
        found.append(faults + walk.faults(legs))
    return min(found, key=len)


def _readings(
    rests: Sequence[int], breaks: list[tuple[int, int, int]]
) -> Iterator[tuple[list[Rest], list[tuple[int, int, int]]]]:
    """Yield each way to take rests for breaks, with the breaks that are then not taken."""
    if not rests:
        yield [], breaks
        return
    for place, (earliest, latest, length) in enumerate(breaks):
        if earliest <= rests[0] <= latest:
            for later, missed in _readings(rests[1:], breaks[:place] + breaks[place + 1 :]):
                yield [Rest(rests[0], length), *later], missed
    for later, missed in _readings(rests[1:], breaks):
        yield [Rest(rests[0], NO_BREAK), *later], missed


class _Walk:
    """A walk along a route by its own moments; ``rests`` are taken where it stands still, those left are faults."""

    def __init__(self, book: Book, route: VehicleRoute, rests: list[Rest]) -> None:
        self.book, self.route, self.rests = book, route, rests
        self.wrong: list[str] = []
        traffic = book.problem.traffic
        self.starts = traffic.start_at.tolist()
        self.percent = traffic.percent[book.vehicle("profile", route)].tolist() if self.starts else []

    def faults(self, legs: Sequence[Sequence[Leg]]) -> list[str]:
        """Return what is wrong with the moments of the route."""
        back = 0
        for number, way in enumerate(legs):
            start = way[0].origin
            self._loading(number, start, back)
            ready = self._stops(number, way, self.route.load_at[number] + self.book.depot("loading_s", start))
            last = number == len(legs) - 1
            back = self._driven(ready, way[-1].seconds, self.route.end_at if last else None)
            if last and self.route.end_at != back:
                self.wrong.append(f"it ends at {self.route.end_at}, by the road at {back}.")
            back, depot = (self.route.end_at if last else back), way[-1].target
            if back > self.book.depot("close_at", depot):
                closes = self.book.depot("close_at", depot)
                self.wrong.append(f"it is back at {back}, depot {depot} closes at {closes}.")
        self.wrong += [f"it rests at {at} for {length} s, while it does something else." for at, length in self.rests]
        return self.wrong

    def _loading(self, number: int, depot: int, back: int) -> None:
        load_at, book = self.route.load_at[number], self.book
        if number and self._longest_wait(back, load_at) < 0:
            self.wrong.append(f"trip {number} is loaded at {load_at}, the vehicle is there at {back}.")
        opens, closes = book.depot("open_at", depot), book.depot("close_at", depot)
        if not opens <= load_at <= closes:
            self.wrong.append(f"trip {number} is loaded at {load_at}, depot {depot} is open from {opens} to {closes}.")
        for stop in self.route.trips[number]:
            release_at = book.at("release_at", stop)
            if release_at > load_at:
                self.wrong.append(f"trip {number} is loaded at {load_at}, stop {stop} is released at {release_at}.")

    def _stops(self, number: int, way: Sequence[Leg], ready: int) -> int:
        """Look at the stops of a trip and return when the last service ends."""
        sites = len(self.book.problem.depots)
        times = zip(way, self.route.arrive_at[number], self.route.service_at[number], strict=False)
        for leg, arrive, begin in times:
            stop = leg.target - sites
            expected = self._driven(ready, leg.seconds, arrive)
            if arrive != expected:
                self.wrong.append(f"it arrives at stop {stop} at {arrive}, by the road at {expected}.")
            self._service(leg.origin - sites, stop, arrive, begin)
            ready = begin + self.book.at("service_s", stop)
        return ready

    def _service(self, before: int, stop: int, arrive: int, begin: int) -> None:
        book, building = self.book, self.book.at("building", stop)
        inside = building >= 0 and before >= 0 and book.at("building", before) == building
        walk = 0 if inside else book.at("approach_s", stop)
        if self._longest_wait(arrive, begin) < walk:
            way = f" and needs {walk} s to the door" if walk else ""
            self.wrong.append(f"stop {stop} is served at {begin}, the vehicle arrives at {arrive}{way}.")
        windows = [(book.at("start_at", stop), book.at("end_at", stop)), *book.windows.get(stop, ())]
        if not any(opens <= begin <= closes for opens, closes in windows):
            listed = ", ".join(f"{opens} to {closes}" for opens, closes in windows)
            self.wrong.append(f"stop {stop} is served at {begin}, its windows are {listed}.")

    def _longest_wait(self, from_at: int, to_at: int) -> int:
        """Take the rests that lie within a wait; return the longest time between them, negative if it ends too soon."""
        parts, free = [], from_at
        for rest in list(self.rests):
            if free <= rest.at and rest.at + rest.length_s <= to_at:
                self.rests.remove(rest)
                parts.append(rest.at - free)
                free = rest.at + rest.length_s
        return max(*parts, to_at - free) if parts else to_at - from_at

    def _driven(self, ready: int, seconds: int, recorded: int | None) -> int:
        """Return when a drive ends that begins when ready, or after one or more rests taken there.

        As many as bring the vehicle nearest to the recorded arrival; without one, as few as leave none for the drive.
        """
        departs, taken = [ready], []
        for rest in self.rests:
            if rest.at >= departs[-1]:
                taken.append(rest)
                departs.append(rest.at + rest.length_s)
        ends = [self._arrival(at, seconds) for at in departs]
        if recorded is not None:
            many = min(range(len(ends)), key=lambda n: abs(ends[n] - recorded))
        else:
            many = next(n for n, end in enumerate(ends) if n == len(taken) or taken[n].at >= end)
        for rest in taken[:many]:
            self.rests.remove(rest)
        return ends[many]

    def _arrival(self, departs: int, seconds: int) -> int:
        """Return the end of a drive in traffic, in exact fractions and then rounded up."""
        if not self.starts:
            return departs + seconds
        left, at = Fraction(seconds), Fraction(departs)
        period = max(0, bisect_right(self.starts, departs) - 1)
        while period + 1 < len(self.starts):
            within = (self.starts[period + 1] - at) * Fraction(100, self.percent[period])
            if left <= within:
                break
            left, at, period = left - within, Fraction(self.starts[period + 1]), period + 1
        return ceil(at + left * Fraction(self.percent[period], 100))
