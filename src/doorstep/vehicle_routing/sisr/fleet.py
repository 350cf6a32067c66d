"""Fewer vehicles where a vehicle costs much: a route is closed, and its stops are sought room for on the others.

Stops that find none cost more and more to leave out, so that hard ones are served first and easy ones in their stead
are left for later. References: Christiaens, Vanden Berghe (2020), section 4.4: fleet minimisation by absence counters.
"""

from collections.abc import Sequence
from concurrent.futures import Executor

import numpy as np

from doorstep.foundation import Stop
from doorstep.foundation.arrays import Ints
from doorstep.vehicle_routing.problem import REQUIRED, RoutingProblem
from doorstep.vehicle_routing.sisr import layout as at
from doorstep.vehicle_routing.sisr._search import iterate
from doorstep.vehicle_routing.sisr.layout import FAR, Ints32
from doorstep.vehicle_routing.sisr.money import Money
from doorstep.vehicle_routing.sisr.pack import Part, Route, count_money, left_out, pack, unpack

ROUND = 500
"""Iterations after which stops that are left out begin to cost more."""
ROUNDS = 8
"""Rounds between two looks at the clock."""
FLEET_SHARE, FLEET_RATIO, FLEET_HEAT = 0.4, 10.0, 0.1
"""Share of patience for closing routes where vehicles cost so many times what routes do, and its temperature."""
PAIR_SHARE, PAIR_GIVE_UP, PAIR_HEAT = 0.6, 0.3, 1.0
"""The same where there are pairs, for which room is harder to find, and the share until the next is given up."""
LEAST_FULL, FULL_ROUTES, GIVE_UP_SHARE = 0.8, 0.96, 0.08
"""Routes are closed too where loads fill such a share of them, until the next takes that share of patience.

Loads that fill less are not what asks for so many routes, and a plan squeezed into fewer is a bad one to begin with.
"""


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


def closing_heat(problem: RoutingProblem) -> float:
    """Return the temperature of closing routes in mean arcs."""
    return PAIR_HEAT if len(problem.pairs) else FLEET_HEAT


def closing_shares(problem: RoutingProblem, part: Part) -> tuple[float, float]:
    """Return the shares of patience for closing routes: in all, and for one more before it is given up.

    None where vehicles cost little and their loads would fill nearly all of them, or where stops are optional.
    """
    s = part.search
    used = s.route[s.route[:, at.TRIPS] > 0]
    fixed = float(s.kind[used[:, at.KIND], at.FIXED].sum())
    moved = float((s.kind[used[:, at.KIND], at.PER_M] * used[:, at.METRES]).sum())
    moved += float((s.kind[used[:, at.KIND], at.PER_S] * used[:, at.DURATION]).sum())
    if fixed > FLEET_RATIO * moved:
        return (PAIR_SHARE, PAIR_GIVE_UP) if len(problem.pairs) else (FLEET_SHARE, FLEET_SHARE)
    most = problem.vehicles.capacity.max(axis=0, initial=1)
    filled = float((problem.stops.load.sum(axis=0) / np.maximum(1, most)).max(initial=0.0))
    many = (
        LEAST_FULL * len(used) < filled < FULL_ROUTES * len(used)
        and not s.number[at.RELOADS]
        and s.number[at.TIMED] == 1
    )
    must = bool((problem.stops.prize_minor == REQUIRED).all())
    return (FLEET_SHARE, GIVE_UP_SHARE) if many and must else (0.0, 0.0)
