"""Workers over a clock that stands still until a test moves it."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, Event

import numpy as np

from doorstep.connectors.webhooks import Sender
from doorstep.storage import Database, Writer
from doorstep.worker import Handler, Periodic, Publisher, SendsWebhooks, Worker, WorkerSettings
from tests.databases import NOW

BOUND_S = 120.0
LOCAL = Sender(allow_loopback=True)


class Clock:
    """The present as the test wants it."""

    def __init__(self, now: int = NOW) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


class Figures:
    """Counts what the worker does, and lets a test wait for it."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self._changed = Condition()

    def __call__(self, name: str, kind: str) -> None:
        with self._changed:
            self.counts[name, kind] += 1
            self._changed.notify_all()

    def wait_for(self, name: str, kind: str, times: int = 1) -> bool:
        """Wait until something has been counted."""
        with self._changed:
            return self._changed.wait_for(lambda: self.counts[name, kind] >= times, BOUND_S)


@contextmanager
def started(*workers: Worker) -> Iterator[None]:
    """Let workers run in their own threads until the end of the context."""
    for worker in workers:
        worker.start()
    try:
        yield
    finally:
        for worker in workers:
            worker.stop()


def worker_on(
    database: Database,
    clock: Clock,
    *,
    handlers: dict[str, Handler] | None = None,
    periodic: tuple[Periodic, ...] = (),
    sender: SendsWebhooks | None = None,
    publisher: Publisher | None = None,
    writer: Writer | None = None,
    wake: Event | None = None,
    name: str = "ann",
    count: Figures | None = None,
    grace_s: float = BOUND_S,
    sends_at_once: int = 8,
) -> Worker:
    """Return a worker that does only what a test gives it."""
    return Worker(
        database,
        writer,
        clock=clock,
        rng=np.random.default_rng(7),
        sender=sender,
        publisher=publisher,
        wake=wake,
        name=name,
        settings=WorkerSettings(poll_s=0.05, spacing_s=0.0, grace_s=grace_s, sends_at_once=sends_at_once),
        handlers=handlers,
        periodic=periodic,
        count=count or Figures(),
    )
