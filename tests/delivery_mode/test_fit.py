"""Coefficients fitted to drops whose costs are known."""

import numpy as np
import pytest

from doorstep.delivery_mode.drop_cost import errors_of
from doorstep.delivery_mode.fit import DropSample, fit_drop_cost, unseen_prices
from doorstep.foundation import InputError
from tests.delivery_mode.small_drops import coefficients, drops, made_by

TRUE = coefficients(k_hop=1.3, k_stem=0.8, wait_s=45.0, window_power=0.6)


def test_a_fit_on_what_the_model_made_recovers_its_coefficients():
    found = fit_drop_cost(made_by(TRUE))
    assert (found.k_hop, found.k_stem) == pytest.approx((1.3, 0.8), abs=0.01)
    assert found.wait_s == pytest.approx(45.0, abs=1.0)
    assert found.window_power == pytest.approx(0.6, abs=0.01)
    assert found.errors.mape < 0.002
    assert found.drops == 300


def test_a_fit_on_noisy_costs_stays_near_the_truth_and_owns_up_to_the_noise():
    found = fit_drop_cost(made_by(TRUE, count=2_000, noise=0.2))
    assert (found.k_hop, found.k_stem, found.window_power) == pytest.approx((1.3, 0.8, 0.6), abs=0.1)
    assert found.errors.mape == pytest.approx(0.2 * np.sqrt(2 / np.pi), rel=0.15)  # the mean size of a normal error
    assert abs(found.errors.bias) < 0.02


def test_a_few_absurd_routes_do_not_bend_the_rest():
    sample = made_by(TRUE, noise=0.05)
    cost = sample.cost_minor.copy()
    cost[::60] *= 20
    found = fit_drop_cost(sample._replace(cost_minor=cost))
    assert (found.k_hop, found.k_stem) == pytest.approx((1.3, 0.8), abs=0.15)


def test_no_coefficient_is_negative():
    found = fit_drop_cost(made_by(coefficients(k_hop=0.0, k_stem=0.0), noise=0.3))
    assert min(found.k_hop, found.k_stem, found.wait_s, found.window_power) >= 0.0


def test_where_all_windows_fill_the_shift_they_are_said_to_cost_nothing():
    sample = made_by(TRUE)
    all_day = drops(distance_m=sample.expected.distance_m, density_per_km2=sample.expected.density_per_km2)
    found = fit_drop_cost(sample._replace(expected=all_day, cost_minor=TRUE.price(all_day)))
    assert found.window_power < 0.01


def test_errors_are_those_of_sites_that_took_no_part():
    half = made_by(coefficients(k_hop=1.0), count=100)
    other = made_by(coefficients(k_hop=2.0), count=100)
    joined = DropSample(
        drops(
            distance_m=np.append(half.expected.distance_m, other.expected.distance_m),
            density_per_km2=np.append(half.expected.density_per_km2, other.expected.density_per_km2),
        ),
        cost_minor=np.append(half.cost_minor, other.cost_minor),
        cell=np.zeros(200, dtype=np.int64),
        site=np.repeat([0, 1], 100),
        group=np.repeat([0, 1], 100),
    )
    unseen = errors_of(unseen_prices(joined), *joined[1:4])
    seen = errors_of(unseen_prices(joined._replace(group=np.zeros(200, dtype=np.int64))), *joined[1:4])
    assert unseen.mape > 1.5 * seen.mape


def test_a_handful_of_drops_is_refused():
    with pytest.raises(InputError, match="too few"):
        fit_drop_cost(made_by(TRUE, count=19))
