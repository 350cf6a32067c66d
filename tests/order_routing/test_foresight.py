"""Prices of scarcity: what they are in cases worked by hand, and what they prove."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings

from doorstep.foundation import InputError
from doorstep.order_routing import OrderRoutingProblem, Prices, StockBook, route_orders
from doorstep.order_routing.foresight import mean_prices, shadow_prices
from doorstep.order_routing.plan import SERVED
from doorstep.order_routing.problem import IMPOSSIBLE, UNLIMITED, MergedLines
from tests.order_routing.small_orders import allocations, array, routing
from tests.order_routing.test_routing import problems
from tests.trials import trials

NEVER = 10_000


def early_could_go_elsewhere() -> OrderRoutingProblem:
    """Return two orders and a unit at each of two sites: the first takes the near one, which costs the second 200."""
    return routing([[(0, 1)], [(0, 1)]], [[1], [1]], [[100, 150], [100, 300]])


def test_a_unit_is_worth_what_it_saves_the_order_that_needs_it_most():
    problem = early_could_go_elsewhere()
    priced = shadow_prices(problem, array([NEVER, NEVER]), reach_minor=400)
    near, far = priced.prices.unit.tolist()
    assert 50 <= near - far <= 200
    assert priced.bound_minor == 250


def test_at_prices_the_early_order_leaves_the_unit_to_the_later_one():
    problem = early_could_go_elsewhere()
    priced = shadow_prices(problem, array([NEVER, NEVER]), reach_minor=400)
    assert route_orders(problem).cost_minor.tolist() == [100, 300]
    plan = route_orders(replace(problem, prices=priced.prices))
    assert plan.cost_minor.tolist() == [150, 100]
    assert plan.priced_minor.tolist() == [priced.prices.unit[1], priced.prices.unit[0]]


def test_what_is_plenty_has_no_price():
    problem = routing([[(0, 1)], [(0, 1)]], [[5], [5]], [[100, 150], [100, 300]])
    priced = shadow_prices(problem, array([NEVER, NEVER]))
    assert priced.prices.unit.tolist() == [0, 0]
    assert priced.bound_minor == 200


def test_pickers_who_are_busy_have_a_price_too():
    problem = routing([[(0, 1)], [(0, 1)]], [[5], [5]], [[100, 150], [100, 300]], capacity=[1, 5])
    priced = shadow_prices(problem, array([NEVER, NEVER]), reach_minor=400)
    assert 50 <= priced.prices.pick[0, 0] - priced.prices.pick[1, 0] <= 200
    assert priced.bound_minor == 250


def test_prices_never_refuse_an_order_that_can_be_served():
    problem = routing([[(0, 1)]], [[1]], [[100]])
    dear = Prices(array([0]), array([1_000_000]), problem.capacity * 0)
    plan = route_orders(replace(problem, prices=dear))
    assert (plan.status.tolist(), plan.cost_minor.tolist()) == ([SERVED], [100])
    assert plan.priced_minor.tolist() == plan.foregone_minor[0].tolist() == [1_000_000]
    assert plan.single_minor.tolist() == [[100]]


def test_an_order_that_would_rather_not_be_served_bounds_the_price():
    problem = routing([[(0, 1)], [(0, 1)]], [[1]], [[100], [100]])
    priced = shadow_prices(problem, array([500, 500]), reach_minor=600)
    assert priced.bound_minor == 600
    assert priced.prices.unit[0] <= 401


def test_the_search_ends_with_its_best_when_it_is_told_to():
    problem = early_could_go_elsewhere()
    asked = shadow_prices(problem, array([NEVER, NEVER]), keep_going=lambda: False)
    assert asked.prices.unit.tolist() == [0, 0]
    assert asked.bound_minor == 200


def test_costs_of_not_serving_must_be_one_for_each_order():
    with pytest.raises(InputError, match=r"refuse_minor \(1,\) must be \(2,\)"):
        shadow_prices(early_could_go_elsewhere(), array([1]))


def test_a_line_that_must_be_divided_is_within_the_bound():
    """The first takes a unit where the second would be whole; the rest is enough for the second from two sites."""
    problem = routing([[(0, 1)], [(0, 3)]], [[1], [3]], [[IMPOSSIBLE, 50], [60, 50]])
    plan = route_orders(problem)
    assert (plan.cost_minor.tolist(), plan.bound_minor.tolist()) == ([50, 110], [50, 50])
    alone = route_orders(problem.take(array([1])))
    assert (alone.cost_minor.tolist(), alone.bound_minor.tolist()) == ([50], [50])
    assert shadow_prices(problem, array([NEVER, NEVER]), iterations=200).bound_minor <= 160


def test_the_bound_of_two_light_packages_may_be_below_the_cost_of_a_heavy_one():
    heavy = (10, 10, 500)
    problem = routing([[(0, 8)]], [[8], [8]], [[heavy, heavy]])
    plan = route_orders(problem)
    assert (plan.cost_minor.tolist(), plan.bound_minor.tolist()) == ([500], [20])


def test_prices_are_averaged_place_by_place():
    problem = early_could_go_elsewhere()
    zero = Prices.zero(problem.stock, problem.capacity)
    one = zero._replace(unit=array([10, 3]))
    assert mean_prices([zero, one]).unit.tolist() == [5, 2]
    with pytest.raises(InputError, match="one or more"):
        mean_prices([])


@given(problems(orders=3, most_lines=3))
@settings(max_examples=trials(60))
def test_no_sequence_of_decisions_beats_the_bound(problem):
    refuse = np.full(problem.lines.start.size - 1, NEVER)
    bound = shadow_prices(problem, refuse, iterations=40).bound_minor
    for sequence in permutations(range(refuse.size)):
        plan = route_orders(replace(problem, sequence=array(sequence)))
        assert bound <= np.where(plan.status == SERVED, plan.cost_minor, NEVER).sum()


@given(problems(most_lines=12, orders=2, room=30))
@settings(max_examples=trials(60))
def test_the_bound_of_an_order_is_its_cost_where_it_is_decided_exactly_and_never_more(problem):
    plan = route_orders(problem)
    served = plan.status == SERVED
    assert (plan.bound_minor <= plan.cost_minor)[served].all()
    single = problem.lines.quantity == 1
    short = np.diff(problem.lines.start) <= 8
    singles = np.array([single[a:b].all() for a, b in zip(problem.lines.start, problem.lines.start[1:], strict=False)])
    assert (plan.bound_minor == plan.cost_minor)[served & short & singles].all()


def dense(problem: OrderRoutingProblem) -> OrderRoutingProblem:
    """Return the problem with a row of stock for every product at every site."""
    small = StockBook.dense(problem.capacity.shape[0], problem.stock.start.size - 1)
    book = small._replace(units=small.units.astype(np.int64))  # kernels are compiled for each type
    product = np.repeat(np.arange(problem.stock.start.size - 1), np.diff(problem.stock.start))
    book.units[book.rows(product, problem.stock.site)] = problem.stock.units
    return replace(problem, stock=book)


@given(problems())
@settings(max_examples=trials(40))
def test_a_dense_book_gives_the_same_plan(problem):
    sparse, full = route_orders(problem), route_orders(dense(problem))
    assert allocations(sparse, problem) == allocations(full, problem)
    assert sparse.cost_minor.tolist() == full.cost_minor.tolist()


def test_orders_can_be_taken_from_stock_in_place():
    problem = dense(early_could_go_elsewhere())
    route_orders(problem, in_place=True)
    assert problem.stock.units.tolist() == [0, 0]
    assert problem.capacity.tolist() == [[UNLIMITED - 1], [UNLIMITED - 1]]


def test_lines_can_be_taken_twice():
    lines = MergedLines(array([0, 1, 3]), array([7, 8, 9]), array([1, 1, 2]), array([1, 1, 2]), array([1, 1, 2]))
    taken, rows = lines.take(array([1, 1, 0]))
    assert taken.product.tolist() == [8, 9, 8, 9, 7]
    assert rows.tolist() == [1, 2, 1, 2, 0]
