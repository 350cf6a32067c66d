"""The level of every series without learning: a window average that knows what was on offer, shrunk where it is short.

This is also the forecast where the history is too short to learn from or the learner cannot be loaded.
"""

import numpy as np

from doorstep.demand.problem import DemandHistory
from doorstep.demand.windows import Windows, group_sums
from doorstep.foundation.arrays import Floats, Ints

MIX = ((28, 0.2), (56, 0.3), (112, 0.5))
"""Windows whose levels are mixed, and their weights."""
LEAST = 0.004
"""Level below which nothing is forecast lower: a unit in 250 days."""
STRENGTH = 14.0
"""Days of its group's level that a series starts with; a long history outweighs them."""
LEVEL_SMOOTHING, SIZE_SMOOTHING = 0.05, 0.1


def mixed_level(windows: Windows, day: int) -> Floats:
    """Return the level of each series at the end of a day (S,), without stock-outs, holidays and weekdays in it.

    A window in which nothing was on offer hands its weight to the others.
    """
    total = np.zeros(windows.units.shape[0])
    weight = np.zeros_like(total)
    for length, share in MIX:
        seen = windows.sums(windows.exposure, day, length) > 0.05
        total = total + share * seen * windows.level(day, length)
        weight = weight + share * seen
    level: Floats = np.divide(total, weight, out=np.zeros_like(weight), where=weight > 0)
    return np.maximum(level, LEAST)


def shrunk_level(history: DemandHistory, windows: Windows) -> Floats:
    """Return the level of each series at the end of the history (S,), short ones drawn to what their group sells.

    The level is the mean of a window average and of Teunter, Syntetos and Babai's smoothing of chance and size, which
    also falls while nothing sells; days on which nothing was on offer change neither.

    References
    ----------
    Teunter, Syntetos, Babai (2011), Intermittent demand: linking forecasting to inventory obsolescence, European
    Journal of Operational Research 214.
    """
    day = history.days - 1
    exposure = windows.sums(windows.exposure, day, 112)
    own = (mixed_level(windows, day) + smoothed_level(history.units, history.in_stock)) / 2
    prior = _group_level(history, windows, day)
    return np.maximum((own * exposure + STRENGTH * prior) / (exposure + STRENGTH), LEAST)


def smoothed_level(units: Floats, in_stock: Floats) -> Floats:
    """Return chance of a sale times size of a sale of each series at the end (S,), by exponential smoothing.

    Parameters
    ----------
    units, in_stock : (S, T)
        Units sold and the share of the day on which they could be.
    """
    offered = in_stock > 0
    sold = (units > 0) & offered
    count = np.maximum(sold.sum(axis=1), 1)
    chance = sold.sum(axis=1) / np.maximum(offered.sum(axis=1), 1)
    rate = np.divide(units, in_stock, out=np.zeros_like(units), where=offered)
    size = np.where(sold, rate, 0.0).sum(axis=1) / count
    for day in range(units.shape[1]):
        here, hit = offered[:, day], sold[:, day]
        chance += np.where(here, LEVEL_SMOOTHING * (hit - chance), 0.0)
        size += np.where(hit, SIZE_SMOOTHING * (rate[:, day] - size), 0.0)
    level: Floats = chance * size
    return level


def _group_level(history: DemandHistory, windows: Windows, day: int) -> Floats:
    """Return what series of the same finest group and zone sell on average, each group drawn to the coarser one."""
    units, exposure = windows.sums(windows.units, day, 112), windows.sums(windows.exposure, day, 112)
    level = np.full(history.series, units.sum() / max(exposure.sum(), 1e-9))
    zone_level = _drawn(history.zone, units, exposure, level)
    lift = zone_level / np.maximum(level, 1e-9)
    for attribute in range(len(history.attribute_names)):
        group = history.groups(attribute)
        level = _drawn(group, units, exposure, level)
    lifted: Floats = level * lift
    return lifted


def _drawn(group: Ints, units: Floats, exposure: Floats, prior: Floats) -> Floats:
    weight = 4 * STRENGTH
    drawn: Floats = (group_sums(group, units) + weight * prior) / (group_sums(group, exposure) + weight)
    return drawn
