"""Pictures of all pages, busy and empty: ``python -m tests.browser.pictures``, ten minutes.

It runs a made-up day, an empty database and staged days on loopback, looks at every page in three sizes, light and
dark, and puts the six pictures of a page onto one sheet in ``docs/images/pages``. ``--whole FOLDER`` keeps the
pictures themselves; ``--only`` and ``--named`` take fewer.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx2
from PIL import Image
from playwright.sync_api import sync_playwright

from tests.browser.patience import patient
from tests.browser.staged import PAGES, PASSWORD, Served, migrated_in, sign_in, staged

SIZES = {"desk": (1440, 900), "small": (1024, 768), "hand": (390, 844)}
SCHEMES = ("light", "dark")
FLAGS = ("--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
FOLDER = Path("docs/images/pages")
PATIENCE_MS, SETTLES_MS, START_S, NOON_S = 60_000, 1_500, 240, 900
SCALE, COLOURS = 0.45, 96
FROM_VANS = 2
"""So many vans are heard of when the day is busy."""


def main() -> None:
    """Take the pictures of a busy day, of nothing at all, and of what a busy day may lack."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--only", choices=["busy", "empty", "staged"], help="take the pages of such days only")
    parser.add_argument("--named", nargs="*", default=(), help="take pages of these names only")
    parser.add_argument("--whole", type=Path, help="keep the pictures of each size there")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as made, sync_playwright() as driver:
        folder = asked.whole or Path(made)
        browser = launched(driver)
        for state, serving in (("busy", busy_day), ("empty", nothing_yet)):
            if asked.only not in (None, state):
                continue
            with serving(Path(made)) as served:
                taken = all_pages(browser, served, folder / state, asked.named)
            for name, pictures in taken.items():
                sheet(pictures, asked.folder / f"{name}-{state}.png")
        if asked.only in (None, "staged"):
            for name, pictures in staged_pages(browser, Path(made), folder / "staged", asked.named):
                sheet(pictures, asked.folder / f"{name}-staged.png")
        browser.close()


def launched(driver: Any) -> Any:
    """Start the browser of the machine, which draws by itself where there is no graphics card."""
    return driver.chromium.launch(executable_path=shutil.which("chromium"), args=[*FLAGS])


def all_pages(browser: Any, served: Served, folder: Path, named: Sequence[str]) -> dict[str, list[Path]]:
    """Take every page, or those named, in every size and scheme, and return the pictures by page."""
    folder.mkdir(parents=True, exist_ok=True)
    looking = browser.new_page()
    sign_in(looking, served)
    found = what_there_is(looking, served)
    pages = {name: page for name, page in found.items() if not named or name in named}
    looking.close()
    taken: dict[str, list[Path]] = {}
    views = {
        (size, scheme): _signed_in(browser, served, size, scheme) for size in SIZES for scheme in SCHEMES
    }  # those that change most come first: the day goes on meanwhile
    for name, (path, who) in pages.items():
        for (size, scheme), view in views.items():
            page = view if who == served else _signed_in(browser, who, size, scheme)
            target = folder / f"{name}-{size}-{scheme}.png"
            take(page, served.address + path, target)
            taken.setdefault(name, []).append(target)
            if page is not view:
                page.context.close()
    for page in views.values():
        page.context.close()
    return taken


def staged_pages(browser: Any, made: Path, folder: Path, named: Sequence[str]) -> Iterator[tuple[str, list[Path]]]:
    """Take pages of days that have what a made-up day may lack; give each page's pictures by its name."""
    folder.mkdir(parents=True, exist_ok=True)
    migrated = migrated_in(made)
    for name, (day, path, click) in PAGES.items():
        if named and name not in named:
            continue
        pictures = []
        with staged(migrated, made, day) as served:
            for size in SIZES:
                for scheme in SCHEMES:
                    page = _signed_in(browser, served, size, scheme)
                    pictures.append(folder / f"{name}-{size}-{scheme}.png")
                    take(page, served.address + (path or served.told), pictures[-1], click)
                    page.context.close()
        yield name, pictures


def what_there_is(page: Any, served: Served) -> dict[str, tuple[str, Served]]:
    """Return every page that this server can show, by name: its path, and who has to look at it."""
    found = {"dispatch": "/dispatch"} | _first(page, served, "/dispatch", "route", "/dispatch/routes/")
    found |= _first(page, served, found.get("route", ""), "order", "/dispatch/orders/")
    with suppress(Exception):
        page.goto(served.address + "/shoppers")
        page.click("table form button", timeout=5_000)
        found["shopper"] = page.url.removeprefix(served.address)
    whose = {name: (path, served) for name, path in found.items()}
    whose["driver"] = ("/driver", (driver_with_a_route(served) if served.key else None) or served)
    stores = _first(page, served, "/store", "store", "/store/") or {"store": "/store"}
    of_store = ("pick", "pack", "scan", "hand", "kerb", "returns", "exceptions") if stores["store"] != "/store" else ()
    rest = stores | {f"store-{name}": f"{stores['store']}/{name}" for name in of_store}
    rest |= {"start": "/", "plan": "/plan", "network": "/plan/network", "stock": "/plan/stock", "shoppers": "/shoppers"}
    rest |= {"carriers": "/plan/carriers"} | _first(page, served, "/plan/carriers", "carrier", "/plan/carriers/")
    return whose | {name: (path, served) for name, path in rest.items()}


