"""Cells turned into the types of the schema, column by column; what does not turn is marked, not raised."""

from dataclasses import dataclass

import dataframely as dy
import polars as pl

from doorstep.connectors.retailer_folder.hints import moment_hint, number_hint, word_hint

LATEST_AT = 4_102_444_800
"""The year 2100 [epoch s]: moments beyond are milliseconds or mistakes."""

_ISO = (
    r"^\s*(?P<day>\d{4}-\d\d-\d\d)[T ](?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d)(?:\.\d+)?)?"
    r"(?P<offset>[Zz]|[+-](?:[01]\d|2[0-3]):?[0-5]\d)\s*$"
)
_WORDS_OF_TRUTH = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """A column as typed ``values`` (null where empty or broken) and which cells are ``broken`` (N,).

    ``whole_rule`` is set where the file's column as such has a type that cannot be used.
    """

    values: pl.Series
    broken: pl.Series
    whole_rule: str = ""
    whole_hint: str = ""


def is_moment(name: str) -> bool:
    """Return whether a column holds moments: the house's names say so."""
    return name.endswith("_at")


def parse(raw: pl.Series, name: str, kind: dy.Column) -> Cells:
    """Return the cells of a column, from text or from what a Parquet file holds."""
    if raw.dtype in (pl.Categorical, pl.Enum, pl.Null):
        raw = raw.cast(pl.String)
    if raw.dtype == pl.String:
        return _parse_text(raw, name, kind)
    typed = _parse_typed(raw, name, kind)
    if typed is None:
        nothing = pl.repeat(None, raw.len(), dtype=kind.dtype, eager=True).alias(name)
        hint = "Maybe write it as text, so that leading zeros stay." if kind.dtype == pl.String else ""
        if raw.dtype == pl.Datetime and is_moment(name):
            hint = "Maybe give the column a time zone: moments without one are ambiguous."
        rule = f"the column's type {raw.dtype} must be {wanted(name, kind)}"
        return Cells(values=nothing, broken=_every(raw, broken=True), whole_rule=rule, whole_hint=hint)
    return Cells(values=typed.alias(name), broken=typed.is_null() & raw.is_not_null())


def wanted(name: str, kind: dy.Column) -> str:
    """Return in words what a cell must be."""
    if isinstance(kind, dy.Enum):
        return f"one of {', '.join(kind.categories)}"
    if isinstance(kind, dy.Bool):
        return "true or false"
    if isinstance(kind, dy.Date):
        return "a day, YYYY-MM-DD"
    if is_moment(name):
        return "a moment: epoch seconds, or ISO 8601 with an offset or Z"
    if isinstance(kind, dy.Int64):
        return "a whole number"
    return "a number" if isinstance(kind, dy.Float64) else "text"


def hint_for_type(value: str, name: str, kind: dy.Column) -> str:
    """Return a hint for a cell that is not of its column's type."""
    if isinstance(kind, dy.Enum):
        return word_hint(value, kind.categories)
    if isinstance(kind, dy.Bool):
        return "Maybe write true or false."
    if isinstance(kind, dy.Date):
        return "Maybe write it like 2026-03-02."
    return moment_hint(value) if is_moment(name) else number_hint(value, name)


def _every(raw: pl.Series, *, broken: bool) -> pl.Series:
    return pl.repeat(broken, raw.len(), dtype=pl.Boolean, eager=True)


def _parse_text(raw: pl.Series, name: str, kind: dy.Column) -> Cells:
    text = raw.to_frame("cell").select(pl.when(pl.col("cell") != "").then("cell"))["cell"]
    if isinstance(kind, dy.String):
        return Cells(values=text.alias(name), broken=_every(raw, broken=False))
    values = _cast(text, kind)
    missed = values.is_null() & text.is_not_null()
    if missed.any():
        stripped = text.zip_with(missed, _nothing(text)).str.strip_chars()
        missed = missed & (stripped != "").fill_null(value=False)
        values = values.zip_with(~missed, _cast_kindly(stripped, name, kind))
        missed = missed & values.is_null()
    return Cells(values=values.alias(name), broken=missed)


def _nothing(like: pl.Series) -> pl.Series:
    return pl.repeat(None, like.len(), dtype=like.dtype, eager=True)


def _cast(text: pl.Series, kind: dy.Column) -> pl.Series:
    """Return what polars makes of plain cells, null where it cannot."""
    if isinstance(kind, dy.Bool):
        return text.replace_strict({"true": True, "false": False}, default=None, return_dtype=pl.Boolean)
    if isinstance(kind, dy.Date):
        return text.str.to_date("%Y-%m-%d", strict=False)
    return text.cast(kind.dtype, strict=False)


def _cast_kindly(text: pl.Series, name: str, kind: dy.Column) -> pl.Series:
    """Return what a person sees in cells without outer spaces, null where that is nothing."""
    if isinstance(kind, dy.Bool):
        return text.str.to_lowercase().replace_strict(_WORDS_OF_TRUTH, default=None, return_dtype=pl.Boolean)
    if isinstance(kind, dy.Int64):
        whole = text.str.extract(r"^([+-]?\d+)(?:\.0*)?$").cast(pl.Int64, strict=False)
        return whole.zip_with(whole.is_not_null(), parse_iso(text)) if is_moment(name) else whole
    if isinstance(kind, dy.Date):
        return text.str.to_date("%Y-%m-%d", strict=False)
    return text.cast(kind.dtype, strict=False)


def parse_iso(text: pl.Series) -> pl.Series:
    """Return the epoch seconds of ISO 8601 moments with an offset or Z; fractions of a second are cut off."""
    parts = text.str.extract_groups(_ISO).struct.unnest()
    day = pl.col("day").str.to_date("%Y-%m-%d", strict=False).cast(pl.Int64) * 86_400
    clock = _number("hour") * 3_600 + _number("minute") * 60 + _number("second").fill_null(0)
    digits = pl.col("offset").str.replace_all(r"\D", "")
    ahead = (
        digits.str.head(2).cast(pl.Int64, strict=False) * 3_600 + digits.str.tail(2).cast(pl.Int64, strict=False) * 60
    )
    sign = pl.when(pl.col("offset").str.starts_with("-")).then(-1).otherwise(1)
    return parts.select(at=day + clock - sign * ahead.fill_null(0))["at"]


def _number(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.Int64, strict=False)


def _parse_typed(raw: pl.Series, name: str, kind: dy.Column) -> pl.Series | None:
    """Return a typed column as the schema wants it, null in cells that do not fit; None if none could."""
    if isinstance(raw.dtype, pl.Datetime) and raw.dtype.time_zone and is_moment(name):
        return raw.dt.epoch("s").cast(pl.Int64)
    if isinstance(kind, dy.Date):
        return raw if raw.dtype == pl.Date else None
    if raw.dtype == pl.Boolean:
        return raw if isinstance(kind, dy.Bool) else None
    if not raw.dtype.is_numeric() or isinstance(kind, dy.String | dy.Enum | dy.Bool):
        return None
    if isinstance(kind, dy.Int64) and not raw.dtype.is_integer():
        real = raw.cast(pl.Float64)
        return real.zip_with(real == real.floor(), _nothing(real)).cast(pl.Int64, strict=False)
    return raw.cast(kind.dtype, strict=False)
