"""Streets of an extract: its ways and restrictions are read first, then the nodes that they go through."""

from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import osmium
from osmium.filter import IdFilter, KeyFilter, TagFilter

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Ints
from doorstep.foundation.progress import Progress
from doorstep.geography.roads.streets import Streets, Tags

CREDIT = "\u00a9 OpenStreetMap contributors, ODbL 1.0"
WAY_KEYS = frozenset({
    "highway", "route", "duration", "oneway", "oneway:bicycle", "junction", "maxspeed", "maxspeed:forward",
    "maxspeed:backward", "access", "vehicle", "motor_vehicle", "motorcar", "goods", "hgv", "bicycle", "foot",
    "cycleway", "service", "surface", "area", "maxheight", "maxwidth", "maxweight",
})  # fmt: skip
NODE_KEYS = frozenset({"barrier", "access", "vehicle", "motor_vehicle", "motorcar", "goods", "hgv", "bicycle", "foot",
                       "highway", "maxheight", "maxwidth", "maxweight"})  # fmt: skip
UNUSED = frozenset({"proposed", "construction", "abandoned", "razed", "rest_area", "services", "elevator", "bus_stop"})
PIECE = 100_000


@dataclass(slots=True)
class _Ways:
    """What is collected of ways and restrictions before nodes are known."""

    refs: "array[int]" = field(default_factory=lambda: array("q"))
    first: "array[int]" = field(default_factory=lambda: array("q", [0]))
    ids: "array[int]" = field(default_factory=lambda: array("q"))
    tag: "array[int]" = field(default_factory=lambda: array("q"))
    name: "array[int]" = field(default_factory=lambda: array("q"))
    tags: dict[tuple[tuple[str, str], ...], int] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)
    turns: list[tuple[int, int, int, int, Tags]] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)

    def add(self, way: "osmium.osm.Way") -> None:
        """Take in a way."""
        own = {tag.k: tag.v for tag in way.tags}
        if own.get("highway", "") in UNUSED or len(way.nodes) < 2:
            self.skipped["ways not in use, or of one node"] += 1
            return
        self.refs.extend(node.ref for node in way.nodes)
        self.first.append(len(self.refs))
        self.ids.append(way.id)
        known = tuple(sorted((key, value) for key, value in own.items() if key in WAY_KEYS))
        self.tag.append(self.tags.setdefault(known, len(self.tags)))
        self.name.append(self.names.setdefault(own.get("name") or own.get("ref", ""), len(self.names)))

    def restrict(self, relation: "osmium.osm.Relation") -> None:
        """Take in a restriction of turns over one node; those over ways are counted."""
        tags = {tag.k: tag.v for tag in relation.tags}
        said = next((value for key, value in tags.items() if key.startswith("restriction")), "")
        of = {role: [m for m in relation.members if m.role == role] for role in ("from", "via", "to")}
        if [(len(of[role]), [m.type for m in of[role]]) for role in ("from", "via", "to")] != [
            (1, ["w"]), (1, ["n"]), (1, ["w"])
        ]:  # fmt: skip
            self.skipped["restrictions of turns over ways, or with parts missing"] += 1
        elif said.startswith(("no_", "only_")):
            self.turns.append((of["from"][0].ref, of["via"][0].ref, of["to"][0].ref, said.startswith("only_"), tags))


def read_streets(path: Path, *, progress: Progress | None = None) -> Streets:
    """Return the streets of an extract.

    Parameters
    ----------
    path
        An ``.osm.pbf`` (or any file that osmium reads).

    Raises
    ------
    InputError
        If the file is not there, broken, or holds no streets.
    """
    if not path.is_file():
        raise InputError(f"{path} is not there.", hint="Maybe download an extract of your region as .osm.pbf.")
    try:
        ways = _ways_of(path, progress)
        if len(ways.first) == 1:
            raise InputError(f"{path.name} has no streets.", hint="Maybe it is an extract of something else.")
        return _streets_of(path, ways, progress)
    except (RuntimeError, ValueError) as fault:
        raise InputError(f"{path.name} cannot be read: {fault}.", hint="Maybe download it again.") from fault


