"""Own fleet and third parties chosen together for one routing problem, never dearer than the plan it begins with.

Two plans compete by what they cost in the end, carriers and failures included:

- Own first: own vehicles are filled for most drops, hired ones take of the rest what is worth it, carriers the others.
- Joint: each stop is worth what the outside would ask for it, and all vehicles are one fleet. Several searches begin,
  own first among them (``SeveralStarts``).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from doorstep.delivery_mode import settle_carriers
from doorstep.delivery_mode.tariff import IMPOSSIBLE
from doorstep.foundation import InputError, Iterations
from doorstep.foundation.arrays import Bools, Ints
from doorstep.vehicle_routing import RoutePlan, RoutingProblem, Solver, schedule_route
from doorstep.vehicle_routing.cheapest import NOWHERE, cheapest_insertions, with_stop
from doorstep.vehicle_routing.density import marginal_costs
from doorstep.vehicle_routing.room import part_of
from doorstep.vehicle_routing.several_starts import SeveralStarts

FILL_TIMES = 2
"""Prize of every stop while own vehicles are filled, by the dearest price outside: more than nearly every detour."""
STRONG_SHARE = 0.15
"""Share of patience for own first; the joint search has the rest."""
HIRED_SHARE = 0.4
"""Share of own first's patience for what hired vehicles take of the rest, where there are any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What others ask for N stops of one day, one unit of a carrier's limit each.

    ``cost_minor`` (N, C) is price and risk of each carrier, ``IMPOSSIBLE`` where it does not come; ``limit`` (C,) what
    each takes at most; ``lost_minor`` (N,) what counts if nobody comes; ``own_risk_minor`` the risk of a drop by any
    vehicle of the problem.

    Raises
    ------
    InputError
        If the shapes disagree.
    """

    cost_minor: Ints
    limit: Ints
    lost_minor: Ints
    own_risk_minor: int

    def __post_init__(self) -> None:
        if self.cost_minor.shape != (self.lost_minor.size, self.limit.size):
            raise InputError(
                f"cost_minor is {self.cost_minor.shape}, with {self.limit.size} limits and {self.lost_minor.size} "
                "lost_minor: each stop needs a cost of each carrier."
            )

    @property
    def fill_minor(self) -> int:
        """A prize for which nearly every detour is made: some times the dearest price there is."""
        asked = np.where(self.cost_minor < IMPOSSIBLE, self.cost_minor, 0)
        dearest = int(asked.max(initial=0)) or int(self.lost_minor.max(initial=0))
        return FILL_TIMES * dearest

    def settle(self, left: Ints) -> Ints:
        """Return the carrier of each of L stops that no vehicle serves; C where nobody comes."""
        cost, limit = self._with_nobody()
        ones = np.ones((left.size, limit.size), dtype=np.int64)
        return settle_carriers(cost[left], ones, 0 * ones, limit)

    def prices_after(self, left: Ints) -> Ints:
        """Return what each stop (N,) costs outside at the least while the stops ``left`` (L,) are there.

        A carrier that is full costs more by what it saves its cheapest guest to stay: that one would have to go.
        """
        cost, limit = self._with_nobody()
        chosen = self.settle(left)
        used = np.bincount(chosen, minlength=limit.size)
        open_cost = np.where(used < limit, cost, IMPOSSIBLE)
        more = np.zeros_like(limit)
        for carrier in np.flatnonzero(used >= limit).tolist():
            guests = left[chosen == carrier]
            saved = open_cost[guests].min(axis=1) - cost[guests, carrier]
            more[carrier] = saved.min(initial=IMPOSSIBLE)
        prices: Ints = (cost + np.maximum(more, 0)).min(axis=1)
        return prices

    def _with_nobody(self) -> tuple[Ints, Ints]:
        """Return cost (N, C + 1) and limits (C + 1,) with nobody as the last carrier, who is never full."""
        count = self.lost_minor.size
        return np.column_stack([self.cost_minor, self.lost_minor]), np.append(self.limit, count + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What a choice costs by part: routes, failures on them, carriers with their failures, and stops nobody serves."""

    routes_minor: int
    own_risk_minor: int
    carriers_minor: int
    lost_minor: int

    @property
    def total_minor(self) -> int:
        """The sum of all parts."""
        return self.routes_minor + self.own_risk_minor + self.carriers_minor + self.lost_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetChoice:
    """Who serves each of N stops, and why.

    ``carrier`` (N,) is -1 for stops on routes and for those that nobody serves. ``own_minor`` (N,) is what a stop adds
    to the routes, or would add at least, own risk included, -1 where no vehicle could; ``outside_minor`` (N,) what it
    costs outside, or would. ``strong`` is the bill of the plan that fills own vehicles first.
    """

    plan: RoutePlan
    carrier: Ints
    bill: Bill
    strong: Bill
    own_minor: Ints
    outside_minor: Ints


