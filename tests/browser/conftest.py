"""What browser tests share: Chromium driven by Playwright, a server on loopback; without the two they are skipped."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from fastapi import FastAPI

from tests.browser.loopback import serving_on_loopback


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
    return serving_on_loopback
