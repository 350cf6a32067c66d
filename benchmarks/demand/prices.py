"""Orange juice of Dominick's by store and week: how much price, deal and feature tell, on weeks with a deal.

Each week's units are spread over seven days as evenly as whole units allow; weeks that are not in the table were not
observed and count as not on offer.
"""

import time
from pathlib import Path

import numpy as np
import polars as pl

from doorstep.demand import DemandHistory, forecast
from doorstep.demand.check import check_forecast
from doorstep.foundation.arrays import Floats

KNOWN_WEEKS = (85, 97)
"""Weeks of history at the origins."""
HORIZON_WEEKS = 4
BRANDS = range(1, 12)
OUNCES = 64
Row = dict[str, object]


def price_rows(data: Path, *, seed: int) -> list[Row]:
    """Return the error on weeks with a deal or feature, with planned prices and promotions learnt and without."""
    days = _days(pl.read_parquet(data / "dominicks_oj.parquet"))
    first = int(str(days["number"].min()))
    rows: list[Row] = []
    for weeks in KNOWN_WEEKS:
        origin, last = first + 7 * weeks - 1, first + 7 * (weeks + HORIZON_WEEKS) - 1
        known = days.filter(pl.col("number") <= origin)
        ahead = days.filter(pl.col("number").is_between(origin + 1, last))
        ahead = ahead.join(known.select("product_id", "zone_id").unique(), on=["product_id", "zone_id"])
        nothing = pl.DataFrame(schema={"day": pl.Date, "name": pl.String, "kind": pl.String})
        history = DemandHistory.from_tables(known, events=nothing, planned=ahead.drop("units"))
        for name, offers in (("with price and promotion", True), ("without price and promotion", False)):
            began = time.process_time()
            plan = forecast(history, origin, 7 * HORIZON_WEEKS, rng=np.random.default_rng(seed), offers=offers)
            rows.append(
                {
                    "instance": f"orange juice, after {weeks} weeks",
                    "solver": name,
                    "cpu_s": round(time.process_time() - began, 1),
                    **_errors(plan.series().select("product_id", "zone_id"), plan.mean, ahead, origin),
                    "violations": len(check_forecast(history, plan)),
                }
            )
    return rows


def _errors(series: pl.DataFrame, mean: Floats, ahead: pl.DataFrame, origin: int) -> Row:
    """Return the errors over observed weeks with a deal."""
    table = series.with_row_index("s")
    weekly = mean.reshape(mean.shape[0], HORIZON_WEEKS, 7).sum(axis=2)
    came = ahead.filter((pl.col("promotion") >= 0.5) & (pl.col("in_stock_share") > 0))
    came = came.with_columns(week=(pl.col("number") - origin - 1) // 7)
    came = (
        came.group_by("product_id", "zone_id", "week")
        .agg(pl.col("units").sum())
        .join(table, on=["product_id", "zone_id"])
    )
    units = came["units"].to_numpy().astype(np.float64)
    due = weekly[came["s"].to_numpy(), came["week"].to_numpy()]
    return {
        "promoted_weeks": came.height,
        "wape": round(float(np.abs(units - due).sum() / units.sum()), 4),
        "rmse": round(float(np.sqrt(((units - due) ** 2).mean())), 1),
        "bias": round(float(due.sum() / units.sum() - 1), 4),
    }


def _days(table: pl.DataFrame) -> pl.DataFrame:
    """Return one row a store, product and day, from the first to the last week of the table."""
    own = pl.coalesce([pl.when(pl.col("brand") == brand).then(pl.col(f"price{brand}")) for brand in BRANDS])
    weeks = table.select(
        "store",
        "brand",
        "week",
        weekly=(pl.col("units_64oz") / OUNCES).round().cast(pl.Int64),
        price_minor=(own * OUNCES * 100).round().cast(pl.Int64),
        promotion=pl.max_horizontal(pl.col("feat").clip(0, 1), pl.col("deal").cast(pl.Float64)).clip(0, 1),
    )
    every = weeks.select("store", "brand").unique().join(weeks.select("week").unique(), how="cross")
    every = every.join(weeks, on=["store", "brand", "week"], how="left").sort("store", "brand", "week")
    every = every.with_columns(
        in_stock_share=pl.col("weekly").is_not_null().cast(pl.Float64),
        price_minor=pl.col("price_minor").forward_fill().backward_fill().over("store", "brand"),
        promotion=pl.col("promotion").fill_null(0.0),
        weekly=pl.col("weekly").fill_null(0),
    )
    days = every.join(pl.DataFrame({"weekday": range(7)}), how="cross")
    return days.select(
        "price_minor",
        "promotion",
        "in_stock_share",
        product_id=pl.col("brand").cast(pl.String),
        zone_id=pl.col("store").cast(pl.String),
        units=(pl.col("weekly") * (pl.col("weekday") + 1)) // 7 - (pl.col("weekly") * pl.col("weekday")) // 7,
        number=pl.col("week").cast(pl.Int64) * 7 + pl.col("weekday"),
    ).with_columns(day=pl.col("number").cast(pl.Int32).cast(pl.Date))
