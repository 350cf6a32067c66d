"""Several short searches in the place of one long."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from benchmarks.delivery_mode.instances import OWN_RISK, Fleet, draw_orders
from benchmarks.delivery_mode.policies import Shift
from doorstep.foundation import AnyOf, Interrupt, Iterations, Seconds, Stop
from doorstep.vehicle_routing import RoutePlan, RoutingProblem, SisrSolver, check_plan
from doorstep.vehicle_routing.plan import EMPTY
from doorstep.vehicle_routing.several_starts import SeveralStarts


@dataclass
class Heard:
    """An engine that notes what it was asked, and may interrupt the second search."""

    asked: list[tuple[int, int, bool]] = field(default_factory=list)
    interrupt: Interrupt | None = None

    def solve(self, problem: RoutingProblem, stop: Stop, *, seed: int, start: RoutePlan | None = None) -> RoutePlan:
        granted = stop.take(10**9)
        self.asked.append((granted, seed, start is not None))
        if self.interrupt and len(self.asked) == 2:
            self.interrupt.ask()
        return start or EMPTY


def priced(orders: int, seed: int = 1) -> RoutingProblem:
    shift = Shift.of(
        draw_orders(orders, stores=1, seed=seed),
        Fleet(vans=(2,), blocks=False, paid=False),
        uneven=True,
        iterations=0,
        seed=seed,
    )
    cheapest = shift.outside.cost_minor.min(axis=1) - OWN_RISK
    return shift.problem.with_prizes(np.maximum(cheapest, 0))


def test_the_better_half_goes_on_and_all_patience_is_spent_once():
    heard = Heard()
    SeveralStarts(solver=heard).solve(priced(10), Iterations(limit=10_000), seed=5)
    assert [asked[0] for asked in heard.asked] == [250] * 8 + [500] * 4 + [1_000] * 2 + [4_000]
    assert [asked[1] for asked in heard.asked[:8]] == list(range(6, 14))
    assert [asked[2] for asked in heard.asked] == [False] * 8 + [True] * 7


@pytest.mark.parametrize("stop", [Iterations(limit=999), Seconds(limit=5.0)])
def test_too_little_patience_or_one_by_the_clock_is_one_search(stop):
    heard = Heard()
    SeveralStarts(solver=heard).solve(priced(10), stop, seed=5)
    assert len(heard.asked) == 1
    assert heard.asked[0][1] == 5


def test_an_interrupt_ends_the_searches_that_are_left():
    interrupt = Interrupt()
    heard = Heard(interrupt=interrupt)
    stop = AnyOf((Iterations(limit=10_000), interrupt))
    SeveralStarts(solver=heard).solve(priced(10), stop, seed=5)
    assert {asked[0] for asked in heard.asked[2:]} == {0}


def test_a_start_is_never_made_worse_and_the_plan_is_right_and_repeats():
    problem = priced(40)
    solver = SeveralStarts(solver=SisrSolver())
    start = SisrSolver().solve(problem, Iterations(limit=20_000), seed=9)
    one, two = (solver.solve(problem, Iterations(limit=4_000), seed=1, start=start) for _ in range(2))
    assert one == two
    assert check_plan(problem, one) == []
    assert one.objective_minor(problem) <= start.objective_minor(problem)


def test_several_starts_cost_less_than_one_long_search_in_the_mean_of_seeds():
    problem = priced(60)
    one, several = SisrSolver(), SeveralStarts(solver=SisrSolver())
    costs = np.array(
        [
            [engine.solve(problem, Iterations(limit=20_000), seed=seed).objective_minor(problem) for seed in range(5)]
            for engine in (one, several)
        ]
    )
    assert costs[1].mean() <= costs[0].mean()
