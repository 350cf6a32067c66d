"""Lists cut down to what a caller asked for."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa


def matching(query: "sa.Select[Any]", wanted: "Mapping[sa.Column[Any], str | None]") -> "sa.Select[Any]":
    """Return a query for the rows whose columns are as wanted; None leaves a column open."""
    return query.where(*(column == value for column, value in wanted.items() if value is not None))
