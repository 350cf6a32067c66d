"""Migrations give the tables of the schema, also where several processes bring one database to them together."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from doorstep.storage import Database
from doorstep.storage.migrations import current, downgrade, known, newest, upgrade
from doorstep.storage.schema import metadata
from tests.databases import Server

BOUND_S = 60
TOGETHER = 3
UPGRADE = """
import sys
from doorstep.storage import Database
from doorstep.storage.migrations import upgrade
database = Database(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
print(upgrade(database))
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the address of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'bare.db'}"
        return
    server: Server = request.getfixturevalue("postgresql")
    url = server.fresh("template0")
    yield url
    server.drop(url)


def test_those_who_start_together_find_one_set_of_tables(bare: str):
    command = [sys.executable, "-c", UPGRADE, bare]
    others = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(TOGETHER)
    ]
    for other in others:
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
    for other in others:
        assert other.stdin is not None
        other.stdin.write("go\n")
        other.stdin.flush()
    said = [other.communicate(timeout=BOUND_S)[0] for other in others]
    assert said == [f"{newest()}\n"] * TOGETHER


def test_the_newest_revision_has_the_tables_of_the_schema(bare: str):
    database = Database(bare)
    assert current(database) == ""
    upgrade(database)
    with database.engine().begin() as inner:
        context = MigrationContext.configure(inner, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    assert current(database) == newest()
    assert newest() in known()
    downgrade(database, "base")
    with database.engine().begin() as inner:
        assert sa.inspect(inner).get_table_names() == ["alembic_version"]
    assert upgrade(database) == newest()
    database.close()
