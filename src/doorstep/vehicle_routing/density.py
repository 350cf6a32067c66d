"""What one stop more or less is worth on a route: the marginal cost that density creates."""

from itertools import pairwise

import numpy as np

from doorstep.foundation.arrays import Ints
from doorstep.foundation.units import METRES_PER_KM, SECONDS_PER_HOUR
from doorstep.vehicle_routing.plan import RoutePlan, VehicleRoute
from doorstep.vehicle_routing.problem import RoutingProblem
from doorstep.vehicle_routing.schedule import schedule_route


def removal_saving_minor(problem: RoutingProblem, route: VehicleRoute, stop: int) -> int:
    """Return what the route would cost less without the stop [minor]; its whole cost if it is the only one."""
    trips = [[s for s in trip if s != stop] for trip in route.trips]
    shorter = schedule_route(problem, route.vehicle, trips)
    return route.cost_minor(problem) - (shorter.cost_minor(problem) if shorter else 0)


def cheapest_insertion_minor(problem: RoutingProblem, plan: RoutePlan, stops: Ints) -> Ints:
    """Return what the detour to each of some stops would cost at least, windows and loads left aside, (M,) [minor].

    It is a lower estimate: the place found may break a window or a capacity. -1 if no vehicle is out.
    """
    best = np.full(stops.size, -1, dtype=np.int64)
    node = stops + 1
    for route in plan.routes:
        per_km = problem.vehicles.per_km_minor[route.vehicle]
        per_hour = problem.vehicles.per_hour_minor[route.vehicle]
        arcs = np.array([arc for trip in route.trips for arc in pairwise([0, *(s + 1 for s in trip), 0])])
        before, after = arcs[:, :1], arcs[:, 1:]
        metres, seconds = (
            matrix[before, node].astype(np.int64) + matrix[node, after] - matrix[before, after]
            for matrix in (problem.metres, problem.seconds)
        )
        seconds += problem.stops.service_s[stops]
        money = metres * per_km * SECONDS_PER_HOUR + seconds * per_hour * METRES_PER_KM
        cheapest = money.min(axis=0, initial=np.iinfo(np.int64).max)
        cost = (2 * cheapest + METRES_PER_KM * SECONDS_PER_HOUR) // (2 * METRES_PER_KM * SECONDS_PER_HOUR)
        best = np.where((best < 0) | (cost < best), cost, best)
    return best
