"""Closed streets are driven round, slow ones take longer, and who lives in them is still reached."""

import numpy as np

from doorstep.geography import Places
from doorstep.geography.obstacles import ClosedLine, SlowCircle
from doorstep.geography.roads import PROFILES, RoadTimes, build_graph, find_way
from doorstep.geography.roads.check import check_times, check_way
from doorstep.geography.roads.obstructed import CLOSED_MS, obstructed
from tests.geography.roads.test_times import places
from tests.geography.roads.towns import degrees, grid, town

TIMES = RoadTimes(build_graph(grid(), PROFILES["van"]))
WEST, EAST = places((50, 100)), places((350, 100))
"""On the second row from the south, at both ends of it."""


def line(*east_north_m: tuple[float, float]) -> ClosedLine:
    return ClosedLine(points=places(*east_north_m))


ACROSS = line((250, 80), (250, 120))
"""Crosses the second row between its third and fourth column, and nothing else."""


def test_a_closed_street_is_driven_round_by_the_others():
    (usual,), (longer,) = (times.between(WEST, EAST)[0] for times in (TIMES, obstructed(TIMES, closed=[ACROSS])))
    assert (int(usual), int(longer)) == (300, 500)


def test_the_way_keeps_off_the_closed_street_and_all_is_as_dijkstra_says():
    around = obstructed(TIMES, closed=[ACROSS], slow=[SlowCircle(lat=degrees(0, 0)[0], lon=degrees(0, 0)[1],
                                                                 radius_m=150, slower_pct=70)])  # fmt: skip
    way = find_way(around, (float(WEST.lat[0]), float(WEST.lon[0])), (float(EAST.lat[0]), float(EAST.lon[0])))
    assert way.metres == 500
    assert check_way(around, way) == []
    everywhere = places(*[(x, y) for x in (0, 130, 250, 260, 400) for y in (0, 60, 100, 300)])
    assert check_times(around, everywhere, everywhere) == []


def test_who_lives_in_a_closed_street_is_reached_from_both_sides_as_ever():
    door = places((260, 100))
    around = obstructed(TIMES, closed=[ACROSS])
    for start in (WEST, EAST):
        assert around.between(start, door)[1].tolist() == TIMES.between(start, door)[1].tolist()
        assert around.between(door, start)[1].tolist() == TIMES.between(door, start)[1].tolist()


def test_where_there_is_no_way_round_a_leg_fits_no_shift():
    ends, over = {"highway": "residential"}, {"highway": "primary"}
    bridge = town([(0, 0), (100, 0), (200, 0), (300, 0)],
                  [([0, 1], ends, "West"), ([1, 2], over, "Bridge"), ([2, 3], ends, "East")])  # fmt: skip
    times = RoadTimes(build_graph(bridge, PROFILES["van"]))
    around = obstructed(times, closed=[line((150, -20), (150, 20))])
    assert around.between(places((50, 0)), places((250, 0)))[1][0] >= CLOSED_MS // 1000


def test_slow_traffic_makes_drives_longer_by_the_part_that_lies_in_it():
    lat, lon = degrees(200, 100)
    half = obstructed(TIMES, slow=[SlowCircle(lat=lat, lon=lon, radius_m=50, slower_pct=100)])
    whole = obstructed(TIMES, slow=[SlowCircle(lat=lat, lon=lon, radius_m=5_000, slower_pct=100)])
    usual, some, all_ = (int(times.between(WEST, EAST)[1][0]) for times in (TIMES, half, whole))
    assert usual < some < all_
    assert abs(all_ - 2 * usual) <= 2
    assert half.between(WEST, EAST)[0].tolist() == TIMES.between(WEST, EAST)[0].tolist()


def test_without_obstacles_nothing_changes():
    some = Places(lat=np.append(WEST.lat, EAST.lat), lon=np.append(WEST.lon, EAST.lon))
    for mine, other in zip(obstructed(TIMES).matrix(some), TIMES.matrix(some), strict=True):
        assert np.array_equal(mine, other)
