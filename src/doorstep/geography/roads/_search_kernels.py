"""Dijkstra's algorithm over arcs, stopped at a limit or where all that was asked for is known.

A label is the weight at which an arc is begun, with the turn to it; weights are those of ``_hierarchy_kernels``. Of
equal weights the one from the lower site counts.
"""

import numpy as np

from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.foundation.kernels import kernel
from doorstep.geography.roads._hierarchy_kernels import METRE, NEVER


@kernel
def spread(
    first: Ints, to: Ints, weight: Ints, starts: Ints, start_weights: Ints, sites: Ints, limit: int, most_dm: int,
    wanted: Bools, left: int, label: Ints, by: Ints, site: Ints, heap: Ints, touched: Ints,
) -> int:  # fmt: skip
    """Write labels of the arcs near some starts, and return how many arcs were touched.

    Parameters
    ----------
    first, to, weight
        From arc a one comes to ``to[first[a] : first[a + 1]]`` with these weights.
    starts, start_weights, sites
        Where one may begin, with which weights, and for whom.
    limit, most_dm
        Labels above the one, or longer than the other, are left out.
    wanted, left
        Once so many of these arcs (A,) are known the search ends; never for 0.
    label, by, site
        Of each arc (A,): its label, ``NEVER`` before, which arc it came from, -1 from a start, and for whom.
    heap, touched
        Room: (2, number of turns and starts) and (A,); the first arcs of ``touched`` are those with a label.
    """
    size = count = 0
    for k in range(starts.size):
        arc, there = starts[k], start_weights[k]
        if there > limit or there % METRE > most_dm:
            continue
        if there < label[arc] or (there == label[arc] and sites[k] < site[arc]):
            if label[arc] == NEVER:
                touched[count] = arc
                count += 1
            label[arc], by[arc], site[arc] = there, -1, sites[k]
            size = _pushed(heap, size, there, arc)
    while size:
        here, arc = heap[0, 0], heap[1, 0]
        size = _popped(heap, size)
        if here > label[arc]:
            continue
        if wanted[arc]:
            left -= 1
            if left == 0:
                break
        for t in range(first[arc], first[arc + 1]):
            there, b = here + weight[t], to[t]
            if there > limit or there % METRE > most_dm:
                continue
            if there < label[b] or (there == label[b] and site[arc] < site[b]):
                if label[b] == NEVER:
                    touched[count] = b
                    count += 1
                label[b], by[b], site[b] = there, arc, site[arc]
                size = _pushed(heap, size, there, b)
    return count


@kernel
def _pushed(heap: Ints, size: int, weight: int, arc: int) -> int:
    """Put an entry on the heap, which is ordered by weight and then by arc, and return its new size."""
    k = size
    while k > 0:
        up = (k - 1) >> 1
        if heap[0, up] < weight or (heap[0, up] == weight and heap[1, up] <= arc):
            break
        heap[0, k], heap[1, k] = heap[0, up], heap[1, up]
        k = up
    heap[0, k], heap[1, k] = weight, arc
    return size + 1


@kernel
def _popped(heap: Ints, size: int) -> int:
    """Take the first entry off the heap, and return its new size."""
    last = size - 1
    weight, arc = heap[0, last], heap[1, last]
    k = 0
    while 2 * k + 1 < last:
        low = 2 * k + 1
        if low + 1 < last and (
            heap[0, low + 1] < heap[0, low] or (heap[0, low + 1] == heap[0, low] and heap[1, low + 1] < heap[1, low])
        ):
            low += 1
        if heap[0, low] > weight or (heap[0, low] == weight and heap[1, low] >= arc):
            break
        heap[0, k], heap[1, k] = heap[0, low], heap[1, low]
        k = low
    heap[0, k], heap[1, k] = weight, arc
    return last


@kernel
def turned_back(first: Ints, to: Ints, weight: Ints) -> tuple[Ints, Ints, Ints]:
    """Return the same turns from their ends: from where one comes to each arc, with which weights."""
    arcs = first.size - 1
    back = np.zeros(arcs + 1, dtype=np.int64)
    for b in to:
        back[b + 1] += 1
    for arc in range(arcs):
        back[arc + 1] += back[arc]
    filled = back[:-1].copy()
    start = np.empty(to.size, dtype=np.int64)
    other = np.empty(to.size, dtype=np.int64)
    for a in range(arcs):
        for t in range(first[a], first[a + 1]):
            k = filled[to[t]]
            start[k], other[k] = a, weight[t]
            filled[to[t]] += 1
    return back, start, other


