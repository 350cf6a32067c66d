"""Bringing a database to the tables of this release, step by step, keeping what is in it.

Each step is a module in ``versions``; Alembic knows which ones a database has had. To make one after a change of
``storage.schema``: ``doorstep db revise "what changes"``, then read what it wrote.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection as Inner
from sqlalchemy.exc import DatabaseError, OperationalError

from doorstep.foundation import UpstreamError
from doorstep.storage.database import Database
from doorstep.storage.turns import take_turn


def upgrade(database: Database, revision: str = "head") -> str:
    """Bring a database to a revision, by default the newest; return the revision it is at."""
    with _alone(database) as inner:
        command.upgrade(_config(inner), revision)
        return _current(inner)


def downgrade(database: Database, revision: str) -> str:
    """Take a database back to an older revision; return the revision it is at."""
    with _alone(database) as inner:
        command.downgrade(_config(inner), revision)
        return _current(inner)


def current(database: Database) -> str:
    """Return the revision that a database is at, empty for none."""
    with _alone(database) as inner:
        return _current(inner)


def newest() -> str:
    """Return the revision that this release of doorstep needs."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def known() -> set[str]:
    """Return all revisions that this release of doorstep can upgrade from, the newest too."""
    return {step.revision for step in ScriptDirectory.from_config(_config()).walk_revisions()}


def revise(database: Database, message: str) -> None:
    """Write a new step from the difference between a database and the schema."""
    with _alone(database) as inner:
        command.revision(_config(inner), message=message, autogenerate=True)


@contextmanager
def _alone(database: Database) -> Iterator[Inner]:
    """Open a transaction about tables, while nobody else has one: servers and workers start together.

    Raises
    ------
    UpstreamError
        If there is no server, or no database in the file.
    """
    try:
        with database.turn(), database.engine().begin() as inner:
            if database.dialect == "postgresql":
                take_turn(inner)
            yield inner
    except DatabaseError as fault:
        if type(fault) not in (DatabaseError, OperationalError):
            raise  # a statement of ours is wrong
        reason = " ".join(str(fault.orig).split())
        raise UpstreamError(f"the database cannot be used: {reason}.", hint="Maybe see database_url.") from fault


def _current(inner: Inner) -> str:
    return MigrationContext.configure(inner).get_current_revision() or ""


def _config(inner: Inner | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = inner
    return config
