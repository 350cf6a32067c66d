"""A mixed-integer programme: its optimum, its bound, and what is told of one without values."""

import numpy as np
import pytest
import scipy.sparse as sp

from doorstep.foundation.programme import Programme, solve_programme


def at_least(units: float, *, whole: bool) -> Programme:
    """Return the choice of items of 2, 3 and 4 units for 3, 4 and 6 with at least so many units."""
    return Programme(
        cost=np.array([3.0, 4.0, 6.0]),
        lower=np.zeros(3),
        upper=np.ones(3),
        whole=np.full(3, whole),
        matrix=sp.csc_matrix([[2.0, 3.0, 4.0]]),
        low=np.array([units]),
        high=np.array([np.inf]),
    )


def test_whole_items_cost_more_than_divided_ones():
    whole = solve_programme(at_least(6.0, whole=True), keep_going=lambda: True)
    assert (whole.values.tolist(), whole.cost, whole.bound) == ([1.0, 0.0, 1.0], 9.0, 9.0)
    divided = solve_programme(at_least(6.0, whole=False), keep_going=lambda: True)
    assert divided.cost == pytest.approx(8.5)
    assert divided.bound == pytest.approx(8.5)


@pytest.mark.parametrize("whole", [True, False])
def test_where_no_values_keep_the_rows_the_bound_is_infinite(whole):
    solved = solve_programme(at_least(10.0, whole=whole), keep_going=lambda: True)
    assert solved.values.size == 0
    assert solved.bound == np.inf
