"""How many orders come, by zone, delivery method, day and hour: what slots, fleets and shifts are planned for."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from doorstep.demand.forecast import forecast
from doorstep.demand.holidays import weekday
from doorstep.demand.plan import DemandPlan
from doorstep.demand.problem import DemandHistory
from doorstep.foundation import InputError
from doorstep.foundation.arrays import Floats, index_of, ints

HOURS = 24
STRENGTH = 200.0
"""Orders' worth of the common profile of hours that a series' own starts with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderForecast:
    """Orders of S series, each a delivery method in a zone, over H days.

    Parameters
    ----------
    days
        Plan of whole days; its products are the delivery methods.
    hours : (S, 7, 24)
        Share of a day's orders in each hour, by weekday from Monday.
    """

    days: DemandPlan
    hours: Floats

    def mean(self) -> Floats:
        """Return the expected orders of each hour (S, H, 24)."""
        day = weekday(self.days.first_day + np.arange(self.days.horizon_days))
        means: Floats = self.days.mean[:, :, None] * self.hours[:, day]
        return means


def forecast_orders(
    counts: pl.DataFrame,
    origin: int,
    horizon_days: int,
    *,
    rng: np.random.Generator,
    events: pl.DataFrame | None = None,
) -> OrderForecast:
    """Return the orders of the days after ``origin`` by what was counted until then (table ``OrderCounts``).

    Days are forecast like products; an hour gets its share of the day by weekday, drawn to all series' hours.

    Raises
    ------
    InputError
        With every fault of the table, or if the origin is none of its days.
    """
    absent = [name for name in ("zone_id", "method", "day", "hour", "orders") if name not in counts.columns]
    if absent:
        raise InputError(f"order counts lack {', '.join(absent)}.")
    wrong = counts.filter(~pl.col("hour").is_between(0, HOURS - 1) | (pl.col("orders") < 0))
    twice = int(counts.select("zone_id", "method", "day", "hour").is_duplicated().sum())
    if wrong.height or twice:
        raise InputError(
            f"{wrong.height} rows of order counts have an hour not from 0 to 23 or negative orders, "
            f"{twice} give an hour more than once."
        )
    daily = counts.group_by("zone_id", "day", product_id="method").agg(units=pl.col("orders").sum())
    history = DemandHistory.from_tables(daily, events=events)
    plan = forecast(history, origin, horizon_days, rng=rng)
    return OrderForecast(days=plan, hours=_hours(counts, history, origin))


def _hours(counts: pl.DataFrame, history: DemandHistory, origin: int) -> Floats:
    known = counts.with_columns(number=pl.col("day").cast(pl.Int32).cast(pl.Int64)).filter(pl.col("number") <= origin)
    product = index_of(known["method"].cast(pl.String), pl.Series(history.product_ids), what="methods")
    zone = index_of(known["zone_id"].cast(pl.String), pl.Series(history.zone_ids), what="zones")
    row = np.full((len(history.product_ids), len(history.zone_ids)), -1)
    row[history.product, history.zone] = np.arange(history.series)
    seen = np.zeros((history.series, 7, HOURS))
    np.add.at(seen, (row[product, zone], weekday(ints(known["number"])), ints(known["hour"])), ints(known["orders"]))
    common = (seen.sum(axis=(0, 1)) + 1.0) / (seen.sum() + HOURS)
    by_day = (seen.sum(axis=0) + STRENGTH * common) / (seen.sum(axis=(0, 2))[:, None] + STRENGTH)
    own = (seen.sum(axis=1) + STRENGTH * common) / (seen.sum(axis=(1, 2))[:, None] + STRENGTH)
    prior = by_day[None] * (own / common)[:, None]
    prior /= prior.sum(axis=2, keepdims=True)
    shares: Floats = (seen + STRENGTH * prior) / (seen.sum(axis=2, keepdims=True) + STRENGTH)
    return shares
