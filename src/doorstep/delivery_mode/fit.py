"""Coefficients of the cost of a drop, fitted to what drops of planned routes cost."""

from typing import NamedTuple

import numpy as np
from scipy.optimize import least_squares

from doorstep.delivery_mode.drop_cost import ExpectedDrops, FitErrors, FittedDropCost, errors_of
from doorstep.foundation import InputError
from doorstep.foundation.arrays import Floats, Ints

FEWEST_DROPS = 20
"""Drops that four coefficients need at least."""
MOST_FOLDS = 10
ROBUST_AT = 4.0
"""Errors of more than so many robust standard deviations count linearly, not squared."""
MAD_TO_SD = 1.4826
HIGHEST = (20.0, 20.0, 3_600.0, 2.0)
TEXTBOOK = FittedDropCost(
    k_hop=0.7124 * 1.3,
    k_stem=1.0,
    wait_s=0.0,
    window_power=0.0,
    drops=0,
    errors=FitErrors(mape=0.0, cell_mape=0.0, bias=0.0, worst_site_bias=0.0, r2=0.0),
)
"""Daganzo's constants at a circuity of 1.3: what a fit starts from and scales errors by."""


class DropSample(NamedTuple):
    """N drops of planned routes: what was ``expected`` of them and what they ``cost_minor``.

    ``cell`` and ``site`` say where, ``group`` what is held out together; all (N,).
    """

    expected: ExpectedDrops
    cost_minor: Ints
    cell: Ints
    site: Ints
    group: Ints

    def take(self, rows: Ints) -> "DropSample":
        """Return some of the drops."""
        return DropSample(self.expected.take(rows), *(column[rows] for column in self[1:]))


def fit_drop_cost(sample: DropSample) -> FittedDropCost:
    """Return the coefficients that explain best what drops cost, and the errors on drops that a fit has not seen.

    Least squares with coefficients that are never negative. An error is measured in units of the square root of the
    price by the textbook, as the variance of a cost grows with it, and counts linearly beyond four robust standard
    deviations, so that a few odd routes do not bend the rest. The groups are dealt out to ten folds at most; each is
    priced by a fit on the others.

    Raises
    ------
    InputError
        If there are fewer than ``FEWEST_DROPS`` drops.
    """
    if len(sample.expected) < FEWEST_DROPS:
        raise InputError(f"{len(sample.expected)} drops are too few for a fit: it needs {FEWEST_DROPS}.")
    best = _coefficients(sample)
    return _fitted(best, len(sample.expected), errors_of(unseen_prices(sample), *sample[1:4]))


def unseen_prices(sample: DropSample) -> Ints:
    """Return the price of each drop (N,) by a fit without its group; by the fit on all where there is one group."""
    _, group = np.unique(sample.group, return_inverse=True)
    fold = group % MOST_FOLDS
    prices = np.zeros(len(sample.expected), dtype=np.int64)
    for number in range(int(fold.max()) + 1):
        held = np.flatnonzero(fold == number)
        seen = np.flatnonzero(fold != number)
        known = sample.take(seen) if seen.size >= FEWEST_DROPS else sample
        prices[held] = _fitted(_coefficients(known), seen.size, TEXTBOOK.errors).price(sample.expected.take(held))
    return prices


def _fitted(coefficients: Floats, drops: int, errors: FitErrors) -> FittedDropCost:
    k_hop, k_stem, wait_s, window_power = (round(float(value), 6) for value in coefficients)
    return FittedDropCost(
        k_hop=k_hop, k_stem=k_stem, wait_s=wait_s, window_power=window_power, drops=drops, errors=errors
    )


def _coefficients(sample: DropSample) -> Floats:
    """Return k_hop, k_stem, wait_s and window_power."""
    drops = sample.expected
    unit = 1.0 / np.sqrt(np.maximum(TEXTBOOK.price(drops), 1))
    open_cost = sample.cost_minor - drops.known_minor()
    stem, second, hop, log_open = drops.stem_minor(), drops.second_minor, drops.hop_minor(0.0), np.log(drops.openness)

    def wrong(at: Floats) -> Floats:
        stretched = hop * np.exp(-0.5 * at[3] * log_open)
        off: Floats = (at[0] * stretched + at[1] * stem + at[2] * second - open_cost) * unit
        return off

    def slopes(at: Floats) -> Floats:
        stretched = hop * np.exp(-0.5 * at[3] * log_open)
        columns = (stretched, stem, second, -0.5 * at[0] * stretched * log_open)
        return np.column_stack(columns) * unit[:, None]

    start = np.array([TEXTBOOK.k_hop, TEXTBOOK.k_stem, 1.0, 1e-3])
    bounds = (np.zeros(4), np.array(HIGHEST))
    scale = np.array([1.0, 1.0, 60.0, 1.0])
    plain = least_squares(wrong, start, jac=slopes, bounds=bounds, x_scale=scale)
    spread = MAD_TO_SD * float(np.median(np.abs(plain.fun)))
    if spread <= 1e-9:
        return np.asarray(plain.x, dtype=np.float64)
    robust = least_squares(
        wrong, plain.x, jac=slopes, bounds=bounds, x_scale=scale, loss="huber", f_scale=ROBUST_AT * spread
    )
    return np.asarray(robust.x, dtype=np.float64)
