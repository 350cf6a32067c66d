"""PyVRP as engine: its units, its tricks and its traps stay in this module.

Money is given to PyVRP in thousandths of a minor unit, so that a rate per kilometre is a whole number per metre.
Requirements become load dimensions of which a vehicle without the skill has none. Times are counted from the earliest
shift, to keep penalties small. The ceiling of its penalties is raised, because prizes of tens of dollars reach it.

References
----------
Wouda, Lan, Kool (2024), PyVRP: a high-performance VRP solver package, INFORMS Journal on Computing 36(4).
"""

import warnings
from dataclasses import dataclass
from statistics import fmean

import numpy as np
import pyvrp
from pyvrp import Activity, ActivityType
from pyvrp.exceptions import PenaltyBoundWarning
from pyvrp.search import (
    OPERATORS,
    LocalSearch,
    NeighbourhoodParams,
    PerturbationManager,
    PerturbationParams,
    compute_neighbours,
)

from doorstep.foundation import Stop
from doorstep.foundation.arrays import Ints
from doorstep.vehicle_routing.plan import EMPTY, RoutePlan
from doorstep.vehicle_routing.problem import RoutingProblem
from doorstep.vehicle_routing.schedule import schedule_route

SCALE = 1_000
"""Thousandths of a minor unit."""

MAX_PENALTY = 1e8
EXCESS_AS_A_STOP, LATE_AS_A_STOP_S, FAR_AS_A_STOP_M = 1.0, 300.0, 2_500.0
"""Excess load (in mean loads), lateness and excess distance that weigh, at first, as much as a stop."""

NO_LIMIT = np.iinfo(np.int64).max // 8


@dataclass(frozen=True, slots=True, kw_only=True)
class PyVrpSolver:
    """The ``Solver`` on PyVRP's iterated local search, tuned for a few hundred optional stops.

    ``neighbours`` is the size of the granular neighbourhood, ``history`` the length of late acceptance.
    """

    neighbours: int = 20
    history: int = 30

    def solve(self, problem: RoutingProblem, stop: Stop, *, seed: int, start: RoutePlan | None = None) -> RoutePlan:
        """Return the best feasible plan found, never worse than ``start`` or than leaving every stop out."""
        known = [plan for plan in (start, EMPTY) if plan is not None]
        if len(problem.stops) and len(problem.vehicles):
            data = _problem_data(problem)
            initial = None if start is None or not start.routes else _as_solution(data, start)
            result = self._search(data, stop, seed, initial)
            if result.is_feasible():
                known.insert(0, _as_plan(problem, result.best))
        return min(known, key=lambda plan: plan.objective_minor(problem))

    def _search(self, data: pyvrp.ProblemData, stop: Stop, seed: int, initial: pyvrp.Solution | None) -> pyvrp.Result:
        """Run PyVRP's search as its ``solve`` does, but from penalties in proportion to the prizes."""
        rng = pyvrp.RandomNumberGenerator(seed=seed)
        neighbours = compute_neighbours(data, NeighbourhoodParams(num_neighbours=self.neighbours))
        search = LocalSearch(data, rng, neighbours, PerturbationManager(PerturbationParams()))
        for operator in OPERATORS:
            if operator.supports(data):
                search.add_operator(operator(data))
        params = pyvrp.PenaltyParams(solutions_between_updates=50, target_feasible=0.85, max_penalty=MAX_PENALTY)
        penalties = pyvrp.PenaltyManager(_first_penalties(data), params)
        if initial is None:
            start = pyvrp.Solution.make_random(data, rng)
            initial = search(start, penalties.max_cost_evaluator(), exhaustive=True)
        patience = pyvrp.IteratedLocalSearchParams(history_length=self.history)
        engine = pyvrp.IteratedLocalSearch(data, penalties, search, initial, patience)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PenaltyBoundWarning)  # at this ceiling it only says: hard to keep all rules
            return engine.run(lambda _cost: stop(), collect_stats=False, display=False)


