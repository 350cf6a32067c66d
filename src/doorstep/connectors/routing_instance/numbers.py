"""Lines of numbers as arrays; what is not a number becomes NaN and a fault, so that the other cells can be judged."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from doorstep.connectors.retailer_folder.hints import number_hint
from doorstep.connectors.routing_instance.faults import Faults
from doorstep.foundation.arrays import Bools, Floats

GREATEST = float(1 << 40)
"""Numbers in files must be smaller: sums of them stay exact."""

MOST_ROWS = 10**6
"""Nodes or vehicles that a file may tell of: who writes more has mistyped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """R lines of a file that belong together: the number of each (R,), counted from 1, and its text (R,)."""

    lines: list[int]
    texts: list[str]
    head: int = 0

    def __len__(self) -> int:
        return len(self.lines)


def number(text: str) -> float:
    """Return the number that a text is, NaN if it is none or not finite."""
    try:
        value = float(text)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan


def checked_number(text: str, faults: Faults, *, line: int, field: str) -> float:
    """Return the number that a text is; NaN and a fault if it is none, or too large."""
    value = number(text)
    if math.isnan(value):
        hint = number_hint(text, field) or "Maybe it was mistyped."
        faults.add("must be a number", line=line, field=field, value=text, hint=hint)
    elif abs(value) >= GREATEST:
        hint = "Maybe it stands for no limit: give a smaller number that cannot bind."
        faults.add("must be below 2^40", line=line, field=field, value=text, hint=hint)
        return math.nan
    return value


def whole_field(text: str, faults: Faults, *, line: int, field: str, least: int = 0, most: int = 1 << 40) -> int:
    """Return the whole number from ``least`` to ``most`` that a text is; ``least`` and a fault if it is none."""
    value = checked_number(text, faults, line=line, field=field)
    if least <= value <= most and value == int(value):
        return int(value)
    if not math.isnan(value):
        rule = f"must be a whole number, {least} or more" if value < most else f"must be at most {most}"
        faults.add(rule, line=line, field=field, value=text, hint="Maybe it was mistyped.")
    return least


def table_of(rows: Rows, faults: Faults, *, field: str, width: int) -> Floats:
    """Return the numbers of all rows (R, width), NaN in cells that are broken and in rows of another width."""
    cells = [text.split() for text in rows.texts]
    if all(len(row) == width for row in cells):
        try:
            flat = np.array(list(map(float, chain.from_iterable(cells))), dtype=np.float64)
        except ValueError:
            flat = np.array([math.nan])
        if (np.abs(flat) < GREATEST).all():
            return flat.reshape(-1, width)
    return _table_with_faults(rows, cells, faults, field=field, width=width)


def _table_with_faults(rows: Rows, cells: list[list[str]], faults: Faults, *, field: str, width: int) -> Floats:
    table = np.full((len(rows), width), math.nan)
    for row, (line, row_cells) in enumerate(zip(rows.lines, cells, strict=True)):
        if len(row_cells) == width:
            table[row] = [checked_number(text, faults, line=line, field=field) for text in row_cells]
        else:
            rule = f"the row has {len(row_cells)} numbers; {width} are wanted"
            hint = "Maybe two rows run into each other." if len(row_cells) > width else "Maybe a column is missing."
            faults.add(rule, line=line, field=field, value=rows.texts[row].strip(), hint=hint)
    return table


def flat_numbers(rows: Rows, faults: Faults, *, field: str) -> Floats:
    """Return all numbers of the rows one after another, wherever their lines break."""
    try:
        flat = np.array(list(map(float, chain.from_iterable(text.split() for text in rows.texts))), dtype=np.float64)
    except ValueError:
        flat = np.array([math.nan])
    if (np.abs(flat) < GREATEST).all():
        return flat
    numbered = zip(rows.lines, rows.texts, strict=True)
    return np.array(
        [checked_number(cell, faults, line=line, field=field) for line, text in numbered for cell in text.split()]
    )


def must_be_whole(values: Floats, faults: Faults, *, lines: Sequence[int], field: str) -> None:
    """Add a fault for every value (R,) that is not a whole number; NaN is a fault already."""
    wrong: Bools = np.isfinite(values) & (values != np.floor(values))
    hint = "Maybe multiply all of them by ten, or round."
    faults.each(wrong, "must be a whole number", lines=lines, field=field, values=values, hint=hint)


def must_not_be_negative(values: Floats, faults: Faults, *, lines: Sequence[int], field: str) -> None:
    """Add a fault for every value (R,) below zero."""
    hint = "Maybe the sign is wrong."
    faults.each(values < 0, "must not be negative", lines=lines, field=field, values=values, hint=hint)


def must_be_once_each(values: Floats, faults: Faults, *, lines: Sequence[int], field: str) -> None:
    """Add a fault for every number (R,) that an earlier row has too."""
    first: dict[float, int] = {}
    for value, line in zip(values.tolist(), lines, strict=True):
        if not math.isnan(value) and (before := first.setdefault(value, line)) != line:
            rule = f"must be unique: line {before} has the same"
            faults.add(rule, line=line, field=field, value=value, hint="Maybe the row was copied twice.")
