"""Which stops have moved between two plans, by hand."""

import pytest

from doorstep.vehicle_routing.changes import moved_stops


@pytest.mark.parametrize(
    ("before", "after", "moved"),
    [
        ([(0, [[1, 2, 3]])], [(0, [[1, 2, 3]])], set()),
        ([(0, [[1, 2, 3, 4]])], [(0, [[1, 3, 4, 2]])], {2}),
        ([(0, [[1, 2, 3]])], [(0, [[1, 9, 2, 3]])], set()),
        ([(0, [[1, 2, 3], [4]])], [(0, [[1, 2], [3, 4]])], {3}),
        ([(0, [[1, 2, 3]]), (0, [[4, 5]])], [(0, [[4, 3, 5]]), (0, [[1, 2]])], {3}),
        ([(0, [[1, 2, 3]])], [(0, [[1, 3]])], set()),
        ([(0, [[1, 2]])], [(1, [[1, 2]])], {1, 2}),
        ([(0, [[1, 2]]), (0, [[3]])], [(0, [[1, 2, 3]])], {3}),
    ],
)
def test_a_stop_has_moved_that_is_elsewhere_or_out_of_order(before, after, moved):
    assert moved_stops(before, after) == moved


def test_a_route_is_the_one_in_which_most_stops_stayed_not_the_one_whose_stops_it_took_over():
    before = [(0, [[8], [2, 0]]), (0, [[4]])]
    after = [(0, [[8]]), (0, [[4, 2, 5, 0]])]
    assert moved_stops(before, after) == {2, 0}
