"""Learnt prices of drops from sites to doors: the same arithmetic with the doors around each door."""

from dataclasses import replace

import h3
import numpy as np
import pytest

from doorstep.delivery_mode.door_prices import DoorPrices, LearntDropCost, SiteVans
from doorstep.delivery_mode.estimate import OwnDropPrice
from doorstep.geography import DensityField
from doorstep.geography.density import one_per_km2
from tests.delivery_mode.small_drops import METRE_MINOR, coefficients

HERE = h3.latlng_to_cell(41.88, -87.63, 8)
THERE = h3.latlng_to_cell(41.60, -87.30, 8)
DENSE, LONELY = 0, 1
SEEN, UNSEEN = 0, 1
"""Rows of two doors and of two sites; only the first site had routes; 50 doors lie around the first."""


def prices() -> DoorPrices:
    both = np.ones(2, dtype=np.int64)
    cells = np.array([h3.str_to_int(HERE), h3.str_to_int(THERE)], dtype=np.int64)
    return DoorPrices(
        learnt=LearntDropCost(
            fitted=coefficients(window_power=1.0),
            density=DensityField.around(np.zeros(50, dtype=np.int64), np.repeat(cells[:1], 50)),
            stops_per_route=np.array([50.0, 0.0]),
        ),
        vans=SiteVans(
            shift_s=36_000 * both,
            fixed_minor=2_000 * both,
            per_km_minor=100 * both,
            per_hour_minor=3_600 * both,
            loading_s=500 * both,
            metre_s=0.1,
        ),
        cell=cells,
        window_s=np.array([36_000, 36_000]),
        service_s=np.array([180, 60]),
    )


def price_of(site: int, door: int, metres: int = 0, given: DoorPrices | None = None) -> int:
    found = (given or prices()).of(np.array([site]), np.array([metres]), np.array([door]))
    return int(found[0])


def test_a_door_among_many_pays_a_short_hop():
    around = 50 / (19 * h3.cell_area(HERE, "km^2"))
    assert price_of(SEEN, DENSE) == pytest.approx(1_000 * METRE_MINOR / np.sqrt(around) + 180 + 50, abs=0.5)


def test_a_door_far_from_all_others_pays_as_the_only_one_around():
    assert price_of(SEEN, LONELY) == pytest.approx(1_000 * METRE_MINOR / np.sqrt(one_per_km2()) + 60 + 50, abs=0.5)


def test_the_stem_is_shared_by_the_stops_of_a_route_of_the_site():
    assert price_of(SEEN, DENSE, metres=5_000) - price_of(SEEN, DENSE) == 2 * 5_000 * METRE_MINOR / 50


def test_a_shorter_window_makes_a_longer_hop():
    tight = replace(prices(), window_s=np.array([9_000, 36_000]))
    hop = price_of(SEEN, DENSE) - 180 - 50
    assert price_of(SEEN, DENSE, given=tight) == pytest.approx(2 * hop + 180 + 50, abs=1)


def test_of_a_site_without_routes_nothing_is_known():
    assert price_of(UNSEEN, DENSE, metres=5_000) == 0


def test_base_and_slope_are_added_to_what_is_learnt_and_rows_of_doors_may_be_taken():
    own = OwnDropPrice(np.array([[7], [300]]), np.array([0, 100]), doors=prices())
    some = own.take(np.array([LONELY]))
    site, metres, day, door = (
        np.array([SEEN, UNSEEN]),
        np.array([0, 2_000]),
        np.zeros(2, np.int64),
        np.zeros(2, np.int64),
    )
    assert some.of(site, metres, day, door).tolist() == [7 + price_of(SEEN, LONELY), 300 + 200]
