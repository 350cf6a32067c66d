"""Models made from the tables of the domain, so that the API and the retailer folder cannot disagree."""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, Self, TypeAlias

import dataframely as dy
import polars as pl
from pydantic import Field, create_model, model_validator
from pydantic_core import PydanticCustomError

from doorstep.api.models.base import Example, Request, shown
from doorstep.api.models.fields import AS_WHOLE, LARGEST, Name, ReferenceId, Tags, TimeZone
from doorstep.connectors.retailer_folder.rules import row_rules
from doorstep.domain.tables import PLANNING_TABLES, RETAILER_TABLES
from doorstep.domain.tables.columns import TAGS, default_of

TABLES = RETAILER_TABLES | PLANNING_TABLES
Cell = str | int | float | bool | None
_Annotation: TypeAlias = Any
"""A type made while the program runs: it has no static type of its own."""


class Row(Request):
    """A row of a table of the retailer folder, with lists of words where the table has them by ``;``."""

    table: ClassVar[str]

    @classmethod
    def from_row(cls, row: Mapping[str, Cell]) -> Self:
        """Return the model of a row as it stands in the table."""
        lists = {name: str(row[name]).split(";") if row[name] else [] for name in words_columns(cls.table)}
        return cls.model_validate({**row, **lists})

    def to_row(self) -> dict[str, Cell]:
        """Return the row as it stands in the table."""
        return {name: ";".join(value) if isinstance(value, list) else value for name, value in self}

    @model_validator(mode="after")
    def _keeps_the_rules_of_its_table(self) -> Self:
        schema = TABLES[self.table].schema
        frame = pl.DataFrame([self.to_row()], schema={name: kind.dtype for name, kind in schema.columns().items()})
        for rule, expression in row_rules(schema).items():
            if not frame.select(expression).item():
                raise PydanticCustomError("inconsistent", "breaks the rule: {rule}", {"rule": rule})
        return self


def row_model(name: str, table: str, *, example: dict[str, Example], without: str = "") -> type[Row]:
    """Return the model of a table's rows; its fields are the table's columns with their rules and descriptions.

    Parameters
    ----------
    without
        A column that is left out, because what the rows are part of says it for all of them.
    """
    schema = TABLES[table].schema
    kinds = {column: kind for column, kind in schema.columns().items() if column != without}
    fields: dict[str, _Annotation] = {column: _field(column, kind) for column, kind in kinds.items()}
    first_line = (schema.__doc__ or "").strip().splitlines()[0]
    model: type[Row] = create_model(name, __base__=Row, __doc__=first_line, **fields)
    model.table = table
    model.model_config = {**model.model_config, **shown(**example)}
    return model


@cache
def words_columns(table: str) -> frozenset[str]:
    """Return the columns of a table that hold words separated by ``;``."""
    columns = TABLES[table].schema.columns()
    return frozenset(name for name, kind in columns.items() if _is_words(kind))


def _is_words(kind: dy.Column) -> bool:
    return isinstance(kind, dy.String) and kind.regex == TAGS


def _field(name: str, kind: dy.Column) -> tuple[_Annotation, _Annotation]:
    words = _is_words(kind)
    annotation = Tags if words else _annotation(name, kind)
    default = [] if words else default_of(kind)
    if kind.nullable and not kind.primary_key:
        return annotation | None, Field(default=None, description=kind.description)
    if default is None:
        return annotation, Field(description=kind.description)
    return annotation, Field(default=default, description=kind.description)


def _annotation(name: str, kind: dy.Column) -> _Annotation:
    if isinstance(kind, dy.Enum):
        return Literal[tuple(kind.categories)]
    if isinstance(kind, dy.Bool):
        return bool
    if isinstance(kind, dy.Int64):
        high = LARGEST if kind.max is None else kind.max
        return Annotated[int, Field(ge=-LARGEST if kind.min is None else kind.min, le=high), AS_WHOLE]
    if isinstance(kind, dy.Float64):
        return Annotated[float, Field(ge=kind.min, le=kind.max, allow_inf_nan=False)]
    if isinstance(kind, dy.String) and kind.regex:
        return Annotated[str, Field(pattern=kind.regex, max_length=200)]
    if name == "time_zone":
        return TimeZone
    return ReferenceId if isinstance(kind, dy.String) and kind.min_length else Name
