"""Pictures of the pages of a server that runs: ``python -m tests.browser.pictures ADDRESS EMAIL PASSWORD FOLDER``.

Every page of the desks, the store and the driver in three sizes, light and dark; with ``--best`` only those of the
README.
Best while ``doorstep serve --demo`` is about noon of its day.
"""

import argparse
import re
import shutil
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

SIZES = {"desk": (1440, 900), "small": (1024, 768), "hand": (390, 844)}
PAGES = {
    "start": "/", "dispatch": "/dispatch", "plan": "/plan", "network": "/plan/network", "stock": "/plan/stock",
    "store": "/store", "shoppers": "/shoppers", "driver": "/driver",
}  # fmt: skip
BEST = {
    ("dispatch", "desk", "light"),
    ("dispatch", "desk", "dark"),
    ("plan", "desk", "light"),
    ("store", "hand", "light"),
}
FLAGS = ("--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
PATIENCE_MS = 60_000


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("address", "email", "password", "folder"):
        parser.add_argument(name)
    parser.add_argument("--best", action="store_true")
    asked = parser.parse_args()
    folder = Path(asked.folder)
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=[*FLAGS])
        for size, (width, height) in SIZES.items():
            for scheme in ("light", "dark"):
                wanted = [name for name in PAGES if not asked.best or (name, size, scheme) in BEST]
                if not wanted:
                    continue
                page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
                _sign_in(page, asked.address, asked.email, asked.password)
                pages = PAGES | _further(page, asked.address)
                for name in [*wanted, *([] if asked.best else pages.keys() - PAGES.keys())]:
                    _take(page, asked.address + pages[name], folder / f"{name}-{size}-{scheme}.png")
                page.close()
        browser.close()


def _sign_in(page: Any, address: str, email: str, password: str) -> None:
    page.goto(address + "/sign-in")
    page.fill("[name=email]", email)
    page.fill("[name=password]", password)
    page.click("button.primary")


def _further(page: Any, address: str) -> dict[str, str]:
    """Return the first route of the board, and the first order on it."""
    page.goto(address + "/dispatch")
    found = {}
    routes = re.findall(r'href="(/dispatch/routes/[^"]+)"', page.content())
    if routes:
        found["route"] = routes[0]
        page.goto(address + routes[0])
        orders = re.findall(r'href="(/dispatch/orders/[^"]+)"', page.content())
        found.update({"order": orders[0]} if orders else {})
    return found


def _take(page: Any, address: str, path: Path) -> None:
    page.goto(address)
    if page.query_selector("ds-map"):
        page.wait_for_selector("ds-map[data-idle]", state="attached", timeout=PATIENCE_MS)
    page.screenshot(path=path)
    print(path)


if __name__ == "__main__":
    main()
