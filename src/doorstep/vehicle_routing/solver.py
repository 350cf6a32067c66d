"""What an engine must do; everything else in the house talks to this."""

from typing import Protocol

from doorstep.foundation import Stop
from doorstep.vehicle_routing.plan import RoutePlan
from doorstep.vehicle_routing.problem import RoutingProblem


class Solver(Protocol):
    """An engine for ``RoutingProblem``: optional stops with prizes, windows, releases, reloads, mixed vehicles."""

    def solve(self, problem: RoutingProblem, stop: Stop, *, seed: int, start: RoutePlan | None = None) -> RoutePlan:
        """Return the best feasible plan found, never worse than ``start`` or than leaving every stop out."""
        ...
