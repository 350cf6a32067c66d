"""Streets of an extract: ways with the places of their nodes, restrictions, and what stands on nodes.

Places of all nodes are held while ways are read, 16 bytes each: some 400 MB for an extract of 200 MB.
"""

import re
from array import array
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import osmium
from osmium.filter import KeyFilter

from doorstep.connectors.osm.reading import PLACES, objects
from doorstep.foundation import InputError
from doorstep.foundation.arrays import Bools, Ints
from doorstep.foundation.progress import Progress
from doorstep.geography.roads.streets import Streets, Tags

CONDITIONED = frozenset(f"{key}:conditional" for key in (
    "access", "vehicle", "motor_vehicle", "motorcar", "goods", "hgv"))  # fmt: skip
HOURS_ONLY = CONDITIONED | {"oneway:conditional", "maxspeed:conditional"}
WAY_KEYS = CONDITIONED | {
    "highway", "route", "duration", "oneway", "oneway:bicycle", "junction", "maxspeed", "maxspeed:forward",
    "maxspeed:backward", "source:maxspeed", "maxspeed:type", "access", "vehicle", "motor_vehicle", "motorcar", "goods",
    "hgv", "bicycle", "foot", "cycleway", "service", "surface", "smoothness", "area", "maxheight", "maxwidth",
    "maxweight",
}  # fmt: skip
NODE_KEYS = frozenset({"barrier", "access", "vehicle", "motor_vehicle", "motorcar", "goods", "hgv", "bicycle", "foot",
                       "highway", "maxheight", "maxwidth", "maxweight", "direction", "traffic_signals:direction",
                       "stop"})  # fmt: skip
SIGNS = frozenset({"traffic_signals", "stop", "give_way"})
_MEASURED = re.compile(r"@.*(weight|height|width)")
UNUSED = frozenset({"proposed", "construction", "abandoned", "razed", "rest_area", "services", "elevator", "bus_stop"})
READ_KEYS = ("highway", "route", "barrier", "type")
NOWHERE = 2**31 - 1


@dataclass(slots=True)
class _Ways:
    """What is collected of ways, restrictions and what stands on nodes."""

    refs: "array[int]" = field(default_factory=lambda: array("q"))
    lon_e7: "array[int]" = field(default_factory=lambda: array("i"))
    lat_e7: "array[int]" = field(default_factory=lambda: array("i"))
    first: "array[int]" = field(default_factory=lambda: array("q", [0]))
    ids: "array[int]" = field(default_factory=lambda: array("q"))
    tag: "array[int]" = field(default_factory=lambda: array("q"))
    name: "array[int]" = field(default_factory=lambda: array("q"))
    tags: dict[tuple[tuple[str, str], ...], int] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)
    turns: list[tuple[int, int, int, int, Tags]] = field(default_factory=list)
    over: list[tuple[tuple[int, ...], Tags]] = field(default_factory=list)
    stands: "array[int]" = field(default_factory=lambda: array("q"))
    stand_tag: "array[int]" = field(default_factory=lambda: array("q"))
    stand_tags: dict[tuple[tuple[str, str], ...], int] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)

    def stand(self, node: "osmium.osm.Node") -> None:
        """Take in what stands on a node, if it matters."""
        if "barrier" in node.tags or node.tags.get("highway") in SIGNS:
            known = tuple(sorted((tag.k, tag.v) for tag in node.tags if tag.k in NODE_KEYS))
            self.stands.append(node.id)
            self.stand_tag.append(self.stand_tags.setdefault(known, len(self.stand_tags)))

    def add(self, way: "osmium.osm.Way") -> None:
        """Take in a way."""
        own = {tag.k: tag.v for tag in way.tags}
        if own.get("highway", "") in UNUSED or len(way.nodes) < 2:
            self.skipped["ways not in use, or of one node"] += 1
            return
        for node in way.nodes:
            at = node.location
            self.refs.append(node.ref)
            self.lon_e7.append(at.x if at.valid() else NOWHERE)
            self.lat_e7.append(at.y if at.valid() else NOWHERE)
        self.first.append(len(self.refs))
        self.ids.append(way.id)
        if HOURS_ONLY & own.keys() and not all(_MEASURED.search(own[key]) for key in HOURS_ONLY & own.keys()):
            self.skipped["ways with other rules at some hours, which are not heeded"] += 1
        known = tuple(sorted((key, value) for key, value in own.items()
                             if key in WAY_KEYS and (key not in CONDITIONED or _MEASURED.search(value))))  # fmt: skip
        self.tag.append(self.tags.setdefault(known, len(self.tags)))
        self.name.append(self.names.setdefault(own.get("name") or own.get("ref", ""), len(self.names)))

    def restrict(self, relation: "osmium.osm.Relation") -> None:
        """Take in a restriction of turns over one node, or over ways."""
        tags = {tag.k: tag.v for tag in relation.tags}
        keys = [key for key in tags if key.startswith("restriction")]
        if all(key.endswith(":conditional") for key in keys):
            self.skipped["restrictions of turns at some hours, which are not heeded"] += 1
            return
        said = next(tags[key] for key in keys if not key.endswith(":conditional"))
        kinds = {role: {m.type for m in relation.members if m.role == role} for role in ("from", "via", "to")}
        start, via, end = ([m.ref for m in relation.members if m.role == role] for role in ("from", "via", "to"))
        only = int(said.startswith("only_"))
        if not said.startswith(("no_", "only_")):
            return
        if kinds == {"from": {"w"}, "via": {"n"}, "to": {"w"}} and len(via) == 1:
            self.turns.extend((one, via[0], other, only, tags) for one in start for other in end)
        elif kinds == {"from": {"w"}, "via": {"w"}, "to": {"w"}}:
            self.over.extend(((only, one, *via, other), tags) for one in start for other in end)
        else:
            self.skipped["restrictions of turns with parts missing"] += 1


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
    ways = _ways_of(path, progress)
    if len(ways.first) == 1:
        raise InputError(f"{path.name} has no streets.", hint="Maybe it is an extract of something else.")
    if progress:
        progress.stage("streets put together", 1)
    streets = _streets_of(ways)
    if progress:
        progress.advance()
    return streets


