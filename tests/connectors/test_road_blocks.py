"""Tables and pairs cut into pieces."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.connectors.road_blocks import codes_of, packed, pairs_of, tiles
from doorstep.geography import Places

indices = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=80)
degrees = st.tuples(st.integers(-90_000_000, 90_000_000), st.integers(-180_000_000, 180_000_000))


@given(st.integers(0, 30), st.integers(0, 30), st.integers(2, 9))
def test_tiles_cover_a_table_once_and_are_no_larger_than_allowed(rows, columns, half):
    seen = np.zeros((rows, columns), dtype=int)
    for tile in tiles(rows, columns, 2 * half):
        assert sum(part.stop - part.start for part in tile) <= 2 * half
        seen[tile] += 1
    assert (seen == 1).all()


@pytest.mark.parametrize(("rows", "columns", "count"), [(100, 100, 1), (1, 199, 1), (199, 1, 1), (300, 300, 9)])
def test_a_table_takes_few_tiles(rows, columns, count):
    assert len(list(tiles(rows, columns, 200))) == count


@given(indices, st.integers(1, 6))
def test_runs_of_pairs_follow_one_another_and_hold_few_points(pairs, half):
    origin, destination = np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2).T
    runs = list(packed(origin, destination, 2 * half))
    assert [row for run in runs for row in range(run.start, run.stop)] == list(range(len(pairs)))
    for run in runs:
        assert np.unique(origin[run]).size + np.unique(destination[run]).size <= 2 * half


@given(indices)
def test_each_row_finds_its_pair_and_no_pair_is_there_twice(rows):
    lat, lon = np.linspace(40, 41, 10), np.linspace(7, 8, 10)
    a, b = np.array(rows, dtype=np.int64).reshape(-1, 2).T
    pairs = pairs_of(Places(lat=lat[a], lon=lon[a]), Places(lat=lat[b], lon=lon[b]))
    assert pairs.places.lat[pairs.origin[pairs.of]].tolist() == lat[a].tolist()
    assert pairs.places.lon[pairs.destination[pairs.of]].tolist() == lon[b].tolist()
    assert pairs.origin.size == len(set(rows))


@given(degrees, degrees)
def test_points_that_differ_by_a_millionth_of_a_degree_have_codes_that_differ(a, b):
    lat, lon = np.array([a, b], dtype=float).T / 1e6
    first, second = codes_of(lat, lon).tolist()
    assert (first == second) is (a == b)
    assert min(first, second) >= 0
