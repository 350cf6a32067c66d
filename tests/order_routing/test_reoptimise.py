"""Waiting orders decided again: what moves, what stays, what is never broken."""

from dataclasses import replace
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings

from doorstep.order_routing import OrderRoutingPlan, OrderRoutingProblem, _choice, route_orders
from doorstep.order_routing.plan import SERVED
from doorstep.order_routing.problem import IMPOSSIBLE
from doorstep.order_routing.reoptimise import Reoptimised, reoptimise
from tests.order_routing.small_orders import Book, allocations, array, routing
from tests.order_routing.test_foresight import NEVER, early_could_go_elsewhere
from tests.order_routing.test_routing import problems
from tests.trials import trials


def again(problem: OrderRoutingProblem, plan: OrderRoutingPlan, threshold_minor: int = 0) -> Reoptimised:
    """Decide all orders of a problem again."""
    never = np.full(plan.status.size, NEVER)
    return reoptimise(problem, plan, never, np.random.default_rng(1), threshold_minor=threshold_minor, iterations=20)


def test_orders_that_took_each_others_units_change_places():
    problem = early_could_go_elsewhere()
    found = again(problem, route_orders(problem))
    assert found.plan.cost_minor.tolist() == [150, 100]
    assert allocations(found.plan, problem) == [(0, 0, 1, 1), (1, 0, 0, 1)]
    assert (found.moved.tolist(), found.gain_minor) == ([0, 1], 150)
    assert found.bound_minor <= 250
    assert found.plan.stock.units.tolist() == [0, 0]


def test_nothing_moves_for_a_gain_below_the_threshold():
    problem = early_could_go_elsewhere()
    found = again(problem, route_orders(problem), threshold_minor=80)
    assert (found.moved.tolist(), found.gain_minor) == ([], 0)
    assert found.plan.cost_minor.tolist() == [100, 300]


def test_an_order_that_was_refused_is_served_when_another_makes_room():
    problem = routing([[(0, 1)], [(0, 1)]], [[1], [1]], [[100, 150], [100, IMPOSSIBLE]])
    plan = route_orders(problem)
    assert plan.status.tolist()[1] != SERVED
    found = again(problem, plan)
    assert found.plan.status.tolist() == [SERVED, SERVED]
    assert found.plan.cost_minor.tolist() == [150, 100]


def test_a_site_that_can_no_longer_keep_the_promise_is_kept_where_it_was_and_taken_by_nobody_else():
    problem = early_could_go_elsewhere()
    plan = route_orders(problem)
    late = problem.price.copy()
    late[:, 0] = IMPOSSIBLE
    found = again(replace(problem, price=late), plan)
    assert allocations(found.plan, problem) == allocations(plan, problem)


def test_a_second_look_that_is_stopped_leaves_the_plan_as_it_was():
    problem = early_could_go_elsewhere()
    plan = route_orders(problem)
    never = np.full(plan.status.size, NEVER)
    found = reoptimise(problem, plan, never, np.random.default_rng(1), keep_going=lambda: False)
    assert (found.moved.tolist(), found.gain_minor) == ([], 0)


def test_a_plan_of_nothing_stays_one():
    problem = routing([[(0, 1)]], [[0]], [[100]])
    found = again(problem, route_orders(problem))
    assert found.moved.size == found.gain_minor == 0


@pytest.mark.parametrize("most_columns", [_choice.MOST_COLUMNS, 3], ids=["together", "in parts"])
@given(problem=problems(orders=4))
@settings(max_examples=trials(40), deadline=None)
def test_a_second_look_is_never_dearer_and_oversells_nothing(most_columns, problem):
    plan = route_orders(problem)
    with mock.patch.object(_choice, "MOST_COLUMNS", most_columns):
        found = again(problem, plan).plan
    refused = np.where(plan.status == SERVED, plan.cost_minor, NEVER).sum()
    assert np.where(found.status == SERVED, found.cost_minor, NEVER).sum() <= refused
    assert (found.status[plan.status == SERVED] == SERVED).all()
    book = Book.of(problem)
    for order in np.flatnonzero(found.status == SERVED).tolist():
        given_away = book.take(order, found)
        assert {n: sum(a.get(n, 0) for a in given_away.values()) for n, _ in book.lines(order)} == dict(
            book.lines(order)
        )
        assert book.cost(order, given_away) == found.cost_minor[order]
        book.book(order, given_away)
    assert min(book.units.values(), default=0) >= 0
    assert min(book.room) >= 0
    assert found.stock.units.sum() == sum(book.units.values())


def test_a_plan_taken_apart_and_joined_is_the_same():
    problem = routing([[(0, 1), (1, 2)], [(1, 1)], [(0, 2)]], [[3, 1], [0, 4]], [[100, 90]] * 3)
    plan = route_orders(problem)
    for some in ([True, False, True], [False, False, True]):
        mask = np.array(some)
        halves = [plan.take(each, problem.lines.start) for each in (mask, ~mask)]
        orders = np.concatenate([np.flatnonzero(mask), np.flatnonzero(~mask)])
        shuffled = problem.take(orders)
        sizes = [problem.take(np.flatnonzero(each)).lines.product.size for each in (mask, ~mask)]
        joined = OrderRoutingPlan.joined(halves, sizes)
        assert allocations(joined, shuffled) == [
            (int(np.flatnonzero(orders == o)[0]), *row) for o in orders for first, *row in allocations(plan, problem)
            if first == o
        ]  # fmt: skip
        assert joined.cost_minor.tolist() == plan.cost_minor[orders].tolist()


def test_more_capacity_or_stock_than_there_is_is_never_taken_by_orders_of_several_lines():
    problem = routing([[(0, 1), (1, 1)], [(0, 1), (1, 1)]], [[2, 2], [2, 2]], [[100, 200], [100, 900]], capacity=[2, 9])
    found = again(problem, route_orders(problem)).plan
    assert array(found.cost_minor).tolist() == [200, 100]
    assert found.capacity[:, 0].tolist() == [0, 7]
