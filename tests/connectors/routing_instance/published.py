"""Published plans recomputed from nothing but the problem: what they cost, and which of its rules they break."""

from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from doorstep.connectors.routing_instance import Instance, Route
from doorstep.vehicle_routing.problem import REQUIRED, RoutingProblem
from doorstep.vehicle_routing.roads import UNREACHABLE

DATA = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "routing"


def data_file(name: str) -> Path:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{path} is not there: the public instances are not part of the repository.")
    return path


def legs(problem: RoutingProblem, route: Route) -> list[tuple[int, int]]:
    kind, trips = route
    start, end = int(problem.vehicles.start[kind]), int(problem.vehicles.end[kind])
    backs = [start] * (len(trips) - 1) + [end]
    return [
        leg
        for trip, back in zip(trips, backs, strict=True)
        for leg in pairwise([start, *(problem.place(stop) for stop in trip), back])
    ]


def metres(problem: RoutingProblem, route: Route) -> int:
    origins, destinations = np.array(legs(problem, route), dtype=np.int64).T
    return int(problem.roads.along(int(problem.vehicles.profile[route[0]]), origins, destinations)[0].sum())


def cost_of(problem: RoutingProblem, routes: Iterable[Route]) -> int:
    """Return fixed and distance costs, and the prizes of what is left out."""
    total, served = 0, set[int]()
    for route in routes:
        kind, trips = route
        whole, rest = divmod(metres(problem, route) * int(problem.vehicles.per_km_minor[kind]), 1000)
        assert rest == 0
        total += int(problem.vehicles.fixed_minor[kind]) + whole
        served |= {stop for trip in trips for stop in trip}
    left = set(range(len(problem.stops))) - served
    return total + sum(int(problem.stops.prize_minor[stop]) for stop in left)


def broken(instance: Instance, routes: list[Route]) -> list[str]:
    """Return a sentence for each rule that the routes break."""
    problem = instance.problem
    served = {stop for _, trips in routes for trip in trips for stop in trip}
    found = [
        f"stop {stop} is left out"
        for stop in range(len(problem.stops))
        if stop not in served and problem.stops.prize_minor[stop] == REQUIRED and problem.stops.group[stop] < 0
    ]
    kinds = [kind for kind, _ in routes]
    found += [
        f"type {kind} drives too often" for kind in set(kinds) if kinds.count(kind) > problem.vehicles.count[kind]
    ]
    for number, route in enumerate(routes):
        found += [f"route {number}: {rule}" for rule in broken_by(problem, route)]
    return found


def broken_by(problem: RoutingProblem, route: Route) -> list[str]:
    kind, trips = route
    stops, vehicles = problem.stops, problem.vehicles
    found = [f"trip {trip} is too heavy" for trip in trips if too_heavy(problem, kind, trip)]
    visited = [stop for trip in trips for stop in trip]
    found += [f"stop {s} lacks skills" for s in visited if stops.requirements[s] & ~vehicles.skills[kind]]
    found += ["reloads too often"] if len(trips) - 1 > vehicles.max_reloads[kind] else []
    found += ["drives too far"] if metres(problem, route) > vehicles.max_distance_m[kind] else []
    for trip in trips:
        at = {stop: place for place, stop in enumerate(trip)}
        for pickup, delivery in zip(problem.pairs.pickup.tolist(), problem.pairs.delivery.tolist(), strict=True):
            if (pickup in at or delivery in at) and not at.get(pickup, 10**9) < at.get(delivery, -1):
                found.append(f"pair {pickup}, {delivery} is torn")
    return [*found, *untimely(problem, route)]


def too_heavy(problem: RoutingProblem, kind: int, trip: tuple[int, ...]) -> bool:
    stops = problem.stops
    capacity = problem.vehicles.capacity[kind]
    change = stops.pickup - stops.load
    if len(problem.pairs):
        change = change.copy()
        change[problem.pairs.pickup] += problem.pairs.load
        change[problem.pairs.delivery] -= problem.pairs.load
    board = stops.load[list(trip)].sum(axis=0)
    peak = board
    for stop in trip:
        board = board + change[stop]
        peak = np.maximum(peak, board)
    return bool((peak > capacity).any())


def untimely(problem: RoutingProblem, route: Route) -> list[str]:
    """Return what is too late: windows, the shift, and the duration of the shift that starts as late as it may."""
    kind, trips = route
    stops, vehicles = problem.stops, problem.vehicles
    begin, finish = int(vehicles.shift_start_at[kind]), int(vehicles.shift_end_at[kind])
    lowest, highest, service = [begin], [finish], [0]
    for trip in trips:
        lowest[-1] = max(lowest[-1], *(int(stops.release_at[stop]) for stop in trip))
        for stop in trip:
            lowest.append(int(stops.start_at[stop]))
            highest.append(int(stops.end_at[stop]))
            service.append(int(stops.service_s[stop]))
        lowest.append(begin)
        highest.append(finish)
        service.append(0)
    origins, destinations = np.array(legs(problem, route), dtype=np.int64).T
    seconds = problem.roads.along(int(vehicles.profile[kind]), origins, destinations)[1].tolist()
    found = ["drives where there is no way"] if max(seconds) >= UNREACHABLE else []
    at = [lowest[0]]
    for place, drive in enumerate(seconds):
        at.append(max(lowest[place + 1], at[-1] + service[place] + drive))
    found += [
        f"is {now - last} late at visit {p}"
        for p, (now, last) in enumerate(zip(at, highest, strict=True))
        if now > last
    ]
    latest = at[-1]
    for place in reversed(range(len(seconds))):
        latest = min(highest[place], latest - seconds[place] - service[place])
    lasts = at[-1] - max(latest, begin)
    limit = int(vehicles.max_duration_s[kind])
    return [*found, f"lasts {lasts}, at most {limit}"] if lasts > limit else found
