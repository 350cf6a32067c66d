"""Addresses, named streets and settlements of an OpenStreetMap extract.

Houses come from points, outlines and areas with a house number; numbers along ``addr:interpolation`` lines are counted
out. Two quick passes find what belongs together, one long pass reads the file, so memory holds the points of the file
(16 bytes each) and what is kept.
"""

import re
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import polars as pl
from osmium import osm
from osmium.index import LocationTable

from doorstep.connectors.osm.reading import PLACES, objects
from doorstep.foundation.progress import Progress
from doorstep.geography import Places
from doorstep.geography.addresses.problem import NAMES_APART, POSTAL_AREAS, SETTLEMENTS, AddressTables, Texts

SETTLED = frozenset(
    {"city", "town", "village", "hamlet", "suburb", "borough", "quarter", "neighbourhood", "municipality"}
)
NO_STREET = frozenset({"bus_stop", "platform", "elevator", "proposed", "razed", "abandoned", "rest_area", "services"})
NAME_KEYS = ("name", "int_name", "alt_name", "official_name", "short_name", "loc_name", "old_name")
_NAME_IN_A_LANGUAGE = re.compile(r"name:[a-z]{2,3}([-_]\w+)?")
_KEYS = ("addr:housenumber", "addr:interpolation", "highway", "place", "boundary")
_STEPS = {"odd": 2, "even": 2, "all": 1}
MOST_COUNTED = 1_000
"""Numbers that one line of numbers may hold; more is a slip of the mapper."""


def read_addresses(path: Path, *, progress: Progress | None = None) -> AddressTables:
    """Return what an extract says about addresses.

    Raises
    ------
    InputError
        If there is no such file, or it is not one of OpenStreetMap, or a broken one.
    """
    reader = _Reader(path, progress)
    reader.read()
    return reader.tables()


