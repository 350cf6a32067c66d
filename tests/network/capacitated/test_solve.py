"""Capacitated siting against every choice there is, and cases worked by hand."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.foundation import InputError, Interrupt, Iterations
from doorstep.network.capacitated.check import check_capacitated
from doorstep.network.capacitated.plan import CapacitatedPlan, binding_reasons
from doorstep.network.capacitated.problem import CapacitatedProblem, capacitated_problem
from doorstep.network.capacitated.solve import site_capacitated
from tests.network.capacitated.small_sites import cheapest, drafts, problem_of
from tests.trials import trials


def solved(problem: CapacitatedProblem, *, seed: int = 0, patience: int = 400) -> CapacitatedPlan:
    """Return the plan, checked."""
    plan = site_capacitated(problem, rng=np.random.default_rng(seed), stop=Iterations(limit=patience))
    assert not plan.found or check_capacitated(problem, plan) == []
    return plan


@settings(max_examples=trials(150))
@given(st.booleans().flatmap(lambda split: drafts(split=split)))
def test_bound_and_cost_enclose_the_cheapest_of_all_plans_and_meet_it_when_proved(draft):
    try:
        plan = solved(problem_of(draft))
    except InputError:
        # Every choice is tried on numbers that the problem itself would refuse.
        broken = object.__new__(CapacitatedProblem)
        for name, value in draft.items():
            object.__setattr__(broken, name, value)
        assert cheapest(broken) == np.inf
        return
    best = cheapest(problem_of(draft))
    assert plan.bound <= best + 1e-6 * (1 + abs(best))
    assert best <= plan.cost + 1e-6 * (1 + abs(best))
    assert plan.found
    if plan.proved:
        assert plan.cost == pytest.approx(best, rel=1e-5, abs=1e-6)


@settings(max_examples=trials(30))
@given(st.integers(0, 10_000), st.booleans())
def test_problems_of_six_sites_and_nine_customers_are_proved(seed, split):
    rng = np.random.default_rng(seed)
    demand = rng.integers(1, 10, 9).astype(float)
    problem = capacitated_problem(
        rng.integers(1, 40, (9, 6)).astype(float),
        demand,
        rng.integers(18, 30, 6).astype(float),
        rng.integers(10, 60, 6).astype(float),
        split=split,
    )
    plan = solved(problem)
    assert plan.proved


def two_sites(**more: object) -> CapacitatedProblem:
    """Return customers of 4, 4 and 2 units at two sites of 10; the second is dearer to serve from."""
    given_parts: dict[str, object] = {
        "cost": np.array([[1.0, 5.0], [1.0, 5.0], [1.0, 5.0]]),
        "demand": np.array([4.0, 4.0, 2.0]),
        "capacity": np.array([10.0, 10.0]),
        "opening": np.array([6.0, 2.0]),
    }
    return problem_of(given_parts | more)


def test_the_first_site_alone_costs_nine():
    plan = solved(two_sites())
    assert (plan.cost, plan.level.tolist(), plan.proved) == (9.0, [0, -1], True)
    assert plan.site.tolist() == [0, 0, 0]


def test_a_closing_cost_that_is_dearer_than_staying_open_keeps_a_site():
    plan = solved(two_sites(closing=np.array([0.0, 3.0])))
    assert (plan.cost, plan.level.tolist()) == (11.0, [0, 0])
    assert binding_reasons(two_sites(closing=np.array([0.0, 3.0])), plan) == [
        "Site 1 is open to save its closing cost 3: being free of it saves 2."
    ]
    assert solved(two_sites(closing=np.array([0.0, 1.0]))).cost == 10.0


def test_flags_force_and_forbid():
    must, must_not = two_sites(must_open=np.array([False, True])), two_sites(must_not=np.array([True, False]))
    assert solved(must).cost == 11.0
    assert binding_reasons(must, solved(must)) == ["Site 1 must open: being free of it saves 2."]
    assert solved(must_not).cost == 17.0
    assert binding_reasons(must_not, solved(must_not)) == ["Site 0 must not open: opening it saves 6."]


def test_the_number_of_sites_binds_and_what_one_more_saves_is_told():
    nearest = {"cost": np.array([[0.0, 9.0], [9.0, 0.0], [0.0, 9.0]]), "opening": np.zeros(2)}
    both, one = two_sites(**nearest), two_sites(**nearest, sites=1)
    assert solved(both).cost == 0.0
    assert solved(one).cost == 9.0
    assert binding_reasons(one, solved(one)) == ["Only 1 sites may open: one more, site 1, saves 9."]
    assert solved(two_sites(sites=2)).level.tolist() == [0, 0]
    assert solved(two_sites(sites=2, exactly=False)).level.tolist() == [0, -1]


def test_whole_customers_need_more_room_than_divided_ones():
    tight = {"capacity": np.array([5.0, 5.0]), "demand": np.array([3.0, 3.0, 3.0])}
    divided = solved(two_sites(**tight))
    assert divided.cost == pytest.approx(6 + 2 + 1 + 2 / 3 * 1 + 4 / 3 * 5)
    with pytest.raises(InputError, match="no choice of sites serves all 3 customers with one site each"):
        solved(two_sites(**tight, split=False))
    whole = solved(two_sites(split=False, capacity=np.array([7.0, 10.0])))
    assert (whole.cost, sorted(whole.site.tolist())) == (6 + 2 + 1 + 1 + 5, [0, 0, 1])


def test_a_unit_of_capacity_is_worth_what_it_would_save():
    plan = solved(two_sites(capacity=np.array([8.0, 10.0]), demand=np.array([4.0, 4.0, 4.0])))
    assert plan.cost == 6 + 2 + 1 + 1 + 5
    assert plan.binding.capacity.tolist() == [1.0, 0.0]  # a quarter of a customer, 1 instead of 5


def test_the_level_is_chosen_whose_dearer_building_its_cheaper_handling_pays():
    levels = {
        "capacity": np.array([[10.0, 30.0]]),
        "opening": np.array([[5.0, 20.0]]),
        "unit_cost": np.array([[3.0, 1.0]]),
        "cost": np.zeros((1, 1)),
    }
    few, many = (problem_of(levels | {"demand": np.array([units])}) for units in (7.0, 8.0))
    assert (solved(few).cost, solved(few).level.tolist()) == (26.0, [0])
    assert (solved(many).cost, solved(many).level.tolist()) == (28.0, [1])


def test_the_same_seed_gives_the_same_plan_and_a_spent_patience_a_checked_one():
    rng = np.random.default_rng(3)
    problem = capacitated_problem(
        rng.random((40, 12)) * 50,
        rng.integers(1, 9, 40).astype(float),
        np.full(12, 40.0),
        rng.random(12) * 90,
        split=False,
    )
    first, again = solved(problem, seed=5, patience=60), solved(problem, seed=5, patience=60)
    assert (first.cost, first.bound, first.site.tolist()) == (again.cost, again.bound, again.site.tolist())
    asked = Interrupt()
    asked.ask()
    plan = site_capacitated(problem, rng=rng, stop=asked)
    assert plan.found
    assert check_capacitated(problem, plan) == []
    assert first.cost <= plan.cost


class Listener:
    """Counts stages and steps."""

    def __init__(self) -> None:
        self.stages: list[tuple[str, int]] = []
        self.steps = 0

    def stage(self, name: str, total: int) -> None:
        self.stages.append((name, total))

    def advance(self, steps: int = 1) -> None:
        self.steps += steps


def test_progress_hears_no_more_steps_than_were_announced():
    listener = Listener()
    site_capacitated(two_sites(), rng=np.random.default_rng(0), stop=Iterations(limit=9), progress=listener)
    assert listener.stages[0] == ("Bound", 12)
    assert 0 < listener.steps <= sum(total for _, total in listener.stages)


def test_all_subsets_agree_on_a_problem_with_levels_and_a_count():
    rng = np.random.default_rng(11)
    for split, sites, exactly in itertools.product((True, False), (None, 2), (True, False)):
        problem = capacitated_problem(
            rng.integers(1, 30, (6, 3)).astype(float),
            rng.integers(1, 5, 6).astype(float),
            np.array([[8.0, 14.0], [9.0, 20.0], [12.0, 16.0]]),
            np.array([[5.0, 9.0], [4.0, np.inf], [6.0, 8.0]]),
            unit_cost=np.array([[2.0, 1.0], [1.0, 0.5], [0.0, 1.0]]),
            closing=np.array([0.0, 3.0, 9.0]),
            sites=sites,
            exactly=exactly,
            split=split,
        )
        assert solved(problem).cost == pytest.approx(cheapest(problem))