def take(page: Any, address: str, path: Path, click: str = "") -> None:
    """Take a page once its maps are drawn, and what is to be clicked first was."""
    page.goto(address)
    if click:
        page.get_by_text(click, exact=True).first.click()
    if page.query_selector("ds-map"):
        with suppress(Exception):  # a map that is hidden on a telephone is never drawn
            page.wait_for_selector("ds-map[data-idle]", state="attached", timeout=PATIENCE_MS / 6)
    page.wait_for_timeout(SETTLES_MS)
    page.screenshot(path=path)


def sheet(pictures: list[Path], path: Path) -> None:
    """Put pictures of a page side by side, light above dark, smaller and with few colours."""
    rows = [
        [Image.open(picture).convert("RGB") for picture in pictures[n :: len(SCHEMES)]] for n in range(len(SCHEMES))
    ]
    gap = 16
    width = sum(one.width for one in rows[0]) + gap * (len(rows[0]) + 1)
    heights = [max(one.height for one in row) for row in rows]
    whole = Image.new("RGB", (width, sum(heights) + gap * (len(rows) + 1)), "#8a8f98")
    top = gap
    for row, height in zip(rows, heights, strict=True):
        left = gap
        for one in row:
            whole.paste(one, (left, top))
            left += one.width + gap
        top += height + gap
    small = whole.resize((round(whole.width * SCALE), round(whole.height * SCALE)), Image.Resampling.LANCZOS)
    path.parent.mkdir(parents=True, exist_ok=True)
    small.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    print(path, flush=True)


@contextmanager
def busy_day(folder: Path) -> Iterator[Served]:
    """Serve a made-up day, from when vans are on the road."""
    command = ("serve", "--demo", "--port", "0", "--speed", "60", "--orders", "200")
    with _running(command, folder, "ends the day") as text:
        address = _found(r"listens on (\S+)", text)
        key = _found(r"this once: (\S+)", text)
        email, password = _found(r"sign in as (\S+)", text), _found(r"with the password (\S+)", text)
        _wait_for_vans(address, key)
        yield Served(address, email, password, key)


@contextmanager
def nothing_yet(folder: Path) -> Iterator[Served]:
    """Serve an empty database, in which somebody may sign in."""
    database, secret, email = f"sqlite:///{folder / 'empty.db'}", folder / "password", "you@doorstep.example"
    secret.write_text(PASSWORD + "\n", encoding="utf-8")
    who = ("person", email, "--name", "You", "--role", "admin", "--password-file", str(secret))
    with _running(("serve", "--empty", "--port", "0", "--database-url", database), folder, "listens on") as text:
        subprocess.run([sys.executable, "-m", "doorstep", *who, "--database-url", database], check=True)
        yield Served(_found(r"listens on (\S+)", text), email, PASSWORD, "")


def _signed_in(browser: Any, served: Served, size: str, scheme: str) -> Any:
    width, height = SIZES[size]
    context = patient(browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme))
    page = context.new_page()
    sign_in(page, served)
    return page


def _first(page: Any, served: Served, on: str, name: str, begins: str) -> dict[str, str]:
    """Return the first page to which another one leads below a path."""
    if not on:
        return {}
    page.goto(served.address + on)
    led = re.findall(rf'href="({re.escape(begins)}[^"]+)"', page.content())
    return {name: led[0]} if led else {}


def driver_with_a_route(served: Served) -> Served | None:
    """Make somebody a driver and give them a route; None if there is no route to give."""
    with httpx2.Client(base_url=served.address, headers={"Authorization": f"Bearer {served.key}"}) as client:
        who = {"email": "driver@doorstep.example", "name": "Driver", "role": "driver"}
        person = client.post("/v1/people", json=who).json()
        for state in ("assigned", "planned"):
            for route in client.get(f"/v1/routes?state={state}").json()["items"]:
                given = client.post(f"/v1/routes/{route['id']}/assign", json={"driver": person["id"]})
                if given.status_code == 200:
                    return served._replace(email=who["email"], password=person["password"])
    return None


@contextmanager
def _running(words: tuple[str, ...], folder: Path, ready: str) -> Iterator[str]:
    """Run ``doorstep`` until left; give what it has printed once it has said ``ready``."""
    output = folder / f"{words[1].strip('-')}.txt"
    with output.open("w", encoding="utf-8") as writes:
        process = subprocess.Popen([sys.executable, "-m", "doorstep", *words], stdout=writes, stderr=subprocess.STDOUT)
        try:
            ends = time.monotonic() + START_S
            while ready not in (text := output.read_text(encoding="utf-8")):
                if process.poll() is not None or time.monotonic() > ends:
                    raise SystemExit(f"doorstep {' '.join(words)} did not start:\n{text}")
                time.sleep(0.5)
            yield text
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_for_vans(address: str, key: str) -> None:
    ends = time.monotonic() + NOON_S
    with httpx2.Client(base_url=address, headers={"Authorization": f"Bearer {key}"}) as client:
        while time.monotonic() < ends:
            out = client.get("/v1/routes?state=in_progress").json().get("items", [])
            if len(out) >= FROM_VANS:
                return
            time.sleep(5)


def _found(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    if not found:
        raise SystemExit(f"{pattern} is not in what the server printed:\n{text}")
    return found.group(1)


if __name__ == "__main__":
    main()
