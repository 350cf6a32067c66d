"""Tables for spreadsheets: a cell that a spreadsheet would run as a formula is turned into text.

References
----------
OWASP, CSV Injection: cells that start with = + - @ tab or carriage return.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

Cell = str | int | float | bool | None

STARTS_OF_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)


def safe_cell(value: Cell) -> str:
    """Return a cell as text that no spreadsheet runs; what is really a number stays one."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if _NUMBER.fullmatch(value) or not value.startswith(STARTS_OF_FORMULAS):
        return value
    return f"'{value}"


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """Yield the lines of a CSV file (RFC 4180), the names of the columns first."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    for cells in chain([columns], rows):
        writer.writerow([safe_cell(cell) for cell in cells])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
