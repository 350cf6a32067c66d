"""Closed roads and slow traffic, worked by hand where a metre is a second, and bounds that hold for any."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Ints
from doorstep.geography import GreatCircleTimes, Places, great_circle_m
from doorstep.geography.obstacles import ClosedLine, ObstructedTimes, SlowCircle

KM = 1 / 111.19508  # a kilometre in degrees of latitude, and of longitude at the equator


def places(*east_north_km: tuple[float, float]) -> Places:
    """Return points so many kilometres east and north of 0/0."""
    return Places(lat=np.array([north * KM for _, north in east_north_km]),
                  lon=np.array([east * KM for east, _ in east_north_km]))  # fmt: skip


class OneMetreASecond:
    """Straight lines, rounded to 10 m, each of which takes ten seconds."""

    def between(self, origins: Places, destinations: Places) -> tuple[Ints, Ints]:
        straight = great_circle_m(lat_a=origins.lat, lon_a=origins.lon, lat_b=destinations.lat, lon_b=destinations.lon)
        metres = np.rint(straight / 10).astype(np.int64) * 10
        return metres, metres

    def matrix(self, places: Places) -> tuple[Ints, Ints]:
        n = len(places)
        row, column = np.divmod(np.arange(n * n), n)
        metres, seconds = self.between(places.take(row), places.take(column))
        return metres.reshape(n, n), seconds.reshape(n, n)


WALL = ClosedLine(points=places((0, -3), (0, 0), (0, 4)))
"""From 3 km south to 4 km north, in the way of whoever goes from west to east."""


def test_a_leg_that_crosses_a_closed_line_goes_by_the_nearer_end_of_it():
    times = ObstructedTimes(travel=OneMetreASecond(), closed=(WALL,))
    west, east = places((-4, 0), (-4, 0), (-4, 5), (-4, 0)), places((4, 0), (-1, 0), (4, 5), (0, 1))
    metres, seconds = times.between(west, east)
    # 4 km east and 3 km south, 5 km; twice. The others stay on their side, pass beyond the end, or end on the line
    assert metres.tolist() == [10_000, 3_000, 8_000, 4_120]
    assert seconds.tolist() == metres.tolist()


def test_two_closed_lines_cost_both_their_detours():
    second = ClosedLine(points=places((1, -3), (1, 4)))
    times = ObstructedTimes(travel=OneMetreASecond(), closed=(WALL, second))
    (metres,), _ = times.between(places((-4, 0)), places((4, 0)))
    # by the end of the second: sqrt(5^2 + 3^2) + sqrt(3^2 + 3^2) = 5.83 + 4.24, 2.07 more than 8 km
    assert metres == 8_000 + 2_000 + 2_070


def test_the_share_of_a_leg_within_a_slow_circle_takes_longer_and_its_metres_stay():
    slow = SlowCircle(lat=0.0, lon=0.0, radius_m=2_000, slower_pct=50)
    times = ObstructedTimes(travel=OneMetreASecond(), slow=(slow,))
    there = places((-4, 0), (4, 0), (0, 0), (1, 0), (-4, 3), (0, 0))
    metres, seconds = times.between(places((4, 0), (0, 0), (0, 0), (-1, 0), (4, 3), (0, 0)), there)
    assert metres.tolist() == [8_000, 4_000, 0, 2_000, 8_000, 0]
    assert seconds.tolist() == [8_000 + 2_000, 4_000 + 1_000, 0, 2_000 + 1_000, 8_000, 0]


def test_a_matrix_says_the_same_as_its_legs():
    times = ObstructedTimes(
        travel=OneMetreASecond(), closed=(WALL,), slow=(SlowCircle(lat=0.0, lon=0.0, radius_m=900, slower_pct=80),)
    )
    there = places((-4, 0), (4, 0), (0.5, 0.5), (-2, 6))
    row, column = np.divmod(np.arange(16), 4)
    metres, seconds = times.between(there.take(row), there.take(column))
    assert [m.ravel().tolist() for m in times.matrix(there)] == [metres.tolist(), seconds.tolist()]
    assert times.matrix(places())[0].shape == (0, 0)


@given(st.lists(st.tuples(*[st.integers(-9, 9)] * 4), min_size=1, max_size=8), st.integers(1, 300))
def test_nothing_gets_faster_and_without_obstacles_nothing_changes(legs, slower_pct):
    usual = GreatCircleTimes()
    a, b = places(*(leg[:2] for leg in legs)), places(*(leg[2:] for leg in legs))
    slow = SlowCircle(lat=2 * KM, lon=KM, radius_m=3_000, slower_pct=slower_pct)
    metres, seconds = usual.between(a, b)
    more_m, more_s = ObstructedTimes(travel=usual, closed=(WALL,), slow=(slow,)).between(a, b)
    assert (more_m >= metres).all()
    assert (more_s >= seconds).all()
    same = ObstructedTimes(travel=usual).between(a, b)
    assert (same[0].tolist(), same[1].tolist()) == (metres.tolist(), seconds.tolist())


def test_obstacles_that_are_none_are_refused():
    with pytest.raises(InputError, match="two points or more, not 1"):
        ClosedLine(points=places((0, 0)))
    with pytest.raises(InputError, match="radius_m 0"):
        SlowCircle(lat=0.0, lon=0.0, radius_m=0, slower_pct=10)
