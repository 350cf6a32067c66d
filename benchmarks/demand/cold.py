"""Products hidden from training, forecast from their attributes, beside the mean of their category."""

import datetime
import time
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import polars as pl
from scipy.stats import nbinom, poisson

from benchmarks.demand.panel import LEAST_UNITS, day_number, weeks_of
from doorstep.demand import DemandHistory, forecast
from doorstep.demand.scores import QUANTILES, stock_scores, weekly_step
from doorstep.foundation.arrays import Bools, Floats, Ints

HIDDEN_SHARE = 0.2
LEAD_DAYS = 7
Row = dict[str, object]


def cold_rows(data: Path, origins: list[datetime.date], *, seed: int) -> list[Row]:
    """Return rows for a fifth of the products hidden in all zones, by attributes and by the mean of the category.

    The panel is product (stock-keeping unit) by zone, with at least ``LEAST_UNITS`` up to the first origin. The mean of
    the category has a negative binomial too, its dispersion by moments over the category's known products.
    """
    history = _panel(data, min(origins))
    rows: list[Row] = []
    hidden = np.random.default_rng(seed).random(len(history.product_ids)) < HIDDEN_SHARE
    mine = hidden[history.product]
    for origin in origins:
        day = day_number(origin) - history.first_day
        began = time.process_time()
        known = replace(
            history,
            units=np.where(mine[:, None], 0.0, history.units),
            in_stock=np.where(mine[:, None], 0.0, history.in_stock),
        )
        plan = forecast(known, day_number(origin), LEAD_DAYS, rng=np.random.default_rng(seed))
        spent = time.process_time() - began
        came = history.units[mine, day + 1 : day + 1 + LEAD_DAYS].sum(axis=1)
        scale = weekly_step(history.units[:, : day + 1])
        stocks = {
            "doorstep": np.stack([plan.stock(q, LEAD_DAYS)[mine] for q in QUANTILES]),
            "category mean, neg. binomial": _category_stock(history, mine, day, pooled=True),
            "category mean, Poisson": _category_stock(history, mine, day, pooled=False),
        }
        rows += [
            {
                "instance": f"{int(mine.sum()):,} hidden series {origin}",
                "solver": f"cold start, {name}",
                "cpu_s": round(spent, 1) if name == "doorstep" else 0.0,
                **{key: round(score, 4) for key, score in asdict(stock_scores(came, stock, scale)).items()},
                "violations": 0,
            }
            for name, stock in stocks.items()
        ]
    return rows


def _category_stock(history: DemandHistory, mine: Bools, day: int, *, pooled: bool) -> Ints:
    """Return quantiles (Q, C) of the mean week of known series of the category, with their spread or as Poisson."""
    weeks = history.units[:, day - 27 : day + 1].reshape(history.series, 4, 7).sum(axis=2)
    category = history.groups(history.attribute_names.index("category"))
    mean, variance = np.zeros(history.series), np.zeros(history.series)
    whole: Floats = weeks[~mine]
    for code in np.unique(category):
        members = weeks[(category == code) & ~mine]
        sample = members if members.shape[0] >= 2 else whole
        mean[category == code], variance[category == code] = sample.mean(), sample.var()
    mean = np.maximum(mean, 1e-6)
    k = mean**2 / np.maximum(variance - mean, 1e-3)
    if not pooled:
        return np.stack([poisson.ppf(q, mean[mine]) for q in QUANTILES]).astype(np.int64)
    return np.stack([nbinom.ppf(q, k[mine], (k / (k + mean))[mine]) for q in QUANTILES]).astype(np.int64)


def _panel(data: Path, first_origin: datetime.date) -> DemandHistory:
    lines = pl.read_parquet(data / "cj_lines.parquet").with_columns(day=pl.col("ts").dt.date())
    kept = lines.filter(pl.col("day") <= first_origin).group_by("product_id", "zone")
    kept = kept.agg(pl.col("quantity").cast(pl.Int64).sum()).filter(pl.col("quantity") >= LEAST_UNITS)
    sales = lines.join(kept.select("product_id", "zone"), on=["product_id", "zone"])
    sales = sales.group_by("product_id", "zone", "day").agg(units=pl.col("quantity").cast(pl.Int64).sum())
    products = pl.read_parquet(data / "cj_products.parquet").select(
        pl.col("product_id").cast(pl.String),
        "department",
        category="product_category",
        type="product_type",
        brand="brand",
        maker=pl.col("manufacturer_id").cast(pl.String),
        package="package_size",
    )
    listed = lines.filter(pl.col("day") <= first_origin).group_by("product_id")
    paid = (pl.col("sales_value") + pl.col("retail_disc")).sum() * 100 / pl.col("quantity").cast(pl.Int64).sum()
    sales = sales.join(listed.agg(price_minor=paid.round().cast(pl.Int64)), on="product_id")
    promoted = _promotions(data, kept, lines["day"].unique())
    sales = sales.join(promoted, on=["product_id", "zone", "day"], how="full", coalesce=True)
    named = sales.select(
        "day",
        pl.col("units").fill_null(0),
        "price_minor",
        pl.col("promotion", "display").fill_null(0.0),
        product_id=pl.col("product_id").cast(pl.String),
        zone_id=pl.col("zone").cast(pl.String),
    )
    return DemandHistory.from_tables(named, products=products)


def _promotions(data: Path, kept: pl.DataFrame, days: pl.Series) -> pl.DataFrame:
    """Return the shares of stores that have a product on a mailer and on display on each day."""
    planned = pl.read_parquet(data / "cj_promotions_zone_week.parquet").join(kept, on=["product_id", "zone"])
    planned = planned.select(
        "product_id",
        "zone",
        "week",
        promotion=pl.col("mailer_share").cast(pl.Float64).clip(0, 1),
        display=pl.col("display_share").cast(pl.Float64).clip(0, 1),
    )
    return planned.join(weeks_of(days), on="week").drop("week")
