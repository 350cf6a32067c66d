"""Shops for the tests of the API, furnished once and copied for each test, on both databases.

Tests of the API log into nothing: structlog by default paints tracebacks with all locals, which takes seconds.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import structlog
from sqlalchemy.engine import make_url

from doorstep.storage import Database
from tests.api.desks import Keys, Shop, furnish, opened_again
from tests.databases import DIALECTS, Server, add_tenant, sqlite_copy


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Swallow all log lines; ``capture_logs`` still sees them."""
    structlog.configure(processors=[], logger_factory=structlog.ReturnLoggerFactory())
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def sqlite_shop(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Keys]:
    """Return a file with two furnished shops that nobody writes to, and their keys."""
    with sqlite_copy(sqlite_template, tmp_path_factory.mktemp("shops")) as database:
        add_tenant(database)
        return Path(str(database.url.database)), furnish(database)


@pytest.fixture(scope="session")
def postgresql_shop(postgresql: Server) -> tuple[str, Keys]:
    """Return the name of a database with two furnished shops that nobody writes to, and their keys."""
    url = postgresql.fresh()
    database = Database(url)
    add_tenant(database)
    keys = furnish(database)
    database.close()
    return str(make_url(url).database), keys


@contextmanager
def shop_for(request: pytest.FixtureRequest, folder: Path, **settings: object) -> Iterator[Shop]:
    """Open a shop of its own for a fixture that has the kind of database as its parameter."""
    if request.param == "sqlite":
        path, keys = request.getfixturevalue("sqlite_shop")
        with sqlite_copy(path, folder) as database, opened_again(database, keys, **settings) as shop:
            yield shop
    else:
        server: Server = request.getfixturevalue("postgresql")
        name, keys = request.getfixturevalue("postgresql_shop")
        with server.copy(name) as database, opened_again(database, keys, **settings) as shop:
            yield shop


@pytest.fixture(params=DIALECTS)
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    """Open a shop for one test."""
    with shop_for(request, tmp_path) as shop:
        yield shop


@pytest.fixture(params=DIALECTS, scope="module")
def lasting_shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Open a shop for all tests of a module; its streams of events end at once."""
    with shop_for(request, tmp_path_factory.mktemp("shop")) as shop:
        shop.app.state.patience.lifetime_s = 0.0
        yield shop
