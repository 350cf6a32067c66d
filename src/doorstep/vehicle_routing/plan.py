"""Routes with their clock and their cost."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np

from doorstep.foundation.arrays import Ints
from doorstep.foundation.units import distance_cost_minor, time_cost_minor
from doorstep.vehicle_routing.problem import REQUIRED, RoutingProblem

MISSING_MINOR = 10**12
"""What a stop counts in the objective that must be served and is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CostParts:
    """What a route costs by part, each rounded once."""

    fixed_minor: int
    distance_minor: int
    time_minor: int
    overtime_minor: int
    lateness_minor: int
    extra_minor: int

    @property
    def total_minor(self) -> int:
        """The sum of all parts."""
        return sum(getattr(self, part.name) for part in fields(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleRoute:
    """A shift of one vehicle: trips of stops with the clock of each.

    ``trips`` holds the stops of each trip; ``load_at`` when the loading of each trip begins; ``arrive_at`` and
    ``service_at``, in the shape of ``trips``, when the vehicle arrives and service begins; ``rest_at`` when its breaks
    begin; ``end_at`` the return. Trips after the first load at the vehicle's reload depot.
    """

    vehicle: int
    trips: tuple[tuple[int, ...], ...]
    load_at: tuple[int, ...]
    arrive_at: tuple[tuple[int, ...], ...]  # at the kerb: the approach to the door, waiting and rests come after it
    service_at: tuple[tuple[int, ...], ...]
    end_at: int
    rest_at: tuple[int, ...] = ()

    @property
    def stops(self) -> tuple[int, ...]:
        """All stops in order."""
        return tuple(stop for trip in self.trips for stop in trip)

    @property
    def start_at(self) -> int:
        """When the first loading begins."""
        return self.load_at[0]

    def arcs(self, problem: RoutingProblem) -> tuple[Ints, Ints]:
        """Return the places that the route leaves (A,) and reaches (A,), trip by trip."""
        kinds = problem.vehicles
        begin, again, end = (int(column[self.vehicle]) for column in (kinds.start, kinds.reload, kinds.end))
        pairs: list[tuple[int, int]] = []
        for number, trip in enumerate(self.trips):
            back = end if number == len(self.trips) - 1 else again
            pairs += pairwise([begin if number == 0 else again, *(problem.place(stop) for stop in trip), back])
        arcs = np.array(pairs, dtype=np.int64).reshape(-1, 2)
        return arcs[:, 0], arcs[:, 1]

    def metres(self, problem: RoutingProblem) -> int:
        """Return the road metres driven."""
        return int(problem.roads.along(int(problem.vehicles.profile[self.vehicle]), *self.arcs(problem))[0].sum())

    def cost_minor(self, problem: RoutingProblem) -> int:
        """Return fixed, distance, time, overtime and lateness cost, each rounded once, and what stops cost extra."""
        return self.cost_parts(problem).total_minor

    def cost_parts(self, problem: RoutingProblem) -> CostParts:
        """Return what the route costs by part."""
        v, kinds, stops = self.vehicle, problem.vehicles, problem.stops
        worked = self.end_at - self.start_at
        over = max(0, worked - int(kinds.overtime_after_s[v]))
        late = [
            (at - int(stops.due_at[stop]), int(stops.late_per_hour_minor[stop]))
            for trip, times in zip(self.trips, self.service_at, strict=True)
            for stop, at in zip(trip, times, strict=True)
        ]
        return CostParts(
            fixed_minor=int(kinds.fixed_minor[v]),
            distance_minor=distance_cost_minor(self.metres(problem), int(kinds.per_km_minor[v])),
            time_minor=time_cost_minor(worked, int(kinds.per_hour_minor[v])),
            overtime_minor=time_cost_minor(over, int(kinds.overtime_per_hour_minor[v])),
            lateness_minor=time_cost_minor(sum(max(0, seconds) * rate for seconds, rate in late), 1),
            extra_minor=int(stops.extra_minor[list(self.stops)].sum()),
        )


LONG_AGO = -(1 << 62)
"""Before every moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """What is settled of a route: its first visits, loadings among them, begin at ``begins``, its rests at ``rests``.

    No route without such visits begins before ``now``.
    """

    now: int = LONG_AGO
    begins: tuple[int, ...] = ()
    rests: tuple[int, ...] = ()

    @classmethod
    def of(cls, route: VehicleRoute, visits: int, *, now: int = LONG_AGO) -> "Begun":
        """Return that the first visits of a route are settled as they are, with the rests before their last."""
        times = zip(route.load_at, route.service_at, strict=True)
        begins = tuple(at for load_at, services in times for at in (load_at, *services))[:visits]
        return cls(now=now, begins=begins, rests=tuple(at for at in route.rest_at if begins and at < begins[-1]))


NOTHING = Begun()
"""All of a route is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutePlan:
    """The routes of one problem; stops in none of them are left to their alternatives."""

    routes: tuple[VehicleRoute, ...]

    def served(self) -> set[int]:
        """Return the stops on routes."""
        return {stop for route in self.routes for stop in route.stops}

    def cost_minor(self, problem: RoutingProblem) -> int:
        """Return what the routes cost."""
        return sum(route.cost_minor(problem) for route in self.routes)

    def objective_minor(self, problem: RoutingProblem) -> int:
        """Return what the routes cost, plus the prizes of what is left out; ``MISSING_MINOR`` for what must not be."""
        return self.cost_minor(problem) + prizes_left_minor(problem, self.served())


def prizes_left_minor(problem: RoutingProblem, served: Iterable[int]) -> int:
    """Return the prizes of stops and groups that are not served."""
    stops = problem.stops
    left = np.ones(len(stops), dtype=np.bool_)
    left[list(served)] = False
    prize = np.where(stops.prize_minor == REQUIRED, MISSING_MINOR, stops.prize_minor)
    grouped = stops.group >= 0
    total = int(prize[left & ~grouped].sum())
    done = set(stops.group[grouped & ~left].tolist())
    for group in set(stops.group[grouped].tolist()) - done:
        total += int(prize[stops.group == group].max())
    return total


EMPTY = RoutePlan(routes=())
"""No vehicle leaves."""
