"""A real Chromium for tests, and applications served on loopback; skipped where there is none."""

import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

import pytest
import uvicorn
from fastapi import FastAPI

from doorstep.console.shell.files import is_built


@pytest.fixture(scope="session")
def chromium():
    """Start a browser without a window; it ends with the tests."""
    play = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed: .ci/run installs it.")
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no Chromium is installed: .ci/run installs it.")
    if not is_built():
        pytest.skip("the elements are not built: npm ci && node build.mjs in frontend/ builds them.")
    with play.sync_playwright() as player:
        browser = player.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def served(make: Callable[[str], FastAPI]) -> Iterator[str]:
    """Serve the application that is made for an address, and give that address."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        address = f"http://127.0.0.1:{door.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(make(address), log_config=None, lifespan="off"))
        thread = Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
        thread.start()
        try:
            yield address
        finally:
            server.should_exit = True
            thread.join(10)
