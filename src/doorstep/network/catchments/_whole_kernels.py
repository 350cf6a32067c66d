"""Loops that put whole places at one site each; ``at`` (S + 1,) and ``order`` (K,) are the pairs by site."""

import numpy as np

from doorstep.foundation.arrays import Ints
from doorstep.foundation.kernels import inlined, kernel


@inlined
def move(chosen: Ints, free: Ints, site: Ints, p: int, k: int, w: int) -> None:
    """Put place ``p`` of weight ``w`` at the site of pair ``k``, or nowhere if -1."""
    if chosen[p] >= 0:
        free[site[chosen[p]]] += w
    chosen[p] = k
    if k >= 0:
        free[site[k]] -= w


@kernel
def nearest_with_room(start: Ints, site: Ints, weight: Ints, free: Ints, p: int, but: int) -> int:
    """Return the first pair of a place at whose site, ``but`` one, all of it fits; or -1."""
    for k in range(start[p], start[p + 1]):
        if site[k] != but and free[site[k]] >= weight[p]:
            return k
    return -1


@kernel
def insert(
    start: Ints,
    place: Ints,
    site: Ints,
    seconds: Ints,
    order: Ints,
    at: Ints,
    weight: Ints,
    chosen: Ints,
    free: Ints,
    p: int,
) -> bool:
    """Put a place that is served nowhere where it fits, if need be after one other place moved on or gave way to it.

    Moving another one on comes first, by least seconds; a lighter place gives way only if none can move, the lightest.
    """
    k = nearest_with_room(start, site, weight, free, p, -1)
    if k >= 0:
        move(chosen, free, site, p, k, weight[p])
        return True
    best, lightest = np.iinfo(np.int64).max, weight[p]
    pair, goes, to, yields, there = -1, -1, -1, -1, -1
    for k in range(start[p], start[p + 1]):
        b = site[k]
        for i in range(at[b], at[b + 1]):
            q = place[order[i]]
            if chosen[q] != order[i] or free[b] + weight[q] < weight[p]:
                continue
            if weight[q] < lightest:
                lightest, yields, there = weight[q], q, k
            on = nearest_with_room(start, site, weight, free, q, b)
            if on >= 0:
                adds = weight[p] * seconds[k] + weight[q] * (seconds[on] - seconds[order[i]])
                if adds < best:
                    best, pair, goes, to = adds, k, q, on
    if goes >= 0:
        move(chosen, free, site, goes, to, weight[goes])
        move(chosen, free, site, p, pair, weight[p])
        return True
    if yields >= 0:
        move(chosen, free, site, yields, -1, weight[yields])
        move(chosen, free, site, p, there, weight[p])
        return True
    return False


@kernel
def shorten(
    start: Ints,
    place: Ints,
    site: Ints,
    seconds: Ints,
    order: Ints,
    at: Ints,
    weight: Ints,
    chosen: Ints,
    free: Ints,
    p: int,
) -> bool:
    """Move a served place to a nearer site with room, or exchange it with a place there, if that saves seconds."""
    here = chosen[p]
    best, pair, partner, back = 0, -1, -1, -1
    for k in range(start[p], here):
        b, gain = site[k], weight[p] * (seconds[here] - seconds[k])
        if free[b] >= weight[p]:
            if gain > best:
                best, pair, partner = gain, k, -1
            continue
        for i in range(at[b], at[b + 1]):
            q = place[order[i]]
            if chosen[q] != order[i] or free[b] + weight[q] < weight[p]:
                continue
            if free[site[here]] + weight[p] < weight[q]:
                continue
            for other in range(start[q], start[q + 1]):
                if site[other] == site[here]:
                    change = gain - weight[q] * (seconds[other] - seconds[order[i]])
                    if change > best:
                        best, pair, partner, back = change, k, q, other
    if pair < 0:
        return False
    if partner >= 0:
        move(chosen, free, site, partner, back, weight[partner])
    move(chosen, free, site, p, pair, weight[p])
    return True


@kernel
def make_whole(
    start: Ints,
    place: Ints,
    site: Ints,
    seconds: Ints,
    order: Ints,
    at: Ints,
    weight: Ints,
    chosen: Ints,
    free: Ints,
    heaviest: Ints,
    passes: int,
) -> int:
    """Serve whole places: first those left, heaviest first, then move and exchange while it saves; return the changes.

    ``chosen`` (D,) the pair of each place, -1 for none, and ``free`` (S,) are changed.
    """
    changes = 0
    for _ in range(passes):
        before = changes
        for p in heaviest:
            if chosen[p] < 0:
                changes += insert(start, place, site, seconds, order, at, weight, chosen, free, p)
            else:
                changes += shorten(start, place, site, seconds, order, at, weight, chosen, free, p)
        if changes == before:
            break
    return changes
