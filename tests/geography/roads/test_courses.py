"""The lines of routes: along the streets that are driven, straight where nothing is known of them."""

import numpy as np
import polars as pl
import pytest

from doorstep.geography import GreatCircleTimes, Places
from doorstep.geography.roads import PROFILES, RoadTimes, build_graph, find_way
from doorstep.geography.roads._path_kernels import ways_of
from doorstep.geography.roads.access import StreetsOrEstimate
from doorstep.geography.roads.courses import Stretch, courses, courses_of_routes, line_through, streets_of
from tests.geography.roads.towns import degrees, grid

TIMES = RoadTimes(build_graph(grid(), PROFILES["car"]))
"""Four rows of five blocks of 100 m."""


def places(*metres: tuple[float, float]) -> Places:
    """Return places so many metres east and north of the corner."""
    at = np.array([degrees(*each) for each in metres])
    return Places(lat=at[:, 0], lon=at[:, 1])


def metres_of(stretch) -> list[tuple[int, int]]:
    """Return the points of a stretch in metres east and north of the corner, to ten metres."""
    origin, one = np.array(degrees(0, 0)), np.array(degrees(1, 1))
    at = (np.column_stack([stretch.lat, stretch.lon]) - origin) / (one - origin)
    return [(round(east, -1), round(north, -1)) for north, east in at.tolist()]


def test_a_route_runs_along_streets_through_its_stops():
    (course,) = courses(TIMES, places((0, 0), (150, 0), (200, 150)), np.array([0, 3]))
    (stretch,) = course
    assert not stretch.estimated
    assert metres_of(stretch) == [(0, 0), (100, 0), (150, 0), (200, 0), (200, 100), (200, 150)]


def test_its_drives_are_the_ways_that_were_found():
    stops = places((0, 50), (350, 100), (120, 300))
    (course,) = courses(TIMES, stops, np.array([0, 3]))
    points = np.column_stack([course[0].lat, course[0].lon])
    for k in (0, 1):
        way = find_way(TIMES, *((float(stops.lat[row]), float(stops.lon[row])) for row in (k, k + 1)))
        own = np.column_stack([way.lat, way.lon])
        assert any(np.allclose(points[at : at + len(own)], own) for at in range(len(points) - len(own) + 1))


def test_a_door_off_the_street_is_joined_with_it_by_an_estimate():
    (course,) = courses(TIMES, places((0, 0), (150, -70), (300, 0)), np.array([0, 3]))
    assert [stretch.estimated for stretch in course] == [False, True, False]
    assert metres_of(course[1]) == [(150, 0), (150, -70), (150, 0)]
    (near,) = courses(TIMES, places((0, 0), (150, -40), (300, 0)), np.array([0, 3]))
    assert [stretch.estimated for stretch in near] == [False]


def test_a_drive_to_where_no_streets_are_is_one_straight_estimate():
    (course,) = courses(TIMES, places((0, 0), (200, 0), (200, -9_000), (0, 0)), np.array([0, 4]))
    assert [stretch.estimated for stretch in course] == [False, True]
    assert metres_of(course[1]) == [(200, 0), (200, -9_000), (0, 0)]


def test_routes_are_apart_and_one_that_goes_nowhere_has_no_line():
    stops = places((0, 0), (100, 0), (300, 300), (300, 300), (0, 300), (0, 200))
    first, nowhere, last = courses(TIMES, stops, np.array([0, 2, 4, 6]))
    assert metres_of(first[0]) == [(0, 0), (100, 0)]
    assert nowhere == ()
    assert metres_of(last[0]) == [(0, 300), (0, 200)]


@pytest.mark.parametrize("count", [0, 1])
def test_nothing_and_a_single_stop_have_no_lines(count: int):
    assert courses(TIMES, places((0, 0)).take(np.arange(count)), np.array([0, count])) == [()]


def test_between_doors_at_one_place_of_a_street_nothing_is_drawn_and_a_line_still_has_two_points():
    doors = places((150, 3), (150, 8))
    assert courses(TIMES, doors, np.array([0, 2])) == [()]
    lat, lon = line_through(TIMES, doors, most_off_m=4.0)
    assert (lat.tolist(), lon.tolist()) == (doors.lat.tolist(), doors.lon.tolist())


def test_routes_of_a_table_are_drawn_by_name_in_the_order_of_their_stops():
    lat, lon = zip(*(degrees(*at) for at in ((0, 100), (0, 0), (200, 0))), strict=True)
    stops = pl.DataFrame({"route_id": ["B", "A", "A"], "sequence": [0, 1, 0], "lat": lat, "lon": lon})
    drawn = courses_of_routes(TIMES, stops)
    assert list(drawn) == ["A", "B"]
    assert metres_of(drawn["A"][0])[0] == (200, 0)
    assert drawn["B"] == ()


def test_only_travel_times_on_streets_have_lines():
    estimate = GreatCircleTimes()
    assert streets_of(TIMES) is TIMES
    assert streets_of(StreetsOrEstimate(streets=TIMES, estimate=estimate)) is TIMES
    assert streets_of(estimate) is None


def test_a_simplified_stretch_keeps_its_corners_and_what_it_is():
    straight = Stretch(lat=np.array([49.4, 49.401, 49.402, 49.402]), lon=np.array([8.7, 8.700001, 8.7, 8.71]),
                       estimated=True)  # fmt: skip
    shown = straight.simplified(1.0)
    assert shown.lat.tolist() == [49.4, 49.402, 49.402]
    assert shown.estimated
    assert straight.simplified(0.01).lat.size == 4


def test_ways_are_found_alike_by_the_plain_function():
    places_ = places((0, 50), (350, 100), (120, 300), (0, 0))
    h, m = TIMES.hierarchy_of, TIMES.metric_of
    placed = TIMES.placed(places_)
    asked = (h.first, h.head, m.up, m.down, m.up_by, m.down_by, *TIMES.starts(placed),
             *TIMES.ends(placed.take(np.array([2, 0, 3, 1]))))  # fmt: skip
    for compiled, plain in zip(ways_of(*asked), ways_of.py_func(*asked), strict=True):
        assert compiled.tolist() == plain.tolist()
