"""Sites of orders: by hand, against brute force, and by property."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.foundation import InputError
from doorstep.order_routing import route_orders
from doorstep.order_routing.plan import (
    CAPACITY_FULL,
    LACKS_STOCK,
    NO_CAPACITY,
    NO_MODE,
    NO_WAY,
    OUT_OF_STOCK,
    SERVED,
    WINDOW,
)
from doorstep.order_routing.problem import IMPOSSIBLE, OrderRoutingProblem, merged_lines
from doorstep.warehouse.problem import product_volume_ml
from tests.order_routing.small_orders import Book, allocations, routing
from tests.small import retailer, table
from tests.trials import trials

ONE = [(0, 1)]
TWO = [(0, 1), (1, 1)]


def test_one_order_goes_to_the_cheapest_site():
    problem = routing([ONE], [[5], [5], [5]], [[300, 200, 250]])
    plan = route_orders(problem)
    assert allocations(plan, problem) == [(0, 0, 1, 1)]
    assert plan.cost_minor.tolist() == [200]
    assert plan.single_minor.tolist() == [[300, 200, 250]]


def test_handling_counts_by_package_line_and_unit():
    problem = routing([[(0, 2), (1, 3)]], [[9, 9]], [[400]], package=[50], line=[60], unit=[10])
    assert route_orders(problem).cost_minor.tolist() == [50 + 2 * 60 + 5 * 10 + 400]


def test_a_heavier_package_takes_the_price_of_its_class():
    problem = routing([[(0, 2)], [(0, 3)], [(0, 21)]], [[99]], [[[100, 200, 300]]] * 3)
    assert route_orders(problem).cost_minor.tolist() == [100, 200, 300]  # 2, 3 and 21 kg


def test_volume_counts_as_weight_where_it_weighs_more():
    base = routing([ONE], [[5]], [[[100, 200, 300]]])
    values = {n: getattr(base, n) for n in OrderRoutingProblem.__dataclass_fields__}
    bulky = base.lines._replace(volume_ml=np.array([10_001]))  # 2,001 g at 5,000 ml a kilogram
    assert route_orders(OrderRoutingProblem(**values | {"lines": bulky})).cost_minor.tolist() == [200]


def test_a_split_is_made_when_it_pays():
    problem = routing([TWO], [[5, 5], [5, 0], [0, 5]], [[900, 300, 400]], package=[50, 50, 50])
    plan = route_orders(problem)
    assert allocations(plan, problem) == [(0, 0, 1, 1), (0, 1, 2, 1)]
    assert plan.cost_minor.tolist() == [300 + 400 + 2 * 50]


def test_a_split_is_not_made_when_it_does_not_pay():
    problem = routing([TWO], [[5, 5], [5, 0], [0, 5]], [[749, 300, 400]], package=[50, 50, 50])
    plan = route_orders(problem)
    assert allocations(plan, problem) == [(0, 0, 0, 1), (0, 1, 0, 1)]
    assert plan.cost_minor.tolist() == [749 + 50]


def test_a_split_is_made_when_no_site_holds_everything():
    problem = routing([TWO], [[5, 0], [0, 5]], [[900, 900]])
    plan = route_orders(problem)
    assert allocations(plan, problem) == [(0, 0, 0, 1), (0, 1, 1, 1)]
    assert plan.single_minor.tolist() == [[LACKS_STOCK, LACKS_STOCK]]
    assert plan.lines_here.tolist() == [[1, 1]]


def test_the_first_order_in_the_sequence_takes_the_stock():
    problem = routing([ONE, ONE], [[1], [1]], [[100, 500], [100, 500]], sequence=[1, 0])
    plan = route_orders(problem)
    assert allocations(plan, problem) == [(0, 0, 1, 1), (1, 0, 0, 1)]
    assert plan.cost_minor.tolist() == [500, 100]
    assert plan.stock.units.tolist() == [0, 0]


def test_the_stock_given_is_left_as_it_was():
    problem = routing([ONE], [[3]], [[100]], capacity=[2])
    plan = route_orders(problem)
    assert (problem.stock.units.tolist(), plan.stock.units.tolist()) == ([3], [2])
    assert (problem.capacity.tolist(), plan.capacity.tolist()) == ([[2]], [[1]])


def test_a_full_site_leaves_the_order_to_the_next():
    problem = routing([ONE, ONE], [[9], [9]], [[100, 500]] * 2, capacity=[1, 9])
    plan = route_orders(problem)
    assert [site for _, _, site, _ in allocations(plan, problem)] == [0, 1]
    assert plan.single_minor[1].tolist() == [CAPACITY_FULL, 500]


def test_pick_capacity_is_that_of_the_day_on_which_each_site_picks():
    base = routing([ONE, ONE], [[9]], [[100]] * 2)
    values = {n: getattr(base, n) for n in OrderRoutingProblem.__dataclass_fields__}
    days = {"capacity": np.array([[1, 1]]), "pick_day": np.array([[0], [1]])}
    assert route_orders(OrderRoutingProblem(**values | days)).status.tolist() == [SERVED, SERVED]
    days["pick_day"] = np.array([[1], [1]])
    assert route_orders(OrderRoutingProblem(**values | days)).status.tolist() == [SERVED, NO_CAPACITY]


def test_a_line_is_divided_between_sites_only_when_no_site_holds_all_its_units():
    whole = routing([[(0, 4)]], [[3], [4]], [[100, 900]])
    assert allocations(route_orders(whole), whole) == [(0, 0, 1, 4)]
    divided = routing([[(0, 4)]], [[3], [3]], [[100, 900]])
    plan = route_orders(divided)
    assert allocations(plan, divided) == [(0, 0, 0, 3), (0, 0, 1, 1)]
    assert plan.cost_minor.tolist() == [1_000]


def test_a_divided_line_may_stand_beside_whole_ones():
    problem = routing([[(0, 4), (1, 1)]], [[3, 0], [2, 1]], [[100, 100]])
    found = allocations(route_orders(problem), problem)
    assert sum(q for _, n, _, q in found if n == 0) == 4
    assert [(s, q) for _, n, s, q in found if n == 1] == [(1, 1)]


def test_the_same_product_on_two_lines_is_one_line():
    shop = retailer(
        order_lines=table(
            "order_id line_no product_id quantity", ("O1", 1, "A", 2), ("O1", 2, "B", 1), ("O1", 3, "A", 3)
        )
    )
    lines = merged_lines(shop.order_lines, shop.orders, shop.products, product_volume_ml(shop.products))
    assert lines.start.tolist() == [0, 2]
    assert list(zip(lines.product.tolist(), lines.quantity.tolist(), strict=True)) == [(0, 5), (1, 1)]
    assert lines.weight_g.tolist() == [5_000, 500]
    assert lines.volume_ml.tolist() == [10_000, 1_000]


@pytest.mark.parametrize(
    ("changes", "reason", "single"),
    [
        ({"stock": [[0], [0]]}, OUT_OF_STOCK, LACKS_STOCK),
        ({"stock": [[1], [0]], "orders": [[(0, 2)]]}, OUT_OF_STOCK, LACKS_STOCK),
        ({"capacity": [0, 0]}, NO_CAPACITY, CAPACITY_FULL),
        ({"price": [[IMPOSSIBLE, IMPOSSIBLE]], "why": [[2, 2]]}, NO_MODE, NO_WAY),
        ({"price": [[IMPOSSIBLE, IMPOSSIBLE]], "why": [[2, 1]]}, WINDOW, NO_WAY),
    ],
)
def test_an_order_that_cannot_be_served_says_why(changes, reason, single):
    problem = routing(**{"orders": [ONE], "stock": [[5], [5]], "price": [[100, 200]]} | changes)
    plan = route_orders(problem)
    assert plan.status.tolist() == [reason]
    assert plan.single_minor.tolist() == [[single, single]]
    assert (plan.order.size, plan.cost_minor.tolist()) == (0, [0])


@pytest.mark.parametrize(("why", "reason"), [(2, NO_MODE), (1, WINDOW)])
def test_stock_only_where_no_way_leads_from_is_no_lack_of_stock(why, reason):
    problem = routing([ONE], [[0], [5]], [[100, IMPOSSIBLE]], why=[[0, why]])
    assert route_orders(problem).status.tolist() == [reason]


def test_a_package_that_only_light_classes_allow_has_no_mode():
    problem = routing([[(0, 3)]], [[3]], [[[100, IMPOSSIBLE, IMPOSSIBLE]]])
    assert route_orders(problem).status.tolist() == [NO_MODE]


def test_absent_candidates_are_passed_over():
    problem = routing([ONE], [[0], [5]], [[IMPOSSIBLE, 100]], candidates=[[-1, 1]])
    assert allocations(route_orders(problem), problem) == [(0, 0, 1, 1)]


def test_an_unserved_order_leaves_stock_and_room_to_the_next():
    problem = routing([TWO, ONE], [[1, 0]], [[100]] * 2, capacity=[1])
    plan = route_orders(problem)
    assert plan.status.tolist() == [OUT_OF_STOCK, SERVED]


def test_two_packages_of_one_site_are_not_kept_apart_against_its_room():
    """Site 0 is cheap but can pick one line more: the other line must go to site 1."""
    problem = routing([TWO], [[5, 5], [5, 5]], [[100, 500]], capacity=[1, 9])
    plan = route_orders(problem)
    assert plan.cost_minor.tolist() == [500]  # both at site 1: 500; one each: 600
    dear = routing([TWO], [[5, 5], [5, 5]], [[100, 500]], capacity=[1, 9], unit=[0, 200])
    assert route_orders(dear).cost_minor.tolist() == [100 + 500 + 200]  # one each; both at site 1 would be 900


def test_nine_lines_are_covered_by_two_sites_where_one_is_dearer():
    nine = [(n, 1) for n in range(9)]
    problem = routing([nine], [[5] * 9, [5] * 5 + [0] * 4, [0] * 5 + [5] * 4], [[900, 100, 100]])
    plan = route_orders(problem)
    assert plan.cost_minor.tolist() == [200]
    assert {site for _, _, site, _ in allocations(plan, problem)} == {1, 2}


def test_a_long_order_is_covered_however_dear_a_package_is():
    """The rule of fewest splits counts ten million a package."""
    nine = [(n, 1) for n in range(9)]
    problem = routing([nine], [[5] * 5 + [0] * 4, [0] * 5 + [5] * 4], [[1_000, 1_000]], package=[10_000_000] * 2)
    assert route_orders(problem).cost_minor.tolist() == [20_002_000]


def test_a_divided_line_is_found_however_dear_a_package_is():
    problem = routing([[(0, 4)]], [[3], [3]], [[1_000, 1_000]], package=[10_000_000] * 2)
    assert route_orders(problem).cost_minor.tolist() == [20_002_000]


def test_no_orders_need_no_sites():
    base = routing([ONE], [[5]], [[100]])
    values = {n: getattr(base, n) for n in OrderRoutingProblem.__dataclass_fields__}
    nothing = {n: values[n][:0] for n in ("candidates", "price", "why", "pick_day", "sequence")}
    lines = base.lines._replace(
        start=np.zeros(1, np.int64), **{n: np.empty(0, np.int64) for n in base.lines._fields[1:]}
    )
    assert route_orders(OrderRoutingProblem(**values | nothing | {"lines": lines})).status.size == 0


def test_prices_of_another_shape_are_refused():
    base = routing([ONE], [[5]], [[100]])
    values = {n: getattr(base, n) for n in OrderRoutingProblem.__dataclass_fields__}
    with pytest.raises(InputError, match="do not fit together"):
        OrderRoutingProblem(**values | {"price": np.zeros((2, 1, 3), np.int64)})


costs = st.integers(0, 300)


@st.composite
def problems(draw: st.DrawFn, *, most_lines: int = 4, orders: int = 3, room: int = 6) -> OrderRoutingProblem:
    """Draw up to four sites and four products; prices never fall with weight; stock and room are scarce."""
    sites, products = draw(st.integers(1, 4)), draw(st.integers(1, most_lines))
    demand = [
        sorted(draw(st.dictionaries(st.integers(0, products - 1), st.integers(1, 3), min_size=1)).items())
        for _ in range(draw(st.integers(1, orders)))
    ]
    steps = st.lists(costs, min_size=3, max_size=3).map(lambda s: np.cumsum(s).tolist())
    price = st.one_of(steps, st.just([IMPOSSIBLE] * 3))
    return routing(
        demand,
        draw(
            st.lists(st.lists(st.integers(0, 5), min_size=products, max_size=products), min_size=sites, max_size=sites)
        ),
        [draw(st.lists(price, min_size=sites, max_size=sites)) for _ in demand],
        capacity=draw(st.lists(st.integers(0, room), min_size=sites, max_size=sites)),
        package=draw(st.lists(costs, min_size=sites, max_size=sites)),
        line=draw(st.lists(costs, min_size=sites, max_size=sites)),
        unit=draw(st.lists(costs, min_size=sites, max_size=sites)),
    )


@given(problems())
@settings(max_examples=trials(150))
def test_every_order_costs_what_brute_force_finds_given_what_earlier_ones_left(problem):
    plan, book = route_orders(problem), Book.of(problem)
    for order in problem.sequence.tolist():
        best, given_away = book.best(order), book.take(order, plan)
        if best is not None:
            assert (plan.status[order], plan.cost_minor[order]) == (SERVED, best)
        if plan.status[order] == SERVED:
            assert book.cost(order, given_away) == plan.cost_minor[order]
        book.book(order, given_away)


def served_in_full(problem: OrderRoutingProblem) -> None:
    """Assert that served orders get what they ask for, others nothing, and that nothing is taken twice."""
    plan, book = route_orders(problem), Book.of(problem)
    for order in problem.sequence.tolist():
        given_away = book.take(order, plan)
        wanted = dict(book.lines(order)) if plan.status[order] == SERVED else {}
        assert {n: sum(a.get(n, 0) for a in given_away.values()) for n in wanted} == wanted
        assert bool(given_away) == (plan.status[order] == SERVED)
        book.book(order, given_away)
    assert min(book.units.values(), default=0) >= 0
    assert min(book.room) >= 0
    assert book.room == plan.capacity[:, 0].tolist()


@given(problems(most_lines=6, orders=6))
@settings(max_examples=trials(80))
def test_stock_is_never_oversold_and_no_site_picks_more_than_it_can(problem):
    served_in_full(problem)


@given(problems(most_lines=12, orders=4, room=30))
@settings(max_examples=trials(80))
def test_long_orders_keep_stock_and_capacity_as_well(problem):
    served_in_full(problem)


@given(problems(most_lines=12, orders=1, room=30))
@settings(max_examples=trials(80))
def test_a_long_order_is_never_dearer_than_its_best_single_site(problem):
    plan = route_orders(problem)
    possible = [cost for cost in plan.single_minor[0].tolist() if cost >= 0]
    if possible:
        assert plan.status[0] == SERVED
        assert plan.cost_minor[0] <= min(possible)


@given(problems())
@settings(max_examples=trials(25))
def test_the_same_problem_has_the_same_plan(problem):
    first, second = route_orders(problem), route_orders(problem)
    assert allocations(first, problem) == allocations(second, problem)
    assert first.cost_minor.tolist() == second.cost_minor.tolist()


def test_more_stock_of_another_product_changes_nothing():
    plans = [route_orders(routing([ONE], [[2, extra], [2, extra]], [[100, 90]])) for extra in (0, 5)]
    assert all(a.cost_minor.tolist() == b.cost_minor.tolist() for a, b in pairwise(plans))
