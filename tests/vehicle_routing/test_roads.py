"""Roads as tables, in a plane, asked for, and with some of them closed."""

import numpy as np
import pytest

from doorstep.foundation import InputError
from doorstep.geography import GreatCircleTimes, Places
from doorstep.vehicle_routing.roads import (
    UNREACHABLE,
    AskedRoads,
    OneWayRoads,
    PickedRoads,
    PlaneRoads,
    TableRoads,
)

SQUARE = np.array([[0, 3, 4], [3, 0, 5], [4, 5, 0]])


def test_tables_tell_coordinates_only_if_they_are_given_any():
    assert TableRoads(metres=SQUARE, seconds=SQUARE).points().shape == (0, 2)
    known = TableRoads(metres=SQUARE, seconds=SQUARE, x=np.array([0.0, 3, 0]), y=np.array([0.0, 0, 4]))
    assert known.points().tolist() == [[0, 0], [3, 0], [0, 4]]


def test_coordinates_that_are_too_few_or_no_numbers_are_refused():
    with pytest.raises(InputError, match=r"x \(2,\) and y \(2,\) must be \(3,\), one for each place"):
        TableRoads(metres=SQUARE, seconds=SQUARE, x=np.zeros(2), y=np.zeros(2))
    with pytest.raises(InputError, match=r"x \(3,\) and y \(0,\) must both be"):
        TableRoads(metres=SQUARE, seconds=SQUARE, x=np.zeros(3))
    with pytest.raises(InputError, match=r"place 1 lies at \(nan, 2\)"):
        PlaneRoads(x=np.array([0, np.nan]), y=np.array([0.0, 2]))
    with pytest.raises(InputError, match=r"place 0 lies at \(inf, 2\)"):
        AskedRoads(places=Places(lat=np.array([2.0]), lon=np.array([np.inf])), travel=(GreatCircleTimes(),))


def test_tables_that_are_no_whole_numbers_and_scales_that_are_none_are_refused():
    with pytest.raises(InputError, match="metres is float64, not whole numbers"):
        TableRoads(metres=SQUARE * 1.5, seconds=SQUARE)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="scale 0 must be a number above zero"):
        PlaneRoads(x=np.zeros(2), y=np.zeros(2), scale=0)


def test_a_closed_road_is_out_of_reach_one_way_and_all_others_are_as_they_were():
    plane = PlaneRoads(x=np.array([0.0, 3, 0]), y=np.array([0.0, 0, 4]), scale=10)
    closed = np.array([[False, True], [False, False]])
    roads = OneWayRoads(all_roads=plane, kind=np.array([0, 0, 1]), closed=closed)
    metres, seconds = roads.block(0, np.arange(3))
    assert metres.tolist() == [[0, 30, UNREACHABLE], [30, 0, UNREACHABLE], [40, 50, 0]]
    assert seconds.tolist() == metres.tolist()
    origins, destinations = np.divmod(np.arange(9), 3)
    assert roads.along(0, origins, destinations)[0].tolist() == metres.ravel().tolist()
    assert (len(roads), roads.profiles, roads.points().tolist()) == (3, 1, [[0, 0], [30, 0], [0, 40]])


def test_places_are_laid_in_a_plane_in_metres_around_their_middle():
    places = Places(lat=np.array([59.99, 60.01]), lon=np.array([10.0, 10.02]))
    x, y = AskedRoads(places=places, travel=(GreatCircleTimes(),)).points().T
    assert np.rint(x).tolist() == [-556, 556]  # half of 0.02 degrees at latitude 60, where they are half as wide
    assert np.rint(y).tolist() == [-1112, 1112]


def test_new_places_join_roads_of_which_some_are_closed_or_picked():
    plane = PlaneRoads(x=np.array([0.0, 3, 0, 6]), y=np.array([0.0, 0, 4, 8]), scale=10)
    shut = OneWayRoads(all_roads=plane, kind=np.array([0, 1, 1, 2]), closed=np.eye(3, dtype=np.bool_))
    new = np.array([[30.0, 40.0]])
    more = shut.extended(new)
    assert more.along(0, np.array([0, 4]), np.array([4, 0]))[0].tolist() == [50, 50]
    assert more.along(0, np.array([4]), np.array([1]))[0].tolist() == [UNREACHABLE]
    some = PickedRoads(roads=shut, place=np.array([2, 0])).extended(new)
    assert (len(some), some.along(0, np.array([1]), np.array([2]))[0].tolist()) == (3, [50])
