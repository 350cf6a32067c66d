"""``doorstep check DIR``: every fault of a retailer folder or of a plan, or a paragraph on what it holds."""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console
from rich.table import Table
from rich.text import Text

from doorstep.cli.check_plan import check_plan
from doorstep.connectors.plan_folder import is_plan
from doorstep.connectors.retailer_folder import Fault, FolderReading, read_folder
from doorstep.console.words import many
from doorstep.domain import Retailer
from doorstep.foundation import InternalError

SHOWN_OF_A_KIND = 10
"""Faults of one table, column and rule that are printed before the rest is counted."""

TITLES = ("where", "column", "value", "rule", "hint")


def check(folder: Path, /, *, every: bool = False, as_json: Annotated[bool, Parameter(name="--json")] = False) -> int:
    """Report every fault of a retailer folder, or of a plan, at once; exit code 2 if there is one.

    A plan is checked from scratch, on the streets that it was made on. Where these are not here, only what can be
    checked without them is, and the exit code is 1.

    Parameters
    ----------
    folder
        The retailer folder: NAME.csv or NAME.parquet for each table; ``doorstep tables`` describes them. Or a folder
        that ``doorstep plan`` wrote.
    every
        Print every fault, also where hundreds are alike.
    as_json
        Print one JSON object instead of text.
    """
    if is_plan(folder):
        return check_plan(folder, every=every, as_json=as_json)
    reading = read_folder(folder)
    if as_json:
        print(json.dumps(json_of(reading), ensure_ascii=False))
    else:
        print_reading(reading, folder, most_of_a_kind=sys.maxsize if every else SHOWN_OF_A_KIND)
    return 2 if reading.faults else 0


def json_of(reading: FolderReading) -> dict[str, object]:
    """Return a reading as one JSON object; every fault is in it."""
    retailer = reading.retailer
    rows = {name: table.height for name, table in retailer.tables().items()} if retailer else {}
    return {
        "sound": retailer is not None,
        "rows": rows,
        "faults": [asdict(fault) for fault in reading.faults],
        "warnings": list(reading.warnings),
        "defaults": dict(reading.defaults),
    }


def print_reading(reading: FolderReading, folder: Path, *, most_of_a_kind: int = SHOWN_OF_A_KIND) -> None:
    """Print faults as a table, in colour on a terminal and as plain text elsewhere, or the summary; then warnings."""
    console = Console(soft_wrap=True, highlight=False, markup=False)
    if reading.faults:
        shown, left_out = first_of_each_kind(reading.faults, most_of_a_kind)
        print_faults(console, shown)
        for kind, count in left_out.items():
            console.print(f"... and {count:,} more in {kind} (--every prints them)")
        tables = len({fault.table for fault in reading.faults})
        console.print(f"{many(len(reading.faults), 'fault')} in {many(tables, 'table')} of {folder}.")
    else:
        console.print(summary(reading, folder))
    for warning in reading.warnings:
        console.print(f"Warning: {warning}")


def first_of_each_kind(faults: Sequence[Fault], most: int) -> tuple[list[Fault], Counter[str]]:
    """Return the first ``most`` faults of each table, column and rule, and how many more there are of each."""
    seen: Counter[str] = Counter()
    shown: list[Fault] = []
    left_out: Counter[str] = Counter()
    for fault in faults:
        kind = " ".join(filter(None, (fault.file or fault.table, fault.column))) + f": {fault.rule}"
        seen[kind] += 1
        if seen[kind] <= most:
            shown.append(fault)
        else:
            left_out[kind] += 1
    return shown, left_out


def print_faults(console: Console, faults: Sequence[Fault]) -> None:
    """Print faults as a table."""
    rows = [(f"{f.file or f.table}, {f.place}", f.column, f.value[:80], f.rule, f.hint) for f in faults]
    if console.is_terminal:
        table = Table(*TITLES, box=None, pad_edge=False, header_style="bold")
        for where, column, value, rule, hint in rows:
            table.add_row(where, column, Text(value, style="red"), rule, Text(hint, style="green"))
        console.print(table)
        return
    widths = [max(len(row[k]) for row in [TITLES, *rows]) for k in range(len(TITLES) - 1)]
    for row in [TITLES, *rows]:
        console.print("  ".join([*(cell.ljust(w) for cell, w in zip(row, widths, strict=False)), row[-1]]).rstrip())


def summary(reading: FolderReading, folder: Path) -> str:
    """Return one paragraph on a sound folder: what it holds and which defaults stand in."""
    retailer = reading.retailer
    if retailer is None:
        raise InternalError("a reading without faults holds no retailer.")
    rows = [f"{name} {table.height:,}" for name, table in retailer.tables().items() if name in reading.files]
    said = [f"{folder} is sound: {_sites(retailer)}; {many(retailer.orders.height, 'order')}."]
    said.append(f"{many(len(rows), 'table')} with their rows: {', '.join(rows)}.")
    if reading.defaults:
        notes = "; ".join(f"{name}: {note}" for name, note in reading.defaults.items())
        said.append(f"Absent, so the default stands in: {notes}.")
    return " ".join(said)


def _sites(retailer: Retailer) -> str:
    kinds = Counter(retailer.sites["kind"].to_list())
    return ", ".join(many(count, {"fc": "FC"}.get(kind, kind.replace("_", " "))) for kind, count in kinds.items())