def _first_penalties(data: pyvrp.ProblemData) -> tuple[list[float], float, float]:
    """Return first penalties of load, lateness and distance in proportion to the prizes.

    PyVRP starts in the middle of its range, at tens of millions a gram, and then never looks at an overfull trip, which
    is the way to a reload.
    """
    clients = data.clients()
    prize = max(1.0, fmean(client.prize for client in clients))
    loads = [max(1.0, fmean(client.delivery[m] for client in clients)) for m in range(data.num_load_dimensions)]
    return [prize / (load * EXCESS_AS_A_STOP) for load in loads], prize / LATE_AS_A_STOP_S, prize / FAR_AS_A_STOP_M


def _problem_data(problem: RoutingProblem) -> pyvrp.ProblemData:
    stops, vehicles = problem.stops, problem.vehicles
    origin = int(vehicles.shift_start_at.min())
    late = int(vehicles.shift_end_at.max()) - origin
    load, capacity = _with_skills(problem)
    clients = [
        pyvrp.Client(
            location=n + 1,
            delivery=load[n].tolist(),
            service_duration=int(stops.service_s[n]),
            tw_early=max(0, int(stops.start_at[n]) - origin),
            tw_late=max(0, int(stops.end_at[n]) - origin),
            release_time=min(late, max(0, int(stops.release_at[n]) - origin)),
            prize=int(stops.prize_minor[n]) * SCALE,
            required=False,
        )
        for n in range(len(stops))
    ]
    types = [
        pyvrp.VehicleType(
            num_available=int(vehicles.count[v]),
            capacity=capacity[v].tolist(),
            fixed_cost=int(vehicles.fixed_minor[v]) * SCALE,
            tw_early=int(vehicles.shift_start_at[v]) - origin,
            tw_late=int(vehicles.shift_end_at[v]) - origin,
            max_distance=int(min(vehicles.max_distance_m[v], NO_LIMIT)),
            unit_distance_cost=int(vehicles.per_km_minor[v]) * SCALE // 1000,
            unit_duration_cost=(int(vehicles.per_hour_minor[v]) * SCALE + 1800) // 3600,
            reload_depots=[0] if vehicles.max_reloads[v] else [],
            max_reloads=int(vehicles.max_reloads[v]),
        )
        for v in range(len(vehicles))
    ]
    return pyvrp.ProblemData(
        locations=[pyvrp.Location(0, 0) for _ in range(len(stops) + 1)],
        clients=clients,
        depots=[pyvrp.Depot(0, service_duration=problem.loading_s)],
        vehicle_types=types,
        distance_matrices=[problem.metres],  # type: ignore[list-item] # its stub mistakes the shape for the type
        duration_matrices=[problem.seconds],  # type: ignore[list-item]
    )


def _with_skills(problem: RoutingProblem) -> tuple[Ints, Ints]:
    """Return loads and capacities with a dimension more for each requirement that some vehicle cannot keep."""
    needed = int(np.bitwise_or.reduce(problem.stops.requirements, initial=0))
    common = int(np.bitwise_and.reduce(problem.vehicles.skills))
    bits = [bit for bit in range(63) if needed >> bit & 1 and not common >> bit & 1]
    load = np.column_stack([problem.stops.load, *(problem.stops.requirements >> bit & 1 for bit in bits)])
    many = len(problem.stops)
    capacity = np.column_stack(
        [
            np.minimum(problem.vehicles.capacity, NO_LIMIT),
            *((problem.vehicles.skills >> bit & 1) * many for bit in bits),
        ]
    )
    return load, capacity


def _as_solution(data: pyvrp.ProblemData, plan: RoutePlan) -> pyvrp.Solution:
    depot = Activity(ActivityType.DEPOT, 0)
    routes = []
    for route in plan.routes:
        activities: list[Activity] = []
        for trip in route.trips:
            if activities:
                activities.append(depot)
            activities += [Activity(ActivityType.CLIENT, stop) for stop in trip]
        routes.append(pyvrp.Route(data, activities, route.vehicle))
    return pyvrp.Solution(data, routes)


def _as_plan(problem: RoutingProblem, solution: pyvrp.Solution) -> RoutePlan:
    routes = []
    for route in solution.routes():
        trips: list[list[int]] = [[]]
        for activity in route.schedule()[1:]:
            if activity.is_depot():
                trips.append([])
            else:
                trips[-1].append(activity.idx)
        scheduled = schedule_route(problem, route.vehicle_type(), trips)
        if scheduled is not None:
            routes.append(scheduled)
    return RoutePlan(routes=tuple(routes))
