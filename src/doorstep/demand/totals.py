"""Sums of departments and zones, drawn to what those sell as a whole.

Sums of many small forecasts carry their common error. A department or zone as a whole is forecast from its own weeks,
and every series is scaled part of the way there, in turn for both until they agree.
"""

import numpy as np

from doorstep.demand.problem import DemandHistory
from doorstep.demand.windows import group_sums
from doorstep.foundation.arrays import Floats, Ints

SMOOTHING = 0.2
"""Weight of the newest week in a group's level; older ones damp what it says."""
WEIGHT = 0.4
"""How far sums are drawn to the group's own forecast, in logs: what did best on origins of other months."""
ROUNDS = 5
LEAST_WEEKS = 8


def total_factors(history: DemandHistory, multipliers: Floats, mean: Floats) -> Floats:
    """Return the factor of each series (S,) that brings sums of departments and zones towards their own forecasts.

    Parameters
    ----------
    multipliers : (S, T + H)
        Calendar of the history and the days ahead.
    mean : (S, H)
        Forecast that is corrected.

    References
    ----------
    Deming, Stephan (1940), On a least squares adjustment of a sampled frequency table when the expected marginal totals
    are known, Annals of Mathematical Statistics 11: scaling to rows and columns in turn.
    """
    factors = np.ones(history.series)
    if history.days < 7 * LEAST_WEEKS:
        return factors
    groups = [history.zone, *([history.groups(0)] if history.attribute_names else [])]
    summed = mean.sum(axis=1)
    goals = []
    for group in groups:
        before = group_sums(group, summed)
        own = group_forecast(history, multipliers, group)[group]
        goals.append(np.where((own > 0) & (before > 0), before ** (1 - WEIGHT) * own**WEIGHT, before))
    for _ in range(ROUNDS):
        for group, goal in zip(groups, goals, strict=True):
            factors *= goal / np.maximum(group_sums(group, summed * factors), 1e-12)
    return np.where(summed > 0, factors, 1.0)


def group_forecast(history: DemandHistory, multipliers: Floats, group: Ints) -> Floats:
    """Return the units (G,) of each group over the days ahead: its smoothed weekly level times its calendar."""
    count, days = int(group.max()) + 1, history.days
    offered = multipliers[:, :days] * history.in_stock
    level = history.units.sum(axis=1) / np.maximum(offered.sum(axis=1), 1e-9)
    units, due, ahead = np.zeros((count, days)), np.zeros((count, days)), np.zeros((count, multipliers.shape[1] - days))
    np.add.at(units, group, history.units)
    np.add.at(due, group, level[:, None] * offered)
    np.add.at(ahead, group, level[:, None] * multipliers[:, days:])
    weeks, first = days // 7, days % 7
    sold = units[:, first:].reshape(count, weeks, 7).sum(axis=2)
    expected = due[:, first:].reshape(count, weeks, 7).sum(axis=2)
    ratio = np.ones(count)
    for week in range(weeks):
        open_then = expected[:, week] > 0
        now = np.divide(sold[:, week], expected[:, week], out=np.ones(count), where=open_then)
        ratio += np.where(open_then, SMOOTHING * (now - ratio), 0.0)
    forecast: Floats = ratio * ahead.sum(axis=1)
    return forecast
