"""Sections of the VRPLIB format as columns by node or by vehicle, in the order of their numbers."""

import math
from dataclasses import dataclass

import numpy as np

from doorstep.connectors.routing_instance.document import Document
from doorstep.connectors.routing_instance.numbers import (
    Rows,
    checked_number,
    must_be_once_each,
    must_be_whole,
    must_not_be_negative,
    table_of,
)
from doorstep.foundation.arrays import Bools, Floats, Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """Values (C, W) of C nodes or vehicles and the line of each (C,); NaN where the file is broken.

    ``rows`` (R, W) and ``row_lines`` (R,) are the same as the file has them, with rows of unknown numbers too.
    """

    name: str
    values: Floats
    lines: list[int]
    rows: Floats
    row_lines: list[int]

    @property
    def first(self) -> Floats:
        """The first of the W columns (C,)."""
        first: Floats = self.values[:, 0]
        return first


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """A list of numbers for each of C rows (C,), the number of each row (C,), and their lines (C,)."""

    numbers: list[int]
    members: list[tuple[int, ...]]
    lines: list[int]


def column_of(document: Document, name: str, count: int, *, what: str, width: int = 0) -> Column | None:
    """Return a column of ``count`` rows, one for each ``what``, or None if the file has none.

    A field in place of the section holds for all rows. ``width`` 0 takes the width of the section's first row.
    """
    if name in document.fields:
        found = document.fields[name]
        value = checked_number(found.value, document.faults, line=found.line, field=name)
        values, lines = np.full((count, 1), value), [found.line] * count
        return Column(name=name, values=values, lines=lines, rows=np.array([[value]]), row_lines=[found.line])
    if name not in document.sections:
        return None
    rows = document.sections[name]
    width = width or max(1, len(rows.texts[0].split()) - 1 if rows.texts else 1)
    table = table_of(rows, document.faults, field=name, width=width + 1)
    places = _places(table[:, 0], rows, count, document, name=name, what=what)
    values = np.full((count, width), math.nan)
    lines = [rows.head] * count
    known = places >= 0
    values[places[known]] = table[known, 1:]
    for place, line in zip(places.tolist(), rows.lines, strict=True):
        if place >= 0:
            lines[place] = line
    return Column(name=name, values=values, lines=lines, rows=table[:, 1:], row_lines=rows.lines)


def _places(numbers: Floats, rows: Rows, count: int, document: Document, *, name: str, what: str) -> Ints:
    """Return the place of each row by its number from 1 (R,), -1 where that is broken, with all faults of numbers."""
    faults = document.faults
    if len(rows) != count:
        hint = "Maybe the file was cut off." if len(rows) < count else "Maybe DIMENSION or VEHICLES is wrong."
        rule = f"must have {count} rows, one for each {what}, it has {len(rows)}"
        faults.add(rule, line=rows.head, field=name, hint=hint)
    must_be_whole(numbers, faults, lines=rows.lines, field=name)
    must_be_once_each(numbers, faults, lines=rows.lines, field=name)
    inside: Bools = (numbers >= 1) & (numbers <= count) & (numbers == np.floor(numbers))
    outside: Bools = (numbers < 1) | (numbers > count)
    rule = f"the row must begin with the number of a {what}, 1 to {count}"
    hint = "Maybe the rows are numbered from 0." if (numbers == 0).any() else "Maybe the number was mistyped."
    faults.each(outside, rule, lines=rows.lines, field=name, values=numbers, hint=hint)
    return np.where(inside, np.nan_to_num(numbers) - 1, -1).astype(np.int64)


def amounts_of(document: Document, name: str, count: int, *, what: str, width: int = 0) -> Column | None:
    """Return a column of numbers that must not be negative, or None if the file has none."""
    column = column_of(document, name, count, what=what, width=width)
    if column is not None:
        for part in column.rows.T:
            must_not_be_negative(part, document.faults, lines=column.row_lines, field=name)
    return column


def whole_amounts_of(document: Document, name: str, count: int, *, what: str, width: int = 0) -> Column | None:
    """Return a column of whole numbers that must not be negative, or None if the file has none."""
    column = amounts_of(document, name, count, what=what, width=width)
    if column is not None:
        for part in column.rows.T:
            must_be_whole(part, document.faults, lines=column.row_lines, field=name)
    return column


def must_be_below(column: Column | None, bits: int, document: Document) -> None:
    """Add a fault for every value of 2^bits or more: sums of costs would no longer be exact."""
    if column is not None:
        document.faults.each(
            column.rows[:, 0] >= float(1 << bits),
            f"must be below 2^{bits}",
            lines=column.row_lines,
            field=column.name,
            values=column.rows[:, 0],
            hint="Maybe give it in a larger unit.",
        )


def lists_of(document: Document, name: str, *, highest: int) -> Lists | None:
    """Return a section whose rows are a number and a list of numbers from 1 to ``highest``; None if there is none."""
    if name not in document.sections:
        return None
    rows = document.sections[name]
    read: dict[str, tuple[int, ...]] = {}
    numbers: list[int] = []
    members: list[tuple[int, ...]] = []
    for line, text in zip(rows.lines, rows.texts, strict=True):
        head, *rest = text.split(maxsplit=1)
        tail = rest[0] if rest else ""
        before = len(document.faults.found)
        listed = read[tail] if tail in read else _whole_numbers(document, name, tail, line, highest)
        if len(document.faults.found) == before:
            read[tail] = listed
        numbers += _whole_numbers(document, name, head, line, len(rows)) or (0,)
        members.append(listed)
    must_be_once_each(np.array([float(n) or math.nan for n in numbers]), document.faults, lines=rows.lines, field=name)
    return Lists(numbers=numbers, members=members, lines=rows.lines)


def _whole_numbers(document: Document, name: str, text: str, line: int, highest: int) -> tuple[int, ...]:
    """Return the whole numbers from 1 to ``highest`` in a text; others are faults."""
    found: list[int] = []
    for cell in text.split():
        value = checked_number(cell, document.faults, line=line, field=name)
        if value == value and not (1 <= value <= highest and value == int(value)):
            rule = f"must be a whole number from 1 to {highest}"
            document.faults.add(rule, line=line, field=name, value=cell, hint="Maybe the number was mistyped.")
        elif value == value:
            found.append(int(value))
    return tuple(found)
