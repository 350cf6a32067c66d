"""Whole tables of addresses: places filled in where they are missing, and a list of what should be looked at."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from doorstep.foundation import InputError, Progress, Silent
from doorstep.geography.addresses.answer import Answer, Candidate, Doubt, Precision, Question
from doorstep.geography.addresses.find import find
from doorstep.geography.addresses.index import AddressIndex

PARTS = ("address", "street", "house_number", "postal_code", "city")
"""Columns that an address is read from; ``address`` holds all of it, or street and number."""

GIVEN = "given"
"""Precision of a place that the table has already."""

DECIMALS = 7
DOUBTFUL = {
    "row": pl.Int64,
    "column": pl.String,
    "value": pl.String,
    "precision": pl.String,
    "score": pl.Float64,
    "reason": pl.String,
    "matched": pl.String,
    "candidates": pl.String,
}
_BLAMED = {
    Doubt.POSTAL_CODE: "postal_code",
    Doubt.CITY: "city",
    Doubt.NUMBER: "house_number",
    Doubt.NO_NUMBER: "house_number",
    Doubt.NUMBER_TWICE: "house_number",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Geocoded:
    """A table with ``lat``, ``lon``, ``precision`` and ``score``, and the rows of it that are in doubt.

    ``doubtful`` has one row for each reason: the row (from 0), the column and its value, what was matched, and what
    else fits.
    """

    table: pl.DataFrame
    doubtful: pl.DataFrame


def has_addresses(table: pl.DataFrame) -> bool:
    """Return whether a table has columns that an address can be read from."""
    return bool({"address", "street"} & set(table.columns))


def geocode_table(index: AddressIndex, table: pl.DataFrame, *, progress: Progress | None = None) -> Geocoded:
    """Return a table with the places of its addresses; places that it has already stay as they are.

    Raises
    ------
    InputError
        If it has neither a column ``address`` nor a column ``street``.
    """
    if not has_addresses(table):
        raise InputError(
            f"the columns {', '.join(table.columns)} hold no address.",
            hint="Maybe add address, or street with house_number, postal_code and city.",
        )
    listener = progress or Silent()
    listener.stage("addresses", table.height)
    parts = [part for part in PARTS if part in table.columns]
    texts = table.select(pl.col(parts).cast(pl.String).fill_null("").str.strip_chars()).rows(named=True)
    placed = _placed(table)
    known: dict[Question, Answer] = {}
    answers: list[Answer | None] = []
    for row, has_place in zip(texts, placed, strict=True):
        question = _question(row)
        if has_place:
            answers.append(None)
        else:
            if question not in known:
                known[question] = find(index, question)
            answers.append(known[question])
        listener.advance()
    return Geocoded(table=_filled(table, answers), doubtful=_doubtful(texts, answers))


def _placed(table: pl.DataFrame) -> list[bool]:
    """Return which rows have a place already."""
    if not {"lat", "lon"} <= set(table.columns):
        return [False] * table.height
    filled = pl.all_horizontal(pl.col("lat", "lon").cast(pl.String).fill_null("").str.strip_chars() != "")
    found: list[bool] = table.select(filled).to_series().to_list()
    return found


def _question(row: Mapping[str, str]) -> Question:
    return Question(
        text=row.get("address", ""),
        street=row.get("street", ""),
        house_number=row.get("house_number", ""),
        postal_code=row.get("postal_code", ""),
        city=row.get("city", ""),
    )


def _filled(table: pl.DataFrame, answers: list[Answer | None]) -> pl.DataFrame:
    columns: dict[str, pl.Series] = {}
    for name in ("lat", "lon"):
        found = [
            None if answer is None or answer.precision is Precision.NONE else round(getattr(answer, name), DECIMALS)
            for answer in answers
        ]
        new = pl.Series(name, found, dtype=pl.Float64)
        if name not in table.columns:
            columns[name] = new
            continue
        old = table[name]
        kept = [answer is None for answer in answers]
        columns[name] = old.zip_with(pl.Series(kept, dtype=pl.Boolean), new.cast(old.dtype))
    columns["precision"] = pl.Series([GIVEN if a is None else a.precision.value for a in answers], dtype=pl.String)
    columns["score"] = pl.Series([1.0 if a is None else a.score for a in answers], dtype=pl.Float64)
    return table.with_columns(**columns)


def _doubtful(texts: list[dict[str, str]], answers: list[Answer | None]) -> pl.DataFrame:
    rows = [
        (
            number,
            column := _blamed(doubt, row),
            row.get(column, ""),
            answer.precision.value,
            answer.score,
            doubt.value,
            told(answer),
            "; ".join(told(candidate) for candidate in answer.candidates),
        )
        for number, (row, answer) in enumerate(zip(texts, answers, strict=True))
        if answer is not None
        for doubt in answer.doubts
    ]
    return pl.DataFrame(rows, schema=DOUBTFUL, orient="row")


def _blamed(doubt: Doubt, row: Mapping[str, str]) -> str:
    """Return the column to look at for a doubt: its own where it is filled, else that of the street."""
    column = _BLAMED.get(doubt, "")
    if row.get(column):
        return column
    return "street" if row.get("street") or "address" not in row else "address"


def told(place: Answer | Candidate) -> str:
    """Return an address in one line, as the map writes it."""
    door = " ".join(filter(None, (place.street, place.house_number)))
    town = " ".join(filter(None, (place.postal_code, place.city)))
    return ", ".join(filter(None, (door, town)))
