"""A closed loop: so many orders in flight, the next one sent when one is answered."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Semaphore
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Measured:
    """What a run of requests took; latencies in milliseconds."""

    done: int
    failed: int
    wall_s: float
    cpu_s: float
    p50_ms: float
    p99_ms: float

    @property
    def per_s(self) -> float:
        """Requests answered well a second."""
        return self.done / self.wall_s


def run(send: Callable[[T], "Future[object]"], requests: Sequence[T], in_flight: int) -> Measured:
    """Send all requests, ``in_flight`` at a time, and measure each from sending to answer."""
    free, waits, failures = Semaphore(in_flight), [0.0] * len(requests), [0]
    started, used = time.perf_counter(), time.process_time()
    for number, request in enumerate(requests):
        free.acquire()
        at = time.perf_counter()

        def answered(future: "Future[object]", number: int = number, at: float = at) -> None:
            waits[number] = time.perf_counter() - at
            failures[0] += future.exception() is not None
            free.release()

        send(request).add_done_callback(answered)
    for _ in range(in_flight):
        free.acquire()
    return measured(waits, failures[0], time.perf_counter() - started, time.process_time() - used)


def measured(waits: Sequence[float], failed: int, wall_s: float, cpu_s: float) -> Measured:
    """Return the figures of a run from its waits [s]."""
    ordered = sorted(waits)
    at = {share: ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1_000 for share in (0.5, 0.99)}
    return Measured(len(waits) - failed, failed, wall_s, cpu_s, at[0.5], at[0.99])