def _ways_of(path: Path, progress: Progress | None) -> _Ways:
    ways = _Ways()
    for each in objects(path, osmium.osm.NODE | osmium.osm.WAY | osmium.osm.RELATION, KeyFilter(*READ_KEYS),
                        stage="reading the map [MB]", places=osmium.index.create_map(PLACES),
                        progress=progress):  # fmt: skip
        if isinstance(each, osmium.osm.Node):
            ways.stand(each)
        elif isinstance(each, osmium.osm.Way):
            if "highway" in each.tags or each.tags.get("route") == "ferry":
                ways.add(each)
        elif each.tags.get("type") == "restriction":
            ways.restrict(each)
    return ways


def _streets_of(ways: _Ways) -> Streets:
    wanted, row, node = np.unique(np.frombuffer(ways.refs, dtype=np.int64), return_index=True, return_inverse=True)
    lon_e7, lat_e7 = (np.frombuffer(own, dtype=np.int32)[row] for own in (ways.lon_e7, ways.lat_e7))
    del row
    there = lon_e7 != NOWHERE
    first, node, kept = _clipped(np.array(ways.first), node, there)
    missing = int((~there).sum())
    if missing:
        ways.skipped["nodes beyond the edge of the extract"] += missing
    rows = _rows_of(ways, kept)
    turns, turn_tags = _turns(ways, wanted, rows)
    over = [((only, *(rows[way][0] for way in each)), tags) for (only, *each), tags in ways.over
            if all(len(rows.get(way, ())) == 1 for way in each)]  # fmt: skip
    if len(over) < len(ways.over):
        ways.skipped["restrictions of turns with parts missing"] += len(ways.over) - len(over)
    return Streets(
        lat=np.where(there, lat_e7 / 1e7, 0.0), lon=np.where(there, lon_e7 / 1e7, 0.0),
        node_tags=_on_nodes(ways, wanted), first=first, node=node,
        tags=tuple(dict(each) for each in ways.tags), tag=np.array(ways.tag)[kept], names=tuple(ways.names),
        name=np.array(ways.name)[kept], turns=turns, turn_tags=turn_tags, over=tuple(each for each, _ in over),
        over_tags=tuple(tags for _, tags in over), skipped=dict(ways.skipped),
    )  # fmt: skip


def _on_nodes(ways: _Ways, wanted: Ints) -> dict[int, Tags]:
    """Return the tags of nodes of streets that matter, by row."""
    ids, tags = np.array(ways.stands, dtype=np.int64), [dict(each) for each in ways.stand_tags]
    row = np.minimum(np.searchsorted(wanted, ids), wanted.size - 1)
    on = np.flatnonzero(wanted[row] == ids)
    return {at: tags[ways.stand_tag[k]] for at, k in zip(row[on].tolist(), on.tolist(), strict=True)}


def _clipped(first: Ints, node: Ints, there: Bools) -> tuple[Ints, Ints, Ints]:
    """Return first, node and the row of each way, in stretches of nodes that are in the extract."""
    if there.all():
        return first, node, np.arange(first.size - 1)
    at = np.flatnonzero(there[node])
    way = np.repeat(np.arange(first.size - 1), np.diff(first))[at]
    begin = np.flatnonzero((np.diff(at, prepend=-2) != 1) | (np.diff(way, prepend=-1) != 0))
    size = np.diff(np.append(begin, at.size))
    whole = size > 1
    return np.concatenate([[0], np.cumsum(size[whole])]), node[at[np.repeat(whole, size)]], way[begin[whole]]


def _rows_of(ways: _Ways, kept: Ints) -> dict[int, list[int]]:
    """Return the rows of the ways that restrictions name."""
    named = {each for start, _, end, *_ in ways.turns for each in (start, end)}
    named.update(each for (_, *own), _ in ways.over for each in own)
    ids = np.array(ways.ids)[kept]
    rows: dict[int, list[int]] = {}
    for row in np.flatnonzero(np.isin(ids, list(named))).tolist():
        rows.setdefault(int(ids[row]), []).append(row)
    return rows


def _turns(ways: _Ways, wanted: Ints, rows: Mapping[int, list[int]]) -> tuple[Ints, tuple[Tags, ...]]:
    """Return restrictions by rows of ways and nodes; a way in several stretches counts with each of them."""
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
