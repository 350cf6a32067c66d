"""Distances, travel times, neighbours and cells."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.foundation import InputError
from doorstep.geography import GreatCircleTimes, Places, cells_of, great_circle_m, nearest_places
from doorstep.geography.distance import EARTH_RADIUS_M, haversine_m

DEGREE_M = math.pi * EARTH_RADIUS_M / 180  # 111,195.08 m
PAIRS = [
    ((0.0, 0.0), (0.0, 0.0), 0.0),
    ((0.0, 0.0), (0.0, 1.0), DEGREE_M),
    ((41.0, -87.0), (42.0, -87.0), DEGREE_M),
    ((0.0, 0.0), (0.0, 180.0), 180 * DEGREE_M),
    ((90.0, 0.0), (-90.0, 50.0), 180 * DEGREE_M),
    ((0.0, 179.5), (0.0, -179.5), DEGREE_M),
    ((60.0, 0.0), (60.0, 180.0), 60 * DEGREE_M),  # over the pole
]
SOMEWHERE = st.tuples(st.floats(-89, 89), st.floats(-180, 180))


def places(*points: tuple[float, float]) -> Places:
    return Places(lat=np.array([p[0] for p in points], dtype=float), lon=np.array([p[1] for p in points], dtype=float))


def random_places(count: int, seed: int, *, spread: float = 0.5) -> Places:
    rng = np.random.default_rng(seed)
    return Places(lat=41.8 + spread * rng.uniform(-1, 1, count), lon=-87.7 + spread * rng.uniform(-1, 1, count))


@pytest.mark.parametrize("way", [haversine_m, haversine_m.py_func], ids=["compiled", "python"])
@pytest.mark.parametrize(("a", "b", "metres"), PAIRS)
def test_the_haversine_of_known_pairs(way, a, b, metres):
    assert way(*a, *b) == pytest.approx(metres, abs=0.01)


@pytest.mark.parametrize(("a", "b", "metres"), PAIRS)
def test_array_distances_of_known_pairs(a, b, metres):
    found = great_circle_m(
        lat_a=np.array([a[0]]), lon_a=np.array([a[1]]), lat_b=np.array([b[0]]), lon_b=np.array([b[1]])
    )
    assert found[0] == pytest.approx(metres, abs=0.01)


def test_chicago_to_new_york_is_1145_km():
    assert haversine_m(41.8781, -87.6298, 40.7128, -74.0060) == pytest.approx(1_144_300, rel=1e-3)


def test_driving_is_slow_at_first_and_faster_beyond():
    times = GreatCircleTimes(circuity_pct=150, near_speed_kmh=30, far_speed_kmh=60, near_distance_m=5_000)
    metres, seconds = times.on_road(np.array([0.0, 2_000.0, 10_000.0]))
    assert metres.tolist() == [0, 3_000, 15_000]
    assert seconds.tolist() == [0, 360, 1_200]  # 3 km at 30 km/h; 5 km at 30 km/h and 10 km at 60 km/h


def test_seconds_are_rounded_up():
    assert GreatCircleTimes(near_speed_kmh=30, far_speed_kmh=50).seconds(np.array([1, 25, 26])).tolist() == [1, 3, 4]


def test_a_matrix_holds_what_pairs_say_and_zero_to_itself():
    points, times = random_places(6, 1), GreatCircleTimes()
    metres, seconds = times.matrix(points)
    rows = np.repeat(np.arange(6), 6)
    columns = np.tile(np.arange(6), 6)
    pairs = times.between(points.take(rows), points.take(columns))
    assert metres.reshape(-1).tolist() == pairs[0].tolist()
    assert seconds.reshape(-1).tolist() == pairs[1].tolist()
    assert not metres.diagonal().any()
    assert not seconds.diagonal().any()


@given(st.lists(SOMEWHERE, min_size=3, max_size=3), st.integers(0, 20_000))
def test_no_detour_is_shorter_than_the_way_itself_up_to_rounding(points, near_distance_m):
    metres, seconds = GreatCircleTimes(near_distance_m=near_distance_m).matrix(places(*points))
    for table in (metres, seconds):
        assert table[0, 2] <= table[0, 1] + table[1, 2] + 2


@pytest.mark.parametrize(
    "values",
    [{"circuity_pct": 0}, {"near_speed_kmh": 0}, {"near_distance_m": -1}, {"near_speed_kmh": 60, "far_speed_kmh": 50}],
)
def test_speeds_that_make_no_sense_are_refused(values):
    with pytest.raises(InputError):
        GreatCircleTimes(**values)


@pytest.mark.parametrize("spread", [0.5, 40.0])
def test_nearest_places_are_those_of_brute_force(spread):
    queries, points = random_places(40, 2, spread=spread), random_places(60, 3, spread=spread)
    found = nearest_places(queries, points, count=5)
    exact = great_circle_m(lat_a=queries.lat[:, None], lon_a=queries.lon[:, None], lat_b=points.lat, lon_b=points.lon)
    assert found.tolist() == np.argsort(exact, axis=1)[:, :5].tolist()


def test_neighbours_are_found_across_the_date_line():
    assert nearest_places(places((0.0, 179.9)), places((0.0, 170.0), (0.0, -179.9)), count=2).tolist() == [[1, 0]]


def test_fewer_places_than_asked_for_are_all_returned():
    assert nearest_places(places((0.0, 0.0)), places((0.0, 2.0), (0.0, 1.0)), count=9).tolist() == [[1, 0]]
    assert nearest_places(places((0.0, 0.0)), places((0.0, 2.0)), count=1).tolist() == [[0]]


def test_nearest_of_nothing_is_refused():
    with pytest.raises(InputError, match="cannot find 3 nearest of 0 places"):
        nearest_places(places((0.0, 0.0)), places(), count=3)


def test_doors_of_one_street_share_a_cell_and_far_ones_do_not():
    cell, centres = cells_of(places((41.88, -87.63), (42.30, -87.90), (41.8801, -87.6301)))
    assert cell[0] == cell[2] != cell[1]
    assert len(centres) == 2


def test_a_cell_centre_lies_within_a_kilometre_of_its_places():
    points = random_places(50, 4)
    cell, centres = cells_of(points)
    near = centres.take(cell)
    assert great_circle_m(lat_a=points.lat, lon_a=points.lon, lat_b=near.lat, lon_b=near.lon).max() < 1_000


def test_no_places_have_no_cells():
    cell, centres = cells_of(places())
    assert (cell.size, len(centres)) == (0, 0)


def test_coordinates_of_different_lengths_are_refused():
    with pytest.raises(InputError, match="must both be"):
        Places(lat=np.zeros(2), lon=np.zeros(3))