@kernel
def pieces_reached(
    along: Ints, against: Ints, begun: Ints, ms: Ints, site: Ints, on_first: Ints, on_step: Ints, on_site: Ints,
    toward: int, limit_ms: int, whole: int,
) -> Ints:  # fmt: skip
    """Return the stretches of all pieces of street that are reached, (5, P): piece, begin, finish, site and soonest ms.

    On each piece some waves run: one from each end that an arc is begun at, and those from sites on it. Who reaches a
    place first changes only where waves begin, meet, or end.

    Parameters
    ----------
    along, against
        Arcs of each piece (E,), -1 where there is none.
    begun, ms, site
        Of each arc (A,): when it is begun [ms], negative if it is not, what it takes, and for whom it is reached.
    on_first, on_step, on_site
        Sites on piece e are ``on_first[e] : on_first[e + 1]``, with their steps.
    toward
        1 if times are those to the sites, and waves run against their arcs; else 0.
    """
    most = 2 * (2 + np.max(np.diff(on_first)) * 2)
    start, sign = np.empty(most), np.empty(most)
    wait, slope, whose = np.empty(most), np.empty(most), np.empty(most, dtype=np.int64)
    found = np.empty((5, 64), dtype=np.int64)
    count = 0
    for e in range(along.size):
        waves = 0
        for side in range(2):
            arc = against[e] if side else along[e]
            if arc < 0:
                continue
            ahead = 1.0 if side == toward else -1.0
            if begun[arc] >= 0:
                start[waves], sign[waves] = (0.0 if ahead > 0 else float(whole)), ahead
                wait[waves], slope[waves], whose[waves] = begun[arc], ms[arc] / whole, site[arc]
                waves += 1
            for k in range(on_first[e], on_first[e + 1]):
                start[waves], sign[waves], wait[waves] = on_step[k], ahead, 0.0
                slope[waves], whose[waves] = ms[arc] / whole, on_site[k]
                waves += 1
        if waves == 0:
            continue
        cuts = _cuts(start[:waves], sign[:waves], wait[:waves], slope[:waves], limit_ms, whole)
        own = count
        for k in range(cuts.size - 1):
            begin, finish = cuts[k], cuts[k + 1]
            best = _first_at((begin + finish) / 2, start, sign, wait, slope, whose, waves)
            if best < 0 or wait[best] + slope[best] * abs((begin + finish) / 2 - start[best]) > limit_ms:
                continue
            soonest = wait[best] + slope[best] * min(abs(begin - start[best]), abs(finish - start[best]))
            a, b = round(begin), round(finish)
            if a >= b:
                continue
            if count > own and found[2, count - 1] == a and found[3, count - 1] == whose[best]:
                found[2, count - 1] = b
                found[4, count - 1] = min(found[4, count - 1], round(soonest))
                continue
            if count == found.shape[1]:
                more = np.empty((5, 2 * count), dtype=np.int64)
                more[:, :count] = found
                found = more
            found[0, count], found[1, count], found[2, count] = e, a, b
            found[3, count], found[4, count] = whose[best], round(soonest)
            count += 1
    return found[:, :count].copy()


@kernel
def _cuts(start: Floats, sign: Floats, wait: Floats, slope: Floats, limit_ms: int, whole: int) -> Floats:
    """Return where on a piece of street it may change who reaches it first, ascending, both ends among them."""
    waves = start.size
    cuts = np.empty(2 + 2 * waves + waves * waves)
    cuts[0], cuts[1] = 0.0, whole
    count = 2
    for i in range(waves):
        cuts[count] = start[i]
        cuts[count + 1] = start[i] + sign[i] * (limit_ms - wait[i]) / slope[i]
        count += 2
        for j in range(waves):
            if sign[i] > 0 and sign[j] < 0:
                meet = wait[j] - wait[i] + slope[j] * start[j] + slope[i] * start[i]
                cuts[count] = meet / (slope[i] + slope[j])
                count += 1
    kept = cuts[:count]
    return np.sort(np.minimum(np.maximum(kept, 0.0), float(whole)))


@kernel
def _first_at(at: float, start: Floats, sign: Floats, wait: Floats, slope: Floats, whose: Ints, waves: int) -> int:
    """Return which wave is first at a place of a piece of street, of equal ones that of the lower site, -1 for none."""
    best, least = -1, np.inf
    for k in range(waves):
        if (at - start[k]) * sign[k] >= 0:
            there = wait[k] + slope[k] * abs(at - start[k])
            if there < least - 1e-6 or (there <= least + 1e-6 and best >= 0 and whose[k] < whose[best]):
                best, least = k, there
    return best
