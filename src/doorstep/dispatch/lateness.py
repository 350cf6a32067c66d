"""Promises at risk: which stops will be late if everybody drives on as planned."""

from dataclasses import replace

import numpy as np

from doorstep.foundation.arrays import Ints
from doorstep.vehicle_routing import RoutingProblem, schedule_route
from doorstep.vehicle_routing.plan import Begun
from doorstep.vehicle_routing.problem import LAST, MOST
from doorstep.vehicle_routing.running import RunningPlan, settled_trips

MUCH_LATER_S = 1 << 20
"""Later than anything is late: twelve days."""


def expected_times(running: RunningPlan) -> dict[int, int]:
    """Return when service will begin at each open stop of the routes, in the order in which they are [epoch s].

    Nobody drives past a stop because it is late, nor goes home because the shift is over. A route without any clock,
    such as one that has no road, has no times.
    """
    problem = patient(running.problem)
    found: dict[int, int] = {}
    for number, (route, count) in enumerate(zip(running.plan.routes, running.settled, strict=True)):
        if number in running.halted:
            continue
        settled = {stop for trip in settled_trips(route, count) for stop in trip}
        trips = [[stop for stop in trip if stop not in running.dropped or stop in settled] for trip in route.trips]
        begun = Begun.of(route, count, now=running.now)
        if len(trips) > 1 and not all(trips):  # a loading for nobody is none, and its moment with it
            trips, begun = _without_empty(trips, begun)
        timed = schedule_route(problem, route.vehicle, trips, begun=begun)
        if timed is None:
            continue
        for trip, times in zip(timed.trips, timed.service_at, strict=True):
            found |= {stop: at for stop, at in zip(trip, times, strict=True) if stop not in settled}
    return found


def late_stops(running: RunningPlan, *, margin_s: int = 0) -> dict[int, int]:
    """Return by how much each open stop of the routes will be later than ``margin_s`` before its last window ends [s].

    Those that will not be are left out.
    """
    last_at = latest_of(running.problem)
    late = {stop: at - int(last_at[stop]) + margin_s for stop, at in expected_times(running).items()}
    return {stop: seconds for stop, seconds in late.items() if seconds > 0}


def latest_of(problem: RoutingProblem) -> Ints:
    """Return when the last window of each stop ends (N,)."""
    last_at = problem.stops.end_at.copy()
    np.maximum.at(last_at, problem.windows.stop, problem.windows.end_at)
    return last_at


def later(at: Ints, by_s: int = MUCH_LATER_S) -> Ints:
    """Return moments some seconds later, as far as a problem knows moments."""
    return np.minimum(at + by_s, MOST)


def patient(problem: RoutingProblem) -> RoutingProblem:
    """Return the problem in which nobody and nothing closes."""
    stops, kinds, depots = problem.stops, problem.vehicles, problem.depots
    return replace(
        problem,
        stops=replace(stops, end_at=later(stops.end_at), late_per_hour_minor=0 * stops.late_per_hour_minor),
        vehicles=replace(kinds, shift_end_at=later(kinds.shift_end_at), max_duration_s=0 * kinds.count + LAST),
        depots=replace(depots, close_at=later(depots.close_at)),
    )


def _without_empty(trips: list[list[int]], begun: Begun) -> tuple[list[list[int]], Begun]:
    """Return the trips that have stops, and what has begun without the loadings of the others."""
    begins, left, kept = list(begun.begins), list[int](), list[list[int]]()
    for trip in trips:
        mine, begins = begins[: 1 + len(trip)], begins[1 + len(trip) :]
        if trip:
            kept.append(trip)
            left += mine
    return kept, replace(begun, begins=tuple(left))
