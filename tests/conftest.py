"""What all tests share: hypothesis' settings, and databases of both kinds.

Hypothesis draws the same examples in every run, keeps no database, and is not hurried by a busy machine.
"""

from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import pytest
from hypothesis import HealthCheck, settings

from doorstep.storage import Database
from doorstep.storage.migrations import upgrade
from tests.databases import DIALECTS, Furnished, Server, Templates, add_tenant, sqlite_copy
from tests.trials import thorough, trials

ON_BOTH = {"storage", "test_races.py"}
"""Folders and files whose tests are about what differs between databases."""

settings.register_profile(
    "house",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=trials(100),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("house")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a migrated SQLite file that nobody writes to."""
    path = tmp_path_factory.mktemp("template") / "doorstep.db"
    database = Database(f"sqlite:///{path}")
    upgrade(database)
    database.close()
    return path


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """Run a PostgreSQL server for this process' tests."""
    server = Server()
    yield server
    server.stop()


@pytest.fixture(params=DIALECTS)
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Open a fresh, migrated database, once of each kind."""
    if request.param == "sqlite":
        with sqlite_copy(request.getfixturevalue("sqlite_template"), tmp_path) as database:
            yield database
        return
    server: Server = request.getfixturevalue("postgresql")
    with server.copy() as database:
        yield database


@pytest.fixture
def database(empty_database: Database) -> Database:
    """Open a fresh database with one tenant, ``CALLER``'s."""
    add_tenant(empty_database)
    return empty_database


@pytest.fixture(scope="session")
def templates(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """Return the databases of this process that were furnished once and are copied for each test."""
    return Templates(sqlite_template, tmp_path_factory.mktemp("templates"))


@pytest.fixture(params=DIALECTS)
def furnished(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Furnished:
    """Return what opens databases that functions furnish, once of each kind; each function is called only once."""
    server = request.getfixturevalue("postgresql") if request.param == "postgresql" else None
    return lambda furnish: templates.copy(furnish, tmp_path, server)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave each test to one of the databases, by lot of its name every third to PostgreSQL.

    With ``DOORSTEP_THOROUGH=1`` both have all.

    What differs between databases is tested on both, and so is a test that is named.
    """
    if thorough() or any("::" in argument for argument in config.args):
        return
    kept: list[pytest.Item] = []
    left: list[pytest.Item] = []
    for item in items:
        dialect = next((name for name in DIALECTS if name in item.name.partition("[")[2]), "")
        lot = "postgresql" if crc32(item.name.replace(dialect, "").encode()) % 3 == 0 else "sqlite"
        spared = dialect and dialect != lot and not ON_BOTH & set(item.path.parts)
        (left if spared else kept).append(item)
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = kept
