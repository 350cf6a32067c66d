"""A retailer written as the folder that ``read_folder`` reads."""

from pathlib import Path
from typing import Literal, TypeAlias

import polars as pl

from doorstep.connectors.retailer_folder.cells import is_moment
from doorstep.domain import Retailer
from doorstep.foundation import ConflictError

Format: TypeAlias = Literal["csv", "parquet"]


def write_folder(retailer: Retailer, path: Path, format: Format = "csv") -> None:  # noqa: A002 - the word people use
    """Write every table of a retailer; CSV files hold moments as ISO 8601 in UTC, so that people can read them.

    Raises
    ------
    ConflictError
        If the path is a file, or the folder holds a table in the other format, which would make it ambiguous.
    """
    if path.exists() and not path.is_dir():
        raise ConflictError(f"{path} is a file.", hint="Maybe give the name of a new folder.")
    other = "parquet" if format == "csv" else "csv"
    rivals = [f"{name}.{other}" for name in retailer.tables() if (path / f"{name}.{other}").exists()]
    if rivals:
        hint = "Maybe give the name of a new folder."
        raise ConflictError(f"{path} already holds {', '.join(rivals[:5])}.", hint=hint)
    path.mkdir(parents=True, exist_ok=True)
    for name, table in retailer.tables().items():
        write_table(path, name, table, format)


def write_table(path: Path, name: str, table: pl.DataFrame, format: Format = "csv") -> None:  # noqa: A002 - as above
    """Write one table into a folder that is there."""
    if format == "csv":
        readable(table).write_csv(path / f"{name}.csv")
    else:
        table.with_columns(pl.col(pl.Enum).cast(pl.String)).write_parquet(path / f"{name}.parquet")


def readable(table: pl.DataFrame) -> pl.DataFrame:
    """Return a table with its moments as text, ISO 8601 in UTC, and empty texts as empty cells."""
    moments = [c for c in table.columns if is_moment(c)]
    iso = [pl.from_epoch(pl.col(c), "s").dt.strftime("%Y-%m-%dT%H:%M:%SZ") for c in moments]
    texts = [pl.when(pl.col(c) != "").then(pl.col(c)).alias(c) for c, kind in table.schema.items() if kind == pl.String]
    return table.with_columns(*texts, *iso)
