"""Many pairs at once: the same answers as one by one, whatever is asked for."""

import numpy as np
import pytest

from doorstep.geography import GreatCircleTimes, Places, great_circle_m
from doorstep.geography.roads import PROFILES, RoadTimes, build_graph, many_pairs
from doorstep.geography.roads.access import StreetsOrEstimate
from tests.geography.roads.test_times import places
from tests.geography.roads.towns import grid

TOWN = RoadTimes(build_graph(grid(6, 8, east=[0, 2], north=[1], spur=True), PROFILES["van"]))


def somewhere(count: int, seed: int) -> Places:
    """Return places in and around the town, some of them more than once."""
    rng = np.random.default_rng(seed)
    at = places(*(rng.random((count, 2)) * (1_200, 900) - 100).tolist())
    return at.take(rng.integers(0, count, count))


@pytest.mark.parametrize(("sites", "doors"), [(3, 40), (40, 3), (40, 400)])
@pytest.mark.parametrize("cells", [many_pairs.CELLS, 100])
def test_pairs_in_whatever_order_are_those_asked_one_by_one(monkeypatch, sites: int, doors: int, cells: int):
    monkeypatch.setattr(many_pairs, "CELLS", cells)
    monkeypatch.setattr(many_pairs, "BLOCK", 4)
    rng = np.random.default_rng(sites)
    a = somewhere(sites, 1).take(rng.integers(0, sites, 300))
    b = somewhere(doors, 2).take(rng.integers(0, doors, 300))
    for origins, destinations in ((a, b), (b, a)):
        found, asked = TOWN.between(origins, destinations), TOWN.each(origins, destinations)
        assert np.array_equal(found[0], asked[0])
        assert np.array_equal(found[1], asked[1])


def test_no_drive_leads_beyond_what_times_say_that_it_can_lead_to():
    both = StreetsOrEstimate(streets=TOWN, estimate=GreatCircleTimes(circuity_pct=100))
    at = places((0, 0), (400, 300), (700, 500), (-900, 0), (0, -6_000), (9_000, 9_000))
    for times, some in ((TOWN, at.take(np.arange(4))), (both, at), (both.estimate, at)):
        row, column = np.divmod(np.arange(len(some) ** 2), len(some))
        a, b = some.take(row), some.take(column)
        straight = great_circle_m(lat_a=a.lat, lon_a=a.lon, lat_b=b.lat, lon_b=b.lon)
        _, seconds = times.between(a, b)
        assert (straight <= times.farthest_m(seconds)).all()
