"""Streets as vector tiles, made when they are asked for: a map of our own for the pages, without a tile server.

A tile is a message of the Mapbox Vector Tile specification 2.1 with one layer ``streets`` of lines, each with the speed
that is driven on it [km/h] and its name.
"""

import math
from dataclasses import dataclass, field

import numpy as np

from doorstep.foundation.arrays import Floats, Ints
from doorstep.geography.roads.graph import RoadGraph

EXTENT, BESIDE = 4_096, 128
"""A tile has so many steps on each side; lines go on so far beyond it."""
SHOWN = ((8, 64.0), (10, 38.0), (12, 22.0))
"""Below these zooms only streets of at least such speeds are shown [km/h]."""
MOST_ZOOM = 16
MOST_LAT = 85.05


@dataclass(frozen=True, slots=True)
class StreetTiles:
    """Tiles of the streets of a graph."""

    graph: RoadGraph
    _x: Floats = field(init=False, repr=False)
    _y: Floats = field(init=False, repr=False)
    _box: Floats = field(init=False, repr=False)
    _kmh: Ints = field(init=False, repr=False)

    def __post_init__(self) -> None:
        graph = self.graph
        lat = np.radians(np.clip(graph.lat, -MOST_LAT, MOST_LAT))
        x = (graph.lon + 180.0) / 360.0
        y = (1.0 - np.log(np.tan(lat) + 1.0 / np.cos(lat)) / math.pi) / 2.0
        starts = graph.shape_first[:-1]
        box = np.column_stack(
            [cut(each, starts) for each in (x, y) for cut in (np.minimum.reduceat, np.maximum.reduceat)]
        )
        for name, value in (("_x", x), ("_y", y), ("_box", box), ("_kmh", kmh_of_edges(graph))):
            object.__setattr__(self, name, value)

    def tile(self, zoom: int, column: int, row: int) -> bytes:
        """Return a tile, empty where there are no streets or the tile is none."""
        if not 0 <= zoom <= MOST_ZOOM or not 0 <= column < 1 << zoom or not 0 <= row < 1 << zoom:
            return b""
        size, beside = 1.0 / (1 << zoom), BESIDE / EXTENT / (1 << zoom)
        west, north = column * size, row * size
        low_x, high_x, low_y, high_y = self._box.T
        least = next((kmh for below, kmh in SHOWN if zoom < below), 1.0)
        shown = np.flatnonzero(
            (self._kmh >= least) & (low_x <= west + size + beside) & (high_x >= west - beside)
            & (low_y <= north + size + beside) & (high_y >= north - beside)
        )  # fmt: skip
        layer = _Layer()
        for edge in shown.tolist():
            own = slice(self.graph.shape_first[edge], self.graph.shape_first[edge + 1])
            points = np.column_stack([(self._x[own] - west) / size, (self._y[own] - north) / size]) * EXTENT
            layer.add(np.rint(points).astype(np.int64), int(self._kmh[edge]), self.graph.names[self.graph.name[edge]])
        return layer.tile()


def kmh_of_edges(graph: RoadGraph) -> Ints:
    """Return how fast each piece of street is driven (E,) [km/h], the faster way of both."""
    kmh = np.zeros(graph.edges, dtype=np.int64)
    np.maximum.at(kmh, graph.edge, np.rint(graph.dm * 360.0 / graph.ms).astype(np.int64))
    return kmh


@dataclass(slots=True)
class _Layer:
    """A layer being written."""

    features: list[bytes] = field(default_factory=list)
    values: dict[int | str, int] = field(default_factory=dict)

    def add(self, points: Ints, kmh: int, name: str) -> None:
        """Write the parts of a line that lie in the tile or close beside it."""
        drawn = [points[0].tolist()]
        lines = [drawn]
        for one, other in zip(points[:-1].tolist(), points[1:].tolist(), strict=True):
            if not _touches(one, other):
                drawn = [other]
                lines.append(drawn)
            elif other != one:
                drawn.append(other)
        geometry = _geometry([line for line in lines if len(line) > 1])
        if geometry:
            tags = [0, self.values.setdefault(kmh, len(self.values))]
            tags += [1, self.values.setdefault(name, len(self.values))] if name else []
            body = _packed(2, tags) + _number(3, 2) + _packed(4, geometry)
            self.features.append(_bytes(2, body))

    def tile(self) -> bytes:
        """Return the tile with this layer, nothing if it has no lines."""
        if not self.features:
            return b""
        keys = b"".join(_bytes(3, key.encode()) for key in ("kmh", "label"))
        values = b"".join(_bytes(4, _bytes(1, value.encode()) if isinstance(value, str) else _number(5, value))
                          for value in self.values)  # fmt: skip
        layer = _bytes(1, b"streets") + b"".join(self.features) + keys + values + _number(5, EXTENT) + _number(15, 2)
        return _bytes(3, layer)


def _touches(one: list[int], other: list[int]) -> bool:
    return all(min(a, b) <= EXTENT + BESIDE and max(a, b) >= -BESIDE for a, b in zip(one, other, strict=True))


def _geometry(lines: list[list[list[int]]]) -> list[int]:
    """Return the commands that draw lines: move to the first point, then from each point to the next."""
    found: list[int] = []
    x = y = 0
    for line in lines:
        for k, (to_x, to_y) in enumerate(line):
            if k < 2:
                found.append(1 << 3 | 1 if k == 0 else len(line) - 1 << 3 | 2)
            found += [_zigzag(to_x - x), _zigzag(to_y - y)]
            x, y = to_x, to_y
    return found


def _zigzag(value: int) -> int:
    return value << 1 if value >= 0 else (-value << 1) - 1


def _varint(value: int) -> bytes:
    written = bytearray()
    while value > 127:
        written.append(value & 127 | 128)
        value >>= 7
    written.append(value)
    return bytes(written)


def _number(place: int, value: int) -> bytes:
    return _varint(place << 3) + _varint(value)


def _bytes(place: int, content: bytes) -> bytes:
    return _varint(place << 3 | 2) + _varint(len(content)) + content


def _packed(place: int, values: list[int]) -> bytes:
    return _bytes(place, b"".join(_varint(value) for value in values))
