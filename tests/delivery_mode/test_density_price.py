"""The price of an own drop before routes exist, worked by hand for round numbers."""

import numpy as np
import pytest

from doorstep.delivery_mode import estimate_own_drops
from doorstep.delivery_mode.density_price import HOP, DropDensity


def density(*, doors: int = 100, days: int = 1, vehicles: int = 2, **costs: int) -> DropDensity:
    """Doors 2,000 m around one site; vans at 36 km/h, ten-hour shifts, 180 s a door."""
    rates = {"fixed_minor": 0, "per_km_minor": 0, "per_hour_minor": 0} | costs
    return estimate_own_drops(
        nearest_site=np.zeros(doors, np.int64),
        straight_m=np.full(doors, 2_000.0),
        service_s=np.full(doors, 180),
        days=days,
        circuity_pct=100,
        speed_kmh=36,
        shift_s=np.array([36_000]),
        vehicles=np.array([vehicles]),
        **{name: np.array([value]) for name, value in rates.items()},
    )


HOP_M = HOP * np.sqrt(np.pi) * 3_000 / 10
"""A hundred doors on a disc of 3,000 m radius, half as much again as their mean distance: 379 m."""


def test_a_hop_between_neighbours_follows_from_the_density_of_doors():
    assert pytest.approx(378.8, abs=0.1) == HOP_M
    assert density(per_km_minor=1_000).base_minor.tolist() == [round(HOP_M)]


def test_time_at_the_door_and_on_the_hop_costs_by_the_hour():
    assert density(per_hour_minor=36_000).base_minor.tolist() == [round(10 * (HOP_M / 10 + 180))]


def test_the_fixed_cost_is_shared_by_the_stops_that_fill_a_shift():
    stops = min(36_000 / (HOP_M / 10 + 180), 100)
    assert density(fixed_minor=100_000).base_minor.tolist() == [round(100_000 / stops)]


def test_the_way_out_and_home_is_shared_as_well():
    assert density(per_km_minor=1_000).per_km_minor.tolist() == [round(2 * 1_000 / 100)]


def test_four_times_the_doors_halve_the_hop():
    dense, sparse = (density(doors=n, per_km_minor=100_000).base_minor[0] for n in (400, 100))
    assert sparse == pytest.approx(2 * dense, rel=1e-3)


def test_doors_spread_over_days_are_sparser():
    assert density(doors=400, days=4, per_km_minor=1_000).base_minor.tolist() == [round(HOP_M)]


def test_a_second_van_doubles_the_drops_of_a_day():
    one, two = (density(vehicles=n).capacity[0] for n in (1, 2))
    assert abs(two - 2 * one) <= 1


def test_a_site_without_vans_makes_no_drops():
    assert density(vehicles=0).capacity.tolist() == [0]
