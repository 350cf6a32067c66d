"""The lines of a carrier's invoice as a file, CSV or JSON lines, read with every fault of it at once."""

import json
from typing import Literal

import dataframely as dy
import polars as pl

from doorstep.connectors.retailer_folder.csv_text import RawTable, read_csv_text, unreadable
from doorstep.connectors.retailer_folder.faults import Fault, Source
from doorstep.connectors.retailer_folder.tables import read_table
from doorstep.domain.tables import TableSpec
from doorstep.domain.tables import columns as c

KINDS = ("delivery", "cancellation", "return", "adjustment")
LARGEST_MINOR = 10**12


class InvoiceLines(dy.Schema):
    """What a carrier asks for, one row a line."""

    reference = c.key("booking or delivery, or the carrier's own id of it", primary=False)
    kind = c.choice("what for", KINDS, default="delivery")
    amount_minor = dy.Int64(
        nullable=False, min=-LARGEST_MINOR, max=LARGEST_MINOR, description="amount; negative: a credit"
    )
    day = dy.Date(nullable=False, description="local day of the work")


SPEC = TableSpec(name="lines", schema=InvoiceLines)


def read_invoice_lines(raw: bytes, ending: Literal["csv", "jsonl"]) -> tuple[pl.DataFrame, tuple[Fault, ...]]:
    """Return the lines of an invoice, none if it has any fault, and its faults."""
    source = Source(table=SPEC.name, file=f"{SPEC.name}.{ending}")
    reading = read_table(SPEC, source, read_csv_text(source, raw) if ending == "csv" else _json_lines(source, raw))
    faults = tuple(sorted(reading.faults, key=lambda fault: fault.row))
    if not faults and not reading.values.height:
        faults = (source.fault("the invoice must have at least one line"),)
    return (reading.values.clear() if faults else reading.values), faults


def _json_lines(source: Source, raw: bytes) -> RawTable:
    """Return the cells of objects, one a line, as text."""
    rows: list[dict[str, str | None]] = []
    numbers, faults = [], []
    for number, line in enumerate(raw.decode("utf-8", "replace").splitlines(), 1):
        if not line.strip():
            continue
        try:
            told = json.loads(line)
        except ValueError:
            told = None
        if isinstance(told, dict):
            rows.append({str(name): None if value is None else str(value) for name, value in told.items()})
            numbers.append(number)
        else:
            faults.append(source.fault("each line must be a JSON object", row=number, value=line[:40]))
    if not rows:
        return unreadable(*faults, source.fault("the file has no lines"))
    names = dict.fromkeys(name for row in rows for name in row)
    cells = {name: pl.Series([row.get(name) for row in rows], dtype=pl.String) for name in names}
    return RawTable(frame=pl.DataFrame(cells), rows=pl.Series(numbers, dtype=pl.Int64), faults=tuple(faults))
