"""Loops over the pairs of places and sites.

``order`` (K,) lists the rows of the pairs by site, ``at`` (S + 1,) where each site begins in it.
"""

import numpy as np

from doorstep.foundation.arrays import Bools, Ints
from doorstep.foundation.kernels import kernel

NONE = -(2**62)


@kernel
def serve_most(
    start: Ints, place: Ints, site: Ints, order: Ints, at: Ints, left: Ints, free: Ints, flow: Ints, stuck: Bools
) -> None:
    """Serve as much as can be: a maximum flow, by shortest augmenting paths from site to site.

    ``left`` (D,) what each place still needs, ``free`` (S,), ``flow`` (K,) from zero, ``stuck`` (S,) from False are
    changed. Sites end up stuck that are full, and from which no chain of moves leads to a free one: with the places
    left over they are the side of a minimum cut.

    References
    ----------
    Edmonds, Karp (1972), Theoretical improvements in algorithmic efficiency for network flow problems, JACM 19.
    """
    for k in range(place.size):
        step = min(left[place[k]], free[site[k]])
        flow[k] += step
        left[place[k]] -= step
        free[site[k]] -= step
    sites, places = free.size, left.size
    came, gives, queue = np.empty(sites, np.int64), np.empty(sites, np.int64), np.empty(sites, np.int64)
    seen_site, seen_place = np.full(sites, -1, np.int64), np.full(places, -1, np.int64)
    turn = 0
    for p in range(places):
        while left[p] > 0 and start[p + 1] > start[p]:
            turn += 1
            head, tail, end = 0, 0, -1
            for k in range(start[p], start[p + 1]):
                if not stuck[site[k]]:
                    seen_site[site[k]], came[site[k]], gives[site[k]] = turn, k, -1
                    queue[tail] = site[k]
                    tail += 1
            while head < tail and end < 0:
                a = queue[head]
                head += 1
                if free[a] > 0:
                    end = a
                    break
                for i in range(at[a], at[a + 1]):
                    k = order[i]
                    q = place[k]
                    if flow[k] == 0 or seen_place[q] == turn:
                        continue
                    seen_place[q] = turn
                    for other in range(start[q], start[q + 1]):
                        b = site[other]
                        if seen_site[b] != turn and not stuck[b]:
                            seen_site[b], came[b], gives[b] = turn, other, k
                            queue[tail] = b
                            tail += 1
            if end < 0:
                for i in range(tail):
                    stuck[queue[i]] = True
                break
            step, b = min(left[p], free[end]), end
            while gives[b] >= 0:
                step = min(step, flow[gives[b]])
                b = site[gives[b]]
            free[end] -= step
            left[p] -= step
            b = end
            while b >= 0:
                flow[came[b]] += step
                if gives[b] >= 0:
                    flow[gives[b]] -= step
                    b = site[gives[b]]
                else:
                    b = -1


@kernel
def raise_prices(
    start: Ints,
    place: Ints,
    site: Ints,
    seconds: Ints,
    order: Ints,
    at: Ints,
    flow: Ints,
    left: Ints,
    stuck: Bools,
    price: Ints,
) -> bool:
    """Set the least prices of capacity that support a flow; return False where none do, as a chain of moves saves time.

    What a place pays where it is served, seconds and ``price`` (S,), is at most what it would pay elsewhere: longest
    paths from site to site by label correcting. Free capacity costs nothing. A stuck site takes places left over
    instead, so that its price is the time one of them would add, negative.

    References
    ----------
    Ahuja, Magnanti, Orlin (1993), Network flows, chapters 5 and 9.
    """
    sites = price.size
    for s in range(sites):
        price[s] = NONE if stuck[s] else 0
    for k in range(place.size):
        if left[place[k]] > 0 and stuck[site[k]]:
            price[site[k]] = max(price[site[k]], -seconds[k])
    queue, waits, turns = np.empty(sites, np.int64), np.zeros(sites, np.bool_), np.zeros(sites, np.int64)
    head, size = 0, 0
    for s in range(sites):
        if price[s] != NONE:
            queue[size], waits[s] = s, True
            size += 1
    while size > 0:
        a = queue[head]
        head = (head + 1) % sites
        size -= 1
        waits[a] = False
        turns[a] += 1
        if turns[a] > sites + 1:
            return False
        for i in range(at[a], at[a + 1]):
            k = order[i]
            if flow[k] == 0:
                continue
            for other in range(start[place[k]], start[place[k] + 1]):
                b = site[other]
                pays = price[a] + seconds[k] - seconds[other]
                if stuck[b] == stuck[a] and pays > price[b]:
                    price[b] = pays
                    if not waits[b]:
                        queue[(head + size) % sites], waits[b] = b, True
                        size += 1
    return True
