"""What is bought together, and how much of it is chance."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.demand import learn_baskets
from doorstep.foundation import InputError


def flat(baskets: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    start = np.cumsum([0, *(len(basket) for basket in baskets)])
    return start, np.array([item for basket in baskets for item in basket], dtype=np.int64)


def test_items_that_always_go_together_do_so_in_the_model():
    model = learn_baskets(*flat([[0, 1], [2, 3]] * 50), items=4)
    assert model.by_chance < 0.01
    assert model.together(0)[1] > 0.99
    drawn = model.baskets(np.random.default_rng(0))
    assert (drawn.item[::2] // 2 == drawn.item[1::2] // 2).mean() > 0.98


def test_items_drawn_by_lot_go_together_by_chance():
    rng = np.random.default_rng(3)
    baskets = [rng.choice(300, size=3, replace=False).tolist() for _ in range(2_000)]
    assert learn_baskets(*flat(baskets), items=300).by_chance > 0.9


def test_baskets_weigh_more_where_more_will_be_asked_for():
    model = learn_baskets(*flat([[0, 1], [2, 3]] * 10), items=4, demand=np.array([3.0, 3, 1, 1]))
    weight = model.baskets(np.random.default_rng(0)).weight
    assert weight[0] / weight[1] == pytest.approx(3.0, rel=0.01)
    assert weight.sum() == pytest.approx(20.0)


def test_an_item_twice_in_a_basket_counts_once():
    model = learn_baskets(*flat([[1, 1, 0], [2]]), items=3)
    assert model.past.item.tolist() == [0, 1, 2]
    assert model.lines.tolist() == [0.5, 0.5]


@given(st.lists(st.lists(st.integers(0, 5), max_size=4), min_size=2, max_size=12).filter(any), st.integers(0, 9))
def test_drawn_baskets_are_never_larger_and_hold_known_items(baskets, seed):
    model = learn_baskets(*flat(baskets), items=6)
    drawn = model.baskets(np.random.default_rng(seed))
    assert (np.diff(drawn.start) <= np.diff(model.past.start)).all()
    assert ((drawn.item >= 0) & (drawn.item < 6)).all()
    assert 0 <= model.by_chance <= 1
    for item in range(6):
        assert model.together(item).sum() == pytest.approx(1.0)


def test_unknown_items_and_bad_demand_are_refused():
    with pytest.raises(InputError, match="from 0 to 1"):
        learn_baskets(*flat([[2]]), items=2)
    with pytest.raises(InputError, match="demand"):
        learn_baskets(*flat([[1]]), items=2, demand=np.array([-1.0, 1]))
