"""A problem that is broken or cannot be served says why, with every fault and its numbers."""

from itertools import chain, combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.foundation import InputError
from doorstep.network.capacitated.problem import CapacitatedProblem, capacitated_problem


def told(**parts: object) -> str:
    """Return the message of a problem with three customers of 4 and two sites of 10, some parts replaced."""
    whole: dict[str, object] = {
        "cost": np.ones((3, 2)),
        "demand": np.full(3, 4.0),
        "capacity": np.full(2, 10.0),
        "opening": np.zeros(2),
    }
    with pytest.raises(InputError) as caught:
        capacitated_problem(**(whole | parts))  # type: ignore[arg-type]
    return str(caught.value)


def test_shapes_are_told_all_at_once():
    message = told(demand=np.ones(2), closing=np.zeros(3))
    assert message == "demand (2,) must be (3,). closing (3,) must be (2,)."


def test_negative_and_missing_numbers_are_told_with_their_rows():
    message = told(
        demand=np.array([4.0, -1.0, np.nan]), cost=np.array([[1.0, np.nan]] * 3), capacity=np.array([10.0, np.inf])
    )
    assert "demand must be finite and not negative: 2 entries are not, first row 1: -1.0." in message
    assert "cost must not be negative: 3 entries are not, first row (0, 1): nan." in message
    assert "capacity must be finite and not negative: 1 entries are not, first row (1, 0): inf." in message


def test_flags_and_counts_that_contradict_are_told():
    message = told(sites=3, must_open=np.array([True, True]), must_not=np.array([True, False]))
    assert "sites 0 must open and must not." in message
    assert "sites = 3 must lie between 0 and the 1 that may open." in message
    assert "2 sites must open, more than sites = 1." in told(sites=1, must_open=np.array([True, True]))


def test_too_little_capacity_is_told_in_all_and_for_a_number_of_sites():
    assert "demand 12 is 2 more than the capacity 10 of all sites." in told(capacity=np.full(2, 5.0))
    assert "demand 12 is 2 more than the capacity 10 of the largest 1 sites that may open together" in told(sites=1)
    closed = told(must_not=np.array([False, True]))
    assert "demand 12 is 2 more than the capacity 10 of all sites." in closed


def test_customers_that_nobody_may_serve_or_that_fit_nowhere_are_told():
    alone = np.array([[1.0, 1.0], [np.inf, np.inf], [1.0, 1.0]])
    assert "no site may serve customers 1." in told(cost=alone)
    assert (
        "customers 2 are larger than every site that may serve them: customer 2 wants 11, the largest holds 10."
        in told(demand=np.array([1.0, 1.0, 11.0]), split=False)
    )


def test_a_region_without_enough_room_is_told_with_what_is_missing():
    cost = np.array([[1.0, np.inf], [1.0, np.inf], [1.0, np.inf]])
    assert told(cost=cost) == "customers 0, 1, 2 want 12 and only sites 0 may serve them, which hold 10: 2 too little."


@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=4),
    st.lists(st.integers(0, 12), min_size=1, max_size=3),
    st.integers(0, 2**12 - 1),
)
def test_divided_demand_is_refused_exactly_where_some_customers_want_more_than_their_sites_hold(demand, room, bits):
    allowed = np.array([[bits >> (i * 3 + j) & 1 for j in range(len(room))] for i in range(len(demand))], np.bool_)
    groups = chain.from_iterable(combinations(range(len(demand)), r) for r in range(1, len(demand) + 1))
    short = any(
        sum(demand[i] for i in group) > sum(room[j] for j in range(len(room)) if allowed[list(group), j].any())
        for group in groups
    )

    def make() -> CapacitatedProblem:
        cost = np.where(allowed, 1.0, np.inf)
        return capacitated_problem(cost, np.array(demand), np.array(room), np.zeros(len(room)))

    if short:
        with pytest.raises(InputError):
            make()
    else:
        make()
