"""What is wrong with one row of a reference table: every fault at once, in words."""

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import dataframely as dy
import polars as pl
from sqlalchemy import select

from doorstep.domain.tables import RETAILER_TABLES, Reference
from doorstep.domain.tables.columns import DAY, TAGS, TIME_OF_DAY, default_of
from doorstep.foundation import InputError
from doorstep.storage.connection import Connection
from doorstep.storage.schema.reference import REFERENCE

_PATTERNS = {
    TIME_OF_DAY: "must be a local time HH:MM from 00:00 to 24:00",
    TAGS: "must be lower-case words separated by ';'",
    r"^[1-7]{1,7}$": "must be digits of weekdays, 1 = Monday ... 7 = Sunday",
    DAY: "must be a day, YYYY-MM-DD",
    r"^[A-Z]{3}$": "must be three capital letters, ISO 4217",
}
LARGEST = 2**63 - 1


class RowFault(NamedTuple):
    """One thing to mend: the column or columns, what was given, and the rule that it breaks."""

    column: str
    value: object
    rule: str

    def __str__(self) -> str:
        return f"{self.column} {self.value!r} {self.rule}"


class BrokenRowError(InputError):
    """A row that cannot be taken; ``faults`` are all that is wrong with it."""

    def __init__(self, table: str, faults: list[RowFault]) -> None:
        super().__init__(f"row of {table}: {'; '.join(map(str, faults))}.")
        self.table = table
        self.faults = tuple(faults)


def sound_row(connection: Connection, tenant_id: str, table: str, given: Mapping[str, object]) -> dict[str, object]:
    """Return a row with every column of its table, what is absent or null by its default.

    Raises
    ------
    BrokenRowError
        If a column is unknown, a cell is not of its type, a rule of the table is broken, or what a column points to
        does not exist.
    """
    kinds = RETAILER_TABLES[table].schema.columns()
    faults = [
        RowFault(name, value, f"is not a column of {table}") for name, value in given.items() if name not in kinds
    ]
    row = {name: default_of(kind) if given.get(name) is None else given[name] for name, kind in kinds.items()}
    wrong = {name: _type_fault(name, row[name], kind) for name, kind in kinds.items() if row[name] is not None}
    faults += [fault for fault in wrong.values() if fault]
    broken = {fault.column for fault in faults}
    faults += _rule_faults(table, row, broken)
    broken |= {fault.column for fault in faults}
    for reference in RETAILER_TABLES[table].references:
        if reference.column not in broken and not _stands(connection, tenant_id, reference, row[reference.column]):
            rule = f"must be a {reference.target} of {reference.table}"
            faults.append(RowFault(reference.column, row[reference.column], rule))
    if faults:
        raise BrokenRowError(table, faults)
    return row


def _type_fault(name: str, value: object, kind: dy.Column) -> RowFault | None:
    """Return what is wrong with a cell's type, None if nothing is."""
    if isinstance(kind, dy.Enum):
        fits, wanted = value in kind.categories, f"one of {', '.join(kind.categories)}"
    elif isinstance(kind, dy.Bool):
        fits, wanted = isinstance(value, bool), "true or false"
    elif isinstance(kind, dy.Int64):
        whole = isinstance(value, int) and not isinstance(value, bool)
        fits, wanted = whole and abs(int(str(value))) <= LARGEST, "a whole number"
    elif isinstance(kind, dy.Float64):
        fits, wanted = isinstance(value, int | float) and not isinstance(value, bool), "a number"
    else:
        fits, wanted = isinstance(value, str) and "\0" not in value, "text"
    return None if fits else RowFault(name, value, f"must be {wanted}")


def _rule_faults(table: str, row: dict[str, object], broken: set[str]) -> list[RowFault]:
    """Return the rules of the schema that the row breaks; columns already known to be broken are not asked."""
    schema = RETAILER_TABLES[table].schema
    kinds = schema.columns()
    cells = {name: None if name in broken else value for name, value in row.items()}
    frame = pl.DataFrame([pl.Series(name, [cells[name]], dtype=kind.dtype) for name, kind in kinds.items()])
    _, failures = schema.filter(frame)
    found = []
    for name in failures.counts():
        column, _, rule = name.partition("|")
        if rule and column not in broken:
            found.append(RowFault(column, row[column], _words(rule, kinds[column])))
    unsound = broken | {fault.column for fault in found}
    for name, expression in {**_row_rules(schema), **_world_rules(table)}.items():
        columns = tuple(dict.fromkeys(expression.meta.root_names()))
        if not unsound & set(columns) and not frame.select(expression.fill_null(value=True)).item():
            value: object = row[columns[0]] if len(columns) == 1 else tuple(row[c] for c in columns)
            found.append(RowFault(", ".join(columns), value, name))
    return found


def _words(rule: str, kind: dy.Column) -> str:
    if rule in ("nullability", "min_length"):
        return "must not be empty"
    if rule == "regex" and isinstance(kind, dy.String) and kind.regex:
        return _PATTERNS.get(kind.regex, f"must match {kind.regex}")
    if rule in ("min", "max"):
        bound = getattr(kind, rule)
        return (
            f"must be at {'least' if rule == 'min' else 'most'} {f'{bound:g}' if isinstance(bound, float) else bound}"
        )
    if rule in ("nan", "inf"):
        return "must be a finite number"
    return f"must keep the rule {rule.replace('_', ' ')}"


def _row_rules(schema: type[dy.Schema]) -> dict[str, pl.Expr]:
    """Return the rules that look at several columns, each named by its sentence; dataframely keeps them private."""
    rules = schema._schema_validation_rules()
    return {f"must keep the rule {name.replace('_', ' ')}": rule.expr for name, rule in rules.items()}


def _world_rules(table: str) -> dict[str, pl.Expr]:
    """Return what no schema can say: the time zone exists, a lane leads elsewhere."""
    if table == "sites":
        known = pl.col("time_zone").map_elements(_is_time_zone, return_dtype=pl.Boolean)
        return {"must be an IANA time zone": known}
    if table == "lanes":
        return {"must be different: a lane leads to another site": pl.col("from_site_id") != pl.col("to_site_id")}
    return {}


@cache
def _is_time_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _stands(connection: Connection, tenant_id: str, reference: Reference, value: object) -> bool:
    """Return whether what a cell points to exists."""
    if value == "" and reference.optional:
        return True
    target = REFERENCE[reference.table]
    query = select(target.c.row_no).where(target.c.tenant_id == tenant_id, target.c[reference.target] == value)
    return connection.execute(query).first() is not None
