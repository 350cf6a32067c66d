"""Fewer vehicles where a vehicle costs much: a route is closed, and its stops are sought room for on the others.

Stops that find none cost more and more to leave out, so that hard ones are served first and easy ones in their stead
are left for later. References: Christiaens, Vanden Berghe (2020), section 4.4: fleet minimisation by absence counters.
"""

from collections.abc import Sequence
from concurrent.futures import Executor

import numpy as np

from doorstep.foundation import Stop
from doorstep.foundation.arrays import Ints
from doorstep.vehicle_routing.problem import RoutingProblem
from doorstep.vehicle_routing.sisr import layout as at
from doorstep.vehicle_routing.sisr._search import iterate
from doorstep.vehicle_routing.sisr.layout import FAR, Ints32
from doorstep.vehicle_routing.sisr.money import Money
from doorstep.vehicle_routing.sisr.pack import Part, Route, count_money, left_out, pack, unpack

ROUND = 500
"""Iterations after which stops that are left out begin to cost more."""
ROUNDS = 8
"""Rounds between two looks at the clock."""


class FleetSearch:
    """Attempts to close one route more, side by side, from the fewest routes known so far."""

    def __init__(
        self,
        problem: RoutingProblem,
        money: Money,
        near: Ints32 | None,
        *,
        attempts: int,
        temperature: float,
        rng: np.random.Generator,
    ) -> None:
        self.problem, self.money, self.near = problem, money, near
        self.attempts, self.temperature, self.rng = attempts, temperature, rng

    def close_routes(
        self, routes: Sequence[Route], stop: Stop, until: float, one_more: float, pool: Executor
    ) -> tuple[list[Route], int]:
        """Return the fewest routes found until the share ``until`` of patience is spent, and iterations.

        It ends before where closing one more takes longer than the share ``one_more``.
        """
        best = list(routes)
        iterations = 0
        parts, since = self._attempts(best), stop.spent()
        while parts and stop.spent() < min(until, since + one_more):
            granted = stop.take(len(parts) * ROUNDS * ROUND)
            if granted <= 0:
                break
            rounds = max(1, granted // (len(parts) * ROUND))
            done = [job.result() for job in [pool.submit(self._search, part, rounds) for part in parts]]
            iterations += rounds * ROUND * len(parts)
            if any(done):
                best = unpack(parts[done.index(True)], best=False)
                parts, since = self._attempts(best), stop.spent()
        return best, iterations

    def _attempts(self, routes: Sequence[Route]) -> list[Part]:
        """Return the routes less one each, the smallest ones, whose stops are left out."""
        order = np.argsort([len(route.stops) for route in routes], kind="stable")[: self.attempts].tolist()
        return [self._without(routes, closed) for closed in order] if len(routes) > 1 else []

    def _without(self, routes: Sequence[Route], closed: int) -> Part:
        kept = [route for number, route in enumerate(routes) if number != closed]
        fleet: Ints = np.bincount([route.kind for route in kept], minlength=len(self.problem.vehicles)).astype(np.int64)
        everything = np.arange(len(self.problem.stops))
        return pack(self.problem, everything, kept, fleet, self.money, self.rng, self.near)

    def _search(self, part: Part, rounds: int) -> bool:
        """Return whether every stop that must be served has found a place."""
        s = part.search
        for _ in range(rounds):
            iterate(s, ROUND, self.temperature)
            left = left_out(s)
            missing = left[s.stop[left, at.PRIZE] >= s.number[at.MISSING]]
            if not missing.size:
                return True
            s.stop[missing, at.PRIZE] += self.money.missing
            s.number[at.LOST] = missing[0]
            count_money(s)
            if s.number[at.CURRENT] > FAR >> 2:
                s.stop[:, at.PRIZE] = np.minimum(s.stop[:, at.PRIZE], self.money.missing)
                count_money(s)
        return False
