"""What one stop more or less is worth on a route: the marginal cost that density creates."""

import numpy as np

from doorstep.foundation.arrays import Ints
from doorstep.foundation.units import METRES_PER_KM, SECONDS_PER_HOUR
from doorstep.vehicle_routing.cheapest import UNKNOWN, in_chunks
from doorstep.vehicle_routing.plan import RoutePlan, VehicleRoute
from doorstep.vehicle_routing.positions import MONEY, NO_WAY, detours, positions_on
from doorstep.vehicle_routing.problem import RoutingProblem
from doorstep.vehicle_routing.schedule import schedule_route


def removal_saving_minor(problem: RoutingProblem, route: VehicleRoute, stop: int) -> int:
    """Return what the route would cost less without the stop [minor]; its whole cost if it is the only one.

    The other stop of a pair leaves with it.
    """
    return route.cost_minor(problem) - _cost_without(problem, route, stop)


def marginal_costs(problem: RoutingProblem, plan: RoutePlan) -> Ints:
    """Return what a plan would cost less without each stop (N,) [minor], exactly; -1 for stops that it leaves out.

    The route keeps its order; the other stop of a pair leaves with it, and a route without stops is not driven.
    """
    saved = np.full(len(problem.stops), -1, dtype=np.int64)
    for route in plan.routes:
        whole = route.cost_minor(problem)
        saved[list(route.stops)] = [whole - _cost_without(problem, route, stop) for stop in route.stops]
    return saved


def _cost_without(problem: RoutingProblem, route: VehicleRoute, stop: int) -> int:
    pairs = problem.pairs
    gone = {stop}
    if len(pairs):
        gone |= {*pairs.delivery[pairs.pickup == stop].tolist(), *pairs.pickup[pairs.delivery == stop].tolist()}
    shorter = schedule_route(problem, route.vehicle, [[s for s in trip if s not in gone] for trip in route.trips])
    return shorter.cost_minor(problem) if shorter else 0


def cheapest_insertion_minor(problem: RoutingProblem, plan: RoutePlan, stops: Ints) -> Ints:
    """Return what the detour to each of some stops would cost at least, (M,) [minor].

    Windows, loads, traffic, overtime and the other stop of a pair are left aside, so it is a lower estimate: the place
    found may break a window or a capacity. -1 if no vehicle is out that has a road there. ``cheapest_insertions`` is
    exact, and slower.
    """
    best = np.full(stops.size, -1, dtype=np.int64)
    places = positions_on(problem, plan)
    per_km = problem.vehicles.per_km_minor[places.vehicle, None] * SECONDS_PER_HOUR
    per_hour = problem.vehicles.per_hour_minor[places.vehicle, None] * METRES_PER_KM
    for rows in in_chunks(stops.size, len(places)):
        metres, seconds = detours(problem, places, stops[rows])
        money = np.where(metres < NO_WAY // 2, metres * per_km + seconds * per_hour, UNKNOWN)
        cheapest = money.min(axis=0, initial=UNKNOWN)
        cost = (2 * cheapest + MONEY) // (2 * MONEY) + problem.stops.extra_minor[stops[rows]]
        best[rows] = np.where(cheapest < UNKNOWN, cost, -1)
    return best
