"""The database: where it is, how transactions on it begin and end.

SQLite runs in WAL mode with ``synchronous=FULL``: a commit that returned survives a power cut. It lets one connection
write at a time, and those who try meanwhile sleep and may starve; so writers take turns by a file lock beside the
database, which wakes the next one at once, across threads and processes.
"""

import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from doorstep.foundation import InputError
from doorstep.geography.roads import RoadTimes
from doorstep.geography.roads.access import StreetTimes
from doorstep.storage.connection import Connection, Memory
from doorstep.storage.ids import IdSource
from doorstep.storage.turns import FileTurns

BUSY_MS = 10_000
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={BUSY_MS}", "temp_store=MEMORY", "cache_size=-65536")


class Database:
    """A database and its connections; threads may share it.

    Parameters
    ----------
    url
        ``sqlite:///file.db`` or ``postgresql://user:secret@host/name``.
    ids
        Makes the ids of new things; by default from the system's randomness.
    readers
        Connections kept open for reading (SQLite) or for everything (PostgreSQL).
    streets
        Travel times on streets, for whoever plans with a connection; without them drives are estimated.
    road_server
        A server that is asked for times instead of the streets.

    Raises
    ------
    InputError
        If the address is of another kind, its driver is not installed, or the file's folder is not there.
    """

    def __init__(
        self, url: str, *, ids: IdSource | None = None, readers: int = 8, streets: RoadTimes | None = None,
        road_server: StreetTimes | None = None,
    ) -> None:  # fmt: skip
        self.url = _address(url)
        self.ids = ids or IdSource(secrets.randbits)
        self.streets = streets
        self.road_server = road_server
        self._memory = Memory()
        self.turns: FileTurns | None = None
        if self.url.get_backend_name() == "sqlite":
            self._reading = _sqlite(self.url, begin="BEGIN", pool_size=readers)
            self._writing = _sqlite(self.url, begin="BEGIN IMMEDIATE", pool_size=2)
            self.turns = FileTurns(Path(f"{self.url.database}-turns"))
        else:
            self._writing = _postgresql(self.url, readers)
            self._reading = self._writing.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self.url.get_backend_name()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that sees one moment of the database and changes nothing."""
        with self._reading.connect() as inner:
            yield self._connection(inner, only_reads=True)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction that commits at the end, its journal last, unless something raises."""
        with self.turn(), self._writing.connect() as inner, inner.begin():
            connection = self._connection(inner, only_reads=False)
            yield connection
            connection.journal.write(connection)

    def _connection(self, inner: sa.Connection, *, only_reads: bool) -> Connection:
        return Connection(inner, self.ids, self._memory, only_reads=only_reads, streets=self.streets,
                          road_server=self.road_server)  # fmt: skip

    def turn(self) -> AbstractContextManager[None]:
        """Wait for this writer's turn; on PostgreSQL nobody waits."""
        return self.turns.taken() if self.turns else nullcontext()

    def engine(self) -> sa.Engine:
        """Return the engine that writes, for migrations."""
        return self._writing

    def disconnect(self) -> None:
        """Close all connections; the next transaction opens new ones."""
        self._reading.dispose()
        self._writing.dispose()

    def close(self) -> None:
        """Close everything for good."""
        self.disconnect()
        if self.turns:
            self.turns.close()


def _address(url: str) -> sa.URL:
    try:
        found = make_url(url)
    except ArgumentError as fault:
        raise InputError("database_url cannot be read.", hint="Maybe sqlite:///doorstep.db?") from fault
    backend = found.get_backend_name()
    if backend == "sqlite" and found.database and found.database != ":memory:":
        folder = Path(found.database).absolute().parent
        if not folder.is_dir():
            raise InputError(f"database_url names a file in {folder}, which is not a folder.", hint="Maybe make it.")
        return found.set(drivername="sqlite")
    if backend == "postgresql":
        return found.set(drivername="postgresql+psycopg")
    raise InputError(
        f"database_url names {backend} {found.database or ''}: it must be an SQLite file or a PostgreSQL database.",
        hint="Maybe sqlite:///doorstep.db?",
    )


def _sqlite(url: sa.URL, *, begin: str, pool_size: int) -> sa.Engine:
    engine = sa.create_engine(url, pool_size=pool_size, max_overflow=64, connect_args={"check_same_thread": False})

    @sa.event.listens_for(engine, "connect")
    def configure(driver: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own type
        driver.isolation_level = None  # we begin ourselves, below
        for pragma in _PRAGMAS:
            driver.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def start(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _postgresql(url: sa.URL, pool_size: int) -> sa.Engine:
    try:
        # A prepared plan made while a table was empty reads all of it for ever after; planning anew costs little.
        options = {"options": "-c plan_cache_mode=force_custom_plan"}
        return sa.create_engine(url, pool_size=pool_size, max_overflow=32, pool_pre_ping=True, connect_args=options)
    except ModuleNotFoundError as missing:
        raise InputError(
            f"PostgreSQL needs a driver: {missing}.", hint="Maybe install doorstep[server,postgres]."
        ) from missing
