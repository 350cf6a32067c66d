"""A simulated carrier that listens on loopback for as long as a context lasts."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from doorstep.simulation.carriers.serving import Dialect

END_S = 10


@contextmanager
def on_loopback(dialect: Dialect) -> Iterator[str]:
    """Return the context in which a simulator listens, and its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(dialect.app, log_config=None, access_log=False, lifespan="off", ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(END_S)
            assert not thread.is_alive()
