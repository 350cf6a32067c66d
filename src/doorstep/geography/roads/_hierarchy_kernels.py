"""Contraction in a given order, and weights brought up it.

Vertices are numbered by rank. Vertex v knows the vertices above it, ``head[first[v] : first[v + 1]]``, in ascending
order; the lowest of them is its parent, and all of them are ancestors. A weight is one whole number: milliseconds times
``METRE``, and decimetres, so that the least is the fastest and, of those, the shortest.

References
----------
Dibbelt, Strasser and Wagner (2016), Customizable contraction hierarchies, ACM JEA 21.
"""

import numpy as np

from doorstep.foundation.arrays import Bools, Ints, SmallInts
from doorstep.foundation.kernels import kernel

Brought = tuple[Ints, Ints, SmallInts, SmallInts]
SHIFT = 27
METRE = 1 << SHIFT
NEVER = 1 << 61


@kernel
def contracted(near_first: Ints, near: Ints) -> tuple[Ints, SmallInts]:
    """Return what lies above each vertex (V + 1,), (E,) once all below it have been taken out in order.

    Parameters
    ----------
    near_first, near
        Neighbours of each vertex, by rank.
    """
    count = near_first.size - 1
    first = np.zeros(count + 1, dtype=np.int64)
    head = np.empty(max(16, 4 * near.size), dtype=np.int32)
    child = np.full(count, -1, dtype=np.int64)
    sibling = np.full(count, -1, dtype=np.int64)
    mark = np.full(count, -1, dtype=np.int64)
    above = np.empty(count, dtype=np.int32)
    for v in range(count):
        size = 0
        for e in range(near_first[v], near_first[v + 1]):
            u = near[e]
            if u > v and mark[u] != v:
                mark[u] = v
                above[size] = u
                size += 1
        c = child[v]
        while c >= 0:
            for e in range(first[c] + 1, first[c + 1]):
                u = head[e]
                if mark[u] != v:
                    mark[u] = v
                    above[size] = u
                    size += 1
            c = sibling[c]
        if first[v] + size > head.size:
            more = np.empty(2 * head.size + size, dtype=np.int32)
            more[: first[v]] = head[: first[v]]
            head = more
        head[first[v] : first[v] + size] = np.sort(above[:size])
        first[v + 1] = first[v] + size
        if size:
            parent = head[first[v]]
            sibling[v] = child[parent]
            child[parent] = v
    return first, head[: first[count]].copy()


@kernel
def slots_of(first: Ints, head: SmallInts, start: Ints, end: Ints) -> SmallInts:
    """Return the place of each edge (M,) between two vertices among those above the lower, -1 from one to itself."""
    found = np.full(start.size, -1, dtype=np.int32)
    for k in range(start.size):
        low, high = min(start[k], end[k]), max(start[k], end[k])
        if low < high:
            found[k] = first[low] + np.searchsorted(head[first[low] : first[low + 1]], high)
    return found


@kernel
def customised(first: Ints, head: SmallInts, slot: SmallInts, rises: Bools, weight: Ints) -> Brought:
    """Return the weight of each edge upward and downward (E,), and by which vertex each goes, -1 as it is mapped.

    Parameters
    ----------
    slot, rises, weight
        Of each mapped edge (M,): its place, whether it leads upward, and its weight.
    """
    up = np.full(head.size, NEVER, dtype=np.int64)
    down = np.full(head.size, NEVER, dtype=np.int64)
    up_by = np.full(head.size, -1, dtype=np.int32)
    down_by = np.full(head.size, -1, dtype=np.int32)
    for k in range(slot.size):
        if slot[k] < 0:
            continue
        if rises[k]:
            up[slot[k]] = min(up[slot[k]], weight[k])
        else:
            down[slot[k]] = min(down[slot[k]], weight[k])
    for v in range(first.size - 1):
        for i in range(first[v], first[v + 1]):
            x = head[i]
            k = first[x]
            for j in range(i + 1, first[v + 1]):
                while head[k] < head[j]:
                    k += 1
                there = down[i] + up[j]
                if there < up[k]:
                    up[k] = there
                    up_by[k] = v
                back = down[j] + up[i]
                if back < down[k]:
                    down[k] = back
                    down_by[k] = v
    return up, down, up_by, down_by
