"""Ways between pairs, and ways that never leave one piece of street."""

import numpy as np

from doorstep.foundation.arrays import Bools, Ints, SmallInts
from doorstep.foundation.kernels import kernel
from doorstep.geography.roads._hierarchy_kernels import METRE, NEVER, SHIFT
from doorstep.geography.roads._sweep_kernels import climbed
from doorstep.geography.roads.snap import WHOLE


@kernel
def pairs(
    first: Ints, head: SmallInts, up: Ints, down: Ints, start_first: Ints, start: Ints, start_weight: Ints,
    end_first: Ints, end: Ints, end_weight: Ints, order: Ints, same: Bools,
) -> Ints:  # fmt: skip
    """Return the least weight of each pair (N,): both climb, and meet at a vertex above both.

    Parameters
    ----------
    order, same
        The pairs in an order in which equal origins follow one another (N,), and whether one has the origin of the
        one before it in that order.
    """
    count = order.size
    found = np.full(count, NEVER, dtype=np.int64)
    label = np.full(first.size - 1, NEVER, dtype=np.int64)
    other = np.full(first.size - 1, NEVER, dtype=np.int64)
    seen = np.zeros(first.size - 1, dtype=np.int64)
    touched = np.empty(0, dtype=np.int64)
    stamp = 0
    for k in range(count):
        pair = order[k]
        if not same[k]:
            label[touched] = NEVER
            own = slice(start_first[pair], start_first[pair + 1])
            stamp += 1
            touched = climbed(first, head, up, start[own], start_weight[own], label, seen, stamp)
        own = slice(end_first[pair], end_first[pair + 1])
        stamp += 1
        met = climbed(first, head, down, end[own], end_weight[own], other, seen, stamp)
        for v in met:
            found[pair] = min(found[pair], label[v] + other[v])
            other[v] = NEVER
    return found


@kernel
def on_one_piece(begin: int, finish: int, along: int, against: int, arc: Ints) -> int:
    """Return the weight of driving on a piece of street from one step of it to another, ``NEVER`` if one may not."""
    best = NEVER
    if along >= 0 and finish >= begin:
        best = min(best, _part(arc[along], finish) - _part(arc[along], begin))
    if against >= 0 and finish <= begin:
        best = min(best, _part(arc[against], WHOLE - finish) - _part(arc[against], WHOLE - begin))
    return best


@kernel
def _part(weight: int, step: int) -> int:
    return (weight // METRE) * step // WHOLE * METRE + (weight % METRE) * step // WHOLE


@kernel
def direct_pairs(edge: Ints, step: Ints, to_edge: Ints, to_step: Ints, along: Ints, against: Ints, arc: Ints) -> Ints:
    """Return the weight of each pair on one piece of street (N,), ``NEVER`` for others."""
    found = np.full(edge.size, NEVER, dtype=np.int64)
    for k in range(edge.size):
        if edge[k] == to_edge[k]:
            found[k] = on_one_piece(step[k], to_step[k], along[edge[k]], against[edge[k]], arc)
    return found


@kernel
def direct_table(
    best: Ints, edge: Ints, step: Ints, to_edge: Ints, to_step: Ints, to: Ints, along: Ints, against: Ints, arc: Ints
) -> None:
    """Lower the weights of a table where origin and destination lie on one piece of street.

    Parameters
    ----------
    to_edge, to_step, to
        Destinations by their piece of street, ascending (D,), and which column each is.
    """
    for row in range(edge.size):
        k = np.searchsorted(to_edge, edge[row])
        while k < to_edge.size and to_edge[k] == edge[row]:
            there = on_one_piece(step[row], to_step[k], along[edge[row]], against[edge[row]], arc)
            if there < best[row, to[k]]:
                best[row, to[k]] = there
            k += 1


@kernel
def rounded(weight: Ints) -> tuple[Ints, Ints]:
    """Return whole metres and seconds of weights (N,)."""
    metres, seconds = np.empty_like(weight), np.empty_like(weight)
    for k in range(weight.size):
        metres[k] = ((weight[k] & (METRE - 1)) + 5) // 10
        seconds[k] = ((weight[k] >> SHIFT) + 500) // 1000
    return metres, seconds
