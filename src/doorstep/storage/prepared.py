"""Statements compiled once and run by the driver itself: the fast path of accepting orders.

SQLAlchemy writes the SQL, so both databases share one definition; running it costs only what the driver costs, a fifth
to a tenth of SQLAlchemy's own execution. PostgreSQL pays for each statement more than for each row, so there many rows
travel as one JSON document in one statement.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import chain

from sqlalchemy import Executable, Table, bindparam
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.sql import ClauseElement

_POSTGRESQL = PGDialect_psycopg()  # type: ignore[no-untyped-call]
_SQLITE = sqlite.dialect(paramstyle="named")


class Prepared:
    """A statement with named parameters; hold it in a module, run it with ``Connection.run`` or ``.fetch``.

    ``many``, where there is one, is PostgreSQL's form for many rows, given as the parameter ``rows``.
    """

    def __init__(self, statement: Executable, *, many: str | None = None) -> None:
        assert isinstance(statement, ClauseElement)
        self.sql = {
            "sqlite": str(statement.compile(dialect=_SQLITE)),
            "postgresql": str(statement.compile(dialect=_POSTGRESQL)),
        }
        self.many = many

    @classmethod
    def of_words(cls, *, sqlite: str, postgresql: str) -> "Prepared":
        """Return a statement that each database says in its own words, ``:name`` and ``%(name)s``."""
        prepared = cls.__new__(cls)
        prepared.sql, prepared.many = {"sqlite": sqlite, "postgresql": postgresql}, None
        return prepared


def record_set(types: Mapping[str, str]) -> str:
    """Return the FROM item ``r`` of PostgreSQL that turns the parameter ``rows`` into rows of these columns."""
    columns = ", ".join(f'"{name}" {kind}' for name, kind in types.items())
    return f"jsonb_to_recordset(CAST(%(rows)s AS jsonb)) AS r({columns})"


Values = Sequence[int | str | None]


class Bulk:
    """Whole rows put into a table by the thousand, in the order of its columns: run it with ``Connection.run_bulk``.

    SQLite takes many rows in one statement for a third of what they cost one by one, and other threads may work all
    the while: between any two statements they get their turn, and this one waits for it again.

    Parameters
    ----------
    conflict
        What follows the values, for rows that are there already; both databases understand it.
    """

    AT_ONCE = (256, 32, 4, 1)
    """Rows in a statement: few sizes, so that SQLite knows each statement already."""

    def __init__(self, table: Table, conflict: str) -> None:
        self.columns = tuple(column.name for column in table.columns)
        types = {c.name: str(c.type.compile(dialect=_POSTGRESQL)) for c in table.columns}
        names = ", ".join(f'"{name}"' for name in self.columns)
        into = f'INSERT INTO "{table.name}" ({names})'
        self.many = f"{into} SELECT {names} FROM {record_set(types)} {conflict}"
        row = f"({', '.join('?' * len(self.columns))})"
        self._sqlite = {size: f"{into} VALUES {', '.join([row] * size)} {conflict}" for size in self.AT_ONCE}

    def statements(self, rows: Sequence[Values]) -> Iterator[tuple[str, list[int | str | None]]]:
        """Yield SQLite's statements for these rows, each with its parameters."""
        done = 0
        for size in self.AT_ONCE:
            while len(rows) - done >= size:
                yield self._sqlite[size], [*chain.from_iterable(rows[done : done + size])]
                done += size


@cache
def inserting(table: Table, *, ignore: bool = False) -> Prepared:
    """Return the insert of whole rows into a table; ``ignore`` leaves rows alone that are there already."""
    columns = [c for c in table.columns if c.autoincrement is not True]
    types = {c.name: str(c.type.compile(dialect=_POSTGRESQL)) for c in columns}
    names = ", ".join(f'"{name}"' for name in types)
    clause = " ON CONFLICT DO NOTHING" if ignore else ""
    many = f'INSERT INTO "{table.name}" ({names}) SELECT {names} FROM {record_set(types)}{clause}'
    statement = insert(table).values({c.name: bindparam(c.name, type_=c.type) for c in columns})
    return Prepared(statement.on_conflict_do_nothing() if ignore else statement, many=many)
