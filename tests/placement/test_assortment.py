"""Products of a small site: orders count when they are complete."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.foundation import InputError
from doorstep.placement import Baskets, choose_assortment
from doorstep.placement._basket_kernels import complete_weight, completion_credits, level_loads, peeled
from doorstep.placement.assortment import Foresight, completion_bound, most_popular, peel
from doorstep.placement.baskets import basket_weights

AS_SEEN = Foresight(same=1.0, popularity=0.0)


def baskets(*orders: tuple[int, ...], products: int, weight: list[float] | None = None) -> Baskets:
    start = np.concatenate([[0], np.cumsum([len(order) for order in orders])]).astype(np.int64)
    return Baskets(
        start=start,
        item=np.array([i for order in orders for i in order], np.int64),
        weight=np.ones(len(orders)) if weight is None else np.array(weight),
        products=products,
    )


def test_three_products_that_are_bought_together_beat_the_popular_ones():
    # Product 0 is wanted most, but always with something rare; 3, 4 and 5 make up two orders.
    seen = baskets((0, 1), (0, 2), (0, 6), (3, 4), (4, 5), (3, 4, 5), products=7)
    plan = choose_assortment(seen, 3, foresight=AS_SEEN)
    assert np.flatnonzero(plan.chosen).tolist() == [3, 4, 5]
    assert plan.complete == pytest.approx(3 / 6)
    assert plan.bound >= 3 / 6
    assert np.flatnonzero(peel(seen, 3)).tolist() == [3, 4, 5]


def test_popularity_of_a_group_is_heard_where_past_orders_are_not_believed():
    # 0 and 1 are of one group and much wanted, each time with another; nobody believes that 5 comes again with 4.
    seen = baskets((0,), (0,), (1,), (4, 5), products=6)
    chosen = choose_assortment(seen, 2, foresight=Foresight(same=0.0, popularity=1.0)).chosen
    assert np.flatnonzero(chosen).tolist() == [0, 1]


def test_popularity_shares_an_order_among_its_products():
    assert baskets((0,), (0, 1), products=3).popularity().tolist() == [1.5, 0.5, 0.0]


def test_old_orders_and_those_of_others_count_less():
    found = basket_weights(np.array([0.0, 120.0, 0.0]), np.array([True, True, False]))
    assert found.tolist() == [1.0, 0.5, 0.05]


def test_an_order_with_an_unknown_product_is_never_complete():
    seen = baskets((0,), (0, -1), products=1)
    assert seen.complete_share(np.array([True])) == 0.5
    assert completion_bound(seen, 1) == 0.5


def test_room_must_and_allowed_are_kept():
    seen = baskets((0,), (0,), (0,), (1,), (1,), (2,), products=4)
    cube = np.array([3.0, 1.0, 1.0, 1.0])
    plan = choose_assortment(
        seen, 3.0, cube=cube, must=np.array([False, False, False, True]), allowed=np.array([True, True, False, True])
    )
    assert np.flatnonzero(plan.chosen).tolist() == [1, 3]
    with pytest.raises(InputError, match=r"must needs 4, size is 3: 1 too little"):
        choose_assortment(seen, 3.0, cube=cube, must=np.array([True, True, False, False]))


orders = st.lists(st.sets(st.integers(0, 5), min_size=1, max_size=4), min_size=1, max_size=8)


@settings(deadline=None)
@given(orders, st.integers(0, 6), st.lists(st.floats(0.0, 5.0), min_size=8, max_size=8))
def test_no_assortment_completes_more_than_the_bound(sets, size, weights):
    seen = baskets(*(tuple(sorted(s)) for s in sets), products=6, weight=[w + 0.1 for w in weights[: len(sets)]])
    best = 0.0
    for choice in combinations(range(6), size):
        chosen = np.isin(np.arange(6), choice)
        best = max(best, seen.complete_share(chosen))
    assert best <= completion_bound(seen, size) + 1e-9
    plan = choose_assortment(seen, size)
    assert plan.chosen.sum() == size
    assert plan.complete == pytest.approx(seen.complete_share(plan.chosen))
    assert peel(seen, size).sum() == size


def test_the_bound_is_that_of_the_linear_programme():
    # Any two of three products complete one of three pairs; half of each product would complete half of each: 1.5.
    # Loads are level at 1 each, so two products bound by 2 of 3 orders: x = (2/3, 2/3, 2/3) completes 2.
    assert completion_bound(baskets((0, 1), (1, 2), (0, 2), products=3), 2) == pytest.approx(2 / 3)
    # Product 0 alone completes an order: loads 1 for it, the pair shares 1 between 1 and 2.
    assert completion_bound(baskets((0,), (1, 2), products=3), 1) == pytest.approx(1 / 2)


def test_kernels_do_as_plain_python_what_they_do_compiled():
    seen = baskets((0, 1), (1, 2), (0, 2, 3), (3,), products=4, weight=[1.0, 2.0, 0.5, 1.5])
    chance = np.array([0.5, 0.9, 0.2, 0.7])
    compiled, plain = np.empty(4), np.empty(4)
    completion_credits(seen.start, seen.item, seen.weight, chance, compiled)
    completion_credits.py_func(seen.start, seen.item, seen.weight, chance, plain)
    assert plain == pytest.approx(compiled)
    assert plain[1] == pytest.approx(1.0 * 0.5 + 2.0 * 0.2)
    chosen = np.array([True, True, False, True])
    assert complete_weight.py_func(seen.start, seen.item, seen.weight, chosen) == 2.5
    assert complete_weight(seen.start, seen.item, seen.weight, chosen) == 2.5
    tables = []
    for run in (level_loads, level_loads.py_func):
        part = np.repeat(seen.weight / seen.size, seen.size)
        load = np.bincount(seen.item, part, minlength=4).astype(np.float64)
        run(seen.start, seen.item, seen.weight, part, load, 50)
        tables.append(load)
    assert tables[1] == pytest.approx(tables[0])
    by = np.argsort(seen.item, kind="stable")
    by_item = np.searchsorted(seen.item[by], np.arange(5)).astype(np.int64)
    order = np.repeat(np.arange(4), seen.size)[by]
    for drop in (peeled, peeled.py_func):
        kept = np.ones(4, np.bool_)
        drop(seen.start, seen.item, seen.weight, by_item, order, np.ones(4), 2.0, kept)
        assert kept.tolist() == [False, True, True, False]


def test_every_fault_of_baskets_is_told_at_once():
    with pytest.raises(InputError) as caught:
        Baskets(start=np.array([0, 2, 2]), item=np.array([0, 9]), weight=np.array([1.0, -1.0]), products=3)
    told = str(caught.value)
    assert "start must rise by one or more" in told
    assert "order 1 has -1.0" in told
    assert "line 1 is 9" in told
    with pytest.raises(InputError, match="order 0 has product 1 twice"):
        baskets((1, 1), products=2)


def test_most_popular_takes_the_earlier_among_equals():
    assert most_popular(np.array([1.0, 2.0, 1.0]), 2).tolist() == [True, True, False]
