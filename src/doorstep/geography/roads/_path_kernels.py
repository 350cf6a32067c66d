"""The arcs of one way: up from both ends to where they meet, then every shortcut opened."""

import numpy as np

from doorstep.foundation.arrays import Ints, SmallInts
from doorstep.foundation.kernels import kernel
from doorstep.geography.roads._hierarchy_kernels import NEVER


@kernel
def way_of(
    first: Ints, head: SmallInts, up: Ints, down: Ints, up_by: SmallInts, down_by: SmallInts, starts: Ints,
    start_weights: Ints, ends: Ints, end_weights: Ints,
) -> tuple[int, Ints]:  # fmt: skip
    """Return the least weight from any start to any end, and the vertices in the order in which they are driven."""
    count = first.size - 1
    label, by = _climb(first, head, up, starts, start_weights)
    other, other_by = _climb(first, head, down, ends, end_weights)
    best, met = NEVER, -1
    for v in range(count):
        if label[v] + other[v] < best:
            best, met = label[v] + other[v], v
    if met < 0:
        return best, np.empty(0, dtype=np.int64)
    rising = [met]
    while by[rising[-1]] >= 0:
        rising.append(by[rising[-1]])
    chain = rising[::-1]
    v = met
    while other_by[v] >= 0:
        v = other_by[v]
        chain.append(v)
    return best, _opened(first, head, up_by, down_by, chain)


@kernel
def _climb(first: Ints, head: SmallInts, weight: Ints, starts: Ints, weights: Ints) -> tuple[Ints, Ints]:
    """Return the least weight of each vertex above some (V,), and from which vertex it came."""
    label = np.full(first.size - 1, NEVER, dtype=np.int64)
    by = np.full(first.size - 1, -1, dtype=np.int64)
    lowest = first.size - 1
    for k in range(starts.size):
        label[starts[k]] = min(label[starts[k]], weights[k])
        lowest = min(lowest, starts[k])
    for v in range(lowest, first.size - 1):
        if label[v] < NEVER:
            for e in range(first[v], first[v + 1]):
                there = label[v] + weight[e]
                if there < label[head[e]]:
                    label[head[e]] = there
                    by[head[e]] = v
    return label, by


@kernel
def _opened(first: Ints, head: SmallInts, up_by: SmallInts, down_by: SmallInts, chain: "list[int]") -> Ints:
    """Return the vertices of a chain of edges of the hierarchy with all that shortcuts stand for."""
    found = [chain[0]]
    for k in range(1, len(chain)):
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
