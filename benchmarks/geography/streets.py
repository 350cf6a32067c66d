"""Graphs of extracts: what building them takes, and whether times and ways are those of Dijkstra's algorithm."""

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from benchmarks.table import Row
from doorstep.connectors.osm import read_streets
from doorstep.foundation.arrays import Ints
from doorstep.geography import Places
from doorstep.geography.roads import PROFILES, Profile, RoadGraph, RoadTimes, Streets, build_graph, find_way
from doorstep.geography.roads._hierarchy_kernels import METRE, NEVER
from doorstep.geography.roads._sweep_kernels import table
from doorstep.geography.roads.check import check_graph, check_way
from doorstep.geography.roads.check_rules import check_rules
from doorstep.geography.roads.hierarchy import Hierarchy, Metric, build_hierarchy, customise

VAN = PROFILES["van"]
WITHOUT_TURNS = replace(VAN, turns=False)
PAIRS, ORIGINS, WAYS, CUSTOMISED, RULED = 10_000, 100, 200, 20, 10


def rows_of(extract: Path, seed: int) -> list[Row]:
    """Return a row with turn restrictions and one without."""
    began = time.process_time()
    streets = read_streets(extract)
    read_s = time.process_time() - began
    return [_row(extract, streets, profile, read_s, seed) for profile in (VAN, WITHOUT_TURNS)]


def _row(extract: Path, streets: Streets, profile: Profile, read_s: float, seed: int) -> Row:
    build_hierarchy(build_graph(streets, profile))  # compiles
    began = time.process_time()
    graph = build_graph(streets, profile)
    graph_s = time.process_time() - began
    began = time.process_time()
    hierarchy = build_hierarchy(graph)
    hierarchy_s = time.process_time() - began
    metric = customise(graph, hierarchy)
    began = time.process_time()
    for _ in range(CUSTOMISED):
        customise(graph, hierarchy)
    customise_s = (time.process_time() - began) / CUSTOMISED
    wrong = wrong_pairs(graph, hierarchy, metric, seed)
    crooked = crooked_ways(RoadTimes(graph, hierarchy, metric), seed)
    starts = np.random.default_rng(seed).integers(0, graph.singles, RULED)
    broken = len(check_rules(graph, streets, profile, starts))
    return {
        "instance": extract.name.split(".")[0],
        "solver": "doorstep, " + ("with turns" if profile.turns else "without turns"),
        "junctions": graph.junctions, "arcs": graph.arcs, "doubled": graph.arcs - graph.singles,
        "turns": int(graph.turn_to.size),
        "dropped_km": round(graph.dropped["metres of them"] / 1000), "read_cpu_s": round(read_s, 2),
        "graph_cpu_s": round(graph_s, 3), "hierarchy_cpu_s": round(hierarchy_s, 3),
        "customise_cpu_s": round(customise_s, 4), "pairs": PAIRS, "wrong_pairs": wrong, "ways": WAYS,
        "crooked_ways": crooked, "starts_against_rules": broken,
        "violations": wrong + crooked + broken + len(check_graph(graph)),
    }  # fmt: skip


def wrong_pairs(graph: RoadGraph, hierarchy: Hierarchy, metric: Metric, seed: int) -> int:
    """Return of how many random pairs of arcs the time [ms] is not that of Dijkstra's algorithm."""
    rng = np.random.default_rng(seed)
    origins = rng.integers(0, graph.arcs, ORIGINS)
    destinations = rng.integers(0, graph.arcs, PAIRS // ORIGINS)
    ours = table(hierarchy.first, hierarchy.head, metric.up, metric.down, *_one_each(hierarchy.vertex[origins]),
                 *_one_each(hierarchy.vertex[destinations]))  # fmt: skip
    exact = dijkstra(turn_table(graph), indices=origins)[:, destinations]
    theirs = np.where(np.isfinite(exact), exact, -1.0).astype(np.int64)  # doubled arcs are not reached from all
    return int((np.where(ours < NEVER, ours // METRE, -1) != theirs).sum())


def crooked_ways(times: RoadTimes, seed: int) -> int:
    """Return how many random ways do not have the line, legs, metres and seconds that they say, or that tables say."""
    rng = np.random.default_rng(seed)
    graph = times.graph
    at = rng.integers(0, graph.junctions, (2, WAYS))
    a, b = (Places(lat=graph.junction_lat[rows], lon=graph.junction_lon[rows]) for rows in at)
    metres, seconds = times.between(a, b)
    crooked = 0
    for k in range(WAYS):
        way = find_way(times, (a.lat[k], a.lon[k]), (b.lat[k], b.lon[k]))
        crooked += (way.metres, way.seconds) != (metres[k], seconds[k]) or bool(check_way(times, way))
    return crooked


def turn_table(graph: RoadGraph) -> csr_array:
    """Return what driving an arc and turning into another takes (A, A) [ms]; there are no parallel turns."""
    start = np.repeat(np.arange(graph.arcs), np.diff(graph.turn_first))
    takes = (graph.ms[start] + graph.turn_ms).astype(np.float64)
    return csr_array((takes, graph.turn_to, graph.turn_first), shape=(graph.arcs, graph.arcs))


def _one_each(vertex: Ints) -> tuple[Ints, Ints, Ints]:
    return np.arange(vertex.size + 1), vertex, np.zeros(vertex.size, dtype=np.int64)
