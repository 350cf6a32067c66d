"""Chromium without a graphics card: its frames are drawn by the processor (SwiftShader)."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, sync_playwright

DRAWN = ("--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
         "--ignore-gpu-blocklist")  # fmt: skip


@contextmanager
def chromium() -> Iterator[Browser | None]:
    """Yield a browser, None where there is no Chromium."""
    path = shutil.which("chromium")
    if path is None:
        yield None
        return
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=list(DRAWN))
        yield browser
        browser.close()


def person(browser: Browser, address: str, session: str) -> BrowserContext:
    """Return the browser of a person who has signed in, with nothing kept."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    if session:
        context.add_cookies([{"name": "doorstep_session", "value": session, "url": address}])
    return context
