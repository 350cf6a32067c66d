"""Whose turn it is to write: a lock on a file, first come, first served, released by the system if its holder dies.

PostgreSQL lets all write at once; for the few things that only one may do at a time it has a lock of its own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

import sqlalchemy as sa

try:
    import fcntl
except ModuleNotFoundError:  # Windows: one process may write, and its threads take turns by the lock inside
    fcntl = None  # type: ignore[assignment]

_TURN = 0x646F6F7273746570
"""A number for PostgreSQL's advisory lock that nobody else uses: eight letters."""


class FileTurns:
    """Turns of the writers of one SQLite file, across threads and processes."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w")
        self._inside = Lock()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for the turn and hold it."""
        with self._inside:
            if fcntl is not None:
                fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                if fcntl is not None:
                    fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Close the file; a turn that is held ends."""
        self._file.close()


def take_turn(inner: sa.Connection) -> None:
    """Wait on PostgreSQL until no other transaction has this turn, and keep it to the end of this one."""
    inner.execute(sa.select(sa.func.pg_advisory_xact_lock(_TURN)))
