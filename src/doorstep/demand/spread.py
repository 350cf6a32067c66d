"""How far demand strays from its mean: pooled by the mean, then by how a series sells, then held to what was covered.

Past forecasts are compared with what came. Over n days the variance is ``phi ((1 + a) mu + b mu^2)``: a and b are one
pair for all series, phi is learnt from how a series sells (bulk buying, unevenness). Spans between those that are
fitted are read between them on the log of days.
"""

from dataclasses import dataclass

import numpy as np

from doorstep.demand.distribution import NegativeBinomial, summed
from doorstep.demand.features import BLOCK_DAYS, FeatureTable, Rows
from doorstep.demand.mean import PARAMETERS, LearntMean, load_lightgbm
from doorstep.foundation.arrays import Bools, Floats, Ints

SPANS = (7, 14, 28)
"""Days over which past forecasts are compared."""
SERVICE = (0.9, 0.95, 0.975, 0.99)
"""Levels that are held to what was covered; up to ``PLAIN`` quantiles are those of the distribution."""
PLAIN = 0.8
HELD_ORIGINS, OLD_ORIGINS = 5, 10
"""Origins later than everything the mean was learnt from, and earlier ones that help to learn phi."""
TREES = 60
GAMMA = PARAMETERS | {
    "objective": "gamma",
    "num_leaves": 15,
    "min_data_in_leaf": 1000,
    "lambda_l2": 50.0,
    "bagging_fraction": 0.7,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Variance of the sum over some days, for S series.

    Parameters
    ----------
    pooled : (N, 2)
        a and b for each of the N spans.
    phi : (S, N)
        Factor of each series.
    levels : (N, L)
        Level of the distribution that covered each of ``SERVICE`` in the past.
    plain : (S,)
        Series without a past to be held to, whose quantiles are those of the distribution.
    """

    pooled: Floats
    phi: Floats
    levels: Floats
    plain: Bools

    def distribution(self, mean: Floats, days: int) -> NegativeBinomial:
        """Return the distribution of demand with a mean (S,) over ``days`` days."""
        weight = _span_weights(days)
        a, b = weight @ self.pooled
        return summed(mean, (self.phi @ weight) * ((1 + a) * mean + b * mean**2))

    def level(self, q: float, days: int) -> float:
        """Return the level at which the distribution's quantile covered a share ``q`` in the past."""
        at = [0.0, PLAIN, *SERVICE, 1.0]
        held = np.maximum.accumulate([0.0, PLAIN, *np.maximum(_span_weights(days) @ self.levels, PLAIN), 1.0])
        return float(np.interp(q, at, held))


def relative_phi(spread: Spread, pooled: Floats, week: Floats) -> Floats:
    """Return the factors (S, N) with which another pair a, b gives a spread's variance, at means of a week (S,)."""
    mean = week[:, None] * np.array(SPANS) / BLOCK_DAYS
    own = (1 + spread.pooled[:, 0]) + spread.pooled[:, 1] * mean
    phi: Floats = spread.phi * own / ((1 + pooled[:, 0]) + pooled[:, 1] * mean)
    return phi


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """N past forecasts over ``days`` days: features, mean and what came; ``held`` (N,) if later than all learning."""

    days: int
    features: Floats
    mean: Floats
    units: Floats
    held: Bools


def past_forecasts(table: FeatureTable, learnt: LearntMean | None, learnt_until: int) -> list[Past]:
    """Return the past forecasts of each span, made at origins before and after day ``learnt_until``.

    Without a learnt mean they are those of the base.
    """
    last = table.history.days - 1
    origins = [learnt_until + BLOCK_DAYS * k for k in range(-OLD_ORIGINS, HELD_ORIGINS)]
    found: dict[int, list[Past]] = {span: [] for span in SPANS}
    for origin in (o for o in origins if o >= BLOCK_DAYS):
        blocks = min(SPANS[-1] // BLOCK_DAYS, (last - origin) // BLOCK_DAYS)
        if blocks < 1:
            continue
        rows = table.rows(origin, np.arange(blocks) * BLOCK_DAYS)
        mean = rows.expected if learnt is None else rows.expected * learnt.factors(rows.features)
        series = table.history.series
        for span in (s for s in SPANS if s <= blocks * BLOCK_DAYS):
            found[span].append(_over(rows, mean, series, span, held=origin >= learnt_until))
    return [_joined(parts) for parts in found.values() if sum(part.mean.size for part in parts)]


def learn_spread(past: list[Past], features: Floats, mean: Floats, rng: np.random.Generator) -> Spread:
    """Return the spread that past forecasts had, for series with ``features`` (S, F) and ``mean`` of a week (S,).

    Without past forecasts demand counts as Poisson.
    """
    plain = np.zeros(mean.size, dtype=np.bool_)
    if not past:
        ones = np.ones((mean.size, len(SPANS)))
        return Spread(
            pooled=np.zeros((len(SPANS), 2)), phi=ones, levels=np.tile(np.array(SERVICE), (len(SPANS), 1)), plain=plain
        )
    past = past + [past[-1]] * (len(SPANS) - len(past))
    pooled = np.stack([_pooled(rows) for rows in past])
    head = _learn_phi(past, pooled, rng)
    phi = np.stack([head(features, mean * span / BLOCK_DAYS, span) for span in SPANS], axis=1)
    levels = [
        _levels(rows, ab, head(rows.features, rows.mean, rows.days)) for rows, ab in zip(past, pooled, strict=True)
    ]
    return Spread(pooled=pooled, phi=phi, levels=np.stack(levels), plain=plain)


class _Phi:
    """The learnt factor of the variance; one where nothing was learnt."""

    def __init__(self, learnt: LearntMean | None) -> None:
        self.learnt = learnt

    def __call__(self, features: Floats, mean: Floats, days: int) -> Floats:
        if self.learnt is None:
            return np.ones(mean.size)
        return np.clip(self.learnt.factors(_with_mean(features, mean, days)), 0.1, 10.0)


def _learn_phi(past: list[Past], pooled: Floats, rng: np.random.Generator) -> _Phi:
    if not past[0].features.size or past[0].mean.size < 5 * int(str(GAMMA["min_data_in_leaf"])):
        return _Phi(None)
    try:
        lightgbm = load_lightgbm()
    except (ImportError, OSError):
        return _Phi(None)
    whole = past[: len({rows.days for rows in past})]
    columns = np.concatenate([_with_mean(rows.features, rows.mean, rows.days) for rows in whole])
    ratio = np.concatenate(
        [
            (rows.units - rows.mean) ** 2 / ((1 + a) * rows.mean + b * rows.mean**2)
            for rows, (a, b) in zip(whole, pooled, strict=False)
        ]
    )
    known = lightgbm.Dataset(columns, np.maximum(ratio, 1e-4), init_score=np.zeros(ratio.size))
    booster = lightgbm.train(GAMMA | {"seed": int(rng.integers(2**31))}, known, TREES)
    return _Phi(LearntMean(booster=booster, rows=columns.shape[0]))


def _with_mean(features: Floats, mean: Floats, days: int) -> Floats:
    more = np.stack([np.log(np.maximum(mean, 1e-6)), np.full(mean.size, np.log(days))], axis=1)
    return np.concatenate([features, more.astype(np.float32)], axis=1)


def _pooled(rows: Past) -> Floats:
    """Return a and b, neither negative, by least squares of squared errors weighted by the variance they imply."""
    held = rows.held if rows.held.sum() >= 1000 else np.ones_like(rows.held)
    mean, beyond = rows.mean[held], (rows.units[held] - rows.mean[held]) ** 2 - rows.mean[held]
    a, b = 0.2, 0.3
    columns = np.stack([mean, mean**2], axis=1)
    for _ in range(4):
        weight = 1 / ((1 + a) * mean + b * mean**2) ** 2
        bent = (columns * weight[:, None]).T @ columns
        a, b = np.linalg.solve(bent + 1e-9 * np.eye(2), columns.T @ (weight * beyond))
        if b < 0:
            a, b = columns[:, 0] @ (weight * beyond) / bent[0, 0], 0.0
        if a < 0:
            a, b = 0.0, max(columns[:, 1] @ (weight * beyond) / bent[1, 1], 0.0)
    return np.array([a, b])


def _levels(rows: Past, pooled: Floats, phi: Floats) -> Floats:
    """Return the levels whose quantiles covered each service level in the held forecasts.

    A quantile at level l covers y units just if P(D < y) < l, so l is the quantile of P(D < y) over the forecasts.
    """
    held = rows.held if rows.held.any() else np.ones_like(rows.held)
    mean = rows.mean[held]
    variance = phi[held] * ((1 + pooled[0]) * mean + pooled[1] * mean**2)
    below = summed(mean, variance).cdf(rows.units[held] - 1)
    return np.quantile(below, SERVICE)


def _over(rows: Rows, mean: Floats, series: int, days: int, *, held: bool) -> Past:
    """Return the forecasts of a span from rows of consecutive blocks."""
    blocks = days // BLOCK_DAYS
    first = slice(0, series)
    counts = rows.counts.reshape(-1, series)[:blocks].all(axis=0)
    return Past(
        days=days,
        features=rows.features[first][counts],
        mean=np.maximum(mean.reshape(-1, series)[:blocks].sum(axis=0), 1e-6)[counts],
        units=rows.units.reshape(-1, series)[:blocks].sum(axis=0)[counts],
        held=np.full(int(counts.sum()), held),
    )


def _joined(parts: list[Past]) -> Past:
    return Past(
        days=parts[0].days,
        features=np.concatenate([part.features for part in parts]),
        mean=np.concatenate([part.mean for part in parts]),
        units=np.concatenate([part.units for part in parts]),
        held=np.concatenate([part.held for part in parts]),
    )


def _span_weights(days: int) -> Floats:
    """Return the weight of each span (N,) for a number of days, linear in the log of days and flat beyond the ends."""
    at = np.log(np.array(SPANS, dtype=np.float64))
    unit: Ints = np.eye(at.size, dtype=np.int64)
    return np.array([np.interp(np.log(days), at, row) for row in unit])
