"""Routing problems on a line or a grid, and the brute force that judges plans."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations, permutations

import numpy as np

from doorstep.foundation.arrays import Ints
from doorstep.vehicle_routing import RoutePlan, RoutingProblem, Stops, VehicleRoute, VehicleTypes, schedule_route

SHIFT = (0, 36_000)
FAR = 1 << 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A stop at a point of the grid [m]; a metre takes a tenth of a second."""

    x: int
    y: int = 0
    window: tuple[int, int] = SHIFT
    release: int = 0
    service: int = 100
    load: int = 1
    prize: int = 10_000
    needs: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Van:
    """A type of vehicle; a kilometre costs 100 and an hour 3,600, a unit a second."""

    count: int = 1
    capacity: int = 100
    skills: int = 0
    shift: tuple[int, int] = SHIFT
    range_m: int = FAR
    reloads: int = 0
    fixed: int = 500
    per_km: int = 100
    per_hour: int = 3_600


@dataclass(slots=True)
class Found:
    """The least objective that brute force knows, and how many routes it looked at."""

    objective: int
    looked_at: int = field(default=0)


def routing(stops: Sequence[Stop], vans: Sequence[Van], *, loading: int = 60) -> RoutingProblem:
    """Return the problem of stops around a site at the origin."""
    xs, ys = array([0, *(s.x for s in stops)]), array([0, *(s.y for s in stops)])
    metres = np.abs(xs[:, None] - xs) + np.abs(ys[:, None] - ys)
    return RoutingProblem(
        stops=Stops(
            start_at=array([s.window[0] for s in stops]),
            end_at=array([s.window[1] for s in stops]),
            release_at=array([s.release for s in stops]),
            service_s=array([s.service for s in stops]),
            load=array([s.load for s in stops])[:, None],
            prize_minor=array([s.prize for s in stops]),
            requirements=array([s.needs for s in stops]),
        ),
        vehicles=VehicleTypes(
            count=array([v.count for v in vans]),
            capacity=array([v.capacity for v in vans])[:, None],
            skills=array([v.skills for v in vans]),
            shift_start_at=array([v.shift[0] for v in vans]),
            shift_end_at=array([v.shift[1] for v in vans]),
            max_distance_m=array([v.range_m for v in vans]),
            max_reloads=array([v.reloads for v in vans]),
            fixed_minor=array([v.fixed for v in vans]),
            per_km_minor=array([v.per_km for v in vans]),
            per_hour_minor=array([v.per_hour for v in vans]),
        ),
        metres=metres,
        seconds=metres // 10,
        loading_s=loading,
    )


def array(values: Sequence[int]) -> Ints:
    """Return whole numbers."""
    return np.array(values, dtype=np.int64)


def feasible(problem: RoutingProblem, route: VehicleRoute) -> bool:
    """Return whether a scheduled route keeps capacity, skills, range and reloads; the clock is the schedule's."""
    kinds, v = problem.vehicles, route.vehicle
    needs = int(np.bitwise_or.reduce(problem.stops.requirements[list(route.stops)], initial=0))
    loads = [problem.stops.load[list(trip)].sum(axis=0) for trip in route.trips]
    return (
        all((load <= kinds.capacity[v]).all() for load in loads)
        and not needs & ~int(kinds.skills[v])
        and route.metres(problem) <= kinds.max_distance_m[v]
        and len(route.trips) - 1 <= kinds.max_reloads[v]
    )


def sound(problem: RoutingProblem, plan: RoutePlan) -> bool:
    """Return whether a plan keeps every rule and brings no stop twice."""
    stops = [stop for route in plan.routes for stop in route.stops]
    out = np.bincount([route.vehicle for route in plan.routes], minlength=len(problem.vehicles))
    again = [schedule_route(problem, route.vehicle, route.trips) for route in plan.routes]
    return (
        len(stops) == len(set(stops))
        and bool((out <= problem.vehicles.count).all())
        and all(feasible(problem, route) for route in plan.routes)
        and again == list(plan.routes)
    )


def brute_force(problem: RoutingProblem) -> Found:
    """Return the least objective over all sequences of all subsets on every vehicle, of which each type has one.

    One trip for each vehicle, or two where it may reload.
    """
    count = len(problem.stops)
    prize = problem.stops.prize_minor
    found = Found(0)
    best = {0: 0}
    for v in range(len(problem.vehicles)):
        cost = {0: 0}
        for size in range(1, count + 1):
            for subset in combinations(range(count), size):
                mask = sum(1 << s for s in subset)
                for order in permutations(subset):
                    for cut in range(1, size + 1 if problem.vehicles.max_reloads[v] else 2):
                        trips = (
                            [order] if cut == 1 and not problem.vehicles.max_reloads[v] else [order[:cut], order[cut:]]
                        )
                        found.looked_at += 1
                        route = schedule_route(problem, v, trips)
                        if route is not None and feasible(problem, route):
                            cost[mask] = min(cost.get(mask, FAR), route.cost_minor(problem))
        both: dict[int, int] = {}
        for a, paid in best.items():
            for b, more in cost.items():
                if not a & b:
                    both[a | b] = min(both.get(a | b, FAR), paid + more)
        best = both
    left = {mask: sum(int(prize[s]) for s in range(count) if not mask >> s & 1) for mask in best}
    found.objective = min(paid + left[mask] for mask, paid in best.items())
    return found