class _Reader:
    """What is gathered while a file is read, in arrays that grow."""

    def __init__(self, path: Path, progress: Progress | None) -> None:
        self._path, self._progress = path, progress
        self._texts = Texts()
        self._parts = tuple(array("i") for _ in range(4))  # number, street, postal code, city
        self._lat, self._lon = array("d"), array("d")
        self._between = array("b")
        self._way_names, self._way_postal, self._way_starts = array("i"), array("i"), array("q", [0])
        self._way_lat, self._way_lon = array("d"), array("d")
        self._settlements: list[tuple[str, str, float, float]] = []
        self._areas: list[tuple[str, float, float]] = []
        self._lines: set[int] = set()  # nodes of lines of numbers
        self._numbered: dict[int, int] = {}  # row of the house at such a node
        self._outlines: dict[int, list[int]] = {}  # ways around each area that matters
        self._tags: dict[int, dict[str, str]] = {}

    def read(self) -> None:
        self._find_what_belongs_together()
        points = osmium.index.create_map(PLACES)
        for thing in self._objects("addresses", osm.NODE | osm.WAY, osmium.filter.KeyFilter(*_KEYS), places=points):
            if isinstance(thing, osm.Node):
                self._add_node(thing)
            elif isinstance(thing, osm.Way):
                self._add_way(thing)
        if self._outlines:
            self._add_areas(points)

    def _objects(
        self, part: str, what: osm.osm_entity_bits, *wanted: object, places: LocationTable | None = None
    ) -> Iterator[Any]:
        return objects(self._path, what, *wanted, stage=f"reading the map, {part} [MB]", places=places,
                       progress=self._progress)  # fmt: skip

    def _find_what_belongs_together(self) -> None:
        wanted = osmium.filter.KeyFilter("addr:interpolation", "addr:housenumber", "boundary")
        for thing in self._objects("outlines", osm.WAY | osm.RELATION, wanted):
            if isinstance(thing, osm.Way):
                if "addr:interpolation" in thing.tags:
                    self._lines.update(node.ref for node in thing.nodes)
            elif isinstance(thing, osm.Relation) and ("addr:housenumber" in thing.tags or _postal_area(thing.tags)):
                self._tags[thing.id] = {tag.k: tag.v for tag in thing.tags}
                self._outlines[thing.id] = [m.ref for m in thing.members if m.type == "w" and m.role != "inner"]

    def _add_node(self, node: osm.Node) -> None:
        tags, lat, lon = node.tags, node.lat, node.lon
        if "addr:housenumber" in tags:
            self._add_house(tags, lat, lon)
            if node.id in self._lines:
                self._numbered[node.id] = len(self._lat) - 1
        place = tags.get("place")
        if place in SETTLED and "name" in tags:
            self._settlements.append((_names(tags), str(place), lat, lon))
        elif place == "square" and "name" in tags:
            self._add_street(tags, [(lat, lon)])

    def _add_way(self, way: osm.Way) -> None:
        tags = way.tags
        points = [(n.location.lat, n.location.lon) for n in way.nodes if n.location.valid()]
        if not points:
            return
        if "addr:interpolation" in tags:
            self._add_line(way, tags["addr:interpolation"])
        elif "addr:housenumber" in tags:
            self._add_house(tags, *_middle(points))
        if "name" in tags and (tags.get("highway", "bus_stop") not in NO_STREET or tags.get("place") == "square"):
            self._add_street(tags, points)
        elif tags.get("place") in SETTLED and "name" in tags:
            self._settlements.append((_names(tags), tags["place"], *_middle(points)))

    def _add_house(self, tags: osm.TagList | dict[str, str], lat: float, lon: float) -> None:
        street = tags.get("addr:street") or tags.get("addr:place") or ""
        if not street:
            return
        found = (tags.get("addr:housenumber"), street, tags.get("addr:postcode"), tags.get("addr:city"))
        for column, text in zip(self._parts, found, strict=True):
            column.append(self._texts.row((text or "").strip()))
        self._keep(lat, lon, between=0)

    def _keep(self, lat: float, lon: float, *, between: int) -> None:
        self._lat.append(lat)
        self._lon.append(lon)
        self._between.append(between)

    def _add_street(self, tags: osm.TagList, points: list[tuple[float, float]]) -> None:
        self._way_names.append(self._texts.row(_names(tags)))
        self._way_postal.append(self._texts.row((tags.get("postal_code") or "").strip()))
        self._way_lat.extend(lat for lat, _ in points)
        self._way_lon.extend(lon for _, lon in points)
        self._way_starts.append(len(self._way_lat))

    def _add_line(self, way: osm.Way, rule: str) -> None:
        """Count out the numbers between each two houses along a line of numbers."""
        step = _STEPS.get(rule) or (int(rule) if rule.isdigit() else 0)
        along: list[tuple[float, float]] = []
        before = -1
        for node in way.nodes:
            if not node.location.valid():
                continue
            along.append((node.location.lat, node.location.lon))
            row = self._numbered.get(node.ref, -1)
            if row >= 0:
                if before >= 0 and step:
                    self._count_out(before, row, step, along)
                before, along = row, along[-1:]

    def _count_out(self, first: int, last: int, step: int, along: list[tuple[float, float]]) -> None:
        """Add the houses between two numbered ones, evenly along a path."""
        ends = [_whole_number(self._texts, self._parts[0][row]) for row in (first, last)]
        if min(ends) < 0 or ends[0] == ends[1] or abs(ends[1] - ends[0]) > step * MOST_COUNTED:
            return
        step = step if ends[0] < ends[1] else -step
        numbers = range(ends[0] + step, ends[1], step)
        shares = [(number - ends[0]) / (ends[1] - ends[0]) for number in numbers]
        for number, (lat, lon) in zip(numbers, _along(along, shares), strict=True):
            self._parts[0].append(self._texts.row(str(number)))
            for column in self._parts[1:]:
                column.append(column[first] or column[last])
            self._keep(lat, lon, between=1)

    def _add_areas(self, points: LocationTable) -> None:
        """Add houses and postal areas that are drawn by several ways, at the middle of their outline."""
        wanted = {way for ways in self._outlines.values() for way in ways}
        # no IdFilter: its bits for ids far apart take gigabytes
        reading = (way for way in self._objects("areas", osm.WAY) if way.id in wanted)
        paths = {way.id: list(_located(way, points)) for way in reading}
        for relation, ways in self._outlines.items():
            outline = [point for way in ways for point in paths.get(way, ())]
            if not outline:
                continue
            tags, (lat, lon) = self._tags[relation], _box_middle(outline)
            if "addr:housenumber" in tags:
                self._add_house(tags, lat, lon)
            code = _postal_area(tags)
            if code and all(way in paths for way in ways):  # a clipped outline has its middle elsewhere
                self._areas.append((code, lat, lon))

    def tables(self) -> AddressTables:
        number, street, postal_code, city = (np.array(part, dtype=np.int32) for part in self._parts)
        return AddressTables(
            texts=self._texts.all(),
            house_number=number,
            street=street,
            postal_code=postal_code,
            city=city,
            house=Places(lat=np.array(self._lat), lon=np.array(self._lon)),
            between=np.array(self._between, dtype=np.bool_),
            way_names=np.array(self._way_names, dtype=np.int32),
            way_postal_code=np.array(self._way_postal, dtype=np.int32),
            way_starts=np.array(self._way_starts, dtype=np.int64),
            way_points=Places(lat=np.array(self._way_lat), lon=np.array(self._way_lon)),
            settlements=pl.DataFrame(self._settlements, schema=SETTLEMENTS, orient="row"),
            postal_areas=pl.DataFrame(self._areas, schema=POSTAL_AREAS, orient="row"),
        )


