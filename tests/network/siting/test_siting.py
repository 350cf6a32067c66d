"""Sites chosen so that serving everybody costs least, against trying every set."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.foundation import InputError, Iterations
from doorstep.network.siting import (
    FAR,
    CostRows,
    SitingPlan,
    SitingProblem,
    choose_sites,
    fixed_charge,
    maximal_covering,
    p_median,
)
from doorstep.network.siting.check import check_siting
from tests.trials import trials


def chosen(problem: SitingProblem, *, steps: int = 20_000, gap: float = 0.0) -> SitingPlan:
    plan = choose_sites(problem, rng=np.random.default_rng(1), stop=Iterations(limit=steps), gap=gap)
    assert check_siting(problem, plan) == []
    return plan


def matrix(*rows: list[int]) -> CostRows:
    return CostRows.of_matrix(np.array(rows, np.int64))


def test_the_median_of_three_villages_on_a_road_is_the_one_in_the_middle():
    plan = chosen(p_median(matrix([0, 4, 9], [4, 0, 5], [9, 5, 0]), np.array([1, 1, 1]), 1))
    assert plan.open.tolist() == [False, True, False]
    assert (plan.cost, plan.bound, plan.proved) == (9, 9, True)
    assert plan.site.tolist() == [1, 1, 1]


def test_the_number_of_sites_binds_and_the_plan_says_what_one_more_would_save():
    plan = chosen(p_median(matrix([0, 4, 9], [4, 0, 5], [9, 5, 0]), np.array([1, 1, 1]), 1))
    (limit,) = plan.binds
    assert (limit.rule, limit.site, limit.saves) == ("most", 2, 5)
    assert plan.one_more.tolist() == [4, 0, 5]


def test_a_site_opens_only_where_it_saves_more_than_it_costs():
    costs = matrix([0, 10], [10, 0])
    assert chosen(fixed_charge(costs, np.array([3, 2]), np.array([5, 19]))).open.tolist() == [True, True]
    dear = chosen(fixed_charge(costs, np.array([3, 2]), np.array([5, 21])))
    assert dear.open.tolist() == [True, False]
    assert dear.cost == 25
    assert dear.binds == ()


def test_an_existing_site_stays_open_where_closing_costs_more_than_keeping_it():
    costs, weight, opening = matrix([0, 10], [10, 0]), np.array([3, 2]), np.array([5, 21])
    kept = chosen(fixed_charge(costs, weight, opening, closing=np.array([0, 2])))
    assert kept.open.tolist() == [True, True]
    assert kept.cost == 26


def test_a_site_that_must_stay_open_does_and_the_plan_says_what_it_costs():
    must = np.array([False, True])
    plan = chosen(fixed_charge(matrix([0, 10], [10, 0]), np.array([3, 2]), np.array([5, 31]), must=must))
    assert plan.open.tolist() == [True, True]
    (limit,) = plan.binds
    assert (limit.rule, limit.site, limit.saves) == ("must", 1, 11)


def test_the_best_covered_are_the_many_and_who_is_out_of_reach_stays_beyond():
    within = CostRows.of_matrix(np.array([[5, FAR], [FAR, 7], [FAR, 9]]))
    plan = chosen(maximal_covering(within, np.array([10, 3, 4]), 1))
    assert plan.open.tolist() == [True, False]
    assert (plan.cost, plan.bound) == (7, 7)
    assert plan.site.tolist() == [0, -1, -1]


small = st.integers(1, 7).flatmap(
    lambda sites: st.tuples(
        st.lists(
            st.tuples(st.lists(st.integers(0, 30), min_size=sites, max_size=sites), st.integers(0, 5)),
            min_size=1,
            max_size=8,
        ),
        st.lists(st.tuples(st.integers(0, 40), st.integers(0, 20), st.booleans()), min_size=sites, max_size=sites),
        st.integers(0, sites),
        st.integers(1, sites),
        st.booleans(),
    )
)


@settings(max_examples=trials(300))
@given(small)
def test_no_set_of_sites_is_cheaper_than_the_proved_plan(drawn):
    customers, sites, least, most, beyond = drawn
    cost = np.array([row[0] for row in customers], np.int64)
    weight = np.array([row[1] for row in customers], np.int64)
    opening = np.array([site[0] for site in sites], np.int64)
    closing = np.array([site[1] for site in sites], np.int64)
    must = np.array([site[2] for site in sites])
    least = min(least, most)
    must &= np.cumsum(must) <= most
    limit = np.full(len(customers), 15) if beyond else None
    rows = CostRows.of_matrix(cost, beyond=limit)
    problem = fixed_charge(rows, weight, opening, closing=closing, must=must, least=least, most=most)
    plan = chosen(problem)
    capped = np.minimum(cost, 15) if beyond else cost
    totals = []
    if not least and not must.any() and (beyond or not weight.any()):
        totals.append(int(15 * weight.sum() + closing.sum()))
    for count in range(max(least, 1), most + 1):
        for some in itertools.combinations(range(len(sites)), count):
            if set(np.flatnonzero(must)) <= set(some):
                shut = np.setdiff1d(np.arange(len(sites)), some)
                serving = weight @ capped[:, list(some)].min(axis=1)
                totals.append(int(serving + opening[list(some)].sum() + closing[shut].sum()))
    assert plan.cost == min(totals)
    assert plan.bound == plan.cost


def random_places(rng: np.random.Generator, customers: int, sites: int) -> tuple[CostRows, np.ndarray]:
    a, b = rng.random((customers, 2)), rng.random((sites, 2))
    cost = np.rint(1000 * np.linalg.norm(a[:, None] - b, axis=2)).astype(np.int64)
    return CostRows.of_matrix(cost), rng.integers(1, 50, customers)


def test_it_ends_when_asked_to_with_a_plan_and_a_valid_bound():
    rows, weight = random_places(np.random.default_rng(3), 300, 120)
    problem = p_median(rows, weight, 15)
    hasty, patient = chosen(problem, steps=25), chosen(problem)
    assert hasty.bound < hasty.cost
    assert hasty.bound <= patient.bound == patient.cost <= hasty.cost


def test_it_ends_as_soon_as_the_gap_is_small_enough():
    rows, weight = random_places(np.random.default_rng(4), 300, 120)
    plan = chosen(p_median(rows, weight, 5), gap=0.05)
    assert 0 < plan.gap <= 0.05


def test_every_fault_is_told_at_once():
    with pytest.raises(InputError) as caught:
        fixed_charge(
            CostRows.of_matrix(np.array([[1, FAR], [FAR, FAR]])),
            np.array([1, 7]),
            np.array([-1, 0]),
            must=np.array([True, True]),
            least=3,
            most=1,
        )
    told = str(caught.value)
    assert "opening must not be negative: row 0 is -1" in told
    assert "at least 3 and at most 1 open sites exclude each other" in told
    assert "2 sites must stay open, and at most 1 may be" in told
    assert "1 customers with 7 units are within reach of no site: rows 1" in told
    with pytest.raises(InputError, match="3 sites cannot be open of 2"):
        p_median(matrix([1, 2]), np.array([1]), 3)


def test_too_few_sites_to_reach_everybody_is_an_error_that_says_who_is_left():
    cost = np.array([[1, FAR], [FAR, 1]])
    with pytest.raises(InputError, match="no 1 sites found that reach all customers: 1 of 2 with 1 of 3 units"):
        chosen(p_median(CostRows.of_matrix(cost), np.array([2, 1]), 1))
