"""Rules of thumb and policies over recorded orders."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.foundation import InputError
from doorstep.order_routing import OrderRoutingPlan, OrderRoutingProblem, replay_orders
from doorstep.order_routing.plan import OUT_OF_STOCK, SERVED
from doorstep.order_routing.problem import IMPOSSIBLE
from doorstep.order_routing.replay import POLICIES, Forecast, Policy, Waits, dearest_way
from doorstep.order_routing.rules import cost_components, route_by_fewest_splits, route_by_rank
from tests.order_routing.small_orders import Book, allocations, array, routing
from tests.order_routing.test_routing import problems
from tests.trials import trials

TWO_LINES = [(0, 1), (1, 1)]


def replayed(
    problem: OrderRoutingProblem, policy: Policy, forecast: Forecast | None = None, waits: Waits | None = None
) -> OrderRoutingPlan:
    """Replay with the sites' numbers as distances."""
    refuse = np.full(problem.lines.start.size - 1, 10_000)
    rng = np.random.default_rng(1)
    metres = np.maximum(problem.candidates, 0)
    return replay_orders(problem, policy, rng, metres=metres, refuse_minor=refuse, forecast=forecast, waits=waits)


def test_by_sort_order_each_line_goes_to_the_first_site_that_has_it():
    problem = routing([TWO_LINES], [[1, 0], [1, 1]], [[500, 100]])
    plan = route_by_rank(problem, problem.candidates)
    assert allocations(plan, problem) == [(0, 0, 0, 1), (0, 1, 1, 1)]
    assert plan.cost_minor.tolist() == [600]
    assert plan.stock.units.tolist() == [0, 1, 0]


def test_a_line_that_no_site_has_in_full_is_filled_in_the_order_of_the_ranking():
    problem = routing([[(0, 3)]], [[1], [2], [2]], [[10, 10, 10]])
    plan = route_by_rank(problem, array([[2, 1, 0]]))
    assert allocations(plan, problem) == [(0, 0, 1, 1), (0, 0, 2, 2)]


def test_an_order_that_lacks_a_line_gives_everything_back():
    problem = routing([TWO_LINES, [(0, 1)]], [[1, 0]], [[10], [10]], capacity=[1])
    plan = route_by_rank(problem, problem.candidates)
    assert plan.status.tolist() == [OUT_OF_STOCK, SERVED]
    assert plan.capacity.tolist() == [[0]]


def test_fewest_splits_takes_one_far_site_rather_than_two_near_ones():
    problem = routing([TWO_LINES], [[1, 0], [0, 1], [1, 1]], [[10, 10, 900]])
    plan = route_by_fewest_splits(problem, array([[1, 2, 3]]))
    assert allocations(plan, problem) == [(0, 0, 2, 1), (0, 1, 2, 1)]
    assert plan.cost_minor.tolist() == [900]


def test_costs_are_told_by_component():
    problem = routing([[(0, 2), (1, 1)]], [[9, 9]], [[100]], package=[50], line=[7], unit=[3])
    problem = replace(problem, risk_minor=array([[11]]))
    plan = replayed(problem, POLICIES["myopic"])
    parts = {name: cost.tolist() for name, cost in cost_components(problem, plan).items()}
    assert parts == {"package": [50], "lines": [14], "units": [9], "delivery": [100], "risk": [11]}
    assert plan.cost_minor.tolist() == [184]


def test_a_site_that_often_refuses_loses_to_a_dearer_one():
    problem = routing([[(0, 1)]], [[1], [1]], [[100, 120]])
    risky = replace(problem, risk_minor=array([[30, 0]]))
    assert allocations(replayed(risky, POLICIES["myopic"]), risky) == [(0, 0, 1, 1)]
    with pytest.raises(InputError, match="risk_minor"):
        replace(problem, risk_minor=array([30]))


def forecast_of(problem: OrderRoutingProblem, order: int) -> Forecast:
    """Return the forecast that orders like one of the problem's will come, as many as it has."""
    return Forecast(like=problem.take(array([order])), weight=np.ones(1), expected=float(problem.sequence.size))


