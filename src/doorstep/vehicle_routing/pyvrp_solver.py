"""PyVRP as engine: its search, from penalties that suit our problems, or as it comes.

The ceiling of its penalties is raised, because prizes of tens of dollars reach it.

References
----------
Wouda, Lan, Kool (2024), PyVRP: a high-performance VRP solver package, INFORMS Journal on Computing 36(4).
"""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import fmean

import pyvrp
from pyvrp.exceptions import PenaltyBoundWarning
from pyvrp.search import (
    OPERATORS,
    LocalSearch,
    NeighbourhoodParams,
    PerturbationManager,
    PerturbationParams,
    compute_neighbours,
)

from doorstep.foundation import InputError, Stop
from doorstep.vehicle_routing.plan import EMPTY, RoutePlan
from doorstep.vehicle_routing.problem import RoutingProblem
from doorstep.vehicle_routing.pyvrp_model import PyVrpModel, as_model, unsupported

MAX_PENALTY = 1e8
EXCESS_AS_A_STOP, LATE_AS_A_STOP_S, FAR_AS_A_STOP_M = 1.0, 300.0, 2_500.0
"""Excess load (in mean loads), lateness and excess distance that weigh, at first, as much as a stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PyVrpSolver:
    """The ``Solver`` on PyVRP's iterated local search, tuned for a few hundred optional stops.

    ``neighbours`` is the size of the granular neighbourhood, ``history`` the length of late acceptance. ``tuned=False``
    runs it with PyVRP's own parameters, all of them, and money in the coarsest unit, as ``pyvrp.solve`` would be run by
    its authors: the peer of the benchmarks.
    """

    neighbours: int = 20
    history: int = 30
    tuned: bool = True

    def solve(self, problem: RoutingProblem, stop: Stop, *, seed: int, start: RoutePlan | None = None) -> RoutePlan:
        """Return the best feasible plan found, never worse than ``start`` or than leaving every stop out.

        Raises
        ------
        InputError
            If the problem asks for what PyVRP cannot express, see ``unsupported``.
        """
        missing = unsupported(problem)
        if missing:
            raise InputError(
                f"PyVRP cannot express {', '.join(missing)}.", hint="Maybe leave them out, or take another solver."
            )
        known = [plan for plan in (start, EMPTY) if plan is not None]
        if len(problem.stops) and problem.vehicles.count.any():
            model = as_model(problem, coarse=not self.tuned)
            known = [*self._found(model, stop, seed, start), *known]
        return min(known, key=lambda plan: plan.objective_minor(problem))

    def _found(self, model: PyVrpModel, stop: Stop, seed: int, start: RoutePlan | None) -> list[RoutePlan]:
        """Return the plan that PyVRP finds, none if it breaks a rule."""
        if not model.stop and not model.shipment:
            return []
        initial = None if start is None or not start.routes else model.as_solution(start)
        search = self._search if self.tuned else _published_search
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PenaltyBoundWarning)  # at this ceiling it only says: hard to keep all rules
            result = search(model.data, stop, seed, initial)
        return [model.as_plan(result.best)] if result.is_feasible() else []

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
        return engine.run(lambda _cost: stop(), collect_stats=False, display=False)


def _published_search(data: pyvrp.ProblemData, stop: Stop, seed: int, initial: pyvrp.Solution | None) -> pyvrp.Result:
    return pyvrp.solve(data, lambda _cost: stop(), seed=seed, collect_stats=False, initial_solution=initial)


def _first_penalties(data: pyvrp.ProblemData) -> tuple[list[float], float, float]:
    """Return first penalties of load, lateness and distance in proportion to what a stop is worth.

    PyVRP starts in the middle of its range, at tens of millions a gram, and then never looks at an overfull trip, which
    is the way to a reload.
    """
    loads = [[a + b for a, b in zip(client.delivery, client.pickup, strict=True)] for client in data.clients()]
    loads += [shipment.amount for shipment in data.shipments()]
    means = [max(1.0, fmean(load[m] for load in loads)) for m in range(data.num_load_dimensions)]
    worth = max(1.0, fmean(_worths(data)))
    return [worth / (mean * EXCESS_AS_A_STOP) for mean in means], worth / LATE_AS_A_STOP_S, worth / FAR_AS_A_STOP_M


def _worths(data: pyvrp.ProblemData) -> Iterator[float]:
    """Yield the prize of what is optional, and a drive there and back for what is required."""
    kind, groups = data.vehicle_type(0), data.groups()
    site = data.depot(kind.start_depot).location
    metres, seconds = data.distance_matrix(kind.profile), data.duration_matrix(kind.profile)
    tasks = [
        (client.location, client.prize, client.required or (client.group is not None and groups[client.group].required))
        for client in data.clients()
    ]
    tasks += [(shipment.pickup.location, shipment.prize, shipment.required) for shipment in data.shipments()]
    for place, prize, required in tasks:
        far, long = (int(table[site, place] + table[place, site]) for table in (metres, seconds))
        yield float(kind.unit_distance_cost * far + kind.unit_duration_cost * long if required else prize)
