"""Road servers on loopback that answer as OSRM and Valhalla do, by a rule instead of streets."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

Point = tuple[float, float]
"""Latitude and longitude."""
SEA = 60.0
"""Points north of it lie 9,000 m from any street."""
ISLAND = -60.0
"""Points south of it are reached from nowhere else, and reach nothing else."""


def metres(a: Point, b: Point) -> float | None:
    if a != b and min(a[0], b[0]) < ISLAND:
        return None
    north, east = round((b[0] - a[0]) * 1e5), round((b[1] - a[1]) * 1e5)
    return abs(north) + abs(east) + (4.4 if north > 0 else 0.0)


def seconds(a: Point, b: Point) -> float | None:
    way = metres(a, b)
    return None if way is None else way // 10


@dataclass
class Asked:
    """What was asked: an address and a body, and the points in it."""

    path: str
    body: dict[str, Any]
    origins: list[Point] = field(default_factory=list)
    destinations: list[Point] = field(default_factory=list)


@dataclass
class Desk:
    """A server under test: ``first`` holds answers given before those of the rule, ``always`` one given instead."""

    rule: Callable[[Asked], tuple[int, object]]
    address: str = ""
    asked: list[Asked] = field(default_factory=list)
    first: list[tuple[int, bytes]] = field(default_factory=list)
    always: tuple[int, bytes] | None = None
    hangs: bool = False
    over: threading.Event = field(default_factory=threading.Event)

    def answer(self, asked: Asked) -> tuple[int, bytes]:
        self.asked.append(asked)
        if self.hangs:
            self.over.wait(10)
        status, said = self.rule(asked)
        usual = status, json.dumps(said).encode()
        return self.first.pop(0) if self.first else self.always or usual

    @property
    def tables(self) -> list[tuple[int, int]]:
        """How many origins and destinations each table had."""
        return [(len(each.origins), len(each.destinations)) for each in self.asked if each.origins]


def osrm(asked: Asked) -> tuple[int, object]:
    """Answer as OSRM's API documents its table service, version 1."""
    parts = urlsplit(asked.path)
    wanted = parse_qs(parts.query, separator="&")
    service, version, _, text = unquote(parts.path).strip("/").split("/", 3)
    points = [(float(lat), float(lon)) for lon, lat in (each.split(",") for each in text.split(";"))]
    assert (service, version, wanted["annotations"]) == ("table", "v1", ["duration,distance"])
    asked.origins = [points[int(row)] for row in wanted["sources"][0].split(";")]
    asked.destinations = [points[int(row)] for row in wanted["destinations"][0].split(";")]
    return 200, {
        "code": "Ok",
        "distances": [[metres(a, b) for b in asked.destinations] for a in asked.origins],
        "durations": [[seconds(a, b) for b in asked.destinations] for a in asked.origins],
        "sources": [_waypoint(point) for point in asked.origins],
        "destinations": [_waypoint(point) for point in asked.destinations],
    }


def valhalla(asked: Asked) -> tuple[int, object]:
    """Answer as Valhalla 3.9 does."""
    if asked.path == "/locate":
        return 200, [_located((each["lat"], each["lon"])) for each in asked.body["locations"]]
    assert (asked.path, asked.body["units"]) == ("/sources_to_targets", "kilometers")
    asked.origins = [(each["lat"], each["lon"]) for each in asked.body["sources"]]
    asked.destinations = [(each["lat"], each["lon"]) for each in asked.body["targets"]]
    if max(lat for lat, _ in asked.origins + asked.destinations) > SEA:
        return 400, {"error_code": 171, "error": "No suitable edges near location", "status_code": 400}
    ways = [[metres(a, b) for b in asked.destinations] for a in asked.origins]
    if all(way is None for row in ways for way in row):
        return 400, {"error_code": 442, "error": "No path could be found for input", "status_code": 400}
    found = {
        "distances": [[None if way is None else round(way / 1000, 3) for way in row] for row in ways],
        "durations": [[seconds(a, b) for b in asked.destinations] for a in asked.origins],
    }
    return 200, {"sources_to_targets": found, "units": "kilometers", "algorithm": "costmatrix"}


@contextmanager
def opened(rule: Callable[[Asked], tuple[int, object]]) -> Iterator[Desk]:
    """Open a server on loopback until the block ends."""
    desk = Desk(rule=rule)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet

        def do_GET(self) -> None:
            self.told({})

        def do_POST(self) -> None:
            self.told(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def told(self, body: dict[str, Any]) -> None:
            status, said = desk.answer(Asked(path=self.path, body=body))
            try:
                self.send_response(status)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)
            except OSError:
                pass  # who asked has hung up

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        desk.address = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield desk
        finally:
            desk.over.set()
            server.shutdown()
            thread.join()


def _away_m(point: Point) -> float:
    return 9_000.0 if point[0] > SEA else 5.4


def _waypoint(point: Point) -> dict[str, object]:
    return {"name": "", "location": [point[1], point[0]], "distance": _away_m(point)}


def _located(point: Point) -> dict[str, object]:
    lat = point[0] + _away_m(point) / 111_195.08
    edge = {"way_id": 7, "correlated_lat": lat, "correlated_lon": point[1], "percent_along": 0.5}
    farther = {**edge, "correlated_lat": lat + 0.01}
    return {"input_lat": point[0], "input_lon": point[1], "edges": [farther, edge], "nodes": []}
