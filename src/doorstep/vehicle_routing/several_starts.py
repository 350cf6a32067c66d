"""Several short searches in the place of one long: the better half goes on, again and again, until one is left.

A search seldom parts with a vehicle, or hires one, once its plan is good. With stops that may be left out at a price
several beginnings cost less in the end than one search as long as all of them, if each has time to become good.
"""

from dataclasses import dataclass

from doorstep.foundation import AnyOf, Interrupt, Iterations, Stop
from doorstep.vehicle_routing.plan import RoutePlan
from doorstep.vehicle_routing.problem import RoutingProblem
from doorstep.vehicle_routing.sisr.temperature import expected_iterations, is_counted
from doorstep.vehicle_routing.solver import Solver

STAGE_SHARE = 0.2
"""Share of patience for all searches of a stage; the last search has what is left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeveralStarts:
    """A ``Solver`` that begins ``starts`` searches of another one, a given start beside them.

    Where patience is not counted in iterations, or gives a stop fewer than ``least``, it is one search.
    """

    solver: Solver
    starts: int = 8
    least: int = 100

    def solve(self, problem: RoutingProblem, stop: Stop, *, seed: int, start: RoutePlan | None = None) -> RoutePlan:
        """Return the best feasible plan found, never worse than ``start`` or than leaving every stop out."""
        stops, limit = len(problem.stops), expected_iterations(stop)
        if self.starts < 2 or not is_counted(stop) or limit < self.least * stops or stops < 2:
            return self.solver.solve(problem, stop, seed=seed, start=start)
        interrupts = _interrupts(stop)

        def search(patience: int, seed: int, start: RoutePlan | None) -> RoutePlan:
            granted = AnyOf((Iterations(limit=stop.take(patience)), *interrupts))
            return self.solver.solve(problem, granted, seed=seed, start=start)

        stage = round(limit * STAGE_SHARE)
        plans = [start] if start is not None else []
        plans += [search(stage // self.starts, seed + n, None) for n in range(1, self.starts + 1)]
        going, kept = plans, self.starts // 2
        while kept:
            best = sorted(going, key=lambda plan: plan.objective_minor(problem))[:kept]
            going = [search(stage // kept if kept > 1 else limit, seed, plan) for plan in best]
            plans += going
            kept //= 2
        return min(plans, key=lambda plan: plan.objective_minor(problem))


def _interrupts(stop: Stop) -> tuple[Stop, ...]:
    """Return what ends a search from outside."""
    if isinstance(stop, AnyOf):
        return tuple(one for criterion in stop.criteria for one in _interrupts(criterion))
    return (stop,) if isinstance(stop, Interrupt) else ()