def _names(tags: osm.TagList) -> str:
    """Return all names of a thing, the usual one first, each once."""
    found = [tags.get(key) or "" for key in NAME_KEYS]
    found += [tag.v for tag in tags if _NAME_IN_A_LANGUAGE.fullmatch(tag.k)]
    each = (name.strip() for text in found for name in text.split(NAMES_APART))
    return NAMES_APART.join(dict.fromkeys(name for name in each if name))


def _postal_area(tags: osm.TagList | dict[str, str]) -> str:
    """Return the postal code of an area that is drawn for it, else nothing."""
    if tags.get("boundary") != "postal_code":
        return ""
    return (tags.get("postal_code") or tags.get("ref") or "").strip()


def _whole_number(texts: Texts, row: int) -> int:
    found = re.match(r"\d+", texts.text(row))
    return int(found.group()) if found else -1


def _located(way: osm.Way, points: LocationTable) -> Iterator[tuple[float, float]]:
    """Yield the points of a way whose nodes were kept by an earlier pass."""
    for node in way.nodes:
        try:
            location = points.get(node.ref)
        except KeyError:
            continue
        yield location.lat, location.lon


def _box_middle(points: list[tuple[float, float]]) -> tuple[float, float]:
    lats, lons = [lat for lat, _ in points], [lon for _, lon in points]
    return (min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2


def _middle(points: list[tuple[float, float]]) -> tuple[float, float]:
    """Return the middle of an outline, its corners weighted alike; the first corner counts once if it closes it."""
    corners = points[1:] if len(points) > 1 and points[0] == points[-1] else points
    return sum(lat for lat, _ in corners) / len(corners), sum(lon for _, lon in corners) / len(corners)


def _along(path: list[tuple[float, float]], shares: list[float]) -> list[tuple[float, float]]:
    """Return the points at some shares of the length of a path."""
    points = np.array(path)
    steps = np.diff(points, axis=0) * [1.0, np.cos(np.radians(points[0, 0]))]
    walked = np.concatenate([[0.0], np.cumsum(np.hypot(steps[:, 0], steps[:, 1]))])
    at = np.asarray(shares) * walked[-1]
    lat, lon = (np.interp(at, walked, points[:, axis]).tolist() for axis in (0, 1))
    return list(zip(lat, lon, strict=True))