def choose_fleet(
    problem: RoutingProblem, outside: Outside, hired: Bools, *, solver: Solver, iterations: int, seed: int
) -> FleetChoice:
    """Return the cheaper of the plan that fills own vehicles first and the joint plan that may be started from it.

    It is never dearer than own first with the share of patience that it gets here; with all of it that may cost less.
    While carriers have room, no stop is on a route that would save more without it than the outside asks, or left where
    a detour would cost less.

    Parameters
    ----------
    hired : (V,)
        Which types of vehicle are hired by the shift: own first asks them last.
    iterations
        Of the engine, for all searches together.
    """
    count = len(problem.stops)
    plans = _candidates(problem, outside, hired, solver, iterations, seed)
    cheapest = min(plans, key=lambda plan: bill_of(problem, outside, plan).total_minor)
    plan = _settled(problem, outside, cheapest)
    left = left_by(problem, plan)
    chosen = outside.settle(left)
    carrier = np.full(count, -1, dtype=np.int64)
    carrier[left] = np.where(chosen < outside.limit.size, chosen, -1)
    asked = outside.prices_after(left)
    asked[left] = np.column_stack([outside.cost_minor, outside.lost_minor])[left, chosen]
    return FleetChoice(
        plan=plan,
        carrier=carrier,
        bill=bill_of(problem, outside, plan),
        strong=bill_of(problem, outside, plans[0]),
        own_minor=_own_minor(problem, outside, plan, left),
        outside_minor=asked,
    )


