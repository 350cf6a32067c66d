"""Copies of a PostgreSQL database by its own programs, which must be on the PATH and not older than the server."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import sqlalchemy as sa

from doorstep.foundation import InputError, UpstreamError

MOST_SAID = 500
_VERSION = re.compile(r"^COPY \S*alembic_version .*;\n(\w+)$", re.MULTILINE)
_CLEAR = """
BEGIN;
DO $$
DECLARE one text;
BEGIN
  FOR one IN
    SELECT format('%I.%I', t.schemaname, t.tablename) FROM pg_tables t
    WHERE t.schemaname = current_schema() AND NOT EXISTS (
      SELECT FROM pg_depend d WHERE d.deptype = 'e' AND d.classid = 'pg_class'::regclass
        AND d.objid = format('%I.%I', t.schemaname, t.tablename)::regclass)
  LOOP
    EXECUTE 'DROP TABLE ' || one || ' CASCADE';
  END LOOP;
END $$;
"""
"""All tables go, also those that the copy does not know, but none of an extension."""


def dump(url: sa.URL, target: Path, *, schema: str) -> None:
    """Write the tables of a schema, as of one moment, in the custom format of ``pg_dump``.

    Raises
    ------
    UpstreamError
        If ``pg_dump`` is missing or fails.
    """
    command = [_program("pg_dump"), "--format=custom", f'--schema="{schema}"', f"--file={target}", *_place(url)]
    done = subprocess.run(command, env=_environment(url), capture_output=True, check=False)
    if done.returncode:
        raise UpstreamError(f"pg_dump failed: {_line(done.stderr)}")


def revision(source: Path, *, schema: str) -> str:
    """Return the revision of the tables that a dump has of a schema, empty for none.

    Raises
    ------
    InputError
        If it is no dump in custom format.
    """
    wanted = ["--data-only", f"--schema={schema}", "--table=alembic_version"]
    command = [_program("pg_restore"), *wanted, "--file=-", str(source)]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        raise InputError(f"{source} is not a whole dump of a PostgreSQL database: {_line(done.stderr)}")
    found = _VERSION.search(done.stdout.decode("utf-8", "replace"))
    return found[1] if found else ""


def restore(url: sa.URL, source: Path, *, schema: str) -> None:
    """Put a dump in the place of all tables of a schema, in one transaction.

    ``pg_restore`` writes a script, ``psql`` runs it; only when the first has come to its end is the second told to
    commit.

    Raises
    ------
    InputError
        If the dump is damaged.
    UpstreamError
        If a program is missing or the database refuses.
    """
    giving = [_program("pg_restore"), "--no-owner", f"--schema={schema}", "--file=-", str(source)]
    taking = [_program("psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", *_place(url)]
    with TemporaryFile() as fault, TemporaryFile() as refusal:
        with (
            subprocess.Popen(
                taking, env=_environment(url), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=refusal
            ) as psql,
            subprocess.Popen(giving, stdout=subprocess.PIPE, stderr=fault) as pg_restore,
        ):
            ended_early = not _pass_on(pg_restore, psql, first=_CLEAR)
        if pg_restore.returncode and not ended_early:
            raise InputError(f"{source} is damaged: {_read(fault)}", hint="Maybe an older copy is whole.")
        if psql.returncode:
            raise UpstreamError(f"psql failed: {_read(refusal)}")


def _pass_on(giving: "subprocess.Popen[bytes]", taking: "subprocess.Popen[bytes]", *, first: str) -> bool:
    """Hand a script over and have it committed if it was whole; return whether the other side took it to its end."""
    assert giving.stdout is not None
    assert taking.stdin is not None
    try:
        with giving.stdout as script, taking.stdin as taken:
            taken.write(first.encode())
            shutil.copyfileobj(script, taken)
            if giving.wait() == 0:
                taken.write(b"COMMIT;\n")
    except BrokenPipeError:
        return False
    return True


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise UpstreamError(
            f"{name} is not on the PATH.", hint="Maybe install the PostgreSQL client, as new as the server or newer."
        )
    return found


def _place(url: sa.URL) -> list[str]:
    """Return how to reach a database: its address without the password, which every list of processes would show."""
    address = sa.URL.create(
        "postgresql", username=url.username, host=url.host, port=url.port, database=url.database, query=url.query
    )
    return [f"--dbname={address.render_as_string(hide_password=False)}"]


def _environment(url: sa.URL) -> dict[str, str]:
    return {**os.environ, **({"PGPASSWORD": str(url.password)} if url.password else {})}


def _read(said: IO[bytes]) -> str:
    said.seek(0)
    return _line(said.read())


def _line(said: bytes) -> str:
    """Return what a program said, in a line."""
    words = " ".join(said.decode("utf-8", "replace").split())
    return f"{words.rstrip('.')[:MOST_SAID]}." if words else "it did not say why."
