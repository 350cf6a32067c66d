"""The columns of the folder in words, from the same schemas that the reader asks."""

from dataclasses import dataclass

import dataframely as dy

from doorstep.connectors.retailer_folder.cells import is_moment
from doorstep.connectors.retailer_folder.rules import row_rules, say_rule
from doorstep.domain.tables.columns import default_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnText:
    """What a cell must be, what an empty one means, and what the column is about."""

    wanted: str
    if_empty: str
    meaning: str


def describe_column(name: str, kind: dy.Column) -> ColumnText:
    """Return a column in words."""
    return ColumnText(wanted=_wanted(name, kind), if_empty=_if_empty(kind), meaning=kind.description or "")


def describe_row_rules(schema: type[dy.Schema]) -> list[str]:
    """Return the rules that look at several columns of a row, one sentence each."""
    return list(row_rules(schema))


def _wanted(name: str, kind: dy.Column) -> str:
    if isinstance(kind, dy.Enum):
        return " / ".join(kind.categories)
    if isinstance(kind, dy.Bool):
        return "true / false"
    if isinstance(kind, dy.Date):
        return "day, YYYY-MM-DD"
    if is_moment(name):
        return "moment"
    if isinstance(kind, dy.String):
        return f"text, {say_rule('regex', kind).removeprefix('must be ')}" if kind.regex else "text"
    word = "whole number" if isinstance(kind, dy.Int64) else "number"
    low, high = getattr(kind, "min", None), getattr(kind, "max", None)
    if low is not None and high is not None:
        return f"{word} {low:g} to {high:g}"
    return f"{word} >= {low:g}" if low is not None else word


def _if_empty(kind: dy.Column) -> str:
    default = default_of(kind)
    if default is None:
        return "stays empty" if kind.nullable else "required"
    if default == "":
        return "none"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"
