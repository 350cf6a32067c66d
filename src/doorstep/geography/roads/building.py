"""Streets made into a graph for one kind of vehicle."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.foundation.progress import Progress
from doorstep.geography.distance import great_circle_m
from doorstep.geography.roads._graph_kernels import pieces_of, turns_of
from doorstep.geography.roads.delays import ROUND, drives_left, signs_of, turn_table, waits_of
from doorstep.geography.roads.doubled import restricted_over, without_through_traffic
from doorstep.geography.roads.graph import UTURN_MS, RoadGraph
from doorstep.geography.roads.profiles import Profile, holds_for, passes, speeds_of
from doorstep.geography.roads.streets import Streets


def build_graph(streets: Streets, profile: Profile, *, progress: Progress | None = None) -> RoadGraph:
    """Return the graph of what a kind of vehicle may use, the largest part in which all can be reached from all.

    Raises
    ------
    InputError
        If it may use nothing.
    """
    if progress:
        progress.stage(f"graph for a {profile.name}", 4)
    graph = _told(progress, _joined(streets, profile, _pieces(streets, profile)))
    graph = _told(progress, restricted_over(graph, streets, profile))
    graph = _told(progress, _connected(graph))
    return _told(progress, without_through_traffic(graph, streets, profile))


def _told(progress: Progress | None, graph: RoadGraph) -> RoadGraph:
    if progress:
        progress.advance()
    return graph


def _pieces(streets: Streets, profile: Profile) -> "_Pieces":
    """Return what a kind of vehicle may use, cut at junctions."""
    along, against = _speeds(streets, profile)
    used = np.flatnonzero((along > 0) | (against > 0))
    if not used.size:
        raise InputError(
            f"a {profile.name} may use none of the {len(streets)} ways.", hint="Maybe use another profile."
        )
    closed = np.zeros(streets.lat.size, dtype=np.bool_)
    known: dict[int, bool] = {}
    for node, tags in streets.node_tags.items():
        if id(tags) not in known:
            known[id(tags)] = passes(tags, profile)
        closed[node] = not known[id(tags)]
    edge_way, start, end = pieces_of(streets.first, streets.node, used, closed, streets.lat.size)
    return _Pieces(edge_way, start, end, along, against, closed)


@dataclass(frozen=True, slots=True)
class _Pieces:
    """Pieces of ways between junctions: their way, and where their nodes begin and end (both counted)."""

    way: Ints
    start: Ints
    end: Ints
    along: Floats
    against: Floats
    closed: Bools


def _speeds(streets: Streets, profile: Profile) -> tuple[Floats, Floats]:
    """Return how fast each way is driven along and against it [km/h]."""
    by_tags = np.array([speeds_of(tags, profile) for tags in streets.tags]).reshape(-1, 2)
    found = by_tags[streets.tag]
    timed = [row for row, tags in enumerate(streets.tags) if "duration" in tags]
    for way in np.flatnonzero(np.isin(streets.tag, timed)).tolist():
        nodes = streets.node[streets.first[way] : streets.first[way + 1]]
        length_m = float(_steps_m(streets.lat[nodes], streets.lon[nodes]).sum())
        found[way] = speeds_of(streets.tags[streets.tag[way]], profile, length_m)
    return found[:, 0], found[:, 1]


def _steps_m(lat: Floats, lon: Floats) -> Floats:
    return great_circle_m(lat_a=lat[:-1], lon_a=lon[:-1], lat_b=lat[1:], lon_b=lon[1:])


def _joined(streets: Streets, profile: Profile, pieces: _Pieces) -> RoadGraph:
    counts = pieces.end - pieces.start + 1
    shape_first = np.concatenate([[0], np.cumsum(counts)])
    at = np.repeat(pieces.start - shape_first[:-1], counts) + np.arange(shape_first[-1])
    nodes = streets.node[at]
    lat, lon = streets.lat[nodes], streets.lon[nodes]
    steps = np.append(_steps_m(lat, lon), 0.0)
    steps[shape_first[1:] - 1] = 0.0
    length_m = np.add.reduceat(steps, shape_first[:-1])
    a, b = nodes[shape_first[:-1]], nodes[shape_first[1:] - 1]
    arcs = [(np.flatnonzero(kmh[pieces.way] > 0), kmh, back) for kmh, back in
            ((pieces.along, False), (pieces.against, True))]  # fmt: skip
    edge = np.concatenate([rows for rows, _, _ in arcs])
    against = np.concatenate([np.full(rows.size, back) for rows, _, back in arcs])
    kmh = np.concatenate([speeds[pieces.way[rows]] for rows, speeds, _ in arcs])
    order = np.lexsort((against, edge))
    edge, against, kmh = edge[order], against[order], kmh[order]
    tail, head = np.where(against, b[edge], a[edge]), np.where(against, a[edge], b[edge])
    junction, ends = np.unique(np.concatenate([tail, head]), return_inverse=True)
    tail, head = ends[: tail.size], ends[tail.size :]
    out, into = _bearings(lat, lon, shape_first)
    leaves = np.where(against, into[edge] + 180.0, out[edge]) % 360.0
    comes = np.where(against, out[edge] + 180.0, into[edge]) % 360.0
    banned = _banned(streets, profile, junction, pieces.way[edge], tail, head)
    waits = waits_of(signs_of(streets, profile), nodes, shape_first, steps)
    driven = np.searchsorted(junction, np.concatenate([each[np.unique(edge)] for each in (a, b)]))
    rounds = np.array([tags.get("junction") in ROUND for tags in streets.tags])[streets.tag]
    turn_first, turn_to, turn_ms = turns_of(
        tail, head, edge, leaves, comes, pieces.closed[junction], np.bincount(driven, minlength=junction.size), banned,
        *turn_table(profile, left=drives_left(streets)), rounds[pieces.way[edge]],
        np.where(against, waits[3][edge], waits[2][edge]),
        UTURN_MS if profile.turns else 0,
    )  # fmt: skip
    drive_ms = length_m[edge] / (kmh / 3.6) * 1000 + np.where(against, waits[1][edge], waits[0][edge])
    return RoadGraph(
        profile=profile.name, tail=tail, head=head, edge=edge, against=against, own=np.arange(edge.size),
        dropped=dict(streets.skipped),
        ms=np.maximum(1, np.rint(drive_ms)).astype(np.int64),
        dm=np.maximum(1, np.rint(length_m * 10))[edge].astype(np.int64), turn_first=turn_first, turn_to=turn_to,
        turn_ms=turn_ms, shape_first=shape_first, lat=lat, lon=lon, junction_lat=streets.lat[junction],
        junction_lon=streets.lon[junction], name=streets.name[pieces.way], names=streets.names, way=pieces.way,
    )  # fmt: skip


def _bearings(lat: Floats, lon: Floats, first: Ints) -> tuple[Floats, Floats]:
    """Return in which direction each piece leaves its first point and comes to its last [degrees from north]."""
    east = (lon[1:] - lon[:-1]) * np.cos(np.radians((lat[1:] + lat[:-1]) / 2))
    step: Floats = np.degrees(np.arctan2(east, lat[1:] - lat[:-1]))
    return step[first[:-1]], step[first[1:] - 2]


def _banned(streets: Streets, profile: Profile, junction: Ints, way: Ints, tail: Ints, head: Ints) -> Ints:
    """Return the pairs of arcs (P, 2) that no one may turn between, sorted."""
    out: dict[int, list[int]] = {}
    into: dict[int, list[int]] = {}
    rows = [row for row, tags in enumerate(streets.turn_tags) if holds_for(tags, profile)]
    via = np.searchsorted(junction, streets.turns[rows, 1]) if rows else np.empty(0, dtype=np.int64)
    ends = set(via.tolist())
    for arc in np.flatnonzero(np.isin(tail, list(ends))).tolist():
        out.setdefault(int(tail[arc]), []).append(arc)
    for arc in np.flatnonzero(np.isin(head, list(ends))).tolist():
        into.setdefault(int(head[arc]), []).append(arc)
    found: set[tuple[int, int]] = set()
    for row, at in zip(rows, via.tolist(), strict=True):
        start, node, end, only = streets.turns[row].tolist()
        if at >= junction.size or junction[at] != node:
            continue
        ours = [arc for arc in out.get(at, ()) if way[arc] == end]
        if only and not ours:
            continue  # what one must turn into is not there for this vehicle
        for a in (arc for arc in into.get(at, ()) if way[arc] == start):
            others = [arc for arc in out[at] if arc not in ours]
            found.update((a, b) for b in (others if only else ours))
    return np.array(sorted(found), dtype=np.int64).reshape(-1, 2)


def _connected(graph: RoadGraph) -> RoadGraph:
    """Return the largest part of a graph in which all arcs can be reached from all, and say what was dropped."""
    table = csr_array((np.ones(graph.turn_to.size, dtype=np.int8), graph.turn_to, graph.turn_first),
                      shape=(graph.arcs, graph.arcs))  # fmt: skip
    parts, part = connected_components(table, directed=True, connection="strong")
    size = np.bincount(part, weights=graph.dm, minlength=parts)
    kept = part == int(size.argmax())
    kept[graph.own[kept]] = True  # one begins there, even if one comes there only by a double of it
    kept = kept[graph.own]  # and ends there, even where a restriction leaves no way on
    row = np.cumsum(kept) - 1
    per = np.diff(graph.turn_first)
    keep_turn = np.repeat(kept, per) & kept[graph.turn_to]
    first = np.concatenate([[0], np.cumsum(np.add.reduceat(np.append(keep_turn, False), graph.turn_first[:-1])
                                           * (per > 0))])  # fmt: skip
    junction, ends = np.unique(np.concatenate([graph.tail[kept], graph.head[kept]]), return_inverse=True)
    arcs = int(kept.sum())
    left = round(graph.dm[~kept].sum() / 10)
    dropped = dict(graph.dropped) | {"arcs that cannot be reached or left": int((~kept).sum()),
                                     "metres of them": left, "parts of the graph": parts}  # fmt: skip
    return RoadGraph(
        profile=graph.profile, tail=ends[:arcs], head=ends[arcs:], ms=graph.ms[kept], dm=graph.dm[kept],
        edge=graph.edge[kept], against=graph.against[kept], own=row[graph.own[kept]],
        turn_first=np.append(first[:-1][kept], int(keep_turn.sum())), turn_to=row[graph.turn_to[keep_turn]],
        turn_ms=graph.turn_ms[keep_turn], shape_first=graph.shape_first, lat=graph.lat, lon=graph.lon,
        junction_lat=graph.junction_lat[junction], junction_lon=graph.junction_lon[junction], name=graph.name,
        names=graph.names, way=graph.way, dropped=dropped,
    )  # fmt: skip
