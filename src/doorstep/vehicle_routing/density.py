"""What one stop more or less is worth on a route: the marginal cost that density creates."""

from itertools import pairwise

from doorstep.foundation.units import distance_cost_minor, time_cost_minor
from doorstep.vehicle_routing.plan import RoutePlan, VehicleRoute
from doorstep.vehicle_routing.problem import RoutingProblem
from doorstep.vehicle_routing.schedule import schedule_route


def removal_saving_minor(problem: RoutingProblem, route: VehicleRoute, stop: int) -> int:
    """Return what the route would cost less without the stop [minor]; its whole cost if it is the only one."""
    trips = [[s for s in trip if s != stop] for trip in route.trips]
    shorter = schedule_route(problem, route.vehicle, trips)
    return route.cost_minor(problem) - (shorter.cost_minor(problem) if shorter else 0)


def cheapest_insertion_minor(problem: RoutingProblem, plan: RoutePlan, stop: int) -> int | None:
    """Return what the detour to one more stop would cost at least [minor], windows and loads left aside.

    None if no vehicle is out. It is a lower estimate: the place found may break a window or a capacity.
    """
    best: int | None = None
    node = stop + 1
    for route in plan.routes:
        per_km = int(problem.vehicles.per_km_minor[route.vehicle])
        per_hour = int(problem.vehicles.per_hour_minor[route.vehicle])
        for trip in route.trips:
            nodes = [0, *(s + 1 for s in trip), 0]
            for a, b in pairwise(nodes):
                metres = int(problem.metres[a, node] + problem.metres[node, b] - problem.metres[a, b])
                seconds = int(problem.seconds[a, node] + problem.seconds[node, b] - problem.seconds[a, b])
                seconds += int(problem.stops.service_s[stop])
                cost = distance_cost_minor(metres, per_km) + time_cost_minor(seconds, per_hour)
                best = cost if best is None else min(best, cost)
    return best