def fill_first(
    problem: RoutingProblem,
    outside: Outside,
    hired: Bools,
    prize_minor: Ints,
    *,
    solver: Solver,
    iterations: int,
    seed: int,
) -> RoutePlan:
    """Return own routes for the stops of the highest prizes (N,); hired vehicles take of the rest what is worth it."""
    some = bool(problem.vehicles.count[hired].any())
    quota = round(iterations * HIRED_SHARE) if some else 0
    own = _with_types(problem, ~hired).with_prizes(prize_minor)
    plan = solver.solve(own, Iterations(limit=iterations - quota), seed=seed)
    left = left_by(problem, plan)
    if not (some and left.size):
        return plan
    rest = part_of(_with_types(problem.with_prizes(prizes_of(problem, outside, plan)), hired), left)
    full = rest.with_prizes(
        np.full(left.size, outside.fill_minor)
    )  # the first stop of a hired vehicle never pays alone
    start = solver.solve(full, Iterations(limit=quota // 3), seed=seed)
    found = solver.solve(rest, Iterations(limit=quota - quota // 3), seed=seed, start=start)
    more = [
        schedule_route(problem, route.vehicle, [left[list(trip)].tolist() for trip in route.trips])
        for route in found.routes
    ]
    return RoutePlan(routes=(*plan.routes, *(route for route in more if route is not None)))


def _candidates(
    problem: RoutingProblem, outside: Outside, hired: Bools, solver: Solver, iterations: int, seed: int
) -> list[RoutePlan]:
    """Return own first, and the joint plan that several searches begin beside it."""
    fill = np.full(len(problem.stops), outside.fill_minor, dtype=np.int64)
    quota = round(iterations * STRONG_SHARE)
    strong = fill_first(problem, outside, hired, fill, solver=solver, iterations=quota, seed=seed)
    priced = problem.with_prizes(prizes_of(problem, outside, strong))
    several = SeveralStarts(solver=solver, least=0)
    return [strong, several.solve(priced, Iterations(limit=iterations - quota), seed=seed, start=strong)]


def left_by(problem: RoutingProblem, plan: RoutePlan) -> Ints:
    """Return the stops that are on no route."""
    return np.setdiff1d(np.arange(len(problem.stops)), np.array(sorted(plan.served()), dtype=np.int64))


def prizes_of(problem: RoutingProblem, outside: Outside, plan: RoutePlan) -> Ints:
    """Return what each stop (N,) would cost outside, less own risk, while others are left by a plan."""
    prices = outside.prices_after(left_by(problem, plan))
    prizes: Ints = np.maximum(prices - outside.own_risk_minor, 0)
    return prizes


def bill_of(problem: RoutingProblem, outside: Outside, plan: RoutePlan) -> Bill:
    """Return what a plan costs with carriers for all that it leaves."""
    left = left_by(problem, plan)
    chosen = outside.settle(left)
    lost = chosen == outside.limit.size
    return Bill(
        routes_minor=plan.cost_minor(problem),
        own_risk_minor=outside.own_risk_minor * (len(problem.stops) - left.size),
        carriers_minor=int(outside.cost_minor[left[~lost], chosen[~lost]].sum()),
        lost_minor=int(outside.lost_minor[left[lost]].sum()),
    )


def _with_types(problem: RoutingProblem, kinds: Bools) -> RoutingProblem:
    vehicles = problem.vehicles
    return replace(problem, vehicles=replace(vehicles, count=np.where(kinds, vehicles.count, 0)))


def _settled(problem: RoutingProblem, outside: Outside, plan: RoutePlan) -> RoutePlan:
    """Return the plan after every single stop is where it costs less, one after the other."""
    for _ in range(len(problem.stops)):
        priced = problem.with_prizes(prizes_of(problem, outside, plan))
        paid = bill_of(problem, outside, plan).total_minor
        better = next((one for one in _better(priced, plan) if bill_of(problem, outside, one).total_minor < paid), None)
        if better is None:
            break
        plan = better
    return plan


def _better(problem: RoutingProblem, plan: RoutePlan) -> Iterator[RoutePlan]:
    """Yield the plan without the stop whose leaving saves most, then with the one whose coming does, if it saves."""
    prizes, saved = problem.stops.prize_minor, marginal_costs(problem, plan)
    gain = np.where(saved >= 0, saved - prizes, 0)
    if gain.size and gain.max() > 0:
        gone = int(np.argmax(gain))
        routes = [
            schedule_route(problem, route.vehicle, [[s for s in trip if s != gone] for trip in route.trips])
            if gone in route.stops
            else route
            for route in plan.routes
        ]
        yield RoutePlan(routes=tuple(route for route in routes if route is not None))
    left = left_by(problem, plan)
    found = cheapest_insertions(problem, plan, left)
    gain = np.where(found.position != NOWHERE, prizes[left] - found.cost_minor, 0)
    if gain.size and gain.max() > 0:
        best = int(np.argmax(gain))
        row = int(found.position[best])
        new = with_stop(problem, plan.routes, found.positions, row, int(left[best]))
        number = int(found.positions.route[row])
        kept = [route for n, route in enumerate(plan.routes) if n != number]
        yield RoutePlan(routes=tuple(route for route in (*kept, new) if route is not None))


def _own_minor(problem: RoutingProblem, outside: Outside, plan: RoutePlan, left: Ints) -> Ints:
    own = marginal_costs(problem, plan) + outside.own_risk_minor
    found = cheapest_insertions(problem, plan, left)
    own[left] = np.where(found.position == NOWHERE, -1, found.cost_minor + outside.own_risk_minor)
    return own
