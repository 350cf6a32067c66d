"""A forecast of a retailer's sales: what will be asked for where, how sure that is, and what stock would cover it."""

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from doorstep.demand import DemandHistory, DemandPlan
from doorstep.demand.shards import forecast_in_shards
from doorstep.domain import Retailer
from doorstep.foundation import InputError, Progress, Stop
from doorstep.foundation.arrays import index_of
from doorstep.geography import TravelTimes
from doorstep.operations.planning.site_demand import SiteDemand, at_natural_sites, demand_of_orders

COVERS = (0.5, 0.8, 0.95, 0.98)
"""Shares of cases in which the units of the table would be enough."""
SHOWN_DAYS = 84
"""Days of sales that are shown before the forecast."""
SHORTEST = 7
"""Days that are forecast at least: a week has its own shape."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastWishes:
    """What a planner asks: how many days ahead, and over how many days stock has to last.

    Without ``last_day`` [days since 1970-01-01] all sales of the folder are known; with it only those until then, and
    the days after it tell how good the forecast was.
    """

    days: int = 28
    cover_days: int = 7
    last_day: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastStudy:
    """A forecast with the sales that it was made from."""

    history: DemandHistory
    plan: DemandPlan
    cover_days: int
    notes: tuple[str, ...]

    @property
    def first_day(self) -> str:
        """The first day of the forecast, as people write it: 2026-03-02."""
        return day_text(self.plan.first_day)


def study_demand(
    tables: Mapping[str, pl.DataFrame],
    wishes: ForecastWishes,
    *,
    rng: np.random.Generator,
    stop: Stop,
    progress: Progress,
    shards: int | None = None,
    executor: Executor | None = None,
) -> ForecastStudy:
    """Return the forecast of tables of sales.

    They are ``sales``, and if there are any ``planned_offers``, ``product_attributes`` and ``calendar_events``.
    Products are dealt to ``shards``, which an ``executor`` works out side by side.

    Raises
    ------
    InputError
        If there are no sales, a wish makes no sense, or the tables have faults; it lists every one.
    """
    if "sales" not in tables or not tables["sales"].height:
        raise InputError(
            "the folder has no table sales: there is nothing to learn from.",
            hint="Maybe make a sample with one: doorstep sample DIR --history-days 84.",
        )
    if not 1 <= wishes.cover_days <= wishes.days:
        raise InputError(f"cover_days {wishes.cover_days} must be from 1 to the {wishes.days} days of the forecast.")
    history = DemandHistory.from_tables(
        tables["sales"],
        products=tables.get("product_attributes"),
        events=tables.get("calendar_events"),
        planned=tables.get("planned_offers"),
    )
    origin = history.last_day if wishes.last_day is None else wishes.last_day
    plan = forecast_in_shards(
        history, origin, wishes.days, rng=rng, shards=shards, executor=executor, stop=stop, progress=progress
    )
    return ForecastStudy(history=history, plan=plan, cover_days=wishes.cover_days, notes=plan.notes)


def forecast_tables(study: ForecastStudy) -> dict[str, pl.DataFrame]:
    """Return the tables of a forecast: each product in each zone, days, zones and products in all."""
    return {
        "forecast": series_table(study),
        "days": day_table(study),
        "zones": _sums(study, "zone_id"),
        "products": _sums(study, "product_id"),
    }


def series_table(study: ForecastStudy) -> pl.DataFrame:
    """Return what is expected of each product in each zone over the days to cover, and what stock covers it."""
    plan, days = study.plan, study.cover_days
    demand = plan.lead_time(days)
    return plan.series().select("product_id", "zone_id").with_columns(
        days=pl.lit(days),
        expected=pl.Series(demand.mean),
        deviation=pl.Series(np.sqrt(demand.variance())),
        **{f"covers_{100 * q:.0f}": pl.Series(plan.stock(q, days)) for q in COVERS},
    )  # fmt: skip


def day_table(study: ForecastStudy) -> pl.DataFrame:
    """Return the units of all series by day: sold until the forecast begins, expected from then on."""
    plan, history = study.plan, study.history
    known = min(plan.first_day - history.first_day, history.days)
    sold = history.units.sum(axis=0)
    expected = plan.mean.sum(axis=0)
    count = max(history.days, known + plan.horizon_days)
    days = pl.int_range(history.first_day, history.first_day + count, dtype=pl.Int32, eager=True).cast(pl.Date)
    units = [float(sold[day]) if day < history.days else None for day in range(count)]
    ahead = [float(expected[day - known]) if 0 <= day - known < plan.horizon_days else None for day in range(count)]
    return pl.DataFrame({"day": days, "sold": units, "expected": ahead})


def figures(study: ForecastStudy) -> dict[str, object]:
    """Return the figures of a forecast."""
    plan, known = study.plan, study.plan.first_day - study.history.first_day
    last = study.history.units[:, max(0, known - plan.horizon_days) : known]
    told: dict[str, object] = {
        "series": int(plan.product.size),
        "products": len(plan.product_ids),
        "zones": len(plan.zone_ids),
        "first_day": study.first_day,
        "days": plan.horizon_days,
        "expected_per_day": float(plan.mean.sum() / plan.horizon_days),
        "sold_per_day": float(last.sum() / max(last.shape[1], 1)),
        "method": plan.method,
        "cover_days": study.cover_days,
    }
    later = study.history.units[:, known : known + plan.horizon_days]
    if later.shape[1]:
        expected = plan.mean[:, : later.shape[1]]
        covered = plan.stock(0.95, min(study.cover_days, later.shape[1]))
        came = later[:, : study.cover_days].sum(axis=1)
        told["judged"] = {
            "days": int(later.shape[1]),
            "sold": float(later.sum()),
            "expected": float(expected.sum()),
            "bias_pct": 100 * (float(expected.sum() / max(later.sum(), 1e-9)) - 1),
            "covered_95_share": float((came <= covered).mean()) if later.shape[1] >= study.cover_days else None,
        }
    return told


def day_text(day: int) -> str:
    """Return a day [days since 1970-01-01] as people write it."""
    return str(np.datetime64(day, "D"))


def demand_of_forecast(retailer: Retailer, plan: DemandPlan, days: int) -> SiteDemand:
    """Return the demand of products near sites over the first days of a forecast whose zones are sites.

    Products without a forecast are not wanted anywhere.

    Raises
    ------
    InputError
        If a zone is no site, or a product is not the retailer's.
    """
    demand = plan.lead_time(days)
    site = index_of(pl.Series(plan.zone_ids), retailer.sites["site_id"], what="zone_id of sales")
    product = index_of(pl.Series(plan.product_ids), retailer.products["product_id"], what="product_id of sales")
    shape = (retailer.products.height, retailer.sites.height)
    mean, k = np.zeros(shape), np.full(shape, np.inf)
    where = product[plan.product], site[plan.zone]
    mean[where], k[where] = demand.mean, demand.k
    note = f"Demand is forecast for {days} days from {day_text(plan.first_day)} on ({plan.method})."
    return SiteDemand(mean=mean, k=k, days=days, notes=(note, *plan.notes))


def demand_at_sites(
    retailer: Retailer,
    tables: Mapping[str, pl.DataFrame],
    days: int,
    *,
    rng: np.random.Generator,
    stop: Stop,
    progress: Progress,
    shards: int | None = None,
    executor: Executor | None = None,
    travel: TravelTimes | None = None,
) -> tuple[SiteDemand, ForecastStudy | None]:
    """Return the demand that stock has to last for, and the forecast that it is from.

    Without a table ``sales`` among the tables it is guessed from the retailer's orders, and there is no forecast; so it
    is where nothing could ever be bought. ``travel``, by default the policy's estimate, says which sites are natural.
    """
    sold = tables.get("sales")
    if sold is None or ("in_stock_share" in sold.columns and not (sold["in_stock_share"] > 0).any()):
        return demand_of_orders(retailer, days, travel), None
    wishes = ForecastWishes(days=max(days, SHORTEST), cover_days=days)
    study = study_demand(tables, wishes, rng=rng, stop=stop, progress=progress, shards=shards, executor=executor)
    demand = demand_of_forecast(retailer, study.plan, days)
    mean, k = at_natural_sites(retailer, demand.mean, demand.k, travel)
    return replace(demand, mean=mean, k=k), study


def _sums(study: ForecastStudy, by: str) -> pl.DataFrame:
    """Return units a day by zone or product: of the last days before the forecast, and expected."""
    plan, known = study.plan, study.plan.first_day - study.history.first_day
    last = study.history.units[:, max(0, known - plan.horizon_days) : known]
    sold = last.sum(axis=1) / max(last.shape[1], 1)
    rows = plan.series().with_columns(sold_per_day=pl.Series(sold), expected_per_day=pl.col("mean") / plan.horizon_days)
    summed = rows.group_by(by).agg(pl.col("sold_per_day", "expected_per_day").sum())
    return summed.sort("expected_per_day", by, descending=[True, False])
