"""Coefficients fitted to days that were made with known ones."""

from dataclasses import replace

import numpy as np
import pytest

from doorstep.network.design import VanDay
from doorstep.operations.planning import RoutedDays, fit_van
from doorstep.operations.planning.verify import predicted_drives

BOOK = VanDay(
    fixed_minor=0, per_km_minor=60, per_hour_minor=2_800, load=180, shift_s=28_800, loading_s=900, service_s=180
)
TRUE = replace(BOOK, k_hop=0.8, wait_s=25.0, spare=0.7)


def made_days(van: VanDay, seed: int) -> RoutedDays:
    """Return 12 days of sites of 8 to 96 doors whose routes do what a van is predicted to, in whole metres."""
    rng = np.random.default_rng(seed)
    site_day = np.repeat(np.arange(12), 8 * np.arange(1, 13))
    way_m = rng.integers(1_000, 25_000, site_day.size)
    none = np.zeros(12, np.int64)
    days = RoutedDays(
        site_day=site_day,
        way_m=way_m,
        way_s=way_m // 12,
        per_km2=rng.uniform(0.1, 4.0, site_day.size),
        option=np.arange(12) // 3,
        van=none,
        day=np.arange(12),
        near_m=rng.uniform(1_000, 25_000, 12),
        near_s=rng.uniform(100, 2_000, 12),
        metres=none,
        seconds=none,
        vans=none,
        trips=none,
        cost_minor=none,
        left=none,
        not_ours=0,
        faults=(),
    )
    metres, seconds, vans = (np.rint(column).astype(np.int64) for column in predicted_drives(van, days))
    return replace(days, metres=metres, seconds=seconds, vans=vans, trips=vans)


def test_known_coefficients_are_found_again():
    fitted = fit_van(BOOK, [made_days(TRUE, 1), made_days(TRUE, 2)])
    assert (fitted.van.k_hop, fitted.van.spare) == pytest.approx((0.8, 0.7), rel=1e-3)
    assert fitted.van.wait_s == pytest.approx(25, abs=0.1)
    assert replace(fitted.van, k_hop=0.8, wait_s=25.0, spare=0.7) == TRUE
    assert fitted.site_days == 24
    assert fitted.errors == pytest.approx((0, 0), abs=1e-4)


def test_a_few_odd_days_do_not_bend_the_rest():
    days = made_days(TRUE, 3)
    metres = days.metres.copy()
    metres[[2, 9]] *= 5
    odd = fit_van(BOOK, [replace(days, metres=metres), made_days(TRUE, 4), made_days(TRUE, 5)]).van
    assert (odd.k_hop, odd.spare) == pytest.approx((0.8, 0.7), rel=0.05)


def test_errors_are_those_of_samples_that_took_no_part():
    slow = replace(TRUE, wait_s=300.0)
    errors = fit_van(BOOK, [made_days(TRUE, 1), made_days(slow, 2)]).errors
    assert errors[0] > 0.2  # the fit on slow days asks too much of quick ones
    assert errors[1] < -0.2


def test_a_number_of_vans_is_rounded_up_by_less_than_one():
    assert fit_van(BOOK, [made_days(replace(TRUE, spare=3.0), 1)]).van.spare == pytest.approx(1.0)
