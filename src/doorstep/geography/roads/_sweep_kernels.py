"""From some places to many: up from each origin, then once down over everything that leads to a destination.

Eight origins go down together, so that each edge is read once for all of them.

References
----------
Delling, Goldberg and Werneck (2011), Faster batched shortest paths in road networks (RPHAST), ATMOS 2011.
"""

import numpy as np

from doorstep.foundation.arrays import Ints, SmallInts
from doorstep.foundation.kernels import kernel
from doorstep.geography.roads._hierarchy_kernels import NEVER

LANES = 8


@kernel
def restricted(first: Ints, head: SmallInts, down: Ints, ends: Ints) -> tuple[Ints, Ints, SmallInts, Ints]:
    """Return what of a hierarchy leads down to some vertices, the highest first.

    Returns
    -------
    row
        The row of each vertex (V,), -1 if it is not needed.
    own_first, own_head, own_down
        The edges above each row (R + 1,), to which rows, and their weights.
    """
    count = first.size - 1
    needed = np.zeros(count, dtype=np.bool_)
    for end in ends:
        v = end
        while not needed[v]:
            needed[v] = True
            if first[v] == first[v + 1]:
                break
            v = head[first[v]]
    row = np.full(count, -1, dtype=np.int64)
    rows = edges = 0
    for v in range(count - 1, -1, -1):
        if needed[v]:
            row[v] = rows
            rows += 1
            edges += first[v + 1] - first[v]
    own_first = np.zeros(rows + 1, dtype=np.int64)
    own_head = np.empty(edges, dtype=np.int32)
    own_down = np.empty(edges, dtype=np.int64)
    filled = rows = 0
    for v in range(count - 1, -1, -1):
        if needed[v]:
            for e in range(first[v], first[v + 1]):
                own_head[filled], own_down[filled] = row[head[e]], down[e]
                filled += 1
            rows += 1
            own_first[rows] = filled
    return row, own_first, own_head, own_down


@kernel
def climbed(
    first: Ints, head: SmallInts, up: Ints, starts: Ints, weights: Ints, label: Ints, seen: Ints, stamp: int
) -> Ints:
    """Bring weights up from some vertices into ``label``, and return the vertices touched, ascending.

    Parameters
    ----------
    label
        ``NEVER`` for all vertices (V,); the caller puts it back.
    seen, stamp
        A mark for each vertex (V,), and what marks those of this climb.
    """
    touched = 0
    for k in range(starts.size):
        v = starts[k]
        while seen[v] != stamp:
            seen[v] = stamp
            touched += 1
            if first[v] == first[v + 1]:
                break
            v = head[first[v]]
    found = np.empty(touched, dtype=np.int64)
    touched = 0
    for k in range(starts.size):
        v = starts[k]
        label[v] = min(label[v], weights[k])
        while seen[v] == stamp:
            seen[v] = -stamp
            found[touched] = v
            touched += 1
            if first[v] == first[v + 1]:
                break
            v = head[first[v]]
    found.sort()
    for v in found:
        here = label[v]
        for e in range(first[v], first[v + 1]):
            there = here + up[e]
            if there < label[head[e]]:
                label[head[e]] = there
    return found


@kernel
def table(
    first: Ints, head: SmallInts, up: Ints, down: Ints, start_first: Ints, start: Ints, start_weight: Ints,
    end_first: Ints, end: Ints, end_weight: Ints,
) -> Ints:  # fmt: skip
    """Return the least weight from each of O origins to each of D destinations (O, D), ``NEVER`` or more if none.

    Parameters
    ----------
    start_first, start, start_weight
        Origin o begins at the vertices ``start[start_first[o] : start_first[o + 1]]`` with these weights.
    end_first, end, end_weight
        Destination d is reached from its vertices with these weights.
    """
    origins, destinations = start_first.size - 1, end_first.size - 1
    row, own_first, own_head, own_down = restricted(first, head, down, end)
    rows = own_first.size - 1
    end_row = row[end]
    found = np.full((origins, destinations), NEVER, dtype=np.int64)
    label = np.full(first.size - 1, NEVER, dtype=np.int64)
    seen = np.zeros(first.size - 1, dtype=np.int64)
    lanes = np.empty((rows, LANES), dtype=np.int64)
    for block in range(0, origins, LANES):
        width = min(LANES, origins - block)
        lanes[:, :] = NEVER
        for lane in range(width):
            own = slice(start_first[block + lane], start_first[block + lane + 1])
            touched = climbed(first, head, up, start[own], start_weight[own], label, seen, block + lane + 1)
            for v in touched:
                if row[v] >= 0:
                    lanes[row[v], lane] = label[v]
                label[v] = NEVER
        _descend(own_first, own_head, own_down, lanes)
        for d in range(destinations):
            for k in range(end_first[d], end_first[d + 1]):
                for lane in range(width):
                    there = lanes[end_row[k], lane] + end_weight[k]
                    if there < found[block + lane, d]:
                        found[block + lane, d] = there
    return found


@kernel
def _descend(first: Ints, head: SmallInts, down: Ints, lanes: Ints) -> None:
    """Bring weights down all rows, the highest first."""
    for v in range(lanes.shape[0]):
        a, b, c, d = lanes[v, 0], lanes[v, 1], lanes[v, 2], lanes[v, 3]
        p, q, r, s = lanes[v, 4], lanes[v, 5], lanes[v, 6], lanes[v, 7]
        for e in range(first[v], first[v + 1]):
            u, w = head[e], down[e]
            a, b = min(a, lanes[u, 0] + w), min(b, lanes[u, 1] + w)
            c, d = min(c, lanes[u, 2] + w), min(d, lanes[u, 3] + w)
            p, q = min(p, lanes[u, 4] + w), min(q, lanes[u, 5] + w)
            r, s = min(r, lanes[u, 6] + w), min(s, lanes[u, 7] + w)
        lanes[v, 0], lanes[v, 1], lanes[v, 2], lanes[v, 3] = a, b, c, d
        lanes[v, 4], lanes[v, 5], lanes[v, 6], lanes[v, 7] = p, q, r, s
