"""Series that were never on offer: new products, new zones, forecast from products like them.

A new product starts from what products of its attributes sell, each finer group drawn to the coarser one, times what
its zone sells. A known product in a new zone starts from what it sells elsewhere. How far such starts are off is seen
by leaving out known series one at a time; that is the spread. Hard to tell products apart makes for a wide one.
"""

from dataclasses import dataclass, replace

import numpy as np

from doorstep.demand.mean import PARAMETERS, LearntMean, load_lightgbm
from doorstep.demand.problem import DemandHistory
from doorstep.demand.spread import SPANS, Past, Spread, learn_spread, relative_phi
from doorstep.demand.windows import Windows, group_sums
from doorstep.foundation.arrays import Bools, Floats, Ints

WINDOW_DAYS = 112
PLANNED_DAYS = 28
"""Days ahead of which promotions are planned."""
STRENGTH = 2.0
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
LEARNER = PARAMETERS | {"tweedie_variance_power": 1.9, "num_leaves": 15, "min_data_in_leaf": 50}


@dataclass(frozen=True, slots=True, kw_only=True)
class ColdStart:
    """Level (C,) of C series without history [units a day] and their spread, as factors of the plan's (C, N)."""

    level: Floats
    spread: Spread


def never_offered(history: DemandHistory) -> Bools:
    """Return which series were never on offer (S,)."""
    never: Bools = history.in_stock.max(axis=1) <= 0
    return never


def cold_start(history: DemandHistory, windows: Windows, rng: np.random.Generator) -> ColdStart:
    """Return level and spread of the series that were never on offer, in their order.

    Parameters
    ----------
    windows
        Running sums of the history.
    rng
        For the samples that the trees are grown from.

    References
    ----------
    Efron, Morris (1975), Data analysis using Stein's estimator and its generalizations, Journal of the American
    Statistical Association 70: groups drawn to what they are part of.
    """
    cold = never_offered(history)
    known = group_sums(history.product, (~cold).astype(np.float64)) > 0
    level, phi = np.zeros(history.series), np.ones((history.series, len(SPANS)))
    spread: Spread | None = None
    for elsewhere in (False, True):
        mine = cold & (known == elsewhere)
        if not mine.any():
            continue
        found = _of_kind(
            history, windows, mine, rng, left_out=np.arange(history.series) if elsewhere else history.product
        )
        level[mine], phi[mine] = found.level, found.spread.phi
        if spread is not None:  # one pair a, b for both kinds
            phi[mine] = relative_phi(found.spread, spread.pooled, found.level * SPANS[0])
        else:
            spread = found.spread
    if spread is None:
        spread = learn_spread([], np.zeros((0, 0)), np.zeros(0), rng)
    return ColdStart(
        level=level[cold], spread=replace(spread, phi=phi[cold], plain=np.ones(int(cold.sum()), dtype=np.bool_))
    )


def _of_kind(
    history: DemandHistory, windows: Windows, mine: Bools, rng: np.random.Generator, *, left_out: Ints
) -> ColdStart:
    """Return the start of some series, learnt from known ones forecast without what has their ``left_out`` code."""
    last = history.days - 1
    units = windows.sums(windows.units, last, WINDOW_DAYS)
    exposure = windows.sums(windows.exposure, last, WINDOW_DAYS)
    level, features = _nested(history, units, exposure, left_out)
    teachers = (exposure > WINDOW_DAYS / 4) & ~mine
    if teachers.sum() >= LEAST_SERIES:
        level = level * _factors(features, level * exposure, units, teachers, mine, left_out, rng)
    past = [_past(windows, level, features, teachers, last, span) for span in SPANS]
    past = [rows for rows in past if rows.mean.size]
    chosen = np.maximum(level[mine], 1e-6)
    spread = learn_spread(past if len(past) == len(SPANS) else [], features[mine], chosen * SPANS[0], rng)
    return ColdStart(level=chosen, spread=spread)


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
    typical = LIFT_STRENGTH * item * units.sum() / max(exposure.sum(), 1e-9)
    for group in (history.zone, (groups[0] if groups else nested * 0) * len(history.zone_ids) + history.zone):
        missed = group_sums(group, units) - units
        planned = group_sums(group, expected * lift) - expected * lift
        lift *= (missed + typical) / (planned + typical)
    finest = groups[min(2, len(groups) - 1)] if groups else np.zeros_like(nested)
    steps += [np.log(lift), history.zone, *groups[:2], *_offers(history, finest)]
    return np.maximum(level * lift, 1e-6), np.stack(steps, axis=1).astype(np.float32)


def _offers(history: DemandHistory, group: Ints) -> list[Floats]:
    """Return what is planned for each series and its product: promotion, and price beside others of its group."""
    steps: list[Floats] = []
    alike: Floats = np.maximum(group_sums(history.product, np.ones(history.series)), 1.0)
    if history.promotion.any():
        around = history.promotion[:, max(history.days - WINDOW_DAYS, 0) : history.days + PLANNED_DAYS]
        promoted: Floats = around.sum(axis=1) / around.shape[1]
        steps += [promoted, group_sums(history.product, promoted) / alike]
    priced = np.isfinite(history.price_minor)
    if priced.any():
        known = np.where(priced, np.log(np.nan_to_num(history.price_minor) + 1.0), 0.0)
        has: Bools = priced.max(axis=1)
        price: Floats = known.sum(axis=1) / np.maximum(priced.sum(axis=1), 1)
        usual = group_sums(group, price) / np.maximum(group_sums(group, has.astype(np.float64)), 1.0)
        steps += [np.where(has, price, np.nan), np.where(has, price - usual, np.nan)]
    return steps


def _factors(
    features: Floats,
    expected: Floats,
    units: Floats,
    teachers: Bools,
    mine: Bools,
    left_out: Ints,
    rng: np.random.Generator,
) -> Floats:
    """Return what is learnt on top of averages (S,): for ``mine`` from all teachers, for each of them from the rest."""
    factors = np.ones(expected.size)
    try:
        lightgbm = load_lightgbm()
    except (ImportError, OSError):
        return factors
    fold = rng.integers(FOLDS, size=int(left_out.max()) + 1)[left_out]
    tasks = [(teachers, mine), *((teachers & (fold != k), teachers & (fold == k)) for k in range(FOLDS))]
    for taught, asked in tasks:
        known = lightgbm.Dataset(
            features[taught], np.maximum(units[taught], 0.5), init_score=np.log(np.maximum(expected[taught], 1e-6))
        )
        booster = lightgbm.train(LEARNER | {"seed": int(rng.integers(2**31))}, known, TREES)
        factors[asked] = LearntMean(booster=booster, rows=int(taught.sum())).factors(features[asked])
    return factors


def _past(windows: Windows, level: Floats, features: Floats, chosen: Bools, last: int, days: int) -> Past:
    """Return what known series would have been forecast from others, and what they sold, over three spans of days."""
    means, units = [], []
    for number in range(3):
        exposure = windows.sums(windows.exposure, last, days, ago=number * days)
        means.append((level * exposure)[chosen & (exposure > 0)])
        units.append(windows.sums(windows.units, last, days, ago=number * days)[chosen & (exposure > 0)])
    rows = [features[chosen & (windows.sums(windows.exposure, last, days, ago=k * days) > 0)] for k in range(3)]
    mean = np.concatenate(means)
    return Past(
        days=days,
        features=np.concatenate(rows),
        mean=mean,
        units=np.concatenate(units),
        held=np.ones(mean.size, dtype=np.bool_),
    )
