"""A copy of the database that can be put back, taken while it is in use."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from doorstep.foundation import ConflictError, InputError, UpstreamError
from doorstep.storage.database import Database


def backup(database: Database, target: Path) -> None:
    """Write a copy as of one moment; SQLite gives a database file, PostgreSQL the custom format of ``pg_dump``.

    Raises
    ------
    ConflictError
        If the target is there already.
    UpstreamError
        If ``pg_dump`` is missing or fails.
    """
    if target.exists():
        raise ConflictError(f"{target} is there already.", hint="Maybe give another name.")
    unfinished = target.with_name(target.name + ".part")
    unfinished.unlink(missing_ok=True)
    if database.dialect == "sqlite":
        with (
            closing(sqlite3.connect(str(database.url.database))) as source,
            closing(sqlite3.connect(unfinished)) as copy,
        ):
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
    else:
        _run("pg_dump", database, ["--format=custom", f"--file={unfinished}"])
    with unfinished.open("rb") as written:
        os.fsync(written.fileno())
    unfinished.rename(target)


def restore(database: Database, source: Path) -> None:
    """Put a copy in the place of the database, which nobody may be using.

    Raises
    ------
    InputError
        If the source is not a whole copy.
    """
    if not source.is_file():
        raise InputError(f"{source} is not a file.")
    if database.dialect != "sqlite":
        _run("pg_restore", database, ["--clean", "--if-exists", "--single-transaction", str(source)])
        return
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as copy:
        try:
            sound = copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        except sqlite3.DatabaseError as fault:
            raise InputError(f"{source} is not a database: {fault}.") from fault
        if not sound:
            raise InputError(f"{source} is damaged.", hint="Maybe an older copy is whole.")
        database.disconnect()
        with database.turn(), closing(sqlite3.connect(str(database.url.database))) as target:
            copy.backup(target)


def _run(program: str, database: Database, arguments: list[str]) -> None:
    found = shutil.which(program)
    if found is None:
        raise UpstreamError(f"{program} is not installed.", hint="Maybe install postgresql-client.")
    url = database.url
    environment = os.environ | {"PGPASSWORD": str(url.password or "")}
    options = {"host": url.query.get("host", url.host), "port": url.port, "username": url.username}
    named = [f"--{name}={value}" for name, value in options.items() if value]
    done = subprocess.run(
        [found, *named, f"--dbname={url.database}", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise UpstreamError(f"{program} failed: {done.stderr.strip().splitlines()[-1:] or done.returncode}.")
