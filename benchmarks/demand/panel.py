"""The Complete Journey as a panel: product type by zone by day, with planned promotions and displays."""

import datetime
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from doorstep.demand import DemandHistory
from doorstep.foundation.arrays import Floats, ints

LEAST_UNITS = 28


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Series of product types in zones, and the money that they took (S, T)."""

    history: DemandHistory
    dollars: Floats


def day_number(day: datetime.date) -> int:
    """Return the days since 1970-01-01."""
    return (day - datetime.date(1970, 1, 1)).days


def read_panel(data: Path, first_origin: datetime.date) -> Panel:
    """Return the series that sold at least ``LEAST_UNITS`` up to a day, over all days of the data."""
    lines = pl.read_parquet(data / "cj_lines.parquet").with_columns(day=pl.col("ts").dt.date())
    types = pl.read_parquet(data / "cj_products.parquet").select(
        "product_id", "department", category="product_category", type="product_type"
    )
    lines = lines.join(types, on="product_id")
    known = lines.filter(pl.col("day") <= first_origin)
    kept = known.group_by("type", "zone").agg(pl.col("quantity").cast(pl.Int64).sum())
    kept = kept.filter(pl.col("quantity") >= LEAST_UNITS).select("type", "zone")
    sales = lines.join(kept, on=["type", "zone"]).group_by("type", "zone", "day")
    sales = sales.agg(
        units=pl.col("quantity").cast(pl.Int64).sum(), dollars=pl.col("sales_value").cast(pl.Float64).sum()
    )
    promoted = _promotions(data, known, kept, lines["day"].unique())
    sales = sales.join(promoted, on=["type", "zone", "day"], how="full", coalesce=True)
    sales = sales.with_columns(pl.col("units", "dollars", "promotion", "display").fill_null(0))
    named = sales.select(
        "day", "units", "promotion", "display", "dollars", product_id="type", zone_id=pl.col("zone").cast(pl.String)
    )
    history = DemandHistory.from_tables(named, products=_attributes(known, kept))
    dollars = np.zeros_like(history.units)
    product = {name: row for row, name in enumerate(history.product_ids)}
    series = {
        (int(p), history.zone_ids[z]): s for s, (p, z) in enumerate(zip(history.product, history.zone, strict=True))
    }
    rows = [series[product[p], z] for p, z in named.select("product_id", "zone_id").iter_rows()]
    dollars[rows, ints(named["day"].cast(pl.Int32)) - history.first_day] = named["dollars"].to_numpy()
    return Panel(history=history, dollars=dollars)


def _attributes(known: pl.DataFrame, kept: pl.DataFrame) -> pl.DataFrame:
    """Return department and category of each type: those under which most of it sold."""
    sold = known.join(kept.select("type").unique(), on="type").with_columns(pl.col("category").fill_null(""))
    sold = sold.group_by("type", "department", "category").agg(units=pl.col("quantity").cast(pl.Int64).sum())
    sold = sold.sort("units", "department", "category", descending=[True, False, False]).unique("type", keep="first")
    return sold.select("department", "category", product_id="type").sort("product_id")


def _promotions(data: Path, known: pl.DataFrame, kept: pl.DataFrame, days: pl.Series) -> pl.DataFrame:
    """Return the shares of a type's past units that are on a mailer and on display on each day, zone by zone.

    Weeks of the promotion table begin on Sundays, the first on 2016-12-25.
    """
    weight = known.group_by("product_id", "type").agg(weight=pl.col("quantity").cast(pl.Float64).sum())
    weight = weight.with_columns(pl.col("weight") / pl.col("weight").sum().over("type"))
    planned = pl.read_parquet(data / "cj_promotions_zone_week.parquet").join(weight, on="product_id")
    planned = planned.join(kept, on=["type", "zone"]).group_by("type", "zone", "week")
    shares = {"promotion": pl.col("mailer_share"), "display": pl.col("display_share")}
    planned = planned.agg(
        (pl.col("weight") * share.clip(0, 1)).sum().cast(pl.Float64).clip(0, 1).alias(name)
        for name, share in shares.items()
    )
    return planned.join(weeks_of(days), on="week").select("type", "zone", "day", *shares)


def weeks_of(days: pl.Series) -> pl.DataFrame:
    """Return each day with the week of the promotion table that it lies in."""
    return pl.DataFrame({"day": days}).with_columns(
        week=((pl.col("day") - datetime.date(2016, 12, 25)).dt.total_days() // 7 + 1).cast(pl.Int8)
    )
