"""A customisable contraction hierarchy over the turns of a road graph: built once, its times renewed in a moment."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Bools, Ints, SmallInts
from doorstep.foundation.progress import Progress
from doorstep.geography.distance import EARTH_RADIUS_M
from doorstep.geography.roads._hierarchy_kernels import METRE, contracted, customised, slots_of
from doorstep.geography.roads._order_kernels import dissected
from doorstep.geography.roads.graph import RoadGraph

LEAF = 8
LEVELS = 1.6
"""How often the average junction is in a part that is cut, for each time that their number doubles e-fold."""
AT_ONCE = 300_000
"""So many junctions are in the parts that are cut before progress is told."""
MOST_MS = 1 << 33
"""A way that takes longer than 99 days is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hierarchy:
    """What of the hierarchy does not depend on times.

    Attributes
    ----------
    vertex
        The rank of each arc (A,).
    first, head
        What lies above each vertex, see ``_hierarchy_kernels``.
    slot, rises
        Where the weight of each turn belongs (T,), and whether it leads upward.
    """

    vertex: Ints
    first: Ints
    head: SmallInts
    slot: SmallInts
    rises: Bools


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """Weights of a hierarchy: what driving arcs and turning takes at some time of the day.

    Attributes
    ----------
    arc
        Weight of driving each arc to its end (A,), see ``_hierarchy_kernels``.
    turn
        Weight of driving an arc and turning into the next (T,).
    up, down, up_by, down_by
        Of the edges of the hierarchy (E,).
    """

    arc: Ints
    turn: Ints
    up: Ints
    down: Ints
    up_by: SmallInts
    down_by: SmallInts

    @property
    def nbytes(self) -> int:
        """How much memory it takes."""
        return sum(each.nbytes for each in (self.arc, self.turn, self.up, self.down, self.up_by, self.down_by))


def build_hierarchy(graph: RoadGraph, *, progress: Progress | None = None) -> Hierarchy:
    """Return the hierarchy of a graph: arcs in the order of the junctions that they lead to."""
    rank = np.empty(graph.junctions, dtype=np.int64)
    rank[_dissected(graph, progress)] = np.arange(graph.junctions)
    vertex = np.empty(graph.arcs, dtype=np.int64)
    vertex[np.lexsort((rank[graph.tail], rank[graph.head]))] = np.arange(graph.arcs)
    start = vertex[np.repeat(np.arange(graph.arcs), np.diff(graph.turn_first))]
    end = vertex[graph.turn_to]
    near = _both_ways(start, end, graph.arcs)
    first, head = contracted(near.indptr.astype(np.int64), near.indices.astype(np.int64))
    return Hierarchy(vertex=vertex, first=first, head=head, slot=slots_of(first, head, start, end),
                     rises=start < end)  # fmt: skip


def customise(graph: RoadGraph, hierarchy: Hierarchy, *, ms: Ints | None = None) -> Metric:
    """Return the weights for what arcs take, by default what they take where traffic is light.

    Parameters
    ----------
    ms
        What driving each arc takes (A,) [ms], 1 or more; a doubled arc takes what the one takes that it stands for.

    Raises
    ------
    InputError
        If there is not one time for each arc, or one is below 1.
    """
    takes = graph.ms if ms is None else ms
    if takes.shape != graph.ms.shape or int(takes.min()) < 1 or int(takes.max()) > MOST_MS:
        raise InputError(f"ms must be {graph.ms.shape}, each from 1 to {MOST_MS}.")
    arc = takes[graph.own] * METRE + graph.dm
    turn = np.repeat(arc, np.diff(graph.turn_first)) + graph.turn_ms * METRE
    up, down, up_by, down_by = customised(hierarchy.first, hierarchy.head, hierarchy.slot, hierarchy.rises, turn)
    return Metric(arc=arc, turn=turn, up=up, down=down, up_by=up_by, down_by=down_by)


def _dissected(graph: RoadGraph, progress: Progress | None) -> Ints:
    """Return the junctions in the order in which they are contracted."""
    near = _both_ways(graph.tail, graph.head, graph.junctions)
    first, to = near.indptr.astype(np.int64), near.indices.astype(np.int64)
    start = np.repeat(np.arange(graph.junctions), np.diff(first))
    back = np.lexsort((start, to))  # the k-th edge by (from, to) is the k-th by (to, from) turned round
    lat = np.radians(graph.junction_lat)
    east = np.radians(graph.junction_lon) * np.cos(lat.mean()) * EARTH_RADIUS_M
    junctions = graph.junctions
    found, room, flow = np.arange(junctions), np.zeros((5, junctions), dtype=np.int64), np.zeros_like(to)
    todo, size, done = np.zeros((2, junctions + 2), dtype=np.int64), 1, 0
    todo[1, 0] = junctions
    total = junctions * max(1, int(np.log(max(2, junctions / LEAF)) * LEVELS))
    if progress:
        progress.stage(f"hierarchy for a {graph.profile} [1,000 steps]", total // 1000)
    while size:
        size, cut = dissected(first, to, back, east, lat * EARTH_RADIUS_M, LEAF, found, todo, size, room, flow, AT_ONCE)
        if progress:
            progress.advance(min(done + cut, total) // 1000 - min(done, total) // 1000)
        done += cut
    return found


def _both_ways(start: Ints, end: Ints, count: int) -> csr_array:
    """Return who is whose neighbour, sorted, none one's own."""
    other = start != end
    a, b = np.concatenate([start[other], end[other]]), np.concatenate([end[other], start[other]])
    near = csr_array((np.ones(a.size, dtype=np.int8), (a, b)), shape=(count, count))
    near.sum_duplicates()
    near.sort_indices()
    return near
