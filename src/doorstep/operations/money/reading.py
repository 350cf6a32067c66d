"""Rows by their ids, as many as there are."""

from collections.abc import Collection, Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy import select

from doorstep.operations.fulfil.parts import pieces
from doorstep.storage import Connection


def rows_of(
    connection: Connection, table: sa.Table, column: "sa.Column[Any]", ids: Collection[str]
) -> "Iterator[sa.Row[Any]]":
    """Yield the rows of a table whose column is one of some ids, in the order of its key."""
    for piece in pieces(sorted(set(ids))):
        yield from connection.execute(select(table).where(column.in_(piece)).order_by(*table.primary_key)).all()
