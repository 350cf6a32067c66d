"""The rules of a schema in words, with hints for the values that break them."""

import dataframely as dy
import polars as pl

from doorstep.connectors.retailer_folder.hints import moment_hint, tags_hint, time_of_day_hint
from doorstep.domain.tables.columns import DAY, TAGS, TIME_OF_DAY

_PATTERNS = {
    TIME_OF_DAY: "must be a local time HH:MM from 00:00 to 24:00",
    TAGS: "must be lower-case words separated by ';'",
    r"^[1-7]{1,7}$": "must be digits of weekdays, 1 = Monday ... 7 = Sunday",
    DAY: "must be a day, YYYY-MM-DD",
    r"^[A-Z]{3}$": "must be three capital letters, ISO 4217",
}


def say_rule(rule: str, kind: dy.Column) -> str:
    """Return a rule of a column as a sentence without its subject."""
    if rule in ("nullability", "min_length"):
        return "must not be empty"
    if rule == "regex" and isinstance(kind, dy.String) and kind.regex:
        return _PATTERNS.get(kind.regex, f"must match {kind.regex}")
    if rule in ("min", "max"):
        return f"must be at {'least' if rule == 'min' else 'most'} {_bound(getattr(kind, rule))}"
    if rule in ("nan", "inf"):
        return "must be a finite number"
    return "must be before the year 2100" if rule == "year" else f"must keep the rule {rule.replace('_', ' ')}"


def hint_for_rule(rule: str, value: str, name: str, kind: dy.Column) -> str:
    """Return a hint for a value that breaks a rule of its column."""
    if rule == "regex" and isinstance(kind, dy.String):
        if kind.regex == TIME_OF_DAY:
            return time_of_day_hint(value)
        if kind.regex == TAGS:
            return tags_hint(value)
        return f"Maybe {value!r} should be {value.strip().upper()!r}." if "[A-Z]" in (kind.regex or "") else ""
    if rule == "year":
        return "Maybe these are milliseconds: give seconds."
    if name == "lat" and rule in ("min", "max"):
        return "Maybe lat and lon are swapped."
    if name in ("lat", "lon") and rule in ("min", "max"):
        return "Maybe it is not in degrees: WGS 84 degrees are wanted."
    if is_amount_below(rule, name):
        return "Maybe the sign is wrong: costs and prices are positive."
    return moment_hint(value) if rule == "min" and name.endswith("_at") else ""


def is_amount_below(rule: str, name: str) -> bool:
    """Return whether an amount of money falls below its least value."""
    return rule == "min" and name.endswith("_minor")


def row_rules(schema: type[dy.Schema]) -> dict[str, pl.Expr]:
    """Return the rules of a schema that look at several columns of a row, each named by its sentence.

    dataframely keeps them private and has no public way to ask them without giving up the numbers of the rows.
    """
    return {name.replace("_", " "): rule.expr for name, rule in schema._schema_validation_rules().items()}


def _bound(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
