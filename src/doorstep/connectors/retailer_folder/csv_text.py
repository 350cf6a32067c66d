"""A CSV file as text cells with the line that each row starts on, and what is wrong with its form.

polars reads what is well formed; where its count of separators or lines does not add up, the standard library's
reader goes through the file line by line and says where the form breaks.
"""

import csv
import io
import itertools
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from doorstep.connectors.retailer_folder.faults import Fault, Source

MOST_RESTARTS = 50
"""After so many quotes that never close the rest of the file is not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTable:
    """Cells as the file holds them, the number of each row for people (N,), and the faults of its form."""

    frame: pl.DataFrame
    rows: pl.Series
    faults: tuple[Fault, ...] = ()
    readable: bool = True


def unreadable(*faults: Fault) -> RawTable:
    """Return a table of which nothing but faults is known."""
    return RawTable(frame=pl.DataFrame(), rows=pl.Series([], dtype=pl.Int64), faults=faults, readable=False)


def read_csv_text(source: Source, raw: bytes) -> RawTable:
    """Return the cells of a CSV file as text; an empty cell is null or empty."""
    raw, faults = _as_utf8(source, raw)
    if not raw.strip():
        return unreadable(*faults, source.fault("the file is empty; its first line must name the columns"))
    header, header_lines, body = _split_header(raw)
    if len(header) == 1 and (other := next((s for s in ";\t|" if s in header[0]), "")):
        named = "tabs" if other == "\t" else repr(other)
        hint = f"Maybe the file is separated by {named}: save it with commas."
        return unreadable(*faults, source.fault("commas must separate the cells", row=1, value=header[0], hint=hint))
    names = [name if name not in header[:n] else f"{name}\n{n}" for n, name in enumerate(header)]
    for name, times in Counter(header).items():
        if times > 1:
            rule = f"the column stands {times} times in the header; once is allowed"
            faults.append(source.fault(rule, row=1, column=name))
    first_line = header_lines + 1
    table = _read_whole(body, names, first_line)
    if table is None and b'"' not in body:
        table = _read_ragged(source, body, names, first_line)
    if table is None:
        table = _read_by_line(source, body, names, first_line)
    return RawTable(frame=table.frame, rows=table.rows, faults=(*faults, *table.faults))


def _as_utf8(source: Source, raw: bytes) -> tuple[bytes, list[Fault]]:
    """Return the bytes as UTF-8 without a byte order mark and with line feeds only."""
    faults = []
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        faults.append(
            source.fault("the file must be UTF-8", hint="Maybe it was saved as UTF-16: save it as 'CSV UTF-8'.")
        )
        raw = raw.decode("utf-16", errors="replace").encode()
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        value = raw[max(0, error.start - 10) : error.start + 10].decode("cp1252", errors="replace")
        hint = "Maybe it was saved by a spreadsheet as Windows-1252: save it as 'CSV UTF-8'."
        faults.append(source.fault("the file must be UTF-8", row=line, value=value.strip(), hint=hint))
        raw = raw.decode("cp1252", errors="replace").encode()
    if b"\r" in raw:
        raw = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return raw, faults


def _split_header(raw: bytes) -> tuple[list[str], int, bytes]:
    """Return the names of the columns, the lines that they take, and all that follows."""
    lines = io.StringIO(raw[:1_000_000].decode(errors="replace"), newline="")
    reader = csv.reader(lines)
    header = next(row for row in reader if row)
    start = -1
    for _ in range(reader.line_num):
        start = raw.find(b"\n", start + 1)
        if start < 0:
            return [name.strip() for name in header], reader.line_num, b""
    return [name.strip() for name in header], reader.line_num, raw[start + 1 :]


def _read_whole(body: bytes, names: list[str], first_line: int) -> RawTable | None:
    """Return the table that polars reads, None unless every row provably has all its cells on a line of its own."""
    try:
        frame = pl.read_csv(
            body,
            has_header=False,
            schema=dict.fromkeys(names, pl.String),
            raise_if_empty=False,
        )
    except pl.exceptions.PolarsError:
        return None
    lines = body.count(b"\n") + (not body.endswith(b"\n") and bool(body))
    commas = body.count(b",")
    if b'"' in body:
        inside = frame.select(pl.all().str.count_matches(",", literal=True).sum()).sum_horizontal()
        commas -= int(inside.sum())
    if lines != frame.height or commas != frame.height * (len(names) - 1):
        return None
    return RawTable(frame=frame, rows=pl.int_range(first_line, first_line + frame.height, eager=True))


def _read_ragged(source: Source, body: bytes, names: list[str], first_line: int) -> RawTable | None:
    """Return the rows of a file without quotes that have all their cells, and a fault for each that has not."""
    lines = pl.Series(body.decode().split("\n"))
    numbers = pl.int_range(first_line, first_line + lines.len(), eager=True)
    filled = lines != ""
    cells = lines.str.count_matches(",", literal=True) + 1
    whole = filled & (cells == len(names))
    table = _read_whole("\n".join(lines.filter(whole)).encode(), names, first_line)
    if table is None:
        return None
    wrong = filled & ~whole
    found = zip(numbers.filter(wrong), lines.filter(wrong), cells.filter(wrong), strict=True)
    faults = [_cell_count_fault(source, row, text, count, len(names)) for row, text, count in found]
    return RawTable(frame=table.frame, rows=numbers.filter(whole), faults=tuple(faults))


def _cell_count_fault(source: Source, row: int, text: str, cells: int, columns: int) -> Fault:
    rule = f"the row has {cells} cells; the header names {columns} columns"
    hint = 'Maybe a cell holds a comma: put it in quotes, "like, this".' if cells > columns else ""
    return source.fault(rule, row=row, value=text[:60], hint=hint)


def _read_by_line(source: Source, body: bytes, names: list[str], first_line: int) -> RawTable:
    """Return the rows that have all their cells, and a fault for each that has not."""
    cells: list[list[str]] = []
    rows: list[int] = []
    faults: list[Fault] = []
    for row, record, problem in _records(body.decode().split("\n"), first_line):
        if problem:
            hint = 'Maybe a quote inside a quoted cell is not doubled: write "" for ".' if record is None else ""
            faults.append(source.fault(problem, row=row, hint=hint))
        elif record and len(record) != len(names):
            faults.append(_cell_count_fault(source, row, ",".join(record), len(record), len(names)))
        elif record:
            cells.append(record)
            rows.append(row)
    columns = [list(column) for column in zip(*cells, strict=True)] or [[] for _ in names]
    frame = pl.DataFrame({n: pl.Series(n, c, dtype=pl.String) for n, c in zip(names, columns, strict=True)})
    return RawTable(frame=frame, rows=pl.Series(rows, dtype=pl.Int64), faults=tuple(faults))


def _records(lines: list[str], first_line: int) -> Iterator[tuple[int, list[str] | None, str]]:
    """Yield the line, the cells and the problem of each record; after a quote that never closes, go on a line later."""
    csv.field_size_limit(sys.maxsize)
    start, restarts = 0, 0
    while start < len(lines) and restarts < MOST_RESTARTS:
        reader = csv.reader((line + "\n" for line in itertools.islice(lines, start, None)), strict=True)
        read = 0
        while True:
            try:
                record = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                never_closed = "unexpected end" in str(error)
                problem = "a quote opens here and never closes" if never_closed else "broken quoting"
                yield first_line + start + read, None, problem
                start, restarts = start + (read + 1 if never_closed else reader.line_num), restarts + 1
                break
            yield first_line + start + read, record, ""
            read = reader.line_num
