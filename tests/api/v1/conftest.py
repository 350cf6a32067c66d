"""Shops for the tests of the endpoints: most need one database, some must work on both."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from doorstep.storage import Database
from tests.api.desks import Shop, opened
from tests.databases import add_tenant, sqlite_copy


@pytest.fixture
def shop(sqlite_template: Path, tmp_path: Path) -> Iterator[Shop]:
    """Open a shop on SQLite."""
    with sqlite_copy(sqlite_template, tmp_path) as database:
        add_tenant(database)
        with opened(database) as shop:
            yield shop


@pytest.fixture
def either_shop(database: Database) -> Iterator[Shop]:
    """Open a shop on SQLite, then one on PostgreSQL."""
    with opened(database) as shop:
        yield shop


@pytest.fixture
def sqlite_shop_with_small_uploads(sqlite_template: Path, tmp_path: Path) -> Iterator[Shop]:
    """Open a shop that takes uploads of ten kilobytes."""
    with sqlite_copy(sqlite_template, tmp_path) as database:
        add_tenant(database)
        with opened(database, upload_limit_bytes=10_000) as shop:
            yield shop
