"""The price of a drop by continuous approximation, worked by hand for round numbers, and its errors."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.delivery_mode.drop_cost import errors_of
from doorstep.foundation import InputError
from tests.delivery_mode.small_drops import METRE_MINOR, coefficients, drops

HOP = 1_000 * METRE_MINOR / 2  # four stops to the square kilometre lie 500 m apart
STEM = 2 * 5_000 * METRE_MINOR / 50
DAY = (2_000 + 500) / 50
SERVICE = 180


def test_a_price_is_hop_stem_service_and_a_share_of_the_day():
    price = coefficients().price(drops(distance_m=[5_000], density_per_km2=[4.0]))
    assert price.tolist() == [HOP + STEM + SERVICE + DAY] == [100 + 40 + 180 + 50]


def test_coefficients_scale_their_parts_and_waiting_is_paid_by_the_second():
    price = coefficients(k_hop=1.5, k_stem=0.5, wait_s=30).price(drops(distance_m=[5_000], density_per_km2=[4.0]))
    assert price.tolist() == [1.5 * HOP + 0.5 * STEM + SERVICE + 30 + DAY]


def test_a_quarter_of_the_density_doubles_the_hop():
    price = coefficients().price(drops(distance_m=[0, 0], density_per_km2=[4.0, 1.0]))
    assert np.diff(price).tolist() == [HOP]


def test_a_window_of_a_quarter_of_the_shift_counts_a_quarter_of_the_neighbours():
    shorter = drops(distance_m=[0, 0], density_per_km2=[4.0, 4.0], window_s=[36_000, 9_000])
    assert np.diff(coefficients(window_power=1.0).price(shorter)).tolist() == [HOP]
    assert np.diff(coefficients(window_power=0.0).price(shorter)).tolist() == [0]


def test_a_window_longer_than_the_shift_is_worth_no_more_than_the_shift():
    longer = drops(distance_m=[0, 0], density_per_km2=[4.0, 4.0], window_s=[36_000, 90_000])
    assert np.diff(coefficients(window_power=1.0).price(longer)).tolist() == [0]


def test_no_neighbours_at_all_is_dear_but_not_without_end():
    assert 0 < int(coefficients().price(drops(distance_m=[0], density_per_km2=[0.0]))[0]) < 10_000


@given(
    k_hop=st.floats(0.1, 3),
    k_stem=st.floats(0.1, 3),
    power=st.floats(0, 2),
    near_m=st.integers(0, 40_000),
    further_m=st.integers(1, 40_000),
    density=st.floats(0.05, 50),
    window_s=st.integers(600, 36_000),
    shorter_s=st.integers(1, 36_000),
)
def test_cost_falls_with_density_and_rises_with_distance_and_with_shorter_windows(
    k_hop, k_stem, power, near_m, further_m, density, window_s, shorter_s
):
    model = coefficients(k_hop=k_hop, k_stem=k_stem, window_power=power)
    base, denser, further, tighter = model.price(
        drops(
            distance_m=[near_m, near_m, near_m + further_m, near_m],
            density_per_km2=[density, density * 1.5, density, density],
            window_s=[window_s, window_s, window_s, max(window_s - shorter_s, 1)],
        )
    ).tolist()
    assert denser <= base <= further
    assert tighter >= base


def test_columns_of_different_lengths_are_refused():
    one = drops(distance_m=[1, 2], density_per_km2=[1.0, 1.0])
    with pytest.raises(InputError, match="one length"):
        replace(one, distance_m=np.array([1]))


def test_errors_by_drop_cell_and_site_worked_by_hand():
    realised = np.array([100, 200, 100, 400])
    expected = np.array([150, 150, 110, 360])
    found = errors_of(expected, realised, cell=np.array([1, 1, 1, 2]), site=np.array([7, 7, 8, 8]))
    assert found.mape == pytest.approx((0.5 + 0.25 + 0.1 + 0.1) / 4)
    assert found.cell_mape == pytest.approx((0 + 0.1 + 0.1) / 3)  # too dear here and too cheap there cancel in a cell
    assert found.bias == pytest.approx(-30 / 800)
    assert found.worst_site_bias == pytest.approx(-30 / 500)
    assert found.r2 == pytest.approx(1 - (50**2 + 50**2 + 10**2 + 40**2) / 60_000)


def test_a_drop_that_cost_nothing_has_no_relative_error():
    none = errors_of(np.array([5, 110]), np.array([0, 100]), cell=np.array([1, 1]), site=np.array([1, 1]))
    assert none.mape == pytest.approx(0.1)


def test_no_drops_have_no_errors():
    nothing = np.empty(0, dtype=np.int64)
    with pytest.raises(InputError, match="one drop"):
        errors_of(nothing, nothing, nothing, nothing)
