"""What one stop more or less is worth on a route: the marginal cost that density creates."""

import numpy as np

from doorstep.foundation.arrays import Ints
from doorstep.foundation.units import METRES_PER_KM, SECONDS_PER_HOUR
from doorstep.vehicle_routing.plan import RoutePlan, VehicleRoute
from doorstep.vehicle_routing.problem import RoutingProblem
from doorstep.vehicle_routing.roads import UNREACHABLE
from doorstep.vehicle_routing.schedule import approach_seconds, schedule_route

NO_WAY_M = 1 << 40
UNKNOWN = np.iinfo(np.int64).max // 4


def removal_saving_minor(problem: RoutingProblem, route: VehicleRoute, stop: int) -> int:
    """Return what the route would cost less without the stop [minor]; its whole cost if it is the only one.

    The other stop of a pair leaves with it.
    """
    pairs = problem.pairs
    gone = {stop, *pairs.delivery[pairs.pickup == stop].tolist(), *pairs.pickup[pairs.delivery == stop].tolist()}
    trips = [[s for s in trip if s not in gone] for trip in route.trips]
    shorter = schedule_route(problem, route.vehicle, trips)
    return route.cost_minor(problem) - (shorter.cost_minor(problem) if shorter else 0)


def cheapest_insertion_minor(problem: RoutingProblem, plan: RoutePlan, stops: Ints) -> Ints:
    """Return what the detour to each of some stops would cost at least, (M,) [minor].

    Windows, loads, traffic, overtime and the other stop of a pair are left aside, so it is a lower estimate: the place
    found may break a window or a capacity. -1 if no vehicle is out that has a road there.
    """
    best = np.full(stops.size, -1, dtype=np.int64)
    for route in plan.routes:
        per_km = problem.vehicles.per_km_minor[route.vehicle]
        per_hour = problem.vehicles.per_hour_minor[route.vehicle]
        metres, seconds = _detours(problem, route, stops)
        seconds += problem.stops.service_s[stops]
        money = metres * per_km * SECONDS_PER_HOUR + seconds * per_hour * METRES_PER_KM
        money[metres >= NO_WAY_M // 2] = UNKNOWN
        cheapest = money.min(axis=0, initial=UNKNOWN)
        cost = (2 * cheapest + METRES_PER_KM * SECONDS_PER_HOUR) // (2 * METRES_PER_KM * SECONDS_PER_HOUR)
        cost += problem.stops.extra_minor[stops]
        best = np.where((cheapest < UNKNOWN) & ((best < 0) | (cost < best)), cost, best)
    return best


def _detours(problem: RoutingProblem, route: VehicleRoute, stops: Ints) -> tuple[Ints, Ints]:
    """Return the metres and seconds that M stops add to each of A arcs, both (A, M)."""
    before, after = route.arcs(problem)
    node = stops + len(problem.depots)
    shape = (before.size, node.size)
    there = _arcs(problem, route, np.repeat(before, node.size), np.tile(node, before.size))
    on = _arcs(problem, route, np.tile(node, before.size), np.repeat(after, node.size))
    old = _arcs(problem, route, before, after)
    metres, seconds = (
        (a.reshape(shape) + b.reshape(shape) - c[:, None]) for a, b, c in zip(there, on, old, strict=True)
    )
    return metres, seconds


def _arcs(problem: RoutingProblem, route: VehicleRoute, origins: Ints, destinations: Ints) -> tuple[Ints, Ints]:
    """Return metres, ``NO_WAY_M`` where there is no road, and seconds of arcs, with the last steps to the door."""
    profile = int(problem.vehicles.profile[route.vehicle])
    metres, seconds = problem.roads.along(profile, origins, destinations)
    metres = np.where(np.maximum(metres, seconds) >= UNREACHABLE, NO_WAY_M, metres)
    return metres, seconds + approach_seconds(problem, origins, destinations)
