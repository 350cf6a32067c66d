"""Units go where they are worth most, and the bound holds."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from doorstep.foundation import InputError, Iterations
from doorstep.placement import place_stock, placement_problem
from doorstep.placement._product_kernels import answer
from doorstep.placement._tails_kernels import masses
from doorstep.placement.check import check_placement, draw_demand, expected_value, replay
from doorstep.placement.plan import explain, marginal_prices
from doorstep.placement.problem import demand_of_sites
from doorstep.placement.tails import market_of
from tests.placement.small_stock import best_value, problems
from tests.trials import trials

POISSON = np.inf


def test_one_product_at_one_site_is_the_newsvendor():
    # A unit is worth 10 if sold, 2 to hold: the last unit j with P(D >= j) > 0.2. Poisson of mean 3: P(D >= 5) = 0.185,
    # P(D >= 4) = 0.353, so 4 units.
    plan = place_stock(placement_problem(np.array([[3.0]]), POISSON, np.array([10.0, 10, 10]), np.inf, holding=2.0))
    assert plan.units.tolist() == [[4]]
    sold = 3.0 - sum((d - 4) * stats.poisson.pmf(d, 3.0) for d in range(5, 40))
    assert plan.value == pytest.approx(10 * sold - 8, rel=1e-6)
    assert plan.loss[0, 0] == pytest.approx(10 * stats.poisson.sf(3, 3.0) - 2, rel=1e-5)
    assert plan.gain[0, 0] == pytest.approx(10 * stats.poisson.sf(4, 3.0) - 2, rel=1e-4)
    assert plan.gap < 1e-5


def test_a_full_site_gives_its_room_to_what_gains_most_for_it():
    # Product 1 is twice as large and worth three times as much: it gains more for its room, so it comes first.
    problem = placement_problem(
        np.array([[50.0], [50.0]]),
        POISSON,
        np.array([[1.0, 1, 1], [3.0, 3, 3]]),
        np.array([40.0]),
        cube=np.array([1.0, 2]),
    )
    plan = place_stock(problem)
    assert plan.units.tolist() == [[0], [20]]
    assert plan.space_price[0] == pytest.approx(1.5, rel=1e-3)


def test_when_serving_from_afar_is_worth_as_much_only_the_sum_matters():
    # All values equal: any place does, and the units are those of the pooled newsvendor. Poisson of mean 4 in all, 10 a
    # unit sold, 5 to hold: P(D >= 4) = 0.567 > 0.5 > P(D >= 5) = 0.371.
    problem = placement_problem(np.array([[1.0, 3.0]]), POISSON, np.array([10.0, 10, 10]), np.inf, holding=5.0)
    assert place_stock(problem).units.sum() == 4


def test_two_zones_share_one_unit_at_the_site_of_the_region_with_more_demand():
    problem = placement_problem(
        np.array([[0.3, 0.3, 0.5]]),
        POISSON,
        np.array([1.0, 0.9, 0.0]),
        np.inf,
        region=np.array([0, 0, 1]),
        supply=np.array([1]),
    )
    # At site 0: 0.1 P(D0 > 0) + 0.9 P(D0 + D1 > 0); at site 2: P(D2 > 0).
    near = 0.1 * (1 - np.exp(-0.3)) + 0.9 * (1 - np.exp(-0.6))
    alone = 1 - np.exp(-0.5)
    assert near > alone
    plan = place_stock(problem)
    assert plan.units[0, 2] == 0
    assert plan.units.sum() == 1
    assert plan.value == pytest.approx(near, rel=1e-5)


def test_stock_stays_where_moving_costs_more_than_it_brings():
    here = placement_problem(
        np.array([[0.0, 2.0]]),
        POISSON,
        np.array([10.0, 6.0, 0.0]),
        np.inf,
        present=np.array([[2, 0]]),
        supply=np.array([2]),
        receive_cost=1.0,
        send_cost=4.0,
    )
    assert place_stock(here).units.tolist() == [[2, 0]]  # moving costs 5, being near brings 4
    assert place_stock(replace(here, send_cost=np.zeros(2))).units[0, 1] > 0


def test_what_a_site_can_receive_is_kept_and_priced():
    problem = placement_problem(
        np.full((5, 2), 4.0), POISSON, np.array([10.0, 0, 0]), np.inf, inbound=np.array([3, 1000]), holding=1.0
    )
    plan = place_stock(problem)
    assert plan.units[:, 0].sum() == 3
    assert plan.inbound_price[0] > 8
    assert plan.inbound_price[1] == 0
    assert check_placement(problem, plan) == []


def test_a_shelf_shows_its_least_and_an_assortment_is_kept():
    problem = placement_problem(
        np.full((2, 2), 0.1),
        POISSON,
        np.array([1.0, 0.5, 0]),
        np.array([5.0, 5.0]),
        holding=0.9,
        least=np.array([2, 0]),
        most=np.array([[9, 9], [9, 0]]),
    )
    plan = place_stock(problem)
    assert plan.units.tolist() == [[2, 0], [2, 0]]
    assert "its shelf must show 2" in explain(problem, plan, 0, 0)
    assert "not in the site's assortment" in explain(problem, plan, 1, 1)


def test_a_unit_is_dearer_to_take_where_it_will_be_missed_by_what_far_costs_more():
    # Poisson of mean 1 and 4, one and two units fit. The unit at site 0 is wanted near it with P(D >= 1), the second at
    # site 1 with P(D >= 2); far costs 3. What both lose if all demand finds too little is the same and left out.
    mean, capacity = np.array([[1.0, 4.0]]), np.array([1.0, 2.0])
    plan = place_stock(placement_problem(mean, POISSON, np.array([10.0, 7, 7]), capacity, stockout_cost=50.0))
    assert plan.units.tolist() == [[1, 2]]
    apart = 3 * (stats.poisson.sf(1, 4.0) - stats.poisson.sf(0, 1.0))
    assert marginal_prices(plan, scale=1_000).tolist() == [[0, pytest.approx(1_000 * apart, abs=1)]]
    alone = place_stock(placement_problem(mean, POISSON, np.array([10.0, 7, 7]), np.array([0.0, 2.0])))
    assert alone.loss[0, 1] > 1
    assert marginal_prices(alone).tolist() == [[0, 0]]


def test_zones_of_a_site_add_up_in_mean_and_variance():
    mean, k = demand_of_sites(np.array([[1.0, 3.0, 2.0]]), np.array([[0.5, 1.5, np.inf]]), np.array([1, 1, 0]), 3)
    assert mean.tolist() == [[2.0, 4.0, 0.0]]
    assert k.tolist() == [[np.inf, 2.0, np.inf]]  # 4 + 16 / 2 = (1 + 2) + (3 + 6)


@given(st.floats(1e-3, 60.0), st.one_of(st.just(np.inf), st.floats(0.05, 50.0)))
def test_probabilities_are_those_of_the_library(mean, k):
    found, lost = masses(mean, k)
    whole = stats.poisson(mean) if np.isinf(k) else stats.nbinom(k, k / (k + mean))
    assert found[:-1] == pytest.approx(whole.pmf(np.arange(found.size - 1)), abs=1e-10)
    assert found.sum() == pytest.approx(1.0, abs=1e-10)
    assert 0 <= lost <= 1.1e-6 * mean
    assert found @ np.arange(found.size) + lost == pytest.approx(mean, rel=1e-9)


def test_probabilities_of_large_means_do_not_vanish():
    for k in (np.inf, 0.8, 40.0):
        found, _ = masses(20_000.0, k)
        assert found.sum() == pytest.approx(1.0, abs=1e-8)


@settings(deadline=None, max_examples=trials(60))
@given(problems(products=1, most=3), st.lists(st.floats(0.0, 3.0), min_size=3, max_size=3))
def test_one_product_is_placed_exactly_at_any_prices(problem, prices):
    market = market_of(problem)
    price = np.array(prices)[market.site]
    units, used, entered = np.zeros((1, 3), np.int64), np.empty(3), np.empty(3)
    answer(market, np.arange(1), price, np.zeros(3), market.most, used, entered, units)

    def net(choice):
        row = np.array(choice)
        rent = float(np.array(prices) @ row * problem.cube[0])
        return expected_value(problem, row[None, :], 0) - rent

    best = max(net(c) for c in product(range(4), repeat=3) if sum(c) <= problem.supply[0])
    found = units[0][np.argsort(market.site)]
    assert net(found) == pytest.approx(best, abs=1e-4)


@settings(deadline=None, max_examples=trials(30))
@given(problems())
def test_plans_keep_the_rules_and_nothing_is_above_the_bound(problem):
    plan = place_stock(problem)
    assert check_placement(problem, plan) == []
    best = best_value(problem, 2)
    assert plan.value <= best + 1e-4
    assert best <= plan.bound + 1e-4


def test_a_demand_that_is_all_but_none_is_none():
    """5e-324 is the smallest number there is; hypothesis came upon it."""
    problem = placement_problem(np.array([[1.0, 5e-324]]), np.array([1.0, 2.0]), np.array([3.0, 1.0, 0.0]), np.inf)
    plan = place_stock(problem)
    assert np.isfinite([plan.value, plan.bound]).all()
    assert plan.units[0, 1] == 0
    assert plan.value <= plan.bound + 1e-9


def wide(seed: int = 3):
    rng = np.random.default_rng(seed)
    mean = rng.gamma(1.0, 0.5, (400, 8))
    return placement_problem(
        mean, 0.8, np.array([1.0, 0.7, 0.2]), 0.8 * mean.sum(axis=0), region=np.array([2, 0, 1, 0, 1, 2, 0, 1])
    )


def test_hundreds_of_products_are_placed_within_a_thousandth_and_fresh_scenarios_agree():
    problem = wide()
    plan = place_stock(problem)
    assert check_placement(problem, plan) == []
    assert plan.gap < 1e-3
    outcomes = [replay(problem, plan.units, draw_demand(problem, np.random.default_rng(s))) for s in range(200)]
    values = np.array([outcome.value for outcome in outcomes])
    assert abs(values.mean() - plan.value) < 4 * values.std() / np.sqrt(values.size)
    wanted = problem.mean.sum()
    assert np.mean([o.own + o.region for o in outcomes]) / wanted == pytest.approx(plan.in_region, abs=0.01)


def test_patience_of_one_question_still_gives_a_plan_and_a_bound():
    problem = wide()
    hasty = place_stock(problem, stop=Iterations(limit=1))
    assert check_placement(problem, hasty) == []
    assert hasty.bound >= place_stock(problem).value


def test_the_check_sees_what_is_wrong():
    problem = wide()
    plan = place_stock(problem)
    more = plan.units.copy()
    more[0, 0] += 10_000
    assert any("site 0: units take" in fault for fault in check_placement(problem, replace(plan, units=more)))
    assert any("value" in fault for fault in check_placement(problem, replace(plan, value=plan.value * 0.99)))
    assert any("bound" in fault for fault in check_placement(problem, replace(plan, bound=plan.value * 0.99)))
    few = replace(problem, supply=np.full(400, 1))
    assert any("supply 1" in fault for fault in check_placement(few, plan))


def test_every_fault_is_told_at_once():
    with pytest.raises(InputError) as caught:
        placement_problem(np.array([[-1.0, 1.0]]), 0.0, np.array([1.0, 2.0, 0.0]), np.array([1.0, -1.0]))
    told = str(caught.value)
    assert "mean must be finite and not negative: 1 entries are not, first (0, 0): -1.0" in told
    assert "k must be above 0" in told
    assert "capacity must not be negative: 1 entries are not, first 1: -1.0" in told
    with pytest.raises(InputError, match=r"must not rise from own site to region to beyond.*product 0"):
        placement_problem(np.ones((1, 2)), 1.0, np.array([1.0, 2.0, 0.0]), np.inf)


def test_least_units_without_a_place_are_told_with_numbers():
    with pytest.raises(InputError) as caught:
        placement_problem(
            np.ones((2, 2)),
            1.0,
            np.ones(3),
            np.array([10.0, 3.0]),
            least=np.array([2, 4]),
            cube=np.array([1.0, 2.0]),
            supply=np.array([5, 100]),
        )
    told = str(caught.value)
    assert "site 1 needs 12, capacity 3, 9 too little" in told
    assert "product 0 needs 6, supply 5, 1 too little" in told
    assert "site 0" not in told


def test_threads_change_nothing_but_who_asks():
    """Sums over parts differ in their last digits, so prices do."""
    problem = wide()
    alone, together = place_stock(problem), place_stock(problem, threads=3)
    assert check_placement(problem, together) == []
    assert together.value == pytest.approx(alone.value, rel=1e-4)
    assert together.bound == pytest.approx(alone.bound, rel=1e-4)
