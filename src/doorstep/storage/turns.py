"""Whose turn it is to write: a lock on a file, first come, first served, released by the system if its holder dies."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

try:
    import fcntl
except ModuleNotFoundError:  # Windows: one process may write, and its threads take turns by the lock inside
    fcntl = None  # type: ignore[assignment]


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
