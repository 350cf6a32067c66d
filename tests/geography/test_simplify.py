"""Lines with fewer points: none that is left out lies farther off than it may."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from doorstep.geography.simplify import points_kept

FORMS = [points_kept, points_kept.py_func]


@pytest.mark.parametrize("kept", FORMS)
def test_points_on_a_straight_line_go_and_corners_stay(kept):
    x, y = np.array([0.0, 1.0, 2.0, 2.0, 2.0]), np.array([0.0, 0.0, 0.1, 5.0, 9.0])
    assert kept(x, y, np.array([0, 5]), 0.5).tolist() == [True, False, True, False, True]
    assert kept(x, y, np.array([0, 2, 2, 5]), 0.5).tolist() == [True, True, True, False, True]


@pytest.mark.parametrize("kept", FORMS)
def test_a_loop_that_ends_where_it_begins_keeps_its_far_point(kept):
    x, y = np.array([0.0, 3.0, 0.0]), np.zeros(3)
    assert kept(x, y, np.array([0, 3]), 1.0).all()


@given(arrays(np.float64, (12, 2), elements=st.floats(-100, 100)), st.floats(0.1, 50))
def test_what_is_left_out_is_near_the_line_that_is_left(points, most_off):
    x, y = points.T.copy()
    kept = points_kept(x, y, np.array([0, 12]), most_off)
    assert kept[0]
    assert kept[-1]
    corners = np.flatnonzero(kept)
    for row in np.flatnonzero(~kept):
        a, b = corners[corners < row][-1], corners[corners > row][0]
        along = np.linspace(0, 1, 2001)[:, None]
        line = points[a] + along * (points[b] - points[a])
        assert np.hypot(*(line - points[row]).T).min() <= most_off + 0.15
