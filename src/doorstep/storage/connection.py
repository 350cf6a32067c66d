"""One open transaction, as queries and operations see it."""

import json
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from threading import Lock
from typing import Any, Protocol, TypeVar, cast

import sqlalchemy as sa

from doorstep.geography.roads import RoadTimes
from doorstep.geography.roads.access import StreetTimes
from doorstep.storage.ids import IdSource
from doorstep.storage.journal import Journal
from doorstep.storage.prepared import Bulk, Prepared, Values
from doorstep.storage.turns import take_turn

T = TypeVar("T")
Row = Mapping[str, object]
Key = tuple[str, str] | tuple[str, str, int] | tuple[str, str, int, int]
"""What is kept, whose, and perhaps built from which version, for which moment."""


class _Cursor(Protocol):
    rowcount: int

    def execute(self, sql: str, parameters: Row | Values = ..., /) -> object: ...
    def executemany(self, sql: str, parameters: Sequence[Row], /) -> object: ...
    def fetchall(self) -> list[tuple[Any, ...]]: ...


class _Pipelining(Protocol):
    def pipeline(self) -> AbstractContextManager[object]: ...


class Memory:
    """Objects that are dear to build, shared by all transactions of a database.

    A key says what the object is, whose, and which version it was built from if it has any: nothing in here
    is ever out of date. What was built from an older version leaves at once; of each kind, so that what is made every
    minute pushes nothing else out, those leave that were not asked for the longest. Who asks for what another thread
    builds just then waits for that: a server whose threads all build the same thing answers nobody meanwhile.
    """

    def __init__(self, most: int = 256) -> None:
        self._kept: dict[str, OrderedDict[Key, object]] = {}
        self._most = most
        self._lock = Lock()
        self._under_way: dict[Key, Lock] = {}

    def get(self, key: Key, build: Callable[[], T], *, most: int | None = None) -> T:
        """Return the object kept under a key; build it the first time, and keep at most so many of its kind then."""
        with self._lock:
            kept = self._kept.setdefault(key[0], OrderedDict())
            if key in kept:
                kept.move_to_end(key)
                return cast("T", kept[key])
            under_way = self._under_way.setdefault(key, Lock())
        with under_way:
            with self._lock:
                if key in kept:
                    return cast("T", kept[key])
            try:
                built = build()
                self._keep(kept, key, built, self._most if most is None else min(most, self._most))
            finally:
                self._under_way.pop(key, None)
        return built

    def _keep(self, kept: OrderedDict[Key, object], key: Key, built: object, most: int) -> None:
        with self._lock:
            for old in [name for name in kept if name[1] == key[1] and name[2:3] < key[2:3]]:
                del kept[old]
            while len(kept) >= most:
                kept.popitem(last=False)
            kept[key] = built


class Connection:
    """One open transaction: SQLAlchemy statements, prepared ones, and the journal that is written when it commits.

    Nothing here begins or commits; ``Database`` and ``Writer`` do.
    """

    def __init__(
        self, inner: sa.Connection, ids: IdSource, memory: Memory, *, only_reads: bool = False,
        streets: RoadTimes | None = None, road_server: StreetTimes | None = None,
    ) -> None:  # fmt: skip
        self._inner = inner
        self._ids = ids
        self._memory = memory
        self.dialect = inner.dialect.name
        self.journal = Journal()
        self.memorable = True
        self.only_reads = only_reads
        self.streets = streets
        self.road_server = road_server
        self._cursor = cast("_Cursor", inner.connection.cursor())

    def execute(
        self, statement: sa.Executable, parameters: Row | Sequence[Row] | None = None
    ) -> "sa.CursorResult[Any]":
        """Run a SQLAlchemy statement."""
        return cast("sa.CursorResult[Any]", self._inner.execute(statement, parameters))

    def run(self, statement: Prepared, rows: Sequence[Row]) -> int:
        """Run a prepared statement once for each row and return how many rows of tables it changed in all."""
        if not rows:
            return 0
        if statement.many and self.dialect == "postgresql" and len(rows) > 1:
            self._cursor.execute(statement.many, {"rows": json.dumps(rows)})
        elif len(rows) == 1:
            self._cursor.execute(statement.sql[self.dialect], rows[0])
        else:
            self._cursor.executemany(statement.sql[self.dialect], rows)
        return self._cursor.rowcount

    def run_bulk(self, statement: Bulk, rows: Sequence[Values]) -> None:
        """Put rows into a table, each in the order of its columns."""
        if self.dialect == "sqlite":
            for sql, values in statement.statements(rows):
                self._cursor.execute(sql, values)
        elif rows:
            told = [dict(zip(statement.columns, row, strict=True)) for row in rows]
            self._cursor.execute(statement.many, {"rows": json.dumps(told)})

    @contextmanager
    def pipelined(self) -> Iterator[None]:
        """Send what ``run`` is given inside without waiting for each answer; what fails is raised at the end.

        Inside, ``run`` cannot say how many rows it changed, and nothing can be fetched. SQLite has nobody to wait for.
        """
        if self.dialect != "postgresql":
            yield
            return
        with cast("_Pipelining", self._inner.connection.driver_connection).pipeline():
            yield

    def fetch(self, statement: Prepared, parameters: Row) -> list[tuple[Any, ...]]:
        """Return the rows that a prepared query finds."""
        self._cursor.execute(statement.sql[self.dialect], parameters)
        return self._cursor.fetchall()

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Take back everything inside, the journal too, if it raises."""
        mark = self.journal.mark()
        self._cursor.execute("SAVEPOINT inside")
        try:
            yield
        except BaseException:
            self._cursor.execute("ROLLBACK TO SAVEPOINT inside")
            self._cursor.execute("RELEASE SAVEPOINT inside")
            self.journal.back_to(mark)
            raise
        self._cursor.execute("RELEASE SAVEPOINT inside")

    def take_turn(self) -> None:
        """Wait until no other transaction that asks for this is under way: what follows is done by one at a time."""
        if self.dialect == "postgresql":  # on SQLite whoever writes is alone
            take_turn(self._inner)

    def new_id(self, prefix: str, now: int) -> str:
        """Return an id for something new; ids sort by the time they were made."""
        return self._ids.new(prefix, now)

    def new_code(self) -> str:
        """Return eight letters for people."""
        return self._ids.code()

    def new_secret(self) -> str:
        """Return 32 letters, 160 bits, that nobody can guess."""
        return self._ids.secret()

    def memo(self, key: Key, build: Callable[[], T], *, most: int | None = None) -> T:
        """Return an object built once for all transactions; the key names the version it was built from.

        Of a kind whose objects are large at most so many are kept.

        A transaction that changes such a version sets ``memorable`` to False: what it builds may yet be rolled back,
        and is not kept for others.
        """
        return self._memory.get(key, build, most=most) if self.memorable else build()
