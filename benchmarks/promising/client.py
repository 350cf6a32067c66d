"""An open loop through HTTP: requests leave when they are due, whether or not those before them are answered."""

import asyncio
import gc
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import uvloop

from doorstep.foundation.arrays import Floats

CONNECTIONS = 32
END_S = 30.0
"""How long after the last request answers are waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Driven:
    """What became of requests: waits from when each was due to its whole answer (N,) [s], and what it took.

    ``failed`` counts answers that are not 200, ``lost`` those that never came; both have the longest wait.
    """

    waits: Floats
    failed: int
    lost: int
    wall_s: float
    cpu_s: float


def drive(ports: Sequence[int], key: str, bodies: Sequence[bytes], due_s: Floats) -> Driven:
    """Send requests at their moments (N,) [s from the start], over connections spread evenly over the servers."""
    gc.disable()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_Load(ports, key, bodies, due_s).run())


class _Load:
    def __init__(self, ports: Sequence[int], key: str, bodies: Sequence[bytes], due_s: Floats) -> None:
        self._ports = ports
        self._requests = [_request(key, body) for body in bodies]
        self._due = due_s.tolist()
        self._free: deque[_Line] = deque()
        self._waiting: deque[int] = deque()
        self._waits = [END_S] * len(bodies)
        self._started, self._next, self._left, self._failed = 0.0, 0, len(bodies), 0

    async def run(self) -> Driven:
        """Send everything and return what became of it."""
        self._loop = asyncio.get_running_loop()
        self._done = asyncio.Event()
        for number in range(CONNECTIONS):
            port = self._ports[number % len(self._ports)]
            await self._loop.create_connection(lambda: _Line(self), "127.0.0.1", port)
        cpu, self._started = time.process_time(), self._loop.time()
        self._send_due()
        try:
            async with asyncio.timeout(self._due[-1] + END_S):
                await self._done.wait()
        except TimeoutError:
            pass
        wall_s = self._loop.time() - self._started
        return Driven(
            waits=np.array(self._waits), failed=self._failed, lost=self._left, wall_s=wall_s,
            cpu_s=time.process_time() - cpu,
        )  # fmt: skip

    def _send_due(self) -> None:
        now = self._loop.time() - self._started
        while self._next < len(self._due) and self._due[self._next] <= now:
            self._waiting.append(self._next)
            self._next += 1
        self._give()
        if self._next < len(self._due):
            self._loop.call_at(self._started + self._due[self._next], self._send_due)

    def _give(self) -> None:
        while self._waiting and self._free:
            number = self._waiting.popleft()
            self._free.popleft().ask(number, self._requests[number])

    def free(self, line: "_Line") -> None:
        """Take a connection back."""
        self._free.append(line)
        self._give()

    def answered(self, number: int, *, well: bool) -> None:
        """Note an answer."""
        self._left -= 1
        if well:
            self._waits[number] = self._loop.time() - self._started - self._due[number]
        self._failed += not well
        if not self._left:
            self._done.set()


class _Line(asyncio.Protocol):
    """A connection that carries one request at a time."""

    def __init__(self, load: _Load) -> None:
        self._load = load
        self._came, self._wanted, self._number = b"", 0, -1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Offer itself."""
        self._transport = transport
        self._load.free(self)

    def ask(self, number: int, request: bytes) -> None:
        """Send a request."""
        self._came, self._wanted, self._number = b"", 0, number
        self._transport.write(request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        """Collect the answer; its length is in its head."""
        self._came += data
        if not self._wanted:
            head = self._came.find(b"\r\n\r\n")
            if head < 0:
                return
            length = self._came[:head].lower().split(b"content-length: ")[1].split(b"\r\n")[0]
            self._wanted = head + 4 + int(length)
        if len(self._came) >= self._wanted:
            self._load.answered(self._number, well=self._came.startswith(b"HTTP/1.1 200"))
            self._load.free(self)


def _request(key: str, body: bytes) -> bytes:
    head = (
        f"POST /v1/options HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
