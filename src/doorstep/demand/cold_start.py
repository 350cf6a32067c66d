"""Series that were never on offer: new products, new zones, forecast from products like them.

A new product starts from what products of its attributes sell, each finer group drawn to the coarser one, times what
its zone sells. A known product in a new zone starts from what it sells elsewhere. Known series are taken for new ones
in past weeks: what they sold then teaches what promotions, displays and prices change, and how far such starts are off;
that is the spread. Hard to tell products apart makes for a wide one.
"""

from dataclasses import dataclass, replace

import numpy as np

from doorstep.demand.features import BLOCK_DAYS, FeatureTable
from doorstep.demand.mean import MOST_ROWS, PARAMETERS, LearntMean, load_lightgbm
from doorstep.demand.problem import DemandHistory
from doorstep.demand.spread import SPANS, Past, Spread, learn_spread, relative_phi
from doorstep.demand.windows import group_sums
from doorstep.foundation.arrays import Bools, Floats, Ints

WINDOW_DAYS = 112
WEEKS = 10
"""Past weeks in which known series are taken for new ones."""
STRENGTH = 5.0
"""Products' worth of the coarser group's level that a group starts with."""
PRODUCT_DAYS = 28.0
"""Days of its group's level that a product known elsewhere starts with."""
LIFT_STRENGTH = 10.0
"""Products' worth of an average zone that a zone's lift starts with."""
LEAST_SERIES = 1_000
"""Known series below which attributes are averaged and nothing is learnt."""
TREES = 120
FOLDS = 4
"""Parts of the known products that are forecast by what the others teach, to see how far off that is."""
LEARNER = PARAMETERS | {"min_data_in_leaf": 100}


@dataclass(frozen=True, slots=True, kw_only=True)
class ColdStart:
    """Units a day of multiplier one of C series without history in B blocks of days (C, B), and their spread."""

    rate: Floats
    spread: Spread


@dataclass(frozen=True, slots=True, kw_only=True)
class _Weeks:
    """W weeks of S series as if they were new: ``features`` (W, S, F), and the others (W, S).

    ``exposure`` is what a level of one would sell in the week, ``expected`` what the series' group lets expect.
    """

    features: Floats
    exposure: Floats
    expected: Floats
    units: Floats


def never_offered(history: DemandHistory) -> Bools:
    """Return which series were never on offer (S,)."""
    never: Bools = history.in_stock.max(axis=1) <= 0
    return never


