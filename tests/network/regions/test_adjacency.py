"""Which areas touch, and pieces of a map."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.foundation.arrays import Ints
from doorstep.geography import Places
from doorstep.network.regions import adjacency
from doorstep.network.regions.adjacency import join_small_pieces, link_metres, pieces_of
from tests.network.regions.small_maps import line, places
from tests.trials import trials


def pairs(edges: Ints) -> set[tuple[int, int]]:
    return {(int(a), int(b)) for a, b in edges.tolist()}


def test_the_corners_of_a_square_and_its_middle_touch_around():
    edges = pairs(adjacency(places((0, 0), (0, 1), (1, 0), (1, 1), (0.5, 0.5))))
    assert edges >= {(0, 4), (1, 4), (2, 4), (3, 4)}
    assert not edges & {(0, 3), (1, 2)}


def test_points_in_a_line_and_points_in_one_place_are_linked_in_a_row():
    assert pairs(adjacency(places((0, 0), (0, 2), (0, 1)))) == {(0, 2), (1, 2)}
    assert pairs(adjacency(places((5, 5), (5, 5)))) == {(0, 1)}
    assert adjacency(places((5, 5))).shape == (0, 2)
    twins = adjacency(places((0, 0), (0, 1), (1, 0), (1, 1), (1, 1)))
    assert (3, 4) in pairs(twins)


def test_an_archipelago_far_away_is_not_linked_to_the_mainland():
    rng = np.random.default_rng(2)
    mainland = rng.uniform((35, -100), (40, -90), (200, 2))
    islands = rng.uniform((20, -157), (21, -156), (12, 2))
    both = np.concatenate([mainland, islands])
    areas = Places(lat=both[:, 0].copy(), lon=both[:, 1].copy())
    piece = pieces_of(adjacency(areas), 212)
    assert np.unique(piece[:200]).size == 1
    assert np.unique(piece[200:]).size == 1
    assert piece[0] != piece[-1]


def test_no_link_is_longer_than_allowed():
    areas = places((0, 0), (0, 1), (1, 0), (1, 2), (2, 2), (2, 5))
    edges = adjacency(areas, longest_m=150_000.0)
    assert edges.size
    assert link_metres(areas, edges).max() <= 150_000.0


point = st.tuples(st.floats(-50, 50), st.floats(-60, 60))


@settings(deadline=None, max_examples=trials(50))
@given(st.lists(point, min_size=4, max_size=12, unique=True))
def test_the_nearest_neighbour_of_each_point_touches_it(points):
    areas = places(*points)
    near = pairs(adjacency(areas))
    n = len(areas)
    every = np.array([(a, b) for a in range(n) for b in range(n) if a != b])
    metres = link_metres(areas, every).reshape(n, n - 1)
    for a in range(n):
        nearest = np.flatnonzero(metres[a] <= metres[a].min() + 1.0)
        others = [b + (b >= a) for b in nearest.tolist()]
        assert any((min(a, b), max(a, b)) in near for b in others) or metres[a].min() < 10.0


def test_small_pieces_hang_on_the_area_nearest_to_them_one_after_the_other():
    problem = line([4, 4, 1, 1], edges=np.array([[0, 1]]), areas=places((0, 0), (0, 1), (0, 4), (0, 5)))
    joined = join_small_pieces(problem.areas, problem.edges, problem.weights, problem.least_piece())
    assert {tuple(sorted(link)) for link in joined.links.tolist()} == {(2, 3), (1, 2)}
    assert np.unique(joined.piece).size == 1
