"""Nested dissection by inertial flow: junctions sorted along a line, and the fewest streets cut between its two ends.

References
----------
Schild and Sommer (2015), On balanced separators in road networks, SEA 2015.
"""

import numpy as np

from doorstep.foundation.arrays import Floats, Ints
from doorstep.foundation.kernels import kernel

DIRECTIONS = 4
SHARE = 0.25
"""Of the junctions of a part, so many lie for certain on each side of a cut."""


@kernel
def dissected(
    first: Ints, to: Ints, back: Ints, x: Floats, y: Floats, leaf: int, found: Ints, todo: Ints, size: int, room: Ints,
    flow: Ints, most: int,
) -> tuple[int, int]:  # fmt: skip
    """Order some more junctions, so that those which cut a part in two come after both of its halves.

    Parameters
    ----------
    first, to, back
        Neighbours of each junction (J + 1,), (M,), and the place of the same street the other way round (M,).
    leaf
        Parts of so many junctions are not cut.
    found
        Junctions in their order (J,), by and by.
    todo, size
        Parts still to be cut: from which place of ``found`` to which (2, J), of which the first ``size`` count.
    room, flow
        Zeros to work with: (5, J), and (M,).
    most
        It ends once the parts that were cut have so many junctions together.

    Returns
    -------
    size, cut
        How many parts are still to be cut, and how many junctions those had together that were.
    """
    mark, side, best_side, queue, came = room[0], room[1], room[2], room[3], room[4]
    work, part = 0, mark.max()
    while size > 0 and work < most:
        size -= 1
        low, high = todo[0, size], todo[1, size]
        work += high - low
        if high - low <= leaf:
            continue
        part += 1
        own = found[low:high].copy()
        for v in own:
            mark[v] = part
        best = 1 << 60
        for direction in range(DIRECTIONS):
            angle = np.pi * direction / DIRECTIONS
            along = own[np.argsort(x[own] * np.cos(angle) + y[own] * np.sin(angle))]
            cut = _cut(first, to, back, along, mark, part, flow, side, queue, came, best)
            if cut < best:
                best = cut
                for v in own:
                    best_side[v] = side[v]
        left, right = _split(first, to, own, mark, part, best_side)
        at_left, at_right, at_cut = low, low + left, low + left + right
        for v in own:
            if best_side[v] == 0:
                found[at_left] = v
                at_left += 1
            elif best_side[v] == 1:
                found[at_right] = v
                at_right += 1
            else:
                found[at_cut] = v
                at_cut += 1
        if left > 0 and right > 0:
            todo[0, size], todo[1, size] = low, low + left
            todo[0, size + 1], todo[1, size + 1] = low + left, low + left + right
            size += 2
    return size, work


@kernel
def _cut(
    first: Ints, to: Ints, back: Ints, along: Ints, mark: Ints, part: int, flow: Ints, side: Ints, queue: Ints,
    came: Ints, most: int,
) -> int:  # fmt: skip
    """Return how many streets must be cut between the first and the last of some junctions, ``most`` if no fewer.

    ``side`` is then 0 for those on the side of the first, 1 for the others.
    """
    size = along.size
    ends = max(1, int(size * SHARE))
    for v in along:
        for e in range(first[v], first[v + 1]):
            flow[e] = 0
    cut = 0
    while cut < most:
        for v in along:
            side[v] = 1
            came[v] = -1
        filled = 0
        for k in range(ends):
            queue[filled] = along[k]
            side[along[k]] = 0
            filled += 1
        for k in range(size - ends, size):
            came[along[k]] = -2
        reached = -1
        taken = 0
        while taken < filled and reached < 0:
            v = queue[taken]
            taken += 1
            for e in range(first[v], first[v + 1]):
                u = to[e]
                if mark[u] != part or side[u] == 0 or flow[e] > 0:
                    continue
                ends_here = came[u] == -2
                side[u] = 0
                came[u] = e
                if ends_here:
                    reached = u
                    break
                queue[filled] = u
                filled += 1
        if reached < 0:
            return cut
        cut += 1
        while came[reached] >= 0:
            e = came[reached]
            flow[e] += 1
            flow[back[e]] -= 1
            reached = to[back[e]]
    return most


@kernel
def _split(first: Ints, to: Ints, own: Ints, mark: Ints, part: int, side: Ints) -> tuple[int, int]:
    """Put the junctions of cut streets apart (2), on the side that has fewer; return what is left of both sides."""
    touched = np.zeros(2, dtype=np.int64)
    for v in own:
        for e in range(first[v], first[v + 1]):
            if mark[to[e]] == part and side[to[e]] != side[v]:
                touched[side[v]] += 1
                break
    taken = 0 if touched[0] <= touched[1] else 1
    apart = np.zeros(own.size, dtype=np.bool_)
    for k in range(own.size):
        v = own[k]
        if side[v] == taken:
            for e in range(first[v], first[v + 1]):
                if mark[to[e]] == part and side[to[e]] == 1 - taken:
                    apart[k] = True
                    break
    left = right = 0
    for k in range(own.size):
        if apart[k]:
            side[own[k]] = 2
        else:
            left += side[own[k]] == 0
            right += side[own[k]] == 1
    return left, right
