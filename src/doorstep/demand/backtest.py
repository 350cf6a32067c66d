"""Forecasts as they would have been made in the past, and how good they were."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from doorstep.demand.forecast import forecast
from doorstep.demand.plan import DemandPlan
from doorstep.demand.problem import DemandHistory
from doorstep.demand.scores import QUANTILES, StockScores, stock_scores, weekly_step, weighted_rmsse
from doorstep.foundation import InputError
from doorstep.foundation.arrays import Floats

Maker = Callable[[DemandHistory, int, int, np.random.Generator], DemandPlan]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """One origin's forecast, its weighted RMSSE by level (6,), and the scores of stock for the lead time."""

    origin: int
    plan: DemandPlan
    levels: Floats
    stock: StockScores

    @property
    def wrmsse(self) -> float:
        """The mean over levels."""
        return float(self.levels.mean())


def backtest(
    history: DemandHistory,
    origins: Sequence[int],
    *,
    horizon_days: int,
    lead_days: int,
    rng: np.random.Generator,
    sales_value: Floats | None = None,
    make: Maker | None = None,
) -> tuple[Backtest, ...]:
    """Return the forecasts from several days of the past and their scores.

    Parameters
    ----------
    origins
        Days whose end is the present of a forecast [days since 1970-01-01].
    lead_days
        Lead time plus review, over which stock has to last.
    sales_value : (S, T)
        What was paid, for the weights; units if not given.
    make
        Another way to make the plan, by default ``forecast``.

    Raises
    ------
    InputError
        If an origin leaves too few days to judge the forecast by.
    """
    late = [day for day in origins if day + max(horizon_days, lead_days) > history.last_day]
    if late:
        raise InputError(
            f"origins {late} leave fewer than {max(horizon_days, lead_days)} days until {history.last_day}."
        )
    value = history.units if sales_value is None else sales_value
    found = []
    for origin in origins:
        plan = (make or _forecast)(history, origin, max(horizon_days, lead_days), rng)
        last = origin - history.first_day
        came = history.units[:, last + 1 : last + 1 + lead_days].sum(axis=1)
        stock = np.stack([plan.stock(q, lead_days) for q in QUANTILES])
        found.append(
            Backtest(
                origin=origin,
                plan=plan,
                levels=weighted_rmsse(history, origin, plan.mean[:, :horizon_days], value),
                stock=stock_scores(came, stock, weekly_step(history.units[:, : last + 1])),
            )
        )
    return tuple(found)


def _forecast(history: DemandHistory, origin: int, horizon_days: int, rng: np.random.Generator) -> DemandPlan:
    return forecast(history, origin, horizon_days, rng=rng)
