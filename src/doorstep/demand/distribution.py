"""Negative binomial demand: a mean and a dispersion for everything that may be asked of it."""

from dataclasses import dataclass

import numpy as np
from scipy.special import betainc, gammaincc
from scipy.stats import nbinom, poisson

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Bools, Floats, Ints

LARGEST_K = 1e6
"""Dispersion from which on a distribution is counted as Poisson."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NegativeBinomial:
    """Independent counts with ``Var = mean + mean^2 / k``.

    Parameters
    ----------
    mean : any shape
        Expected units, not negative.
    k : the same shape
        Dispersion, positive; infinite is Poisson.

    Raises
    ------
    InputError
        If shapes differ or a value is out of range.
    """

    mean: Floats
    k: Floats

    def __post_init__(self) -> None:
        if self.mean.shape != self.k.shape:
            raise InputError(f"mean {self.mean.shape} and k {self.k.shape} must have one shape.")
        if not ((self.mean >= 0) & np.isfinite(self.mean)).all() or not (self.k > 0).all():
            raise InputError("mean must be finite and not negative, k positive.")

    def variance(self) -> Floats:
        """Return the variance."""
        return self.mean + self.mean**2 / self.k

    def quantile(self, q: float) -> Ints:
        """Return the least whole number that demand stays within with probability ``q``; quantiles never cross."""
        if not 0 <= q < 1:
            raise InputError(f"q {q} must be from 0 to less than 1.")
        found = np.where(
            self._is_poisson(),
            poisson.ppf(q, self.mean),
            nbinom.ppf(q, np.minimum(self.k, LARGEST_K), self._chance()),
        )
        units: Ints = np.maximum(np.nan_to_num(found), 0).astype(np.int64)
        return units

    def cdf(self, units: Floats | Ints | float) -> Floats:
        """Return the probability of at most ``units``, which may be an array that fits the shape."""
        whole = np.floor(np.asarray(units, dtype=np.float64))
        at = np.maximum(whole, 0.0)
        with_k = betainc(np.minimum(self.k, LARGEST_K), at + 1.0, self._chance())
        found = np.where(self._is_poisson(), gammaincc(at + 1.0, self.mean), with_k)
        return np.where(whole < 0, 0.0, found)

    def tail(self, units: Floats | Ints | float) -> Floats:
        """Return the probability of more than ``units``: the chance that one unit more would sell."""
        return 1.0 - self.cdf(units)

    def expected_sales(self, stock: Ints) -> Floats:
        """Return the units that sell of some stock, E[min(D, stock)]: tails summed."""
        most = int(stock.max(initial=0))
        total = np.zeros(np.broadcast_shapes(stock.shape, self.mean.shape))
        for unit in range(most):
            total += np.where(stock > unit, self.tail(unit), 0.0)
        return total

    def sample(self, count: int, rng: np.random.Generator) -> Ints:
        """Return ``count`` draws of every demand, first axis the draws."""
        shape = (count, *self.mean.shape)
        k = np.minimum(self.k, LARGEST_K)
        return rng.poisson(rng.gamma(np.broadcast_to(k, shape)) * (self.mean / k)).astype(np.int64)

    def _is_poisson(self) -> Bools:
        return (self.k >= LARGEST_K) | (self.mean <= 0)

    def _chance(self) -> Floats:
        k = np.minimum(self.k, LARGEST_K)
        return k / (k + self.mean)


def summed(mean: Floats, variance: Floats) -> NegativeBinomial:
    """Return the negative binomial with a mean and a variance; a variance below the mean makes it Poisson.

    Sums of demands keep their mean and variance, so this is also the distribution of a sum.
    """
    beyond = variance - mean
    k = np.full(mean.shape, np.inf)
    np.divide(mean**2, beyond, out=k, where=(beyond > 0) & (mean > 0))
    return NegativeBinomial(mean=mean, k=np.clip(k, 1e-6, np.inf))
