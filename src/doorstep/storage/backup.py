"""A copy of the database that can be put back, taken while it is in use."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from doorstep.foundation import ConflictError, InputError, UpstreamError
from doorstep.storage import dumps, migrations
from doorstep.storage.database import Database

PATIENCE_S = 2.0
"""How long a restore waits for those who are just about to close an SQLite file."""
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_DAMAGED = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)


def backup(database: Database, target: Path) -> None:
    """Write a copy as of one moment; SQLite gives a database file, PostgreSQL the custom format of ``pg_dump``.

    Only its owner may read it. Whatever goes wrong, there is either a whole copy or none.

    Raises
    ------
    ConflictError
        If the target is there already.
    InputError
        If there is no folder for it, or no table in the database.
    UpstreamError
        If the copy cannot be written, or ``pg_dump`` is missing or fails.
    """
    if target.exists():
        raise ConflictError(f"{target} is there already.", hint="Maybe give another name.")
    if not target.absolute().parent.is_dir():
        raise InputError(f"{target.absolute().parent} is not a folder.")
    if not migrations.current(database):
        raise InputError("this database has no tables to copy.", hint="Maybe --database-url names another one.")
    unfinished = target.with_name(target.name + ".part")
    unfinished.unlink(missing_ok=True)
    try:
        unfinished.touch(mode=0o600)
        if database.dialect == "sqlite":
            _copy_file(_file_of(database), unfinished)
        else:
            dumps.dump(database.url, unfinished, schema=_schema(database))
        _to_disk(unfinished)
        unfinished.rename(target)
        _to_disk(target.absolute().parent)
    except (OSError, sqlite3.Error) as fault:
        raise UpstreamError(f"{target} could not be written: {fault}.") from fault
    finally:
        unfinished.unlink(missing_ok=True)


def restore(database: Database, source: Path) -> None:
    """Put a copy in the place of the database, which nobody may be using; whatever goes wrong, the old one stays.

    An SQLite file too damaged to be written to is kept beside the new one, with ``.damaged`` behind its name.

    Raises
    ------
    InputError
        If the source is not a whole copy of a database of this kind, or one of a newer release.
    ConflictError
        If somebody uses the database.
    UpstreamError
        If the database cannot be written, or a program of PostgreSQL is missing or fails.
    """
    if not source.is_file():
        raise InputError(f"{source} is not a file.")
    database.disconnect()
    if database.dialect == "sqlite":
        _restore_file(database, source)
        return
    schema = _schema(database)
    _expect_known(source, dumps.revision(source, schema=schema))
    if others := _others(database):
        raise _in_use(f"{others} connections are open")
    database.disconnect()
    dumps.restore(database.url, source, schema=schema)


def _file_of(database: Database) -> Path:
    return Path(str(database.url.database))


def _copy_file(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as reading, closing(sqlite3.connect(target)) as copy:
        reading.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without companions


def _restore_file(database: Database, source: Path) -> None:
    target = _file_of(database)
    if target.exists() and source.samefile(target):
        raise InputError(f"{source} is the database itself.", hint="Maybe name the copy.")
    with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as copy:
        _expect_known(source, _sound_revision(source, copy))
        try:
            with database.turn():
                _set_aside_if_damaged(target)
                with closing(sqlite3.connect(target)) as written:
                    copy.backup(written)
        except (OSError, sqlite3.Error) as fault:
            raise UpstreamError(
                f"the database could not be written: {fault}.", hint="Maybe the disk is full."
            ) from fault


def _sound_revision(source: Path, copy: sqlite3.Connection) -> str:
    """Return the revision of a copy in an SQLite file, after every page of it has been looked at."""
    try:
        faults = [str(fault) for (fault,) in copy.execute("PRAGMA integrity_check(1)")]
        if faults != ["ok"]:
            raise InputError(f"{source} is damaged: {' '.join(faults)}.", hint="Maybe an older copy is whole.")
        revision = copy.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.DatabaseError as fault:
        raise InputError(f"{source} is not a whole copy of an SQLite database of doorstep: {fault}.") from fault
    return str(revision[0]) if revision else ""


def _expect_known(source: Path, revision: str) -> None:
    if not revision:
        raise InputError(f"{source} holds no tables of doorstep.")
    if revision not in migrations.known():
        raise InputError(
            f"{source} is at revision {revision}, this release knows no newer one than {migrations.newest()}.",
            hint="Maybe it was made by a newer release: install that one first.",
        )


def _set_aside_if_damaged(target: Path) -> None:
    """Let a file stand alone, with what its companions knew in it; one that is no database any more is renamed.

    While anybody has the file open, SQLite refuses to leave WAL mode: that is how others are noticed.
    """
    try:
        with closing(sqlite3.connect(target, timeout=PATIENCE_S)) as old:
            old.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.DatabaseError as fault:
        if fault.sqlite_errorcode in _BUSY:
            raise _in_use("somebody has its file open") from fault
        if fault.sqlite_errorcode not in _DAMAGED:
            raise
        for companion in ("-wal", "-shm", "-journal", ""):
            damaged = Path(f"{target}{companion}")
            if damaged.exists():
                damaged.replace(f"{target}.damaged{companion}")


def _in_use(why: str) -> ConflictError:
    return ConflictError(f"the database is in use: {why}.", hint="Maybe stop the server and its workers first.")


def _schema(database: Database) -> str:
    with database.reading() as connection:
        return str(connection.execute(sa.select(sa.func.current_schema())).scalar_one())


def _others(database: Database) -> int:
    """Return how many connections others have to a PostgreSQL database; its own housekeepers have no name."""
    query = """SELECT COUNT(*) FROM pg_stat_activity
    WHERE datname = current_database() AND usename IS NOT NULL AND pid <> pg_backend_pid()"""
    with database.reading() as connection:
        return int(connection.execute(sa.text(query)).scalar_one())


def _to_disk(path: Path) -> None:
    """Wait until a file, or the names in a folder, would survive a power cut."""
    if os.name == "nt" and path.is_dir():
        return  # Windows opens no folders
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
