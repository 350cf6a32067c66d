"""How far one gets in a given time: stretches of street reached, from whom or to whom, and areas around them.

The search is Dijkstra's algorithm over arcs, ended at the limit: it costs what it reaches and not what the extract
holds, and keeps from whom each stretch is reached first.
"""

from dataclasses import dataclass

import h3
import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Floats, Ints
from doorstep.geography.places import Places
from doorstep.geography.roads._hierarchy_kernels import METRE, NEVER
from doorstep.geography.roads._search_kernels import pieces_reached, spread, turned_back
from doorstep.geography.roads.graph import RoadGraph
from doorstep.geography.roads.snap import WHOLE, Snapped
from doorstep.geography.roads.times import RoadTimes

AREA_RESOLUTION = 10
"""Cells of areas are about 130 m wide."""
MARK_M = 25.0
"""Along stretches of street a cell is looked up at least every so many metres."""
MOST_S = 7 * 24 * 3_600
Polygon = tuple[Floats, ...]
"""An outer ring and its holes, each (P, 2) closed, of longitude and latitude, as in GeoJSON [degrees]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """P stretches of pieces of street, none in two of them, each reached first from one site, or soonest to it.

    Attributes
    ----------
    edge, begin, finish
        Piece of street (P,), and from which to which of its ``WHOLE`` steps.
    site
        Row of the site (P,).
    seconds
        The least time to, or from, a place on it (P,).
    """

    edge: Ints
    begin: Ints
    finish: Ints
    site: Ints
    seconds: Ints

    def __len__(self) -> int:
        return int(self.edge.size)

    def share(self, graph: RoadGraph) -> Floats:
        """Return which share of each piece of street is reached (E,), from 0 to 1."""
        return np.bincount(self.edge, weights=self.finish - self.begin, minlength=graph.edges) / WHOLE

    def metres(self, graph: RoadGraph, sites: int) -> Ints:
        """Return how much street each of so many sites is the nearest to (S,) [m]."""
        length = np.zeros(graph.edges)
        length[graph.edge] = graph.dm / 10
        own = length[self.edge] * (self.finish - self.begin) / WHOLE
        return np.rint(np.bincount(self.site, weights=own, minlength=sites)).astype(np.int64)


def reach(times: RoadTimes, sites: Places, within_s: int, *, toward: bool = False) -> Reach:
    """Return all stretches of street that are reached from any of some sites in time, each with its nearest site.

    Parameters
    ----------
    within_s
        The time allowed [s], up to a week.
    toward
        Whether the sites are where one drives to.

    Raises
    ------
    InputError
        If a site lies too far from any street, or the time is not from 0 to a week.
    """
    if not 0 <= within_s <= MOST_S:
        raise InputError(f"within_s {within_s} must be from 0 to {MOST_S:,} seconds.")
    snapped = times.placed(sites)
    graph, metric = times.graph, times.metric_of
    turns = (graph.turn_first, graph.turn_to, metric.turn)
    if toward:
        last = np.repeat(metric.arc, np.diff(graph.turn_first))
        turns = turned_back(graph.turn_first, graph.turn_to, metric.turn - last + metric.arc[graph.turn_to])
    starts = _into(times, snapped, turns) if toward else _out_of(times, snapped)
    limit = within_s * 1000 * METRE + METRE - 1
    label, by, site = (np.full(graph.arcs, value, dtype=np.int64) for value in (NEVER, -1, -1))
    heap = np.empty((2, turns[1].size + starts[0].size + 1), dtype=np.int64)
    spread(*turns, *starts, limit, METRE, np.zeros(graph.arcs, dtype=np.bool_), 0, label, by, site, heap,
           np.empty(graph.arcs, dtype=np.int64))  # fmt: skip
    order = np.lexsort((snapped.step, snapped.edge))
    on_first = np.searchsorted(snapped.edge[order], np.arange(graph.edges + 1)).astype(np.int64)
    label, site = _soonest(graph, label, site)
    begun = np.where(label < NEVER, label // METRE, -1)
    edge, begin, finish, whose, ms = pieces_reached(
        *times.arcs, begun, metric.arc // METRE, site, on_first, snapped.step[order], order, int(toward),
        within_s * 1000, WHOLE,
    )  # fmt: skip
    return Reach(edge=edge, begin=begin, finish=finish, site=whose, seconds=(ms + 500) // 1000)


def _soonest(graph: RoadGraph, label: Ints, site: Ints) -> tuple[Ints, Ints]:
    """Return labels and sites of arcs (A,), each the least of its own and those of its doubles."""
    order = np.lexsort((site, label, graph.own))
    best = order[np.flatnonzero(np.diff(graph.own[order], prepend=-1))]
    return label[best][graph.own], site[best][graph.own]


def cells_reached(times: RoadTimes, reached: Reach, *, resolution: int = AREA_RESOLUTION) -> tuple[Ints, Ints]:
    """Return the H3 cells that stretches of street pass (C,), ascending, and which site most of each is of (C,).

    Parameters
    ----------
    resolution
        Of the cells: 10 is 130 m wide, each step further a third of that.
    """
    lat, lon, site, metres = _marks(times.graph, reached)
    cell = np.array([h3.str_to_int(h3.latlng_to_cell(*each, resolution)) for each in
                     zip(lat.tolist(), lon.tolist(), strict=True)], dtype=np.int64)  # fmt: skip
    pairs, row = np.unique(np.column_stack([cell, site]), axis=0, return_inverse=True)
    most = np.bincount(row.ravel(), weights=metres, minlength=len(pairs))
    order = np.lexsort((pairs[:, 1], -most, pairs[:, 0]))
    best = order[np.flatnonzero(np.diff(pairs[order, 0], prepend=-1))]
    return pairs[best, 0], pairs[best, 1]


def area_of(cells: Ints) -> tuple[Polygon, ...]:
    """Return the polygons that cells make up together."""
    shape = h3.cells_to_h3shape([h3.int_to_str(cell) for cell in cells.tolist()], tight=False)
    return tuple(tuple(_ring(ring) for ring in (each.outer, *each.holes)) for each in shape)


def _ring(points: list[tuple[float, float]]) -> Floats:
    ring = np.array([*points, points[0]])
    return ring[:, ::-1].copy()


def _out_of(times: RoadTimes, snapped: Snapped) -> tuple[Ints, Ints, Ints]:
    """Return the arcs that one comes to from places, with which weights, and from which place."""
    first, vertex, weight = times.starts(snapped)
    return np.argsort(times.hierarchy_of.vertex)[vertex], weight, np.repeat(np.arange(len(snapped)), np.diff(first))


def _into(times: RoadTimes, snapped: Snapped, back: tuple[Ints, Ints, Ints]) -> tuple[Ints, Ints, Ints]:
    """Return the arcs from whose end one comes to places, with which weights, and to which place."""
    first, vertex, part = times.ends(snapped)
    arc = np.argsort(times.hierarchy_of.vertex)[vertex]
    turns = np.diff(back[0])[arc]
    turn = np.repeat(back[0][arc] - (np.cumsum(turns) - turns), turns) + np.arange(int(turns.sum()))
    weight = np.repeat(part - times.metric_of.arc[arc], turns) + back[2][turn]
    return back[1][turn], weight, np.repeat(np.repeat(np.arange(len(snapped)), np.diff(first)), turns)


def _marks(graph: RoadGraph, reached: Reach) -> tuple[Floats, Floats, Ints, Floats]:
    """Return places along stretches of street: lat, lon, site, and how many metres each stands for."""
    length = np.zeros(graph.edges)
    length[graph.edge] = graph.dm / 10
    metres = length[reached.edge] * (reached.finish - reached.begin) / WHOLE
    parts = np.maximum(1, np.ceil(metres / MARK_M)).astype(np.int64)
    of = np.repeat(np.arange(len(reached)), parts)
    share = (np.arange(of.size) - np.repeat(np.cumsum(parts) - parts, parts) + 0.5) / parts[of]
    step = (reached.begin[of] + share * (reached.finish - reached.begin)[of]) / WHOLE
    lat, lon = places_on(graph, reached.edge[of], step)
    return lat, lon, reached.site[of], metres[of] / parts[of]


def places_on(graph: RoadGraph, edge: Ints, share: Floats) -> tuple[Floats, Floats]:
    """Return lat and lon of places at some share (N,), 0 to 1, of pieces of street (N,)."""
    last = np.zeros(graph.lat.size, dtype=np.bool_)
    last[graph.shape_first[1:] - 1] = True
    steps = np.zeros(graph.lat.size)
    between = np.flatnonzero(~last)
    shrink = np.cos(np.radians(graph.lat[between]))
    steps[between] = np.hypot(np.diff(graph.lat)[between], np.diff(graph.lon)[between] * shrink)
    along = np.cumsum(steps) - steps
    begin, end = graph.shape_first[edge], graph.shape_first[edge + 1] - 1
    at = along[begin] + share * (along[end] - along[begin])
    point = np.clip(np.searchsorted(along, at, side="right") - 1, begin, end - 1)
    part = np.clip((at - along[point]) / np.maximum(steps[point], 1e-15), 0.0, 1.0)
    lat = graph.lat[point] + part * (graph.lat[point + 1] - graph.lat[point])
    lon = graph.lon[point] + part * (graph.lon[point + 1] - graph.lon[point])
    return lat, lon
