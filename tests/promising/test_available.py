"""What is free to promise now and later: nothing promised before is broken, and nothing that could be sold is left."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Ints
from doorstep.promising import available_to_promise
from doorstep.promising.available import NEVER, first_period

shelf = arrays(np.int64, (2,), elements=st.integers(0, 9))
days = arrays(np.int64, (2, 5), elements=st.integers(0, 5))


def row(*units: int) -> Ints:
    return np.array([units], dtype=np.int64)


def stock(*units: int) -> Ints:
    return np.array(units, dtype=np.int64)


def test_what_is_promised_for_a_later_day_cannot_be_sold_today():
    assert available_to_promise(stock(5), row(0, 0, 0), row(0, 0, 4)).tolist() == [[1, 1, 1]]


def test_what_arrives_can_be_sold_from_then_on():
    assert available_to_promise(stock(2), row(0, 6, 0), row(0, 0, 0)).tolist() == [[2, 8, 8]]


def test_what_arrives_before_it_is_due_leaves_the_shelf_to_others():
    assert available_to_promise(stock(2), row(0, 6, 0), row(0, 0, 5)).tolist() == [[2, 3, 3]]


def test_safety_stock_is_never_sold():
    found = available_to_promise(stock(2, 1), np.zeros((2, 1), np.int64), np.zeros((2, 1), np.int64),
                                 safety_stock=stock(1, 3))  # fmt: skip
    assert found.tolist() == [[1], [0]]


@given(shelf, days, days)
def test_selling_all_that_is_free_breaks_no_promise_and_leaves_nothing_that_could_be_sold(on_hand, receipts, committed):
    free = available_to_promise(on_hand, receipts, committed)
    for product, day in np.argwhere(free > 0):
        left = on_hand[product] + np.cumsum(receipts[product] - committed[product])
        assert (left[day:] - free[product, day]).min() == 0


@given(shelf, days, days, shelf)
def test_what_is_free_is_never_negative_and_never_falls(on_hand, receipts, committed, safety):
    free = available_to_promise(on_hand, receipts, committed, safety_stock=safety)
    assert (free >= 0).all()
    assert (np.diff(free, axis=1) >= 0).all()


@given(shelf, days, days, st.integers(0, 1), st.integers(0, 4))
def test_what_was_sold_is_no_longer_free(on_hand, receipts, committed, product, day):
    free = available_to_promise(on_hand, receipts, committed)
    committed[product, day] += free[product, day]
    again = available_to_promise(on_hand, receipts, committed)
    assert (again[product, : day + 1] == 0).all()


def test_the_first_period_has_enough_of_every_product():
    free = np.array([[1, 5, 5, 9], [0, 0, 3, 3]], dtype=np.int64)
    assert first_period(free, stock(1, 0)) == 0
    assert first_period(free, stock(5, 3)) == 2
    assert first_period(free, stock(5, 4)) == NEVER
    assert first_period(np.zeros((1, 0), np.int64), stock(1)) == NEVER


@pytest.mark.parametrize(
    ("on_hand", "receipts", "committed", "safety"),
    [
        (stock(1), row(1, 2), row(1), None),
        (stock(1, 1), row(1), row(1), None),
        (stock(1), row(1), row(1), stock(1, 1)),
        (stock(1), stock(1), stock(1), None),
        (stock(-1), row(1), row(1), None),
        (stock(1), row(1), row(-1), None),
    ],
)
def test_shapes_that_disagree_and_negative_units_are_refused(on_hand, receipts, committed, safety):
    with pytest.raises(InputError):
        available_to_promise(on_hand, receipts, committed, safety_stock=safety)
    with pytest.raises(InputError):
        first_period(row(1, 2), stock(1, 2))
