"""An HTTP server inside a command: it says where it listens, and leaves the end of the process to the command."""

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn


class ListeningServer(uvicorn.Server):
    """Says where it listens, and lets the rest of the process end in order when it is told to end.

    Parameters
    ----------
    line
        What it says, with ``{}`` for its address.
    """

    def __init__(self, config: uvicorn.Config, line: str) -> None:
        super().__init__(config)
        self._line = line

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Return the context in which signals ask this server to end, and are not raised again afterwards."""
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, and say where."""
        await super().startup(sockets)
        for server in self.servers if self.started else ():
            for listening in server.sockets:
                host, port = listening.getsockname()[:2]
                self.listens(f"http://{host}:{port}")

    def listens(self, address: str) -> None:
        """Say that it listens on an address."""
        print(self._line.format(address), flush=True)
