"""One thread that writes, many orders a commit.

A commit costs one wait for the disk, whatever it holds; so what arrives while one batch commits makes up the next one
(group commit). A request is answered only after the commit that holds it returned. Requests of one kind in a batch are
handed to their operation together; one that fails is taken back alone and harms no other.
"""

import logging
import queue
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any, Generic, TypeVar

from sqlalchemy.exc import DBAPIError

from doorstep.foundation import ConflictError, DoorstepError, InternalError, UpstreamError
from doorstep.storage.connection import Connection
from doorstep.storage.database import Database

R = TypeVar("R")
T = TypeVar("T")
Together = Callable[[Connection, Sequence[R]], Sequence[T | DoorstepError]]
TRIES = 5
_log = logging.getLogger(__name__)


class OverloadedError(UpstreamError):
    """More work waits than can be done soon: come back later."""


class DatabaseUnavailableError(UpstreamError):
    """The database refused or went away: nothing of the request was kept."""


@dataclass(slots=True, eq=False)
class _Request(Generic[R, T]):
    operation: Together[R, T]
    what: R
    future: "Future[T]" = field(default_factory=Future)
    answer: Any = None
    failed: BaseException | None = None


class Writer:
    """The thread through which everything is written.

    Parameters
    ----------
    most
        Requests in one commit.
    waiting
        Requests that may wait; one more is refused with ``OverloadedError``.
    committed
        Set after every commit, to wake whoever has to do with what changed.
    """

    def __init__(
        self, database: Database, *, most: int = 64, waiting: int = 2_000, committed: Event | None = None
    ) -> None:
        self._database = database
        self._committed = committed or Event()
        self._most = most
        self._waiting: queue.Queue[_Request[Any, Any] | None] = queue.Queue(maxsize=waiting)
        self._closed = False
        self._thread = Thread(target=self._work, name="writer", daemon=True)
        self._thread.start()

    def call(self, operation: Callable[[Connection], T]) -> "Future[T]":
        """Run an operation in a transaction of the writer; the future resolves after its commit."""

        def alone(connection: Connection, _requests: Sequence[None]) -> Sequence[T]:
            return [operation(connection)]

        return self.together(alone, None)

    def together(self, operation: Together[R, T], request: R) -> "Future[T]":
        """Hand a request to an operation that takes many at once and answers each, in order.

        An answer that is a ``DoorstepError`` is raised to the one who asked.

        Raises
        ------
        OverloadedError
            If too many requests wait.
        """
        asked = _Request(operation, request)
        if self._closed:
            raise DatabaseUnavailableError("the writer is closing.")
        try:
            self._waiting.put_nowait(asked)
        except queue.Full:
            raise OverloadedError(f"{self._waiting.maxsize} requests wait to be written.") from None
        return asked.future

    @property
    def backlog(self) -> int:
        """How many requests wait."""
        return self._waiting.qsize()

    def close(self) -> None:
        """Write what waits, then stop."""
        if not self._closed:
            self._closed = True
            self._waiting.put(None)
            self._thread.join()

    def _work(self) -> None:
        while (first := self._waiting.get()) is not None:
            batch, last = [first], False
            while len(batch) < self._most and not last:
                try:
                    found = self._waiting.get_nowait()
                except queue.Empty:
                    break
                last = found is None
                batch += [] if found is None else [found]
            self._settle([request for request in batch if request.future.set_running_or_notify_cancel()])
            if last:
                return

    def _settle(self, batch: list[_Request[Any, Any]]) -> None:
        """Commit a batch and answer it; a batch that met another writer's lock in a circle is tried again."""
        for tried in range(TRIES):
            try:
                self._commit(batch)
                break
            except Exception as fault:
                if tried < TRIES - 1 and _may_work_again(fault):
                    continue
                _log.exception("a batch of %d could not be committed", len(batch))
                cause = fault.__cause__ if isinstance(fault, _NotBegunToCommitError) else fault
                for request in batch:
                    request.failed = DatabaseUnavailableError(f"the database did not commit: {type(cause).__name__}.")
                break
        for request in batch:
            if request.failed is not None:
                request.future.set_exception(request.failed)
            else:
                request.future.set_result(request.answer)

    def _commit(self, batch: list[_Request[Any, Any]]) -> None:
        groups: dict[Together[Any, Any], list[_Request[Any, Any]]] = {}
        for request in batch:
            request.failed = None
            groups.setdefault(request.operation, []).append(request)
        with self._database.writing() as connection:
            try:
                for operation, requests in groups.items():
                    _do(connection, operation, requests)
            except Exception as fault:
                # Before the commit a lost connection is a rollback; in the commit nobody knows what it was.
                raise _NotBegunToCommitError from fault
        self._committed.set()


class _NotBegunToCommitError(Exception):
    """The transaction was lost while it was made up; never leaves this module."""


def _do(connection: Connection, operation: Together[Any, Any], requests: list[_Request[Any, Any]]) -> None:
    """Run an operation on its requests; if it raises, on each alone, so that the one at fault is found."""
    try:
        with connection.savepoint():
            answers = operation(connection, [request.what for request in requests])
    except Exception as fault:
        if is_fatal(fault):
            raise
        if len(requests) > 1:
            for request in requests:
                _do(connection, operation, [request])
            return
        requests[0].failed = _told(fault)
        return
    for request, answer in zip(requests, answers, strict=True):
        request.answer = answer
        request.failed = answer if isinstance(answer, DoorstepError) else None


def _names(fault: BaseException) -> set[str]:
    inner = fault.orig if isinstance(fault, DBAPIError) else fault
    return {kind.__name__ for kind in type(inner).__mro__} if inner is not None else set()


def is_fatal(fault: BaseException) -> bool:
    """Return whether the transaction as a whole is lost: disk full, connection gone, deadlock."""
    return bool(_names(fault) & {"OperationalError", "InterfaceError"})


def _may_work_again(fault: BaseException) -> bool:
    """Return whether the same work may succeed now: another writer was in the way, or the connection had died."""
    chain: list[BaseException] = []
    here: BaseException | None = fault
    while here is not None and here not in chain:  # what broke a savepoint hides what broke the work inside
        chain.append(here)
        here = here.__cause__ or here.__context__
    names = set().union(*(_names(one) for one in chain))
    lost = {"AdminShutdown", "ConnectionDoesNotExist"} if isinstance(fault, _NotBegunToCommitError) else set()
    return bool(names & ({"DeadlockDetected", "SerializationFailure"} | lost))


def _told(fault: Exception) -> BaseException:
    if isinstance(fault, DoorstepError):
        return fault
    if "IntegrityError" in _names(fault):
        return ConflictError("the change contradicts what another one has just stored.", hint="Maybe try again.")
    _log.error("an operation failed", exc_info=fault)
    return InternalError(f"the operation failed: {type(fault).__name__}: {fault}")
