"""Tariffs as people paste them: rows from a spreadsheet, in kilometres, kilograms and whole amounts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from doorstep.console.words import DIGITS
from doorstep.operations.carriers.tariffs import Rows, TariffFault
from doorstep.storage.reference_faults import RowFault

MOST_ROWS = 5_000
MONEY = 0.0
"""Stands for as many minor units as the currency has to one of its own."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column as people see it: its heading, the column it is of, and how many of its units are one here.

    Without units it holds words.
    """

    heading: str
    of: str
    units: float | None = None


COLUMNS = {
    "rates": (
        Column("zone", "zone"), Column("up_to_km", "max_distance_m", 1_000), Column("up_to_kg", "max_weight_g", 1_000),
        Column("days", "transit_days", 1), Column("price", "price_minor", MONEY),
        Column("per_km", "price_per_km_minor", MONEY), Column("km_included", "included_m", 1_000),
    ),
    "zones": (Column("postal_prefix", "postal_prefix"), Column("zone", "zone"), Column("site", "site_id")),
    "surcharges": (
        Column("surcharge", "surcharge"), Column("longer_than_cm", "over_side_mm", 10),
        Column("heavier_than_kg", "over_weight_g", 1_000), Column("requirement", "requirement"),
        Column("amount", "amount_minor", MONEY), Column("percent", "percent_bp", 100),
    ),
}  # fmt: skip
"""By part of a tariff, the columns in which it is pasted and shown."""


def read_rows(part: str, text: str, currency: str) -> tuple[list[dict[str, object]], list[TariffFault]]:
    """Return the rows of a pasted part, in the units of its table, and what cannot be read.

    The first line has the headings, in any order; cells are parted by tabs, semicolons or commas, whichever the
    headings are parted by. Lines without anything do not count.
    """
    lines = [line for line in text.splitlines() if line.strip(" \t;,")]
    if not lines:
        return [], []
    by = next((sign for sign in ("\t", ";") if sign in lines[0]), ",")
    headings = [cell.strip().lower() for cell in lines[0].split(by)]
    known = {column.heading: column for column in COLUMNS[part]}
    if unknown := [heading for heading in headings if heading not in known]:
        rule = f"is no heading: the first line has some of {', '.join(known)}"
        return [], [TariffFault(part, 0, RowFault("first line", heading, rule)) for heading in unknown]
    if len(lines) > MOST_ROWS + 1:
        return [], [TariffFault(part, MOST_ROWS, RowFault("rows", len(lines) - 1, f"are more than {MOST_ROWS}"))]
    rows: list[dict[str, object]] = []
    faults: list[TariffFault] = []
    for number, line in enumerate(lines[1:]):
        cells = [cell.strip() for cell in line.split(by)]
        if len(cells) > len(headings):
            faults.append(TariffFault(part, number, RowFault("row", line, "has more cells than the first line")))
        row: dict[str, object] = {}
        for heading, cell in zip(headings, cells, strict=False):
            if cell:
                try:
                    row[known[heading].of] = _value(known[heading], cell, by, currency)
                except ValueError:
                    faults.append(TariffFault(part, number, RowFault(heading, cell, "must be a number")))
        rows.append(row)
    return rows, faults


def shown_rows(part: str, rows: Rows, currency: str) -> list[list[str]]:
    """Return rows of a tariff as people see them: the headings, and the cells of each row as text."""
    columns = COLUMNS[part]
    return [
        [column.heading for column in columns],
        *([_cell(column, row, currency) for column in columns] for row in rows),
    ]


def text_of(part: str, rows: Rows, currency: str) -> str:
    """Return rows as they could have been pasted, empty if there are none."""
    return "\n".join("\t".join(cells) for cells in shown_rows(part, rows, currency)) if rows else ""


def as_people_see(faults: Sequence[TariffFault]) -> Iterator[str]:
    """Yield what is wrong, with rows counted from 1 below the headings, and the headings that people see."""
    for fault in faults:
        headings = {column.of: column.heading for column in COLUMNS.get(fault.part, ())}
        column = headings.get(fault.fault.column, fault.fault.column)
        where = "" if fault.part == "carrier" else f"{fault.part}, row {fault.row + 1}, "
        yield f"{where}{column} {fault.fault.value!r} {fault.fault.rule}."


def _value(column: Column, cell: str, by: str, currency: str) -> object:
    if column.units is None:
        return cell
    plain = cell.replace(",", ".") if by != "," and "." not in cell else cell
    number = float(plain) * _units(column, currency)
    if abs(number) > 1e15:
        raise ValueError
    return round(number)


def _cell(column: Column, row: Mapping[str, object], currency: str) -> str:
    value = row.get(column.of)
    if column.units is None or value is None:
        return "" if value is None else str(value)
    return f"{float(str(value)) / _units(column, currency):.10g}"


def _units(column: Column, currency: str) -> float:
    assert column.units is not None
    return column.units or 10.0 ** DIGITS.get(currency, 2)
