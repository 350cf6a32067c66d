"""What is wrong with tables of sales, and their rows with defaults filled in."""

import polars as pl

from doorstep.foundation.arrays import Ints, ints

KEYS = ("product_id", "zone_id", "day")
LEAST_SHARE = 1 / 24
"""Share of a day that a product counts as on offer at least if some was sold; less than it without a sale is none."""
SHOWN = 3
"""Rows that a message names of those with a fault."""


def faults_of(sales: pl.DataFrame, products: pl.DataFrame | None, planned: pl.DataFrame | None) -> list[str]:
    """Return every fault of the tables as a sentence."""
    if not sales.height:
        return ["sales has no rows: at least one day of one product is needed."]
    faults = _table_faults("sales", sales, (*KEYS, "units"))
    if planned is not None:
        faults += _table_faults("planned", planned, KEYS)
    if products is None:
        return faults
    if "product_id" not in products.columns:
        return [*faults, "products lacks column product_id."]
    if products["product_id"].is_duplicated().any():
        faults.append(f"products names {_some(products.filter(products['product_id'].is_duplicated()))} twice.")
    named = [table for table in (sales, planned) if table is not None and "product_id" in table.columns]
    if named:
        unknown = pl.concat([table.select(pl.col("product_id").cast(pl.String)) for table in named]).unique()
        unknown = unknown.join(products.select(pl.col("product_id").cast(pl.String)), on="product_id", how="anti")
        if unknown.height:
            faults.append(f"{unknown.height} products are not in products: {_some(unknown.sort('product_id'))}.")
    return faults


def prepared(sales: pl.DataFrame) -> pl.DataFrame:
    """Return sales with text ids, day numbers, defaults of absent columns and empty cells, and shares that can be."""
    for name, default in (("promotion", 0.0), ("display", 0.0), ("in_stock_share", 1.0)):
        column = pl.col(name).fill_null(default) if name in sales.columns else pl.lit(default)
        sales = sales.with_columns(column.cast(pl.Float64).alias(name))
    if "price_minor" not in sales.columns:
        sales = sales.with_columns(price_minor=pl.lit(None, dtype=pl.Float64))
    share = pl.col("in_stock_share")
    least = pl.when(pl.col("units") > 0).then(LEAST_SHARE).otherwise(0.0)
    return sales.select(
        pl.col("product_id", "zone_id").cast(pl.String),
        pl.col("day").cast(pl.Int32).cast(pl.Int64).alias("number"),
        pl.col("units", "price_minor", "promotion", "display").cast(pl.Float64),
        pl.when(share < LEAST_SHARE).then(least).otherwise(share).alias("in_stock_share"),
    )


def offers_of(sold: pl.DataFrame, planned: pl.DataFrame | None, last: int) -> pl.DataFrame:
    """Return prices, promotions and displays of all days, those planned after the last day of sales included."""
    columns = ["product_id", "zone_id", "number", "price_minor", "promotion", "display"]
    if planned is None:
        return sold.select(columns)
    ahead = prepared(planned.with_columns(units=pl.lit(0.0))).filter(pl.col("number") > last)
    return pl.concat([sold.select(columns), ahead.select(columns)])


def events_of(events: pl.DataFrame) -> tuple[Ints, Ints, tuple[str, ...]]:
    """Return days, codes of kinds and names of kinds of special days."""
    kinds = events["kind"].unique().sort()
    return (
        ints(events["day"].cast(pl.Int32)),
        ints(events["kind"].rank("dense").cast(pl.Int64)) - 1,
        tuple(kinds.to_list()),
    )


def _table_faults(name: str, table: pl.DataFrame, needed: tuple[str, ...]) -> list[str]:
    absent = [column for column in needed if column not in table.columns]
    if absent:
        return [f"{name} lacks {'column' if len(absent) == 1 else 'columns'} {', '.join(absent)}."]
    faults = []
    if table.schema["day"] != pl.Date:
        faults.append(f"{name}.day is {table.schema['day']}, it must be a date.")
    faults += [
        f"{name}.{column} is empty in {table[column].null_count()} rows."
        for column in needed
        if table[column].null_count()
    ]
    rules = {
        "units": (pl.col("units") < 0, "negative"),
        "price_minor": (pl.col("price_minor") < 0, "negative"),
        **{
            share: (~pl.col(share).is_between(0, 1), "not from 0 to 1")
            for share in ("promotion", "display", "in_stock_share")
        },
    }
    for column, (broken, word) in rules.items():
        if column not in table.columns:
            continue
        if not table.schema[column].is_numeric():
            if table.schema[column] != pl.Null:
                faults.append(f"{name}.{column} is {table.schema[column]}, it must be a number.")
            continue
        faults += _rows(table.filter(broken.fill_null(value=False)), f"{name}.{column} is {word}", column)
        if column == "units" and table.schema[column].is_float():
            part = ~pl.col(column).is_finite() | (pl.col(column) != pl.col(column).floor())
            faults += _rows(table.filter(part.fill_null(value=False)), f"{name}.units is not whole", column)
    twice = table.filter(pl.struct(KEYS).is_duplicated()).select(KEYS).unique().sort(KEYS)
    if twice.height:
        faults.append(f"{name} gives {twice.height} days of a product and zone more than once: {_some(twice)}.")
    return faults


def _rows(broken: pl.DataFrame, what: str, column: str) -> list[str]:
    if not broken.height:
        return []
    return [f"{what} in {broken.height} rows: {_some(broken.select(*KEYS, column))}."]


def _some(rows: pl.DataFrame) -> str:
    shown = ["/".join(str(value) for value in row) for row in rows.head(SHOWN).iter_rows()]
    return ", ".join(shown) + (" ..." if rows.height > SHOWN else "")
