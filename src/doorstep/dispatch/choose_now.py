"""Which stops go now and which wait for the next tick, by what would be best in many ways in which the day may go on.

A stop that waits may share a route with one that nobody knows yet; one that goes makes a route denser now. Each
scenario is the known stops and some that may come, planned with two fleets: one that leaves now, and one that leaves
from the next tick on and alone can bring what comes. With which of them a stop rides is its vote. Who has nearly all
votes for one side is fixed there, and the scenarios are planned again from where they were: the others decide anew,
knowing what the first ones do.

References
----------
Lan, van Doorn, Wouda, Rijal, Bhulai (2024), An iterative sample scenario approach for the dynamic dispatch waves
problem, Transportation Science 58(4).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from doorstep.foundation import InputError, Stop
from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.vehicle_routing import RoutePlan, RoutingProblem, Solver, Stops, VehicleTypes, schedule_route
from doorstep.vehicle_routing.roads import Roads
from doorstep.vehicle_routing.room import part_of

NOW, LATER = 1 << 60, 1 << 61
"""Skills of vehicles that leave now, and of those that leave from the next tick on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Future:
    """F stops that may come, released when they are known, and roads between depots, the N known stops and them."""

    stops: Stops
    roads: Roads


Futures = Callable[[np.random.Generator], Future]
Patience = Callable[[float], Stop]
"""Returns the patience that is a share of the whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consensus:
    """How the scenarios decide.

    ``scenarios`` are planned ``rounds`` times at most, for ``share`` of all patience; the routes that leave have the
    rest. A stop is fixed from ``sure`` of the votes on; in the last round it goes if as many as ``enough`` let it go.

    With a fleet that is ``shared``, a vehicle that leaves now is not there later until it is back: there is one fleet,
    and a stop goes now whose trip is loaded before the next tick. Else there are always vehicles more.
    """

    scenarios: int = 16
    rounds: int = 3
    share: float = 0.7
    sure: float = 0.85
    enough: float = 0.5
    shared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NowOrLater:
    """``routes`` that leave now, the stops (W,) that ``wait``, and in which share of scenarios (N,) a stop went now.

    ``served_share`` (N,) is in which it was served at all: now, or later. Shares are those of the last round in which a
    stop was open; of stops that cannot wait, 1.
    """

    routes: RoutePlan
    wait: Ints
    now_share: Floats
    served_share: Floats


def choose_now(
    problem: RoutingProblem,
    must: Bools,
    next_at: int,
    futures: Futures,
    *,
    solver: Solver,
    patience: Patience,
    rng: np.random.Generator,
    consensus: Consensus | None = None,
) -> NowOrLater:
    """Return the routes that leave now, and who waits.

    Parameters
    ----------
    problem
        The N known stops and the vehicles that can leave now.
    must : (N,)
        Who cannot wait; ``cannot_wait`` says who, by the clock.
    next_at
        When vehicles leave at the earliest after the next tick [epoch s].
    futures
        Draws what may come until some tick; it is asked once for each scenario.

    Raises
    ------
    InputError
        If ``must`` is not one for each stop.
    """
    if must.shape != (len(problem.stops),):
        raise InputError(f"must is {must.shape}, with {len(problem.stops)} stops: each needs to be told.")
    rule = consensus or Consensus()
    seed = int(rng.integers(1 << 31))
    go, wait, shares = must.copy(), np.zeros_like(must), must.astype(np.float64)
    served = np.ones(must.size)
    undecided = not must.all() and rule.scenarios > 0 and rule.rounds > 0
    kind = _OneFleet if rule.shared else _Scenarios
    scenarios = kind(problem, next_at, [futures(rng) for _ in range(rule.scenarios * undecided)])
    for number in range(rule.rounds):
        is_open = ~(go | wait)
        if not (undecided and is_open.any()):
            break
        each = rule.share / (rule.scenarios * rule.rounds)
        now, some = scenarios.vote(go, wait, solver, lambda: patience(each), seed + 1_000 * number)  # noqa: B023
        shares[is_open], served[is_open] = now.mean(axis=0)[is_open], some.mean(axis=0)[is_open]
        last = number == rule.rounds - 1
        go |= is_open & (shares >= (rule.enough if last else rule.sure))
        wait |= is_open & ~go & (shares <= (rule.enough if last else 1.0 - rule.sure))
    routes = _routes(problem, np.flatnonzero(go), solver, patience(1.0 - rule.share), seed)
    return NowOrLater(routes=routes, wait=np.flatnonzero(~go), now_share=shares, served_share=served)


def cannot_wait(problem: RoutingProblem, next_at: int) -> Bools:
    """Return which stops (N,) no vehicle can serve, even alone, that leaves at ``next_at`` [epoch s] or later."""
    kinds = problem.vehicles
    later = replace(
        problem,
        vehicles=replace(
            kinds, shift_start_at=np.minimum(np.maximum(kinds.shift_start_at, next_at), kinds.shift_end_at)
        ),
    )
    able = [kind for kind in range(len(kinds)) if kinds.count[kind] and kinds.shift_end_at[kind] > next_at]
    alone = (any(schedule_route(later, kind, [[stop]]) for kind in able) for stop in range(len(problem.stops)))
    return ~np.fromiter(alone, dtype=np.bool_, count=len(problem.stops))


class _Scenarios:
    """The scenarios of a tick and their newest plans, with a fleet that leaves now and one that leaves later."""

    def __init__(self, problem: RoutingProblem, next_at: int, futures: Sequence[Future]) -> None:
        self.known, self.kinds, self.next_at = len(problem.stops), len(problem.vehicles), next_at
        self.problems = [self.scenario(problem, future) for future in futures]
        self.plans: list[RoutePlan | None] = [None] * len(futures)

    def vote(
        self, go: Bools, wait: Bools, solver: Solver, patience: Callable[[], Stop], seed: int
    ) -> tuple[Bools, Bools]:
        """Plan all scenarios with those fixed who go or wait; return who (K, N) goes now in which, and is served."""
        now, served = (np.zeros((len(self.problems), self.known), dtype=np.bool_) for _ in range(2))
        for number, problem in enumerate(self.problems):
            fixed = self.fixed(problem, go, wait)
            start = _allowed(fixed, self.plans[number])
            plan = solver.solve(fixed, patience(), seed=seed + number, start=start)
            for votes, stops in ((now, self.leaving(plan)), (served, list(plan.served()))):
                votes[number, [stop for stop in stops if stop < self.known]] = True
            self.plans[number] = plan
        return now, served

    def scenario(self, problem: RoutingProblem, future: Future) -> RoutingProblem:
        """Return known stops and what may come, with vehicles for now and for later."""
        now = replace(problem.vehicles, skills=problem.vehicles.skills | NOW)
        later = replace(now, skills=problem.vehicles.skills | LATER, shift_start_at=_from(now, self.next_at))
        columns = (each.name for each in fields(VehicleTypes))
        fleet = VehicleTypes(**{name: np.concatenate([getattr(now, name), getattr(later, name)]) for name in columns})
        coming = replace(future.stops, requirements=future.stops.requirements | LATER)
        return replace(problem.with_stops(coming, future.roads), vehicles=fleet)

    def fixed(self, problem: RoutingProblem, go: Bools, wait: Bools) -> RoutingProblem:
        """Return a scenario in which those who go or wait need the fleet that does."""
        needs = problem.stops.requirements.copy()
        needs[: go.size] |= np.where(go, NOW, 0) | np.where(wait, LATER, 0)
        return replace(problem, stops=replace(problem.stops, requirements=needs))

    def leaving(self, plan: RoutePlan) -> list[int]:
        """Return the stops that go now."""
        return [stop for route in plan.routes if route.vehicle < self.kinds for stop in route.stops]


class _OneFleet(_Scenarios):
    """Scenarios of a fleet that is there once: who waits is loaded from the next tick on, and who goes is as it was."""

    def scenario(self, problem: RoutingProblem, future: Future) -> RoutingProblem:
        """Return known stops and what may come."""
        return problem.with_stops(future.stops, future.roads)

    def fixed(self, problem: RoutingProblem, go: Bools, wait: Bools) -> RoutingProblem:
        """Return a scenario in which who waits is released at the next tick."""
        release_at = problem.stops.release_at.copy()
        mine = release_at[: go.size]
        mine[wait] = np.maximum(mine[wait], self.next_at)
        return replace(problem, stops=replace(problem.stops, release_at=release_at))

    def leaving(self, plan: RoutePlan) -> list[int]:
        """Return the stops of trips that are loaded before the next tick."""
        return [
            stop
            for route in plan.routes
            for trip, load_at in zip(route.trips, route.load_at, strict=True)
            if load_at < self.next_at
            for stop in trip
        ]


def _from(kinds: VehicleTypes, at: int) -> Ints:
    """Return when shifts (V,) begin that do not begin before a moment; one that is over then has no time left."""
    return np.minimum(np.maximum(kinds.shift_start_at, at), kinds.shift_end_at)


def _allowed(problem: RoutingProblem, plan: RoutePlan | None) -> RoutePlan | None:
    """Return a plan without the stops that their vehicles may not serve any more."""
    if plan is None:
        return None
    needs, has = problem.stops.requirements, problem.vehicles.skills
    trips = [
        [[stop for stop in trip if not int(needs[stop]) & ~int(has[route.vehicle])] for trip in route.trips]
        for route in plan.routes
    ]
    routes = (schedule_route(problem, route.vehicle, kept) for route, kept in zip(plan.routes, trips, strict=True))
    return RoutePlan(routes=tuple(route for route in routes if route is not None))


def _routes(problem: RoutingProblem, rows: Ints, solver: Solver, stop: Stop, seed: int) -> RoutePlan:
    """Return routes for some stops, in the numbers of the whole problem."""
    if not rows.size:
        return RoutePlan(routes=())
    found = solver.solve(part_of(problem, rows), stop, seed=seed)
    routes = (
        schedule_route(problem, route.vehicle, [rows[list(trip)].tolist() for trip in route.trips])
        for route in found.routes
    )
    return RoutePlan(routes=tuple(route for route in routes if route is not None))
