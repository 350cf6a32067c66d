"""The dispatcher's map with thousands of vehicles and stops, drawn without a graphics card, beside a plain page.

The peer is MapLibre GL itself, of the version that we bundle: one source, circles, everything set anew at each renewal.
"""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, Route

from benchmarks.faces.browser import chromium, person
from benchmarks.faces.day import STOPS, Row, furnish
from benchmarks.tracking.positions import listening

DIST = Path(__file__).parents[2] / "frontend" / "node_modules" / "maplibre-gl" / "dist"
PEER = "http://peer.test/"
MOST_IDLE_MS = 120_000
MOVE = """async ([what, seconds, lots]) => {
  const map = window.bench_map, show = window.bench_show
  let frames = 0, spent = 0, longest = 0, renewals = 0, n = 0
  const count = () => { frames += 1 }
  map.on('render', count)
  const began = performance.now(), zoom = map.getZoom()
  let due = began + 500
  while (performance.now() - began < seconds * 1000) {
    await new Promise(requestAnimationFrame)
    n += 1
    if (what === 'pan') map.panBy([n % 60 < 30 ? 8 : -8, n % 120 < 60 ? 4 : -4], { duration: 0 })
    if (what === 'zoom') map.setZoom(zoom + 1.5 * Math.sin(n / 20))
    if (what === 'vehicles' && performance.now() > due) {
      due += 2000
      const from = performance.now()
      show(lots[renewals % lots.length])
      const took = performance.now() - from
      spent += took; longest = Math.max(longest, took); renewals += 1
    }
    if (what === 'vehicles') map.triggerRepaint()
  }
  map.off('render', count)
  return [frames / ((performance.now() - began) / 1000), renewals ? spent / renewals : 0, longest]
}"""
TAKE = """() => {
  const element = document.querySelector('ds-map')
  window.bench_map = element.map
  window.bench_show = (layers) => element.show(layers)
}"""
PLAIN = """<!doctype html><div id=map style="position:absolute;inset:0"></div><script type=module>
import * as gl from './maplibre-gl.mjs'
gl.setWorkerUrl('./maplibre-gl-worker.mjs')
const all = { stops: [], vehicles: [] }
const map = new gl.Map({ container: 'map', fadeDuration: 0, attributionControl: false, center: [-98, 39], zoom: 3.5,
  style: { version: 8, sources: { all: { type: 'geojson', data: { type: 'FeatureCollection', features: [] } } },
    layers: [{ id: 'all', type: 'circle', source: 'all', paint: { 'circle-radius': 4 } }] } })
window.bench_map = map
window.bench_show = (layers) => {
  for (const name of ['stops', 'vehicles']) if (layers[name]) all[name] = layers[name].features
  map.getSource('all').setData({ type: 'FeatureCollection', features: [...all.stops, ...all.vehicles] })
  if (layers.bounds) map.fitBounds(layers.bounds, { padding: 40, animate: false })
}
map.on('load', async () => {
  for (const name of ['map', 'vehicles']) window.bench_show(await (await fetch(`./${name}.json`)).json())
  map.on('idle', () => { document.body.dataset.idle = 'yes' })
})
</script>"""


def measure(vans: int, seconds: float) -> list[Row]:
    """Return a row for our page and one for the peer's, on the same day."""
    with TemporaryDirectory(prefix="bench-", dir=Path.cwd()) as folder, chromium() as browser:
        if browser is None:
            return []
        url = f"sqlite:///{folder}/doorstep.db"
        day = furnish(url, vans, 1, 0)
        with listening(url) as (port, _):
            address = f"http://127.0.0.1:{port}"
            page = person(browser, address, day.sessions[0]).new_page()
            page.goto(f"{address}/dispatch", wait_until="commit")
            page.wait_for_selector("ds-map[data-idle]", state="attached", timeout=MOST_IDLE_MS)
            idle_ms = float(page.evaluate("performance.now()"))
            layers = {name: page.request.get(f"{address}/dispatch/{name}.json").body() for name in ("map", "vehicles")}
            page.evaluate(TAKE)
            ours = _moved(page, layers, seconds) | {"idle_s": round(idle_ms / 1000, 1)}
            page.context.close()
        rows: list[Row] = [
            {"instance": f"{vans:,} vehicles, {vans * STOPS:,} stops", "solver": "doorstep, software rendering"} | ours
        ]
        if (DIST / "maplibre-gl.mjs").exists():
            theirs = _peer(browser, layers, seconds)
            rows.append({"instance": rows[0]["instance"], "solver": "plain MapLibre GL, software rendering"} | theirs)
        return rows


def _peer(browser: Browser, layers: dict[str, bytes], seconds: float) -> Row:
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()

    def answer(route: Route) -> None:
        name = route.request.url.removeprefix(PEER)
        if name == "":
            route.fulfill(body=PLAIN, content_type="text/html")
        elif name.endswith(".json"):
            route.fulfill(body=layers[name.removesuffix(".json")], content_type="application/json")
        elif (DIST / name).is_file():
            route.fulfill(path=DIST / name, content_type="text/javascript")
        else:
            route.fulfill(status=404)

    page.route(f"{PEER}**", answer)
    page.goto(PEER, wait_until="commit")
    page.wait_for_selector("body[data-idle]", state="attached", timeout=MOST_IDLE_MS)
    found = {"idle_s": round(float(page.evaluate("performance.now()")) / 1000, 1)}
    moved = _moved(page, layers, seconds) | found
    page.context.close()
    return moved


def _moved(page: Page, layers: dict[str, bytes], seconds: float) -> Row:
    """Return frames a second while the map is panned, zoomed and renewed, and what a renewal takes of the page."""
    lots = [{"vehicles": _northward(json.loads(layers["vehicles"])["vehicles"], step)} for step in range(4)]
    found: Row = {}
    for what in ("pan", "zoom", "vehicles"):
        frames, spent, longest = page.evaluate(MOVE, [what, seconds, lots if what == "vehicles" else []])
        found[f"fps_{what}"] = round(frames, 1)
    first = json.loads(layers["map"])
    show = "(lot) => { const from = performance.now(); bench_show(lot); return performance.now() - from }"
    again = page.evaluate(show, {"stops": first["stops"]})
    return found | {"renew_ms": round(spent, 1), "renew_most_ms": round(longest, 1), "stops_again_ms": round(again, 1),
                    "violations": 0}  # fmt: skip


def _northward(vehicles: dict[str, object], step: int) -> dict[str, object]:
    found = json.loads(json.dumps(vehicles))
    for one in found["features"]:
        one["geometry"]["coordinates"][1] += step * 0.0005
    moved: dict[str, object] = found
    return moved