def cold_start(table: FeatureTable, rng: np.random.Generator) -> ColdStart:
    """Return rate and spread of the series that were never on offer, in their order.

    Parameters
    ----------
    table
        History, calendar and plans.
    rng
        For the samples that the trees are grown from.

    References
    ----------
    Efron, Morris (1975), Data analysis using Stein's estimator and its generalizations, Journal of the American
    Statistical Association 70: groups drawn to what they are part of.
    """
    history = table.history
    cold = never_offered(history)
    known = group_sums(history.product, (~cold).astype(np.float64)) > 0
    blocks = -(-(table.multipliers.shape[1] - history.days) // BLOCK_DAYS)
    rate, phi = np.ones((history.series, blocks)), np.ones((history.series, len(SPANS)))
    spread: Spread | None = None
    for elsewhere in (False, True):
        mine = cold & (known == elsewhere)
        if not mine.any():
            continue
        found = _of_kind(table, mine, rng, left_out=np.arange(history.series) if elsewhere else history.product)
        rate[mine], phi[mine] = found.rate, found.spread.phi
        if spread is not None:  # one pair a, b for both kinds
            phi[mine] = relative_phi(found.spread, spread.pooled, found.rate.mean(axis=1) * SPANS[0])
        else:
            spread = found.spread
    if spread is None:
        spread = learn_spread([], np.zeros((0, 0)), np.zeros(0), rng)
    return ColdStart(
        rate=rate[cold], spread=replace(spread, phi=phi[cold], plain=np.ones(int(cold.sum()), dtype=np.bool_))
    )


def _of_kind(table: FeatureTable, mine: Bools, rng: np.random.Generator, *, left_out: Ints) -> ColdStart:
    """Return the start of some series, learnt from known ones forecast without what has their ``left_out`` code."""
    history, last = table.history, table.history.days - 1
    past = _weeks(table, [(last - BLOCK_DAYS * k, 0) for k in range(1, WEEKS + 1) if last >= BLOCK_DAYS * k], left_out)
    blocks = range(0, table.multipliers.shape[1] - history.days, BLOCK_DAYS)
    ahead = _weeks(table, [(last, start) for start in blocks], left_out)
    taught = (past.exposure > 0) & ~mine & (rng.random(history.series) < MOST_ROWS / max(past.units.size, 1))
    held, due = past.expected, ahead.expected
    if taught.any(axis=0).sum() >= LEAST_SERIES:
        held, due = _learnt(past, taught, ahead, left_out, rng)
    rate = np.maximum(due / ahead.exposure, 1e-6)[:, mine].T
    seen = [_past(past, held, taught, span) for span in SPANS if past.units.shape[0] * BLOCK_DAYS >= span]
    whole = len(seen) == len(SPANS) and min(rows.mean.size for rows in seen) > 0
    spread = learn_spread(seen if whole else [], ahead.features[0][mine], rate[:, 0] * BLOCK_DAYS, rng)
    return ColdStart(rate=rate, spread=spread)


def _weeks(table: FeatureTable, weeks: list[tuple[int, int]], left_out: Ints) -> _Weeks:
    """Return weeks that begin some days after an origin, by what was known there of other series."""
    history, windows, end = table.history, table.windows, table.multipliers.shape[1]
    features, exposures, expected, units = [], [], [], []
    known: dict[int, tuple[Floats, Floats]] = {}
    for origin, start in weeks:
        if origin not in known:
            units_so_far = windows.sums(windows.units, origin, WINDOW_DAYS)
            known[origin] = _nested(
                history, units_so_far, windows.sums(windows.exposure, origin, WINDOW_DAYS), left_out
            )
        level, steps = known[origin]
        first, last = origin + 1 + start, min(origin + 1 + start + BLOCK_DAYS, end)
        plans = [plan.astype(np.float32)[:, None] for plan in table.plans(origin, first, last)]
        features.append(np.concatenate([steps, *plans], axis=1))
        exposures.append(table.exposure[:, last] - table.exposure[:, first])
        expected.append(np.maximum(level * exposures[-1], 1e-6))
        units.append(history.units[:, first:last].sum(axis=1))
    if not weeks:
        nothing = np.zeros((0, history.series))
        return _Weeks(features=nothing[:, :, None], exposure=nothing, expected=nothing, units=nothing)
    return _Weeks(
        features=np.stack(features),
        exposure=np.stack(exposures),
        expected=np.stack(expected),
        units=np.stack(units),
    )


def _nested(history: DemandHistory, units: Floats, exposure: Floats, left_out: Ints) -> tuple[Floats, Floats]:
    """Return the level of each series without its own left-out part (S,), and the steps that led to it (S, F)."""
    own_units, own_exposure = group_sums(left_out, units), group_sums(left_out, exposure)
    item = exposure.sum() / max(np.unique(history.product[exposure > 0]).size, 1)
    weight = STRENGTH * max(item, 1e-9)
    level = (units.sum() - own_units) / np.maximum(exposure.sum() - own_exposure, 1e-9)
    steps = []
    groups = [history.groups(attribute) for attribute in range(len(history.attribute_names))]
    nested = np.zeros(history.series, dtype=np.int64)
    for group in (*groups, history.product):
        nested = nested * (int(group.max()) + 1) + group
        _, nested = np.unique(nested, return_inverse=True)
        others = group_sums(nested, exposure) - own_exposure
        prior = PRODUCT_DAYS if group is history.product else weight
        level = (group_sums(nested, units) - own_units + prior * level) / (others + prior)
        steps += [np.log(np.maximum(level, 1e-6)), np.log1p(np.maximum(others, 0.0) / max(item, 1e-9))]
    expected = level * exposure
    lift = np.ones(history.series)
    typical = max(LIFT_STRENGTH * item * units.sum() / max(exposure.sum(), 1e-9), 1e-9)
    for group in (history.zone, (groups[0] if groups else nested * 0) * len(history.zone_ids) + history.zone):
        missed = group_sums(group, units) - units
        planned = group_sums(group, expected * lift) - expected * lift
        lift *= (missed + typical) / (planned + typical)
    finest = groups[min(2, len(groups) - 1)] if groups else np.zeros_like(nested)
    steps += [np.log(lift), history.zone, *groups[:2], *_prices(history, finest)]
    return np.maximum(level * lift, 1e-6), np.stack(steps, axis=1).astype(np.float32)


def _prices(history: DemandHistory, group: Ints) -> list[Floats]:
    """Return the usual price of each series, by itself and beside others of its group."""
    priced = np.isfinite(history.price_minor)
    if not priced.any():
        return []
    known = np.where(priced, np.log(np.nan_to_num(history.price_minor) + 1.0), 0.0)
    has: Bools = priced.max(axis=1)
    price: Floats = known.sum(axis=1) / np.maximum(priced.sum(axis=1), 1)
    usual = group_sums(group, price) / np.maximum(group_sums(group, has.astype(np.float64)), 1.0)
    return [np.where(has, price, np.nan), np.where(has, price - usual, np.nan)]


def _learnt(
    past: _Weeks, taught: Bools, ahead: _Weeks, left_out: Ints, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Return what trees expect on top of averages in past weeks, each series by what others teach, and ahead.

    Both are scaled to what the past weeks sold in all.
    """
    held, due = past.expected.copy(), ahead.expected.copy()
    try:
        lightgbm = load_lightgbm()
    except (ImportError, OSError):
        return held, due
    fold = rng.integers(FOLDS, size=int(left_out.max()) + 1)[left_out]
    for part in range(FOLDS + 1):
        chosen = taught & (fold != part)
        base = np.log(past.expected[chosen])
        known = lightgbm.Dataset(past.features[chosen], past.units[chosen], init_score=base)
        booster = lightgbm.train(LEARNER | {"seed": int(rng.integers(2**31))}, known, TREES)
        learnt = LearntMean(booster=booster, rows=base.size)
        if part == FOLDS:
            due *= learnt.factors(ahead.features.reshape(due.size, -1)).reshape(due.shape)
        else:
            rows = past.features[:, fold == part]
            held[:, fold == part] *= learnt.factors(rows.reshape(-1, rows.shape[2])).reshape(rows.shape[:2])
    scale = past.units[taught].sum() / held[taught].sum()
    return held * scale, due * scale


def _past(weeks: _Weeks, mean: Floats, taught: Bools, days: int) -> Past:
    """Return what known series would have been forecast as new ones, and what they sold, over spans of days."""
    blocks = days // BLOCK_DAYS
    means, units, features = [], [], []
    for number in range(weeks.units.shape[0] // blocks):
        span = slice(number * blocks, (number + 1) * blocks)
        chosen = taught[span].all(axis=0)
        means.append(mean[span].sum(axis=0)[chosen])
        units.append(weeks.units[span].sum(axis=0)[chosen])
        features.append(weeks.features[span.stop - 1][chosen])
    whole = np.concatenate(means)
    return Past(
        days=days,
        features=np.concatenate(features),
        mean=whole,
        units=np.concatenate(units),
        held=np.ones(whole.size, dtype=np.bool_),
    )