def _ways_of(path: Path, progress: Progress | None) -> _Ways:
    ways = _Ways()
    if progress:
        progress.stage("ways", 0)
    for seen, each in enumerate(_read(path, osmium.osm.WAY, KeyFilter("highway"))):
        ways.add(each)
        if progress and seen % PIECE == PIECE - 1:
            progress.advance(PIECE)
    for each in _read(path, osmium.osm.WAY, TagFilter(("route", "ferry"))):
        if "highway" not in each.tags:
            ways.add(each)
    for each in _read(path, osmium.osm.RELATION, TagFilter(("type", "restriction"))):
        ways.restrict(each)
    return ways


def _read(path: Path, what: "osmium.osm.osm_entity_bits", wanted: object) -> Iterator[Any]:
    yield from osmium.FileProcessor(path, what).with_filter(wanted)


def _streets_of(path: Path, ways: _Ways, progress: Progress | None) -> Streets:
    refs = np.frombuffer(ways.refs, dtype=np.int64)
    wanted = np.unique(refs)
    lat, lon = np.full(wanted.size, np.nan), np.full(wanted.size, np.nan)
    node_tags: dict[int, Tags] = {}
    if progress:
        progress.stage("nodes", wanted.size)
    for start in range(0, wanted.size, 50 * PIECE):
        _place(path, wanted, slice(start, start + 50 * PIECE), lat, lon, node_tags)
        if progress:
            progress.advance(min(50 * PIECE, wanted.size - start))
    first, node, kept = _clipped(ways, np.searchsorted(wanted, refs), np.isfinite(lat))
    missing = int(np.isnan(lat).sum())
    if missing:
        ways.skipped["nodes beyond the edge of the extract"] += missing
    turns, turn_tags = _turns(ways, wanted, kept)
    return Streets(
        lat=np.nan_to_num(lat), lon=np.nan_to_num(lon), node_tags=node_tags, first=first, node=node,
        tags=tuple(dict(each) for each in ways.tags), tag=np.array(ways.tag)[kept], names=tuple(ways.names),
        name=np.array(ways.name)[kept], turns=turns, turn_tags=turn_tags, skipped=dict(ways.skipped),
    )  # fmt: skip


def _place(path: Path, wanted: Ints, part: slice, lat: "np.ndarray[tuple[int], np.dtype[np.float64]]",
           lon: "np.ndarray[tuple[int], np.dtype[np.float64]]", node_tags: dict[int, Tags]) -> None:  # fmt: skip
    ids = wanted[part]
    for each in _read(path, osmium.osm.NODE, IdFilter(ids.tolist())):
        row = int(np.searchsorted(ids, each.id)) + part.start
        lat[row], lon[row] = each.lat, each.lon
        if len(each.tags):
            tags = {tag.k: tag.v for tag in each.tags if tag.k in NODE_KEYS}
            if "barrier" in tags or tags.get("highway") == "traffic_signals":
                node_tags[row] = tags


def _clipped(ways: _Ways, node: Ints, there: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> tuple[Ints, Ints, Ints]:
    """Return first, node and the row of each way, in stretches of nodes that are in the extract."""
    if there.all():
        return np.array(ways.first), node, np.arange(len(ways.first) - 1)
    first, kept, parts = [0], [], []
    starts = np.array(ways.first)
    for row in range(starts.size - 1):
        own = node[starts[row] : starts[row + 1]]
        for stretch in np.split(own, np.flatnonzero(~there[own])):
            found = stretch[there[stretch]]
            if found.size > 1:
                parts.append(found)
                kept.append(row)
                first.append(first[-1] + found.size)
    nodes = np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)
    return np.array(first), nodes, np.array(kept, dtype=np.int64)


def _turns(ways: _Ways, wanted: Ints, kept: Ints) -> tuple[Ints, tuple[Tags, ...]]:
    """Return restrictions by rows of ways and nodes; a way in several stretches counts with each of them."""
    rows: dict[int, list[int]] = {}
    ids = np.array(ways.ids)[kept].tolist()
    for row, way_id in enumerate(ids):
        rows.setdefault(way_id, []).append(row)
    found: list[tuple[int, int, int, int]] = []
    tags: list[Tags] = []
    for start, via, end, only, own in ways.turns:
        at = int(np.searchsorted(wanted, via))
        if at >= wanted.size or wanted[at] != via:
            continue
        for one in rows.get(start, ()):
            for other in rows.get(end, ()):
                found.append((one, at, other, int(only)))
                tags.append(own)
    return np.array(found, dtype=np.int64).reshape(-1, 4), tuple(tags)
