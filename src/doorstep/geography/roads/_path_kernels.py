"""The arcs of ways: up from both ends to where they meet, then every shortcut opened."""

import numpy as np

from doorstep.foundation.arrays import Ints, SmallInts
from doorstep.foundation.kernels import kernel
from doorstep.geography.roads._hierarchy_kernels import NEVER
from doorstep.geography.roads._sweep_kernels import climbed


@kernel
def ways_of(
    first: Ints, head: SmallInts, up: Ints, down: Ints, up_by: SmallInts, down_by: SmallInts, start_first: Ints,
    start: Ints, start_weight: Ints, end_first: Ints, end: Ints, end_weight: Ints,
) -> tuple[Ints, Ints, Ints]:  # fmt: skip
    """Return the least weight of each pair (N,), and the vertices in the order in which they are driven.

    Parameters
    ----------
    start_first, start, start_weight
        Pair n begins at the vertices ``start[start_first[n] : start_first[n + 1]]`` with these weights.
    end_first, end, end_weight
        It ends at its vertices with these weights.

    Returns
    -------
    best, way_first, vertices
        Those of pair n are ``vertices[way_first[n] : way_first[n + 1]]``, none if there is no way.
    """
    count, pairs = first.size - 1, start_first.size - 1
    label = np.full(count, NEVER, dtype=np.int64)
    other = np.full(count, NEVER, dtype=np.int64)
    seen = np.zeros(count, dtype=np.int64)
    best = np.full(pairs, NEVER, dtype=np.int64)
    way_first = np.zeros(pairs + 1, dtype=np.int64)
    driven: list[Ints] = []
    for n in range(pairs):
        own = slice(start_first[n], start_first[n + 1])
        above = climbed(first, head, up, start[own], start_weight[own], label, seen, 2 * n + 1)
        own = slice(end_first[n], end_first[n + 1])
        before = climbed(first, head, down, end[own], end_weight[own], other, seen, 2 * n + 2)
        met = -1
        for v in before:
            if label[v] + other[v] < best[n]:
                best[n], met = label[v] + other[v], v
        if met >= 0:
            rising = _below(first, head, up, above, label, met)[::-1]
            falling = _below(first, head, down, before, other, met)[1:]
            driven.append(_opened(first, head, up_by, down_by, np.concatenate((rising, falling))))
        else:
            driven.append(np.empty(0, dtype=np.int64))
        way_first[n + 1] = way_first[n] + driven[n].size
        label[above] = NEVER
        other[before] = NEVER
    vertices = np.empty(way_first[pairs], dtype=np.int64)
    for n in range(pairs):
        vertices[way_first[n] : way_first[n + 1]] = driven[n]
    return best, way_first, vertices


@kernel
def _below(first: Ints, head: SmallInts, weight: Ints, touched: Ints, label: Ints, met: int) -> Ints:
    """Return the vertices over which a climb came to a vertex, that one first; ``touched`` are in ascending order."""
    chain = [met]
    at = met
    for k in range(touched.size - 1, -1, -1):
        v = touched[k]
        if v < at:
            for e in range(first[v], first[v + 1]):
                if head[e] == at and label[v] + weight[e] == label[at]:
                    chain.append(v)
                    at = v
                    break
    return np.array(chain)


@kernel
def _opened(first: Ints, head: SmallInts, up_by: SmallInts, down_by: SmallInts, chain: Ints) -> Ints:
    """Return the vertices of a chain of edges of the hierarchy with all that shortcuts stand for."""
    found = [chain[0]]
    for k in range(1, chain.size):
        todo = [(chain[k - 1], chain[k])]
        while len(todo) > 0:
            a, b = todo.pop()
            low, high = min(a, b), max(a, b)
            e = first[low] + np.searchsorted(head[first[low] : first[low + 1]], high)
            by = up_by[e] if a < b else down_by[e]
            if by < 0:
                found.append(b)
            else:
                todo.append((by, b))
                todo.append((a, by))
    return np.array(found)
