"""PyVRP as it comes: its own reader, its own ``solve``, its own parameters, stopped on CPU seconds."""

import pyvrp

from benchmarks.vehicle_routing.engines import Counted, Outcome, SkippedError, Task, as_outcome, must_fit
from doorstep.connectors.routing_instance import Instance

ROUNDING = {
    "cvrp": "round",
    "vrpb": "round",
    "vrptw": "dimacs",
    "pcvrptw": "dimacs",
    "mtvrptwr": "dimacs",
    "hfvrp": "exact",
    "mdvrptw": "exact",
}
"""How PyVRP's authors round each family in their published tables.

Not "sdvrptw": 0.14.1 reads a drive that is not allowed as 2^44 and then never reaches its first iteration. Our adapter,
which gives PyVRP drives just longer than a shift instead, stands for it there.
"""


class NativePyVrp:
    """PyVRP without any code of ours but the reading of its routes."""

    def warm(self) -> None:
        """Nothing: it is imported with this module."""

    def solve(self, task: Task) -> Outcome:
        """Return the plan found, see ``Engine``."""
        instance, path = task.instance, task.path
        if path.suffix != ".vrp" or instance.family not in ROUNDING:
            raise SkippedError("pyvrp.read does not read this family, or its search hangs on it")
        must_fit(instance.problem, tables=5, bytes_each=8)  # two of its own, two copied, one while it reads
        data = pyvrp.read(path, round_func=ROUNDING[instance.family])
        stop = Counted(task.stop)
        result = pyvrp.solve(data, lambda _cost: stop(), seed=task.seed, collect_stats=False, display=False)
        routes = []
        if result.is_feasible():
            routes = [(_kind(instance, data, route), _trips(instance, data, route)) for route in result.best.routes()]
        outcome = as_outcome(instance.problem, routes, "" if routes else "it found nothing feasible")
        return Outcome(plan=outcome.plan, iterations=stop.asked, faults=outcome.faults, note=outcome.note)


def _kind(instance: Instance, data: pyvrp.ProblemData, route: pyvrp.Route) -> int:
    """Return our type of a route's vehicle: PyVRP names its types by the file's vehicles, from 0."""
    first = int(data.vehicle_type(route.vehicle_type()).name.split(",")[0]) + 1
    return next((kind for kind, numbers in enumerate(instance.vehicle_numbers) if first in numbers), 0)


def _trips(instance: Instance, data: pyvrp.ProblemData, route: pyvrp.Route) -> list[list[int]]:
    """Return the stops of each trip: stops stand in the order of the file, after the depots."""
    depots = len(instance.problem.depots)
    trips: list[list[int]] = [[]]
    for activity in route.schedule()[1:]:
        if activity.is_depot():
            trips.append([])
        else:
            trips[-1].append(data.client(activity.idx).location - depots)
    return [trip for trip in trips if trip]
