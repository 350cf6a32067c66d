"""How the worker reaches the database, and how many things it does at once."""

import logging
from collections.abc import Callable
from threading import Condition, Event, Thread
from typing import TypeVar

from doorstep.foundation import DoorstepError
from doorstep.storage import Connection, Database, DatabaseUnavailableError, OverloadedError, Writer

T = TypeVar("T")
PAUSES_S = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 2.0, 5.0, 5.0, 5.0, 5.0)
"""Between tries of something that must be written while the database is away: half a minute in all."""
Count = Callable[[str, str], None]
"""Counts one more of something: its name, such as ``jobs_done``, and its kind."""
_log = logging.getLogger(__name__)


def uncounted(_name: str, _kind: str) -> None:
    """Count nothing."""


class Access:
    """The database, written through the process' writer where there is one.

    Parameters
    ----------
    stopping
        Set when the worker ends: then nobody waits for the database any longer.
    """

    def __init__(self, database: Database, writer: Writer | None, stopping: Event) -> None:
        self._database = database
        self._writer = writer
        self._stopping = stopping

    def read(self, operation: Callable[[Connection], T]) -> T:
        """Run an operation on one moment of the database."""
        with self._database.reading() as connection:
            return operation(connection)

    def write(self, operation: Callable[[Connection], T]) -> T:
        """Run an operation in a transaction and return after its commit."""
        if self._writer is not None:
            return self._writer.call(operation).result()
        with self._database.writing() as connection:
            return operation(connection)

    def write_patiently(self, operation: Callable[[Connection], T]) -> T:
        """Write something that is worth waiting for: the database may come back meanwhile.

        What the database refused may have been written all the same, so the operation must be safe to repeat.
        """
        for pause_s in PAUSES_S:
            try:
                return self.write(operation)
            except Exception as fault:
                if isinstance(fault, DoorstepError) and not isinstance(
                    fault, DatabaseUnavailableError | OverloadedError
                ):
                    raise
                _log.warning("the database did not write: %s", fault)
                if self._stopping.wait(pause_s):
                    break
        return self.write(operation)


class Crew:
    """Some threads that do one thing each; none of them keeps the process alive.

    Parameters
    ----------
    most
        How many there may be at once.
    freed
        Set whenever one has ended.
    """

    def __init__(self, name: str, most: int, freed: Event) -> None:
        self._name = name
        self._most = most
        self._freed = freed
        self._busy = 0
        self._changed = Condition()

    @property
    def free(self) -> int:
        """How many more things can be begun."""
        with self._changed:
            return self._most - self._busy

    @property
    def busy(self) -> bool:
        """Whether anything is being done."""
        with self._changed:
            return self._busy > 0

    def start(self, what: Callable[[], None]) -> None:
        """Begin something in a thread of its own."""
        with self._changed:
            self._busy += 1
        Thread(target=self._do, args=(what,), name=self._name, daemon=True).start()

    def wait_idle(self, timeout_s: float) -> bool:
        """Wait until nothing is being done, and return whether that came to be in time."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._busy, timeout_s)

    def _do(self, what: Callable[[], None]) -> None:
        try:
            what()
        except Exception:
            _log.exception("a thread of %s failed", self._name)
        finally:
            with self._changed:
                self._busy -= 1
                self._changed.notify_all()
            self._freed.set()
