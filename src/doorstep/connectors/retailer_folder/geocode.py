"""Places for addresses in files: a table of addresses, or every table of a retailer folder that has some."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from doorstep.connectors.retailer_folder.csv_text import read_csv_text
from doorstep.connectors.retailer_folder.faults import Source
from doorstep.domain.tables import PLANNING_TABLES, RETAILER_TABLES
from doorstep.foundation import ConflictError, InputError, Progress
from doorstep.geography.addresses import AddressIndex, geocode_table, has_addresses

ENDINGS = (".csv", ".parquet")
REPORT = "geocoding.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class GeocodedFile:
    """A file whose addresses were placed: how many rows of each precision; ``doubtful`` tells what to look at.

    ``doubtful`` has the columns file, row (the line in a CSV file, the row from 1 in Parquet), column, value,
    precision, score, reason, matched and candidates.
    """

    name: str
    counts: dict[str, int]
    doubtful: pl.DataFrame


def geocode_file(index: AddressIndex, file: Path, out: Path, *, progress: Progress | None = None) -> GeocodedFile:
    """Place the addresses of a table, CSV or Parquet, and write it to ``out`` with lat, lon, precision and score.

    Raises
    ------
    InputError
        If the file cannot be read or has no column address or street.
    ConflictError
        If ``out`` is there already.
    """
    if out.exists():
        raise ConflictError(f"{out} is there already.", hint="Maybe give another name to --out.")
    table, rows = _read(file)
    return _geocode(index, file, out, table, rows, extra=True, progress=progress)


def geocode_folder(
    index: AddressIndex, folder: Path, out: Path, *, progress: Progress | None = None
) -> list[GeocodedFile]:
    """Write a retailer folder to ``out`` with the places of its addresses; all other files are copied as they are.

    A table counts if the catalogue gives it lat and lon and the file has a column address or street; house_number,
    postal_code and city beside it help.

    Raises
    ------
    InputError
        If no table has addresses, or one cannot be read.
    ConflictError
        If ``out`` is there already.
    """
    if out.exists():
        raise ConflictError(f"{out} is there already.", hint="Maybe give the name of a new folder to --out.")
    with_places = placeable()
    files = sorted(f for f in folder.iterdir() if f.is_file() and f.suffix.lower() in ENDINGS and f.stem in with_places)
    tables = {file: _read(file) for file in files}
    asked = [file for file, (table, _) in tables.items() if has_addresses(table)]
    if not asked:
        raise InputError(
            f"no table of {folder} has addresses.",
            hint=f"Maybe add a column address, or street with house_number, postal_code and city, to one of "
            f"{', '.join(with_places)}, and leave its lat and lon empty.",
        )
    shutil.copytree(folder, out)
    done = []
    for file in asked:
        table, rows = tables[file]
        done.append(_geocode(index, file, out / file.name, table, rows, extra=False, progress=progress))
    return done


def placeable() -> tuple[str, ...]:
    """Return the tables of a retailer folder whose rows have a place."""
    every = {**RETAILER_TABLES, **PLANNING_TABLES}
    return tuple(name for name, spec in every.items() if {"lat", "lon"} <= set(spec.schema.columns()))


def write_report(files: list[GeocodedFile], path: Path) -> None:
    """Write what is doubtful in some files as one CSV file."""
    pl.concat([file.doubtful for file in files]).write_csv(path)


def _read(file: Path) -> tuple[pl.DataFrame, pl.Series]:
    """Return the cells of a file and the number of each row for people."""
    source = Source(table=file.stem, file=file.name)
    try:
        if file.suffix.lower() != ".csv":
            frame = pl.read_parquet(file)
            return frame, pl.int_range(1, frame.height + 1, eager=True)
        raw = read_csv_text(source, file.read_bytes())
    except (OSError, pl.exceptions.PolarsError) as fault:
        raise InputError(f"{file} cannot be read: {fault}.") from fault
    if raw.faults:
        raise InputError(f"{raw.faults[0]}", hint=f"{len(raw.faults)} faults in all." if len(raw.faults) > 1 else "")
    return raw.frame, raw.rows


def _geocode(
    index: AddressIndex,
    file: Path,
    out: Path,
    table: pl.DataFrame,
    rows: pl.Series,
    *,
    extra: bool,
    progress: Progress | None,
) -> GeocodedFile:
    """Place the addresses of a table and write it; ``extra`` keeps precision and score as columns."""
    found = geocode_table(index, table, progress=progress)
    kept = found.table if extra else found.table.select(*table.columns, *_new(table))
    if out.suffix.lower() == ".parquet":
        kept.write_parquet(out)
    else:
        kept.write_csv(out)
    doubtful = found.doubtful.with_columns(row=rows.gather(found.doubtful["row"]))
    counts = found.table["precision"].value_counts()
    return GeocodedFile(
        name=file.name,
        counts=dict(counts.rows()),
        doubtful=doubtful.select(pl.lit(file.name).alias("file"), pl.all()),
    )


def _new(table: pl.DataFrame) -> list[str]:
    return [name for name in ("lat", "lon") if name not in table.columns]
