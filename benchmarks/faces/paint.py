"""When the first page of each face is there: first contentful paint with nothing kept, from loopback."""

from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.faces.browser import chromium, person
from benchmarks.faces.day import Row, furnish
from benchmarks.tracking.positions import listening

MOST_S, MOST_BYTES, TRIES = 1.0, 60_000, 3
ASKED = """() => {
  const paint = performance.getEntriesByType('paint').find((one) => one.name === 'first-contentful-paint')
  const all = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
  const of_map = (one) => /\\/built\\/map|map\\.json/.test(one.name)
  const bytes = (some) => some.reduce((sum, one) => sum + one.transferSize, 0)
  return [paint ? paint.startTime : -1, bytes(all.filter((one) => !of_map(one))), bytes(all)]
}"""
"""A map's own files are those whose names begin with map."""


def measure(vans: int) -> list[Row]:
    """Return a row for each first page: the quickest and slowest of three first paints, and what was sent before."""
    with TemporaryDirectory(prefix="bench-", dir=Path.cwd()) as folder, chromium() as browser:
        if browser is None:
            return []
        url = f"sqlite:///{folder}/doorstep.db"
        day = furnish(url, vans, 1, 1, role="admin")
        faces = {"sign in": "/sign-in", "start": "/", "dispatcher": "/dispatch", "planner": "/plan", "store": "/store",
                 "driver": "/driver", "shopper": f"/t/{day.links[0][0]}"}  # fmt: skip
        rows: list[Row] = []
        with listening(url) as (port, _):
            address = f"http://127.0.0.1:{port}"
            for face, path in faces.items():
                found = []
                for _ in range(TRIES):
                    context = person(browser, address, "" if face in ("sign in", "shopper") else day.sessions[0])
                    page = context.new_page()
                    answer = page.goto(address + path, wait_until="load")
                    page.wait_for_timeout(500)
                    found.append((answer.status if answer else 0, *page.evaluate(ASKED)))
                    context.close()
                rows.append(_row(face, vans, found))
        return rows


def _row(face: str, vans: int, found: list[tuple[int, float, int, int]]) -> Row:
    paints, before = [one[1] / 1000 for one in found], max(one[2] for one in found)
    bad = sum(one[0] != 200 or one[1] < 0 for one in found)
    return {
        "instance": f"{face}, {vans:,} vans",
        "solver": "doorstep serve, chromium",
        "paint_best_s": round(min(paints), 2),
        "paint_worst_s": round(max(paints), 2),
        "bytes_before_map": before,
        "bytes": max(one[3] for one in found),
        "violations": bad + (min(paints) > MOST_S) + (face == "shopper" and before > MOST_BYTES),
    }
