"""How good forecasts were, in the measures of the M5 competition and of stock."""

from dataclasses import dataclass

import numpy as np

from doorstep.demand.problem import DemandHistory
from doorstep.foundation import InputError
from doorstep.foundation.arrays import Floats, Ints

QUANTILES = (0.5, 0.8, 0.9, 0.95, 0.98)
SERVICE_LEVEL = 0.95
WEIGHT_DAYS = 28
LEVELS = ("total", "zone", "department", "department x zone", "item", "item x zone")


@dataclass(frozen=True, slots=True, kw_only=True)
class StockScores:
    """Scaled pinball loss, mean over ``QUANTILES``; coverage, stock over demand and fill at ``SERVICE_LEVEL``."""

    pinball: float
    coverage: float
    stock_over_demand: float
    fill: float


def weighted_rmsse(history: DemandHistory, origin: int, mean: Floats, sales_value: Floats) -> Floats:
    """Return the weighted root mean squared scaled error on each of ``LEVELS`` (6,); their mean is the score.

    The errors of a group are divided by its mean squared step from day to day since its first sale, and weighted by its
    sales value over the last 28 days. Forecasts are summed bottom up. Without attributes all products
    are one department.

    Parameters
    ----------
    history
        With the days that came after.
    origin
        Last day known to the forecast [days since 1970-01-01].
    mean : (S, H)
        Forecast of the days after it.
    sales_value : (S, T)
        What was paid.

    Raises
    ------
    InputError
        If the history ends before the forecast does or shapes disagree.

    References
    ----------
    Makridakis, Spiliotis, Assimakopoulos (2022), The M5 accuracy competition, International Journal of Forecasting 38.
    """
    last, days = origin - history.first_day, mean.shape[1]
    if (
        mean.shape[0] != history.series
        or not 0 < last < history.days - days
        or sales_value.shape != history.units.shape
    ):
        raise InputError(
            f"mean {mean.shape} after day {last} and sales_value {sales_value.shape} do not fit {history.units.shape}."
        )
    scores = []
    for group in level_groups(history):
        units, values = _summed(group, history.units), _summed(group, sales_value)
        past, came = units[:, : last + 1], units[:, last + 1 : last + 1 + days]
        begun = np.arange(1, last + 1) > np.argmax(past > 0, axis=1)[:, None]
        scale = ((np.diff(past, axis=1) ** 2) * begun).sum(axis=1) / np.maximum(begun.sum(axis=1), 1)
        error = ((came - _summed(group, mean)) ** 2).mean(axis=1)
        weight = values[:, max(last + 1 - WEIGHT_DAYS, 0) : last + 1].sum(axis=1)
        moved = scale > 0
        scores.append((weight * np.sqrt(error / np.where(moved, scale, 1.0)))[moved].sum() / weight.sum())
    return np.array(scores)


def stock_scores(units: Floats, stock: Ints, scale: float) -> StockScores:
    """Return the scores of stock at each of ``QUANTILES`` (Q, S) for the demand that came (S,).

    Parameters
    ----------
    scale
        What the pinball loss is divided by, see ``weekly_step``.
    """
    losses = []
    for q, held in zip(QUANTILES, stock, strict=True):
        short = units - held
        losses.append(np.maximum(q * short, (q - 1) * short).mean() / scale)
    held = stock[QUANTILES.index(SERVICE_LEVEL)]
    total = max(float(units.sum()), 1e-9)
    return StockScores(
        pinball=float(np.mean(losses)),
        coverage=float((units <= held).mean()),
        stock_over_demand=float(held.sum() / total),
        fill=float(np.minimum(held, units).sum() / total),
    )


def weekly_step(units: Floats) -> float:
    """Return the mean difference of a week's units from the week before's, over series and whole weeks.

    Weeks are counted from the first day of the units (S, T).
    """
    weeks = units.shape[1] // 7
    if weeks < 2:
        raise InputError(f"{units.shape[1]} days are less than two weeks.")
    sums = units[:, : 7 * weeks].reshape(units.shape[0], weeks, 7).sum(axis=2)
    return float(np.abs(np.diff(sums, axis=1)).mean())


def level_groups(history: DemandHistory) -> list[Ints]:
    """Return the groups of series (S,) of each of ``LEVELS``."""
    nothing = np.zeros(history.series, dtype=np.int64)
    department = history.groups(0) if history.attribute_names else nothing
    zones = len(history.zone_ids)
    return [
        nothing,
        history.zone,
        department,
        department * zones + history.zone,
        history.product,
        history.product * zones + history.zone,
    ]


def _summed(group: Ints, values: Floats) -> Floats:
    _, row = np.unique(group, return_inverse=True)
    sums = np.zeros((int(row.max()) + 1, values.shape[1]))
    np.add.at(sums, row, values)
    return sums
