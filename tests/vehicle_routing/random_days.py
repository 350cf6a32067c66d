"""Small random days with everything in them, and feasible plans of them made by trying places at random."""

from collections.abc import Sequence

import numpy as np

from doorstep.vehicle_routing import RoutePlan, RoutingProblem, VehicleRoute, schedule_route
from doorstep.vehicle_routing.check_plan import check_plan
from doorstep.vehicle_routing.problem import REQUIRED
from tests.vehicle_routing.small_routes import Depot, Pair, Rest, Stop, Van, routing

Sequences = list[tuple[int, list[list[int]]]]
"""Type and trips of each route."""


def random_day(seed: int, *, plain: bool = False, stops: int = 9) -> RoutingProblem:
    """Return a day; one that is ``plain`` has nothing that the segments of a route do not cover."""
    rng = np.random.default_rng(seed)
    rich = not plain
    ends = rng.permutation(stops)
    pairs = [Pair(pickup=int(ends[0]), delivery=int(ends[1]), ride=int(rng.integers(600, 3_000)))]
    asked = pairs if rich and rng.random() < 0.5 else []
    fetched = {asked[0].pickup, asked[0].delivery} if asked else set()
    rests = [Rest(vehicle=0, earliest=1_500, latest=int(rng.integers(2_000, 4_000)), length=200)]
    traffic = [(0, 100), (1_500, 150), (3_000, 80)]
    reloads, again = int(rng.integers(2)), int(rng.integers(2))
    return routing(
        [_stop(rng, rich=rich, paired=n in fetched) for n in range(stops)],
        [
            Van(count=2, capacity=7, reloads=reloads, overtime=(2_500, 1_800), reload=again),
            Van(count=1, capacity=9, fixed=300, skills=1, longest=5_000, end=1, per_km=70, range_m=60_000),
        ],
        depots=[Depot(), Depot(x=1_000, loading=30)],
        pairs=asked,
        rests=rests if rich and rng.random() < 0.4 else [],
        traffic=traffic if rich and rng.random() < 0.4 else [],
    )  # fmt: skip


def _stop(rng: np.random.Generator, *, rich: bool, paired: bool) -> Stop:
    opens, x, y = int(rng.integers(0, 3_000)), int(rng.integers(-5_000, 5_000)), int(rng.integers(-5_000, 5_000))
    late = rich and rng.random() < 0.2
    return Stop(
        x=x,
        y=y,
        window=(opens, opens + int(rng.integers(600, 4_000))),
        more=((opens + 6_000, opens + 6_500),) if rich and rng.random() < 0.2 else (),
        service=int(rng.integers(30, 150)),
        load=0 if paired else int(rng.integers(0, 4)),
        pickup=0 if paired or rng.random() < 0.7 else int(rng.integers(1, 3)),
        release=int(rng.choice([0, 0, 400])),
        prize=REQUIRED if rng.random() < 0.5 else int(rng.integers(500, 3_000)),
        needs=int(rng.random() < 0.2),
        due=(opens + 300, 900) if late else (1 << 40, 0),
        building=int(rng.integers(-1, 2)),
        approach=int(rng.choice([0, 20])),
        extra=int(rng.choice([0, 15])),
        group=0 if rng.random() < 0.2 and not paired else -1,
        only=int(rng.choice([-1, -1, -1, 0, 1])),
    )


def random_plan(problem: RoutingProblem, seed: int, *, share: float = 0.8) -> RoutePlan:
    """Return a plan that keeps all rules, with about that share of what can be served."""
    rng = np.random.default_rng(seed)
    plan = RoutePlan(routes=())
    for stop in rng.permutation(len(problem.stops)).tolist():
        if rng.random() < share:
            choices = [
                found for sequences in placed(problem, plan, stop) if (found := feasible_plan(problem, sequences))
            ]
            plan = choices[int(rng.integers(len(choices)))] if choices else plan
    return plan


def placed(problem: RoutingProblem, plan: RoutePlan, stop: int) -> list[Sequences]:
    """Return all ways to put a stop into a plan: between two stops, on a trip behind another, on a route of its own.

    What is paired goes in behind its pickup, right away.
    """
    pairs = problem.pairs
    if stop in plan.served() or stop in pairs.delivery:
        return []
    new = [stop, *pairs.delivery[pairs.pickup == stop].tolist()]
    old = [(route.vehicle, [list(trip) for trip in route.trips]) for route in plan.routes]
    found: list[Sequences] = []
    for r, (vehicle, trips) in enumerate(old):
        ways = [
            [*trips[:t], [*trip[:at], *new, *trip[at:]], *trips[t + 1 :]]
            for t, trip in enumerate(trips)
            for at in range(len(trip) + 1)
        ]
        ways += [[*trips[: t + 1], new, *trips[t + 1 :]] for t in range(len(trips))]
        found += [[*old[:r], (vehicle, way), *old[r + 1 :]] for way in ways]
    return found + [[*old, (vehicle, [new])] for vehicle in range(len(problem.vehicles))]


def feasible_plan(problem: RoutingProblem, sequences: Sequence[tuple[int, list[list[int]]]]) -> RoutePlan | None:
    """Return the plan of some sequences, None if it breaks a rule."""
    routes: list[VehicleRoute] = []
    for vehicle, trips in sequences:
        route = schedule_route(problem, vehicle, trips)
        if route is None:
            return None
        routes.append(route)
    plan = RoutePlan(routes=tuple(routes))
    return None if check_plan(problem, plan) else plan


def feasible_plans(problem: RoutingProblem, ways: Sequence[Sequences]) -> list[RoutePlan]:
    """Return the plans that keep all rules."""
    return [plan for way in ways if (plan := feasible_plan(problem, way)) is not None]
