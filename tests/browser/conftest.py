"""What browser tests share: Chromium driven by Playwright, a server on loopback; without the two they are skipped."""

import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Thread
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Start a browser for the tests of a module: while it is there no other test of its process can run a loop."""
    playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need the package playwright.")
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("browser tests need chromium on the path: apt-get install chromium.")
    drawn = ("--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=[*drawn, "--ignore-gpu-blocklist"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def serving() -> Callable[[FastAPI], AbstractContextManager[str]]:
    """Return what serves an application on loopback and says at which address."""
    return _serving


@contextmanager
def _serving(app: FastAPI) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, ws="none"))
        thread = Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(60)
