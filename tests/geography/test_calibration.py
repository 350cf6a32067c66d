"""Straight lines calibrated on streets."""

from dataclasses import dataclass

import numpy as np
import pytest

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Ints
from doorstep.geography import GreatCircleTimes, Places, great_circle_m
from doorstep.geography.calibration import SHORTEST_M, calibrated

TRUE = GreatCircleTimes(circuity_pct=137, near_speed_kmh=22, far_speed_kmh=61, near_distance_m=3_000)


@dataclass
class Streets:
    """Times by a known rule, each off by some share in either direction, and a few of them absurd."""

    off: float = 0.0
    absurd: float = 0.0
    longest_m: float = 0.0
    shortest_m: float = np.inf

    def between(self, origins: Places, destinations: Places) -> tuple[Ints, Ints]:
        straight = great_circle_m(lat_a=origins.lat, lon_a=origins.lon, lat_b=destinations.lat, lon_b=destinations.lon)
        self.shortest_m, self.longest_m = float(straight.min(initial=np.inf)), float(straight.max(initial=0))
        metres, seconds = TRUE.on_road(straight)
        rng = np.random.default_rng(5)
        share = 1 + self.off * rng.uniform(-1, 1, metres.size)
        odd = np.where(rng.random(metres.size) < self.absurd, 20, 1)
        return np.rint(metres * share * odd).astype(np.int64), np.rint(seconds * share * odd).astype(np.int64)

    def matrix(self, places: Places) -> tuple[Ints, Ints]:
        raise NotImplementedError


def town(count: int, *, km: float = 20.0) -> Places:
    rng = np.random.default_rng(1)
    return Places(lat=41.8 + km / 111 * rng.random(count), lon=-87.7 + km / 83 * rng.random(count))


def test_a_rule_of_straight_lines_is_found_again():
    found = calibrated(Streets(), town(500), rng=np.random.default_rng(0))
    assert found.times.circuity_pct == TRUE.circuity_pct
    assert found.times.near_speed_kmh == pytest.approx(TRUE.near_speed_kmh, abs=1)
    assert found.times.far_speed_kmh == pytest.approx(TRUE.far_speed_kmh, abs=2)
    assert found.times.near_distance_m == pytest.approx(TRUE.near_distance_m, abs=300)
    assert found.metres_off_pct < 0.2
    assert found.seconds_off_pct < 1


def test_a_few_absurd_times_do_not_move_it():
    found = calibrated(Streets(off=0.1, absurd=0.02), town(500), rng=np.random.default_rng(0))
    assert found.times.circuity_pct == pytest.approx(TRUE.circuity_pct, abs=2)
    assert found.times.near_speed_kmh == pytest.approx(TRUE.near_speed_kmh, abs=2)
    assert found.times.far_speed_kmh == pytest.approx(TRUE.far_speed_kmh, abs=6)


def test_its_error_is_that_of_the_estimate_on_pairs_it_has_not_seen():
    found = calibrated(Streets(off=0.2), town(500), rng=np.random.default_rng(0))
    # each is off by up to a fifth, evenly in both directions: a tenth on average
    assert found.metres_off_pct == pytest.approx(10, abs=1)
    assert found.seconds_off_pct == pytest.approx(10, abs=1.5)
    assert 500 < found.pairs <= 1_000


def test_the_same_draw_gives_the_same_estimate_and_another_nearly_so():
    a, b, c = (calibrated(Streets(off=0.2), town(300), rng=np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert a == b
    assert c.times.circuity_pct == pytest.approx(a.times.circuity_pct, abs=3)


def test_short_and_long_pairs_count_alike():
    streets = Streets()
    calibrated(streets, town(500), rng=np.random.default_rng(0))
    assert SHORTEST_M <= streets.shortest_m < 400
    assert streets.longest_m > 15_000


def test_one_speed_is_fitted_where_there_is_one():
    @dataclass
    class Steady:
        def between(self, origins: Places, destinations: Places) -> tuple[Ints, Ints]:
            steady = GreatCircleTimes(circuity_pct=120, near_speed_kmh=36, far_speed_kmh=36)
            return steady.between(origins, destinations)

        def matrix(self, places: Places) -> tuple[Ints, Ints]:
            raise NotImplementedError

    found = calibrated(Steady(), town(100), rng=np.random.default_rng(0))
    metres, seconds = found.times.on_road(np.array([500.0, 5_000.0, 20_000.0]))
    assert metres.tolist() == [600, 6_000, 24_000]
    assert seconds.tolist() == pytest.approx([60, 600, 2_400], rel=0.02)


def test_few_places_are_enough_if_their_pairs_are():
    assert calibrated(Streets(), town(10), rng=np.random.default_rng(0)).times.circuity_pct == TRUE.circuity_pct


@pytest.mark.parametrize("places", [town(0), town(1), town(3), town(100, km=0.1)])
def test_too_few_pairs_are_refused(places):
    with pytest.raises(InputError, match="too few to calibrate by: 40 are needed"):
        calibrated(Streets(), places, rng=np.random.default_rng(0))


def test_it_says_that_it_is_an_estimate_and_how_far_off():
    told = calibrated(Streets(off=0.2), town(500), rng=np.random.default_rng(0)).told()
    assert told.startswith("An estimate from straight lines times 1.3")
    assert "its metres are off by 10." in told or "its metres are off by 9." in told
