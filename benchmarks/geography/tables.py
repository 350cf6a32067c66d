"""A table of travel times between thousands of points, beside libraries that do the same in one process.

Peers get the same graph with its turns: what is a vertex there is an arc of ours. They answer for arcs; our own figure
holds bringing points onto streets and rounding as well. Where a peer would take minutes, it does some of the origins.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from scipy.sparse.csgraph import dijkstra

from benchmarks.geography.streets import VAN, turn_table
from benchmarks.table import Row
from doorstep.connectors.osm import read_streets
from doorstep.foundation.arrays import Ints
from doorstep.geography import Places
from doorstep.geography.roads import RoadGraph, RoadTimes, build_graph

FEW = 100
OFF_DEG = 3e-4


def points_on(graph: RoadGraph, count: int, seed: int) -> Places:
    """Return random points some metres beside streets."""
    rng = np.random.default_rng(seed)
    at, off = rng.integers(0, graph.junctions, count), rng.normal(0, OFF_DEG, (2, count))
    return Places(lat=graph.junction_lat[at] + off[0], lon=graph.junction_lon[at] + off[1])


def rows_of(extract: Path, points: int, seed: int, *, peers: bool) -> list[Row]:
    """Return our row and those of the peers that are installed."""
    graph = build_graph(read_streets(extract), VAN)
    times = RoadTimes(graph)
    some = points_on(graph, points, seed)
    times.matrix(some.take(np.arange(10)))  # compiles
    began = time.process_time()
    times.matrix(some)
    name = f"{extract.name.split('.')[0]}, {points:,} x {points:,}"
    own: Row = {"instance": name, "solver": "doorstep, with turns", "cpu_s": round(time.process_time() - began, 2),
                "origins": points, "violations": 0}  # fmt: skip
    first = np.maximum(*(each[times.snap(some).edge] for each in times.arcs))
    return [own, *(_peer(name, graph, first) if peers else ())]


def _peer(name: str, graph: RoadGraph, arcs: Ints) -> Iterator[Row]:
    for solver, few, make in (("RoutingKit CCH (routingkit_cch)", False, _routingkit), ("igraph", True, _igraph),
                              ("scipy Dijkstra", True, _scipy)):  # fmt: skip
        try:
            ask = make(graph, arcs)
        except ImportError:
            continue
        origins = arcs[:FEW] if few else arcs
        began = time.process_time()
        ask(origins)
        spent = time.process_time() - began
        yield {"instance": name, "solver": f"{solver}, with turns", "cpu_s": round(spent * arcs.size / origins.size, 2),
               "origins": int(origins.size), "violations": 0}  # fmt: skip


def _routingkit(graph: RoadGraph, ends: Ints) -> Callable[[Ints], object]:
    import routingkit_cch as kit

    start = np.repeat(np.arange(graph.arcs), np.diff(graph.turn_first))
    weights = (graph.ms[start] + graph.turn_ms).tolist()
    tail, head = start.tolist(), graph.turn_to.tolist()
    order = kit.compute_order_inertial(graph.arcs, tail, head, graph.junction_lat[graph.head].tolist(),
                                       graph.junction_lon[graph.head].tolist())  # fmt: skip
    metric = kit.CCHMetric(kit.CCH(order, tail, head, False), weights)
    many = kit.CCHOneToMany(metric, np.unique(ends).tolist())
    return lambda origins: [many.distances_from(int(origin)) for origin in origins]


def _igraph(graph: RoadGraph, ends: Ints) -> Callable[[Ints], object]:
    import igraph  # type: ignore[import-untyped]

    start = np.repeat(np.arange(graph.arcs), np.diff(graph.turn_first))
    whole = igraph.Graph(n=graph.arcs, edges=np.column_stack([start, graph.turn_to]), directed=True)
    weights = (graph.ms[start] + graph.turn_ms).tolist()
    return lambda origins: whole.distances(origins.tolist(), np.unique(ends).tolist(), weights=weights)


def _scipy(graph: RoadGraph, ends: Ints) -> Callable[[Ints], object]:
    turns = turn_table(graph)
    return lambda origins: dijkstra(turns, indices=origins)[:, ends]
