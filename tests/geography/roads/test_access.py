"""Travel times beyond the streets: estimated to and from them, and elsewhere."""

import numpy as np

from doorstep.geography import GreatCircleTimes, Places
from doorstep.geography.roads import PROFILES, RoadTimes, build_graph
from doorstep.geography.roads.access import StreetsOrEstimate
from tests.geography.roads.test_times import places
from tests.geography.roads.towns import grid

ESTIMATE = GreatCircleTimes(circuity_pct=100, near_speed_kmh=36, far_speed_kmh=36)
STREETS = RoadTimes(build_graph(grid(), PROFILES["van"]))
TIMES = StreetsOrEstimate(streets=STREETS, estimate=ESTIMATE)
SOME = places((0, 0), (10, -40), (400, -500), (0, -9_000))
"""On a street, near one, far from one, and beyond all of them."""


def pairs(at: Places) -> tuple[Places, Places]:
    """Return all pairs of places, row by row."""
    row, column = np.divmod(np.arange(len(at) ** 2), len(at))
    return at.take(row), at.take(column)


def test_pairs_and_tables_say_the_same_and_nothing_is_far_from_itself():
    metres, seconds = TIMES.matrix(SOME)
    assert np.diag(metres).tolist() == np.diag(seconds).tolist() == [0] * 4
    each = TIMES.between(*pairs(SOME))
    assert np.array_equal(each[0], metres.ravel())
    assert np.array_equal(each[1], seconds.ravel())


def test_off_the_street_a_drive_is_estimated_from_there_and_beyond_all_of_them_whole():
    metres, seconds = TIMES.matrix(SOME)
    street_m, street_s = STREETS.matrix(SOME.take(np.arange(3)))
    assert (metres[0, 1], seconds[0, 1]) == (street_m[0, 1], street_s[0, 1])
    assert (metres[0, 2], seconds[0, 2]) == (street_m[0, 2] + 500, street_s[0, 2] + 50)
    assert (metres[2, 0], seconds[2, 0]) == (street_m[2, 0] + 500, street_s[2, 0] + 50)
    assert (metres[0, 3], seconds[0, 3]) == (9_000, 900)
