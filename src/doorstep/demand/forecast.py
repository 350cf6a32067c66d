"""Demand of every series over the days to come, with its spread."""

from dataclasses import replace

import numpy as np

from doorstep.demand.cold_start import cold_start, never_offered
from doorstep.demand.explain import Factors
from doorstep.demand.features import BLOCK_DAYS, FeatureTable
from doorstep.demand.levels import shrunk_level
from doorstep.demand.mean import LearntMean, learn_mean
from doorstep.demand.plan import DemandPlan
from doorstep.demand.problem import DemandHistory
from doorstep.demand.seasonality import Seasonality, seasonality
from doorstep.demand.spread import SPANS, Spread, learn_spread, past_forecasts, relative_phi
from doorstep.demand.totals import total_factors
from doorstep.foundation import InputError, Progress, Silent, Stop
from doorstep.foundation.arrays import Bools, Floats

SHORT_DAYS = 28
"""Days on offer below which a series is forecast from its group's level as well as its own."""
HELD_DAYS = 35
"""Days at the end that the mean behind the spread has not seen."""


def forecast(
    history: DemandHistory,
    origin: int,
    horizon_days: int,
    *,
    rng: np.random.Generator,
    stop: Stop | None = None,
    progress: Progress | None = None,
    offers: bool = True,
) -> DemandPlan:
    """Return the demand of ``horizon_days`` days after a day, by what was known then.

    The mean is a level times a calendar times what LightGBM learns from past origins; where the history is too short
    for that or LightGBM cannot be loaded, the level is a shrunk window average, and the plan's notes say why. Every
    series is forecast by itself, so sums over products, zones and days are the forecasts of those.

    Parameters
    ----------
    origin
        The last day that is known [days since 1970-01-01].
    rng
        For the samples that the trees are grown from.
    stop
        Ends the growing of trees early.
    offers
        Whether promotions and prices are learnt from.

    Raises
    ------
    InputError
        If the origin is no day of the history or there are no days to forecast.
    """
    if horizon_days < 1:
        raise InputError(f"horizon_days {horizon_days} must be at least 1.")
    known, heard = history.until(origin), progress or Silent()
    calendar = seasonality(known, horizon_days=horizon_days)
    table = FeatureTable(known, calendar.multipliers(), offers)
    last = known.days - 1
    learnt = learn_mean(table, last, horizon_days=horizon_days, rng=rng, stop=stop, progress=heard)
    earlier: LearntMean | None = None
    if isinstance(learnt, LearntMean):
        judged = learn_mean(table, last - HELD_DAYS, horizon_days=SPANS[-1], rng=rng, stop=stop, progress=heard)
        earlier = judged if isinstance(judged, LearntMean) else None
    found = learnt if isinstance(learnt, LearntMean) else None
    mean, factors, notes = _mean(table, calendar, found, horizon_days)
    if isinstance(learnt, str):
        notes = (f"Window averages times the calendar, because {learnt}.", *notes)
    spread = _spread(table, earlier, mean, rng)
    cold = never_offered(known)
    if cold.any():
        mean, spread = _with_new(table, cold, mean, spread, factors, rng)
        notes = (f"{int(cold.sum())} series were never on offer and are forecast from products like them.", *notes)
    return DemandPlan(
        product_ids=known.product_ids,
        zone_ids=known.zone_ids,
        product=known.product,
        zone=known.zone,
        first_day=origin + 1,
        mean=mean,
        spread=spread,
        method="window" if found is None else "learnt",
        notes=(*known.notes, *notes),
        factors=factors,
    )


def _spread(table: FeatureTable, earlier: LearntMean | None, mean: Floats, rng: np.random.Generator) -> Spread:
    """Return the spread by what earlier forecasts missed."""
    last, days = table.history.days - 1, min(BLOCK_DAYS, mean.shape[1])
    past = past_forecasts(table, earlier, last - HELD_DAYS)
    week = mean[:, :days].sum(axis=1) * (BLOCK_DAYS / days)
    return learn_spread(past, table.rows(last, np.array([0])).features, week, rng)


def _with_new(
    table: FeatureTable, cold: Bools, mean: Floats, spread: Spread, factors: Factors, rng: np.random.Generator
) -> tuple[Floats, Spread]:
    """Return mean and spread with the series that were never on offer taken from products like them."""
    start = cold_start(table, rng)
    mean, phi = mean.copy(), spread.phi.copy()
    factors.level[cold] = start.rate.mean(axis=1)
    factors.correction[cold] = start.rate / factors.level[cold, None]
    by_day = np.repeat(start.rate, BLOCK_DAYS, axis=1)[:, : mean.shape[1]]
    mean[cold] = by_day * table.multipliers[cold, table.history.days :]
    week = mean[cold].mean(axis=1) * BLOCK_DAYS
    phi[cold] = relative_phi(start.spread, spread.pooled, week)
    return mean, replace(spread, phi=phi, plain=cold)


def _mean(
    table: FeatureTable, calendar: Seasonality, learnt: LearntMean | None, horizon_days: int
) -> tuple[Floats, Factors, tuple[str, ...]]:
    """Return the mean (S, H), what it was made of, and what is to be told."""
    history, last = table.history, table.history.days - 1
    ahead = table.multipliers[:, last + 1 :]
    level, _ = table.at_origin(last)
    short = np.ones(history.series, dtype=np.bool_)
    if learnt is not None:
        short = table.windows.sums(table.windows.offered_days, last, 112) < SHORT_DAYS
    if short.any():
        level = np.where(short, shrunk_level(history, table.windows), level)
    mean = level[:, None] * ahead
    features: Floats = np.zeros((0, 0))
    starts = np.arange(0, horizon_days, BLOCK_DAYS)
    if learnt is not None:
        features = table.rows(last, starts).features
        factor = learnt.factors(features).reshape(starts.size, -1).T
        factor[short] = 1.0
        mean *= np.repeat(factor, BLOCK_DAYS, axis=1)[:, :horizon_days]
    correction = total_factors(history, table.multipliers, mean)
    mean *= correction[:, None]
    factors = Factors(
        level=level,
        seasonality=calendar,
        days=last + 1 + np.arange(horizon_days),
        features=features,
        words=table.words,
        learnt=learnt,
        correction=np.repeat(correction[:, None], starts.size, axis=1),
        apart=short,
    )
    told = f"{int(short.sum())} series were on offer for less than {SHORT_DAYS} days; their group's level helps."
    return mean, factors, (told,) if learnt is not None and short.any() else ()
