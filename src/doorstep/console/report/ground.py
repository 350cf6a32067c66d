"""Streets under a map of the report: paths in map units, by how fast they are driven, few enough for one file."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from doorstep.console.report.projection import Projection
from doorstep.console.report.street_lines import Lines, most_off_m
from doorstep.console.report.street_names import StreetName, street_names
from doorstep.foundation.arrays import Bools, Ints
from doorstep.geography.roads import RoadGraph
from doorstep.geography.roads.tiles import SHOWN, kmh_of_edges

MOST_BYTES = 1_200_000
"""Streets take no more of the file than this; the slowest are left out first."""
TILES = 6
"""The map is cut into so many rows and columns of paths, so that a browser draws only those that are seen."""
WIDE, TALL, MARGIN = 1.7, 1.3, 0.06
"""The map of a page may be so much wider than its places, or taller, and has a margin on all sides."""
RANKS = tuple(kmh for _, kmh in SHOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreetPath:
    """Streets of a rank, 0 for the fastest, in one part of the map: ``path`` is an SVG path."""

    rank: int
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Streets under a map, the slowest first; ``left_out`` pieces of them are not drawn, to keep the file small."""

    streets: tuple[StreetPath, ...]
    names: tuple[StreetName, ...]
    left_out: int


def read_ground(
    graph: RoadGraph, projection: Projection, box: tuple[int, int, int, int], metres_per_unit: float, doors: Ints
) -> Ground:
    """Return the streets under the box (x, y, width, height) of a map and around it, wherever a page may show them.

    Where there is no room for all, the slowest are left out, and of those the farthest from any of ``doors`` (D, 2).
    """
    x, y = projection.units(graph.lat, graph.lon)
    here = np.flatnonzero(_touches(x, y, graph.shape_first, _grown(box)))
    kmh = kmh_of_edges(graph)[here]
    lines = Lines(x, y, graph.shape_first).take(here)
    lines = lines.simplified(most_off_m(metres_per_unit) / metres_per_unit)
    kept = _with_room(lines, kmh, doors)
    left_out = int(here.size - kept.size)
    here, kmh, lines = here[kept], kmh[kept], lines.take(kept)
    rank = np.searchsorted(-np.array(RANKS), -kmh)
    part = _part(lines, _grown(box))
    paths = []
    for of_rank in range(len(RANKS), -1, -1):
        drawn = np.flatnonzero(rank == of_rank)
        for of_part in np.unique(part[drawn]).tolist():
            rows = drawn[part[drawn] == of_part]
            paths.append(StreetPath(rank=of_rank, path=lines.take(rows).path()))
    names = [graph.names[name] for name in graph.name[here].tolist()]
    named = street_names(lines, names, rank, metres_per_unit)
    return Ground(streets=tuple(paths), names=named, left_out=left_out)


def _grown(box: tuple[int, int, int, int]) -> tuple[float, float, float, float]:
    """Return west, north, east and south of what a page may show of a box, whatever its own shape."""
    x, y, width, height = box
    wide, tall = (max(width, WIDE * height), max(height, TALL * width))
    beside, above = (wide - width) / 2 + MARGIN * wide, (tall - height) / 2 + MARGIN * tall
    return x - beside, y - above, x + width + beside, y + height + above


def _touches(x: Ints, y: Ints, first: Ints, seen: tuple[float, float, float, float]) -> Bools:
    """Return which lines have a part in what is seen, by the rectangles around them."""
    west, north, east, south = seen
    starts = first[:-1]
    found: Bools = (
        (np.minimum.reduceat(x, starts) <= east) & (np.maximum.reduceat(x, starts) >= west)
        & (np.minimum.reduceat(y, starts) <= south) & (np.maximum.reduceat(y, starts) >= north)
    )  # fmt: skip
    return found


def _part(lines: Lines, seen: tuple[float, float, float, float]) -> Ints:
    """Return in which part of the map each line begins."""
    west, north, east, south = seen
    starts = lines.first[:-1]
    column = np.clip((lines.x[starts] - west) / (east - west) * TILES, 0, TILES - 1).astype(np.int64)
    row = np.clip((lines.y[starts] - north) / (south - north) * TILES, 0, TILES - 1).astype(np.int64)
    part: Ints = row * TILES + column
    return part


def _with_room(lines: Lines, kmh: Ints, doors: Ints) -> Ints:
    """Return the lines for which a file has room, ascending."""
    starts = lines.first[:-1]
    size = np.zeros(lines.x.size)
    for each in (lines.x, lines.y):
        size += np.floor(np.log10(np.maximum(np.abs(np.diff(each, prepend=0)), 1))) + 2
    taken = np.add.reduceat(size, starts) if starts.size else np.zeros(0)
    if taken.sum() <= MOST_BYTES:
        return np.arange(starts.size)
    middle = (starts + lines.first[1:] - 1) // 2
    places = np.column_stack([lines.x[middle], lines.y[middle]])
    away = cKDTree(doors).query(places)[0] if len(doors) else np.zeros(starts.size)
    best = np.lexsort((away, -kmh))
    return np.sort(best[np.cumsum(taken[best]) <= MOST_BYTES])
