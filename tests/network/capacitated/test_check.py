"""The check finds every broken rule of a capacitated plan."""

from dataclasses import replace

import numpy as np
import pytest

from doorstep.foundation import Iterations
from doorstep.network.capacitated.check import check_capacitated
from doorstep.network.capacitated.plan import CapacitatedPlan
from doorstep.network.capacitated.problem import CapacitatedProblem, capacitated_problem
from doorstep.network.capacitated.solve import site_capacitated


@pytest.fixture(scope="module")
def problem() -> CapacitatedProblem:
    """Return three customers of 4, 4 and 2 at three sites; the first two are needed, the third must not open."""
    return capacitated_problem(
        np.array([[1.0, 5.0, 1.0], [1.0, 5.0, 1.0], [9.0, 2.0, np.inf]]),
        np.array([4.0, 4.0, 2.0]),
        np.array([8.0, 6.0, 10.0]),
        np.array([3.0, 4.0, 0.0]),
        closing=np.array([0.0, 0.0, 5.0]),
        must_open=np.array([True, False, False]),
        must_not=np.array([False, False, True]),
        sites=2,
        split=False,
    )


@pytest.fixture(scope="module")
def plan(problem: CapacitatedProblem) -> CapacitatedPlan:
    return site_capacitated(problem, rng=np.random.default_rng(0), stop=Iterations(limit=100))


def test_the_plan_itself_is_right(problem, plan):
    assert check_capacitated(problem, plan) == []
    assert plan.cost == 1 + 1 + 2 + 3 + 4 + 5
    assert plan.site.tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"cost": 15.0, "bound": 15.0}, "cost 15.0 is not 16.0."),
        ({"bound": 17.0}, "bound 17.0 is above the cost 16.0."),
        ({"cost": np.nan}, "cost nan is not 16.0."),
        ({"bound": np.nan}, "bound nan is above the cost 16.0."),
        ({"site": np.array([1, 1, 1])}, "site 1: serves 10, capacity 6."),
        ({"site": np.array([0, 0, 2])}, "customer 2: site 2 is closed."),
        ({"site": np.array([0, 0, 2])}, "customer 2: site 2 is not allowed."),
        ({"level": np.array([0, 0, 0])}, "site 2: must not open."),
        ({"level": np.array([0, 0, 0])}, "3 sites are open, not exactly 2."),
        ({"level": np.array([-1, 0, -1])}, "site 0: must open."),
        ({"level": np.array([0, 1, -1])}, "site 1: level 1 is not offered."),
        ({"share": np.array([1.0, 0.5, 1.0])}, "customer 1: 0.5 of the demand is served."),
        ({"share": np.array([1.0, 1.5, 1.0])}, "customer 1: share 1.5 from site 0 is not above 0 and at most 1."),
        ({"customer": np.array([0, 0, 2])}, "customer 0: is served from site 0 twice."),
        ({"customer": np.array([0, 0, 2])}, "customer 1: 0 of the demand is served."),
        ({"customer": np.array([0, 1, 3])}, "customer 3 at site 1: one of them does not exist."),
    ],
)
def test_every_broken_rule_is_found(problem, plan, change, fault):
    assert fault in check_capacitated(problem, replace(plan, **change))


def test_a_whole_customer_with_two_sites_is_found(problem, plan):
    both = replace(
        plan,
        customer=np.array([0, 1, 2, 2]),
        site=np.array([0, 0, 0, 1]),
        share=np.array([1.0, 1.0, 0.5, 0.5]),
    )
    assert "customer 2: has 2 sites, not one." in check_capacitated(problem, both)
    assert "customer 2: has 2 sites, not one." not in check_capacitated(replace(problem, split=True), both)
