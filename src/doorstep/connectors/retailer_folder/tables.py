"""One table of the folder: its columns found, its cells typed, every rule of its schema asked of every cell."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import dataframely as dy
import polars as pl

from doorstep.connectors.retailer_folder.cells import LATEST_AT, Cells, hint_for_type, is_moment, parse, wanted
from doorstep.connectors.retailer_folder.csv_text import RawTable
from doorstep.connectors.retailer_folder.faults import Fault, Source
from doorstep.connectors.retailer_folder.hints import Candidates
from doorstep.connectors.retailer_folder.rules import hint_for_rule, row_rules, say_rule
from doorstep.domain.tables import TableSpec
from doorstep.domain.tables.columns import default_of


@dataclass(slots=True, kw_only=True)
class TableReading:
    """A table as read so far: ``values`` typed and complete, ``rows`` (N,) as people number them.

    ``broken`` holds a column of marks for each column that has a broken cell; no further rule is asked of those.
    ``usable`` is False where the rows themselves could not be read, so that other tables cannot be held against it.
    """

    spec: TableSpec
    source: Source
    raw: pl.DataFrame
    rows: pl.Series
    values: pl.DataFrame
    broken: dict[str, pl.Series] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    usable: bool = True

    def sound(self, *columns: str) -> pl.Series:
        """Return the rows in which none of the columns has a broken cell, (N,)."""
        marks = pl.repeat(value=True, n=self.values.height, dtype=pl.Boolean, eager=True)
        for column in columns:
            if column in self.broken:
                marks = marks & ~self.broken[column]
        return marks

    def mark(self, column: str, wrong: pl.Series) -> None:
        """Remember cells as broken."""
        self.broken[column] = self.broken[column] | wrong if column in self.broken else wrong

    def add(self, wrong: pl.Series, columns: tuple[str, ...], rule: str, hint: Callable[[str], str] | str = "") -> None:
        """Add a fault for each row that is marked ``wrong`` (N,); the hint may depend on the text of the cell."""
        at = wrong.arg_true()
        if not at.len():
            return
        texts = [self._texts(column, at) for column in columns]
        for row, *parts in zip(self.rows.gather(at).to_list(), *texts, strict=True):
            value = ", ".join(parts)
            said = hint if isinstance(hint, str) else hint(value)
            self.faults.append(self.source.fault(rule, row=row, column=", ".join(columns), value=value, hint=said))

    def _texts(self, column: str, at: pl.Series) -> list[str]:
        cells = self.raw[column] if column in self.raw.columns else self.values[column]
        return ["" if cell is None else str(cell) for cell in cells.gather(at).to_list()]


def read_table(spec: TableSpec, source: Source, raw: RawTable) -> TableReading:
    """Return a table with all faults that can be seen without looking into other tables."""
    reading = TableReading(
        spec=spec, source=source, raw=raw.frame, rows=raw.rows, values=pl.DataFrame(), faults=list(raw.faults)
    )
    if not raw.readable:
        reading.usable = False
        return reading
    _drop_empty_rows(reading)
    _find_columns(reading)
    _type_cells(reading)
    _ask_columns(reading)
    _ask_rows(reading)
    _ask_keys(reading)
    return reading


def _drop_empty_rows(reading: TableReading) -> None:
    texts = [name for name, dtype in reading.raw.schema.items() if dtype == pl.String]
    if not texts or len(texts) < reading.raw.width:
        return
    first = reading.raw[texts[0]]
    if not (first.is_null() | (first == "")).any():
        return
    empty = reading.raw.select(pl.all_horizontal((pl.col(c).is_null() | (pl.col(c) == "")) for c in texts)).to_series()
    if empty.any():
        reading.warnings.append(f"{reading.source.file}: {empty.sum()} empty rows are left out.")
        reading.raw, reading.rows = reading.raw.filter(~empty), reading.rows.filter(~empty)


def _find_columns(reading: TableReading) -> None:
    columns = reading.spec.schema.columns()
    given = [name for name in reading.raw.columns if "\n" not in name]
    unknown = [name for name in given if name not in columns]
    header_row = 0 if reading.source.file.lower().endswith(".parquet") else 1
    required = [n for n, kind in columns.items() if n not in given and not kind.nullable and default_of(kind) is None]
    for name in required:
        near = Candidates(unknown).closest(name)
        hint = f"Maybe the column {near!r} should be named {name!r}." if near else ""
        rule = "the required column is missing"
        reading.faults.append(reading.source.fault(rule, row=header_row, column=name, hint=hint))
    absent = Candidates([name for name in columns if name not in given])
    for name in unknown:
        near = absent.closest(name)
        hint = f" Maybe {near!r} was meant." if near else ""
        reading.warnings.append(f"{reading.source.file}: column {name!r} is unknown and left out.{hint}")


def _type_cells(reading: TableReading) -> None:
    height, typed = reading.raw.height, []
    for name, kind in reading.spec.schema.columns().items():
        default = default_of(kind)
        if name in reading.raw.columns:
            cells = parse(reading.raw[name], name, kind)
            _report_types(reading, name, kind, cells)
            values = cells.values
        else:
            values = pl.repeat(None, height, dtype=kind.dtype, eager=True).alias(name)
            if default is None and not kind.nullable:
                reading.mark(name, pl.repeat(value=True, n=height, dtype=pl.Boolean, eager=True))
        if default is not None and values.null_count():
            filled = values.to_frame().select(pl.col(name).fill_null(pl.lit(default, dtype=kind.dtype)))
            values = filled.to_series()
        typed.append(values.alias(name))
    reading.values = pl.DataFrame(typed)


def _report_types(reading: TableReading, name: str, kind: dy.Column, cells: Cells) -> None:
    if cells.whole_rule:
        reading.faults.append(reading.source.fault(cells.whole_rule, column=name, hint=cells.whole_hint))
    elif cells.broken.any():
        rule = f"must be {wanted(name, kind)}"
        reading.add(cells.broken, (name,), rule, lambda value: hint_for_type(value, name, kind))
    if cells.broken.any():
        reading.mark(name, cells.broken)


def _ask_columns(reading: TableReading) -> None:
    """Ask the rules of every column; a first pass over all finds the few that are broken somewhere."""
    kinds = reading.spec.schema.columns()
    asked: dict[tuple[str, str], pl.Expr] = {}
    for name, kind in kinds.items():
        asked |= {(name, rule): holds for rule, holds in kind.validation_rules(pl.col(name)).items()}
        if is_moment(name):
            asked[name, "year"] = pl.col(name) < LATEST_AT
    holds = reading.values.select(
        rule.fill_null(value=True).all().alias(f"{number}") for number, rule in enumerate(asked.values())
    )
    for ((name, rule), condition), held in zip(asked.items(), holds.row(0), strict=True):
        if not held:
            good = reading.values.select(condition.fill_null(value=True)).to_series()
            wrong = ~good & reading.sound(name)
            hint = partial(hint_for_rule, rule, name=name, kind=kinds[name])
            reading.add(wrong, (name,), say_rule(rule, kinds[name]), hint)
            reading.mark(name, wrong)


def _ask_rows(reading: TableReading) -> None:
    for rule, condition in row_rules(reading.spec.schema).items():
        columns = tuple(dict.fromkeys(condition.meta.root_names()))
        good = reading.values.select(condition.fill_null(value=True)).to_series()
        if not good.all():
            reading.add(~good & reading.sound(*columns), columns, rule)


def _ask_keys(reading: TableReading) -> None:
    key = tuple(reading.spec.schema.primary_key())
    if not key or not reading.values.height:
        return
    keys = reading.values.select(key)
    if keys.n_unique() == keys.height:
        return
    numbered = keys.with_columns(row=reading.rows).filter(reading.sound(*key))
    first = numbered.with_columns(first=pl.col("row").first().over(key)).filter(pl.col("row") != pl.col("first"))
    word = "row" if reading.source.file.lower().endswith(".parquet") else "line"
    for row, *parts, first_row in first.select("row", *key, "first").rows():
        rule = f"must be unique: {word} {first_row} has the same"
        value = ", ".join(str(part) for part in parts)
        reading.faults.append(reading.source.fault(rule, row=row, column=", ".join(key), value=value))
