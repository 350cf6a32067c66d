"""Road graphs and travel times judged from scratch, with nothing of what computed them but the streets' own figures.

The oracle is Dijkstra's algorithm of scipy on arcs and turns; of parallel turns it keeps the least.
"""

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from doorstep.foundation.arrays import Floats, Ints
from doorstep.geography.places import Places
from doorstep.geography.roads.graph import RoadGraph
from doorstep.geography.roads.times import RoadTimes
from doorstep.geography.roads.way import Way

EARTH_M = 6_371_008.8
WHOLE = 1 << 20


def check_graph(graph: RoadGraph) -> list[str]:
    """Return what is wrong with a graph, nothing if it is as it says."""
    faults = []
    from_arc = np.repeat(np.arange(graph.arcs), np.diff(graph.turn_first))
    if (graph.head[from_arc] != graph.tail[graph.turn_to]).any():
        faults.append("a turn leads to an arc that begins elsewhere.")
    if min(int(graph.ms.min()), int(graph.dm.min())) < 1 or int(graph.turn_ms.min(initial=0)) < 0:
        faults.append("an arc takes no time or has no length, or a turn gives time back.")
    merged = csr_array((np.ones(from_arc.size), (graph.own[from_arc], graph.own[graph.turn_to])),
                       shape=(graph.singles, graph.singles))  # fmt: skip
    parts, _ = connected_components(merged, directed=True, connection="strong")
    if parts != 1:
        faults.append(f"the graph has {parts} parts.")
    for edge in range(graph.edges):
        rows = np.flatnonzero(graph.edge == edge) if edge < 50 else np.empty(0, dtype=np.int64)
        if rows.size and abs(_length_m(graph, edge) * 10 - int(graph.dm[rows[0]])) > 1:
            faults.append(f"piece {edge} is not as long as its line.")
    return faults


def check_times(times: RoadTimes, origins: Places, destinations: Places) -> list[str]:
    """Return where metres or seconds of a table are not those of Dijkstra's algorithm."""
    metres, seconds = times.table(origins, destinations)
    graph = times.graph
    a, b = times.snap(origins), times.snap(destinations)
    ms, ends_ms = times.metric_of.arc >> 27, times.end_arc_of >> 27
    found = dijkstra(_turns(graph, ms), indices=np.arange(graph.arcs)[_near(graph, a.edge)])
    rows = {int(arc): k for k, arc in enumerate(_near(graph, a.edge))}
    faults = []
    for o in range(len(a)):
        for d in range(len(b)):
            start, end = (int(a.edge[o]), int(a.step[o])), (int(b.edge[d]), int(b.step[d]))
            best = _least(graph, ends_ms, found, rows, start, end)
            if best != seconds[o, d]:
                faults.append(f"origin {o} to destination {d}: {seconds[o, d]} s, not {best}.")
    if (metres < 0).any():
        faults.append("metres are below zero.")
    return faults


def check_way(times: RoadTimes, way: Way) -> list[str]:
    """Return where the line or the legs of a way are not what it says of itself."""
    graph, faults = times.graph, []
    for one, other in zip(way.legs, way.legs[1:], strict=False):
        allowed = graph.own[graph.turn_to[graph.turn_first[one.arc] : graph.turn_first[one.arc + 1]]]
        if other.arc not in allowed.tolist():
            faults.append(f"from arc {one.arc} one may not turn into {other.arc}.")
    if abs(sum(leg.dm for leg in way.legs) - 10 * way.metres) > 5:
        faults.append(f"the legs are {sum(leg.dm for leg in way.legs) / 10} m long, not {way.metres}.")
    if abs(sum(leg.ms for leg in way.legs) - 1000 * way.seconds) > 500:
        faults.append(f"the legs take {sum(leg.ms for leg in way.legs) / 1000} s, not {way.seconds}.")
    line_m = float(_steps_m(way.lat, way.lon).sum())
    if abs(line_m - way.metres) > 1.0 + 0.1 * len(way.legs):
        faults.append(f"the line is {line_m:.1f} m long, not {way.metres}.")
    return faults


def _turns(graph: RoadGraph, ms: Ints) -> csr_array:
    """Return what driving an arc and turning into another takes (A, A), the least of parallel ones."""
    start = np.repeat(np.arange(graph.arcs), np.diff(graph.turn_first))
    takes = ms[start] + graph.turn_ms
    order = np.lexsort((takes, graph.turn_to, start))
    first = np.ones(order.size, dtype=np.bool_)
    first[1:] = (np.diff(start[order]) != 0) | (np.diff(graph.turn_to[order]) != 0)
    kept = order[first]
    return csr_array((takes[kept].astype(np.float64), (start[kept], graph.turn_to[kept])),
                     shape=(graph.arcs, graph.arcs))  # fmt: skip


def _near(graph: RoadGraph, edges: Ints) -> Ints:
    """Return the arcs that one may turn into from some pieces of street."""
    arcs = np.flatnonzero(np.isin(graph.edge, edges))
    turned = [graph.turn_to[graph.turn_first[arc] : graph.turn_first[arc + 1]] for arc in arcs.tolist()]
    return np.unique(np.concatenate(turned))


def _least(
    graph: RoadGraph, ms: Ints, found: Floats, rows: dict[int, int], start: tuple[int, int], end: tuple[int, int]
) -> int:
    """Return the seconds from one point on a piece of street to another."""
    best = np.inf
    for arc in np.flatnonzero(graph.edge[: graph.singles] == start[0]).tolist():
        begin = WHOLE - start[1] if graph.against[arc] else start[1]
        left = int(ms[arc]) - int(ms[arc]) * begin // WHOLE
        for last in np.flatnonzero(graph.edge == end[0]).tolist():
            finish = WHOLE - end[1] if graph.against[last] else end[1]
            part = int(ms[last]) * finish // WHOLE
            if last == arc and finish >= begin:
                best = min(best, part - int(ms[arc]) * begin // WHOLE)
            for turn in range(graph.turn_first[arc], graph.turn_first[arc + 1]):
                there = found[rows[int(graph.turn_to[turn])], last]
                best = min(best, left + int(graph.turn_ms[turn]) + there + part)
    return (int(best) + 500) // 1000


def _length_m(graph: RoadGraph, edge: int) -> float:
    own = slice(graph.shape_first[edge], graph.shape_first[edge + 1])
    return float(_steps_m(graph.lat[own], graph.lon[own]).sum())


def _steps_m(lat: Floats, lon: Floats) -> Floats:
    """Return the length of each step of a line [m]: the angle between unit vectors."""
    phi, lam = np.radians(lat), np.radians(lon)
    unit = np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])
    chord: Floats = np.linalg.norm(np.diff(unit, axis=0), axis=1)
    return 2 * EARTH_M * np.arcsin(np.minimum(1.0, chord / 2))