def test_foresight_keeps_the_near_unit_for_orders_that_need_it():
    problem = routing([[(0, 1)]] * 2, [[1], [3]], [[100, 150], [100, 900]])
    with_foresight = Policy(name="x", samples=4)
    plan = replayed(problem, with_foresight, forecast_of(problem, 1))
    assert plan.cost_minor.tolist() == [150, 100]
    assert replayed(problem, POLICIES["myopic"]).cost_minor.tolist() == [100, 900]


def test_orders_that_wait_are_decided_with_those_that_come_after_them():
    problem = routing([[(0, 1)]] * 2, [[1], [3]], [[100, 150], [100, 900]])
    plan = replayed(problem, Policy(name="x", hold_pct=100))
    assert plan.cost_minor.tolist() == [150, 100]


@pytest.mark.parametrize(
    ("near_until", "far_until", "costs"),
    [(20, 20, [150, 100]), (20, 19, [100, 900]), (19, 20, [100, 900])],
)
def test_an_order_waits_no_longer_than_its_sites_can_wait(near_until, far_until, costs):
    problem = routing([[(0, 1)]] * 2, [[1], [3]], [[100, 150], [100, 900]])
    waits = Waits(placed_at=array([10, 20]), latest_at=array([[near_until, far_until], [99, 99]]))
    assert replayed(problem, Policy(name="x", hold_pct=100), waits=waits).cost_minor.tolist() == costs


@given(problems(orders=6))
@settings(max_examples=trials(30), deadline=None)
def test_orders_that_cannot_wait_are_decided_as_they_come(problem):
    placed_at = np.arange(problem.sequence.size)
    waits = Waits(placed_at=placed_at, latest_at=np.broadcast_to(placed_at[:, None], problem.candidates.shape))
    plan = replayed(problem, Policy(name="x", hold_pct=100), waits=waits)
    assert plan.cost_minor.tolist() == replayed(problem, POLICIES["myopic"]).cost_minor.tolist()


def test_a_policy_with_samples_needs_a_forecast():
    with pytest.raises(InputError, match="foresight needs a forecast"):
        replayed(routing([[(0, 1)]], [[1]], [[1]]), POLICIES["foresight"])
    with pytest.raises(InputError, match="hold_pct"):
        Policy(name="x", hold_pct=101)


def test_the_dearest_way_counts_every_line_alone():
    problem = routing([TWO_LINES], [[1, 1], [1, 1]], [[100, 300]], package=[5, 1], line=[2, 7])
    assert dearest_way(problem).tolist() == [2 * (301 + 7)]


def test_a_way_for_light_packages_only_counts_as_well():
    light = [100, 200, IMPOSSIBLE]
    problem = routing([[(0, 1)]], [[1], [1]], [[light, [IMPOSSIBLE] * 3]], package=[5, 1], line=[2, 7])
    assert dearest_way(problem).tolist() == [205 + 7]


@given(
    problems(orders=6),
    st.sampled_from(["sort_order", "nearest", "fewest_splits", "myopic", "wait", "foresee"]),
    st.lists(st.integers(0, 9), min_size=6, max_size=6),
)
@settings(max_examples=trials(60), deadline=None)
def test_no_policy_oversells_or_tells_another_cost_than_its_allocations_have(problem, name, patience):
    own = {"wait": Policy(name="wait", hold_pct=30), "foresee": Policy(name="foresee", samples=1, hold_pct=50)}
    placed_at = np.arange(problem.sequence.size)
    until = placed_at + array(patience)[: placed_at.size]
    waits = Waits(placed_at=placed_at, latest_at=np.broadcast_to(until[:, None], problem.candidates.shape))
    plan = replayed(problem, own.get(name) or POLICIES[name], forecast_of(problem, 0), waits)
    book = Book.of(problem)
    for order in range(problem.sequence.size):
        given_away = book.take(order, plan)
        assert bool(given_away) == (plan.status[order] == SERVED)
        if given_away:
            assert {n: sum(a.get(n, 0) for a in given_away.values()) for n, _ in book.lines(order)} == dict(
                book.lines(order)
            )
        book.book(order, given_away)
    assert min(book.units.values(), default=0) >= 0
    parts = np.array(list(cost_components(problem, plan).values()))
    assert plan.cost_minor.tolist() == parts.sum(axis=0).tolist()
