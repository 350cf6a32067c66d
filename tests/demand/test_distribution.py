"""Negative binomial demand agrees with sums worked by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.demand import NegativeBinomial
from doorstep.demand.distribution import summed
from doorstep.foundation import InputError

means = st.one_of(st.just(0.0), st.floats(1e-6, 60))
ks = st.one_of(st.floats(0.05, 50), st.just(math.inf))


def chance(units: int, mean: float, k: float) -> float:
    """Return P(D = units), factor by factor."""
    if mean == 0:
        return float(units == 0)
    if math.isinf(k):
        return math.exp(-mean + units * math.log(mean) - math.lgamma(units + 1))
    logs = math.lgamma(units + k) - math.lgamma(k) - math.lgamma(units + 1)
    return math.exp(logs + k * math.log(k / (k + mean)) + units * math.log(mean / (k + mean)))


def of(mean: float, k: float) -> NegativeBinomial:
    return NegativeBinomial(mean=np.array([mean]), k=np.array([k]))


@given(means, ks, st.integers(0, 80))
def test_the_cdf_is_the_sum_of_chances(mean, k, units):
    by_hand = sum(chance(j, mean, k) for j in range(units + 1))
    assert of(mean, k).cdf(units)[0] == pytest.approx(by_hand, abs=1e-8)
    assert of(mean, k).tail(units)[0] == pytest.approx(1 - by_hand, abs=1e-8)


@given(means, ks, st.floats(0.01, 0.995))
def test_the_quantile_is_the_least_number_that_covers(mean, k, q):
    demand = of(mean, k)
    units = int(demand.quantile(q)[0])
    assert demand.cdf(units)[0] >= q - 1e-9
    assert units == 0 or demand.cdf(units - 1)[0] < q + 1e-9


@given(means, ks, st.floats(0, 0.99), st.floats(0, 0.99))
def test_quantiles_never_cross(mean, k, q, p):
    low, high = sorted((q, p))
    assert of(mean, k).quantile(low)[0] <= of(mean, k).quantile(high)[0]


def test_a_mean_and_variance_give_the_dispersion_back():
    demand = summed(np.array([4.0, 3.0, 0.0]), np.array([12.0, 2.0, 0.0]))
    assert demand.k.tolist() == [2.0, math.inf, math.inf]
    assert demand.variance().tolist() == [12.0, 3.0, 0.0]
    assert demand.quantile(0.99).tolist()[2] == 0


def test_sales_of_a_stock_are_tails_summed():
    stock = np.array([2])
    by_hand = sum(min(j, 2) * chance(j, 1.5, 0.8) for j in range(200))
    assert of(1.5, 0.8).expected_sales(stock)[0] == pytest.approx(by_hand, abs=1e-8)


def test_draws_have_the_mean_and_variance():
    drawn = of(3.0, 1.5).sample(200_000, np.random.default_rng(0))[:, 0]
    assert drawn.mean() == pytest.approx(3.0, abs=0.05)
    assert drawn.var() == pytest.approx(9.0, abs=0.2)


@pytest.mark.parametrize(("mean", "k"), [(-1.0, 1.0), (1.0, 0.0), (math.inf, 1.0)])
def test_values_out_of_range_are_refused(mean, k):
    with pytest.raises(InputError):
        of(mean, k)
