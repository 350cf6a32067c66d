"""A retailer folder read, with every fault in one pass."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from doorstep.connectors.retailer_folder.csv_text import RawTable, read_csv_text, unreadable
from doorstep.connectors.retailer_folder.faults import Fault, FolderReading, Source
from doorstep.connectors.retailer_folder.hints import Candidates
from doorstep.connectors.retailer_folder.links import Folder, check_links
from doorstep.connectors.retailer_folder.tables import TableReading, read_table
from doorstep.domain import Retailer
from doorstep.domain.retailer import completed
from doorstep.domain.tables import PLANNING_TABLES, RETAILER_TABLES
from doorstep.foundation import NotFoundError

ENDINGS = (".csv", ".parquet")


def read_folder(path: Path) -> FolderReading:
    """Return the retailer in a folder, or every fault of the folder.

    Each table is read from NAME.csv or NAME.parquet. Cells of a row are judged one by one, so a cell of the wrong
    type hides nothing else; only what needs a broken cell to be judged is left out.

    Raises
    ------
    NotFoundError
        If there is no such folder.
    """
    if not path.is_dir():
        raise NotFoundError(f"{path} is not a folder.", hint="Maybe make one with: doorstep sample DIR.")
    files, faults, warnings = _find_files(path)
    readings: dict[str, TableReading] = {}
    for name, found in files.items():
        source = Source(table=name, file=found[0].name)
        raw = _read_file(found[0], source) if len(found) == 1 else unreadable(_both(source, found))
        readings[name] = read_table(RETAILER_TABLES[name], source, raw)
    check_links(Folder(readings, frozenset(files)))
    faults += [fault for reading in readings.values() for fault in reading.faults]
    warnings += [warning for reading in readings.values() for warning in reading.warnings]
    return FolderReading(
        retailer=None if faults else _retailer(readings),
        faults=tuple(sorted(faults, key=_place)),
        warnings=tuple(warnings),
        defaults={n: spec.default_note for n, spec in RETAILER_TABLES.items() if n not in files and spec.default_note},
        files={name: found[0].name for name, found in files.items()},
    )


def read_site_options(path: Path, retailer: Retailer) -> tuple[pl.DataFrame | None, tuple[Fault, ...]]:
    """Return the table of site options beside a retailer's tables, None where there is none, and its faults."""
    reading = _read_planning(path, "site_options")
    if reading is None:
        return None, ()
    if reading.usable:
        named = reading.values["site_id"].fill_null("")
        reading.add(
            (named != "") & ~named.is_in(retailer.sites["site_id"].implode()),
            ("site_id",),
            "must be empty or a site of the sites table",
            Candidates(retailer.sites["site_id"].to_list()).hint,
        )
    return (None if reading.faults else reading.values), tuple(reading.faults)


def read_demand_areas(path: Path) -> tuple[pl.DataFrame | None, tuple[Fault, ...]]:
    """Return the table of areas where people live, None where there is none, and its faults."""
    reading = _read_planning(path, "demand_areas")
    if reading is None:
        return None, ()
    if reading.usable and not reading.values.height and not reading.faults:
        reading.faults.append(reading.source.fault("the table must have at least one row"))
    return (None if reading.faults else reading.values), tuple(reading.faults)


def read_sales(path: Path, retailer: Retailer) -> tuple[dict[str, pl.DataFrame], tuple[Fault, ...]]:
    """Return the tables of a history of sales that lie beside a retailer's, by name, and the faults of all of them."""
    tables: dict[str, pl.DataFrame] = {}
    faults: list[Fault] = []
    for name in ("sales", "planned_offers", "product_attributes", "calendar_events"):
        reading = _read_planning(path, name)
        if reading is None:
            continue
        if reading.usable and "product_id" in reading.values.columns:
            known = reading.values["product_id"].is_in(retailer.products["product_id"].implode())
            reading.add(
                ~known & reading.sound("product_id"),
                ("product_id",),
                "must be a product of the products table",
                Candidates(retailer.products["product_id"].to_list()).hint,
            )
        tables[name] = reading.values
        faults += reading.faults
    return ({} if faults else tables), tuple(faults)


def _read_planning(path: Path, name: str) -> TableReading | None:
    """Return a table that only plans of the network read, None where there is no file of it."""
    files = [path / f"{name}{ending}" for ending in ENDINGS if (path / f"{name}{ending}").exists()]
    if not files:
        return None
    source = Source(table=name, file=files[0].name)
    raw = _read_file(files[0], source) if len(files) == 1 else unreadable(_both(source, files))
    return read_table(PLANNING_TABLES[name], source, raw)


def _find_files(path: Path) -> tuple[dict[str, list[Path]], list[Fault], list[str]]:
    """Return the files of each table in the order of the catalogue, the tables missing, and the files not known."""
    there = sorted(p for p in path.iterdir() if p.is_file() and p.suffix.lower() in ENDINGS)
    files = {name: [p for p in there if p.stem == name] for name in RETAILER_TABLES}
    missing = [name for name, found in files.items() if not found]
    unknown = {p.stem: p.name for p in there if p.stem not in RETAILER_TABLES and p.stem not in PLANNING_TABLES}
    faults, warnings = [], []
    for name in missing:
        if RETAILER_TABLES[name].default is None:
            near = Candidates(list(unknown)).closest(name)
            hint = f"Maybe {unknown[near]!r} should be named '{name}.csv'." if near else ""
            rule = f"the required table is missing: there is neither {name}.csv nor {name}.parquet"
            faults.append(Source(table=name).fault(rule, hint=hint))
    for stem, file in unknown.items():
        near = Candidates(missing).closest(stem)
        hint = f" Maybe it should be named after the table {near!r}." if near else ""
        warnings.append(f"{file}: the file is not one of the folder's tables and is left out.{hint}")
    return {name: found for name, found in files.items() if found}, faults, warnings


def _both(source: Source, found: list[Path]) -> Fault:
    names = " and ".join(p.name for p in found)
    hint = "Maybe delete or rename the one that is out of date."
    return source.fault(f"only one file may hold the table; there are {names}", hint=hint)


def _read_file(file: Path, source: Source) -> RawTable:
    try:
        if file.suffix.lower() == ".csv":
            return read_csv_text(source, file.read_bytes())
        frame = pl.read_parquet(file)
    except (OSError, pl.exceptions.PolarsError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        return unreadable(source.fault("the file cannot be read", value=reason))
    return RawTable(frame=frame, rows=pl.int_range(1, frame.height + 1, eager=True))


def _retailer(readings: Mapping[str, TableReading]) -> Retailer:
    """Return the retailer of tables that have been judged already, so they are not judged again."""
    return Retailer(**{n: readings[n].values if n in readings else completed(n, None) for n in RETAILER_TABLES})


def _place(fault: Fault) -> tuple[int, int, int, str]:
    columns = list(RETAILER_TABLES[fault.table].schema.columns())
    first = fault.column.split(", ", maxsplit=1)[0]
    column = columns.index(first) if first in columns else -1
    return list(RETAILER_TABLES).index(fault.table), fault.row, column, fault.rule
