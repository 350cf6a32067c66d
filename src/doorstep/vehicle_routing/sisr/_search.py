"""One iteration after another: ruin, recreate, keep or undo.

An iteration draws first how much worse its outcome may be, so that a recreate stops as soon as it costs more than that.
What is rejected is undone by relinking in reverse order: no route is ever copied.
"""

import math

from doorstep.foundation.kernels import inlined, lean_kernel
from doorstep.vehicle_routing.sisr._arcs import metres, wide
from doorstep.vehicle_routing.sisr._insert import cheapest_place, cheapest_trip, empty_place
from doorstep.vehicle_routing.sisr._links import refresh, refresh_all, relink, soil, touch, unlink
from doorstep.vehicle_routing.sisr._pairs import cheapest_pair
from doorstep.vehicle_routing.sisr._random import below, unit
from doorstep.vehicle_routing.sisr._ruin import ruin
from doorstep.vehicle_routing.sisr.layout import (
    ACCEPTED,
    BEST,
    CLOCK,
    CLOSE,
    CURRENT,
    DIRTY,
    EXTRA,
    FAR,
    GAP,
    GONE,
    IMPROVED,
    INTO,
    ITERATIONS,
    KIND,
    LOAD,
    LOST,
    MATE,
    MISSING,
    NEXT,
    OPEN,
    OPENING,
    OPTIONAL,
    PAIRED,
    PLACE,
    PREV,
    PRIZE,
    PROFILE,
    PUT,
    RELOADS,
    ROUTE,
    RUINED,
    SERVED,
    SIBLING,
    SOILED,
    TIMED,
    TOUCHED,
    Search,
)

STOP_BITS = 20
"""Room for the number of a stop beside its key."""
FORCED_ONE_IN = 20
"""Of how many iterations, while stops are left out, one inserts them whatever their prize."""
VEHICLE_ONE_IN = 20
"""Where stops are optional: of how many iterations one closes a vehicle, and one opens another."""


@inlined
def sort_key(s: Search, c: int, order: int) -> int:
    """Return by what a stop is sorted, smallest first: at random, large, far, near, narrow, early, late window."""
    if order < 4:
        return below(s.random, 1 << 30)
    if order < 8:
        return int(-s.stop[c, LOAD])
    if order < 10:
        return -wide(s.near_m[c, s.near.shape[1]])
    if order < 11:
        return wide(s.near_m[c, s.near.shape[1]])
    if order < 13:
        return int(wide(s.node[c, CLOSE]) - s.node[c, OPEN])
    if order < 15:
        return wide(s.node[c, OPEN])
    return -wide(s.node[c, CLOSE])


@lean_kernel
def sort_pool(s: Search, pool: int) -> None:
    """Sort the pool by a criterion drawn at random; key and stop travel in one number."""
    order = below(s.random, 17 if s.number[TIMED] == 1 else 11)
    ranked = s.pool
    for i in range(pool):
        c = ranked[i]
        rank = (sort_key(s, c, order) << STOP_BITS) | c
        j = i
        while j > 0 and ranked[j - 1] > rank:
            ranked[j] = ranked[j - 1]
            j -= 1
        ranked[j] = rank
    for i in range(pool):
        ranked[i] &= (1 << STOP_BITS) - 1


@inlined
def leave_out(s: Search, c: int) -> int:
    """Return the prize of stop c, noting that it found no place if it had to be served."""
    if s.stop[c, PRIZE] >= s.number[MISSING]:
        s.number[LOST] = c
    return int(s.stop[c, PRIZE])


@inlined
def put_in(s: Search, c: int, p: int, r: int, into: int, out: int, put: int) -> int:
    """Put stop c behind node p of route r and note as number ``put`` what gap it fills; return the money."""
    s.work[put, PUT] = c
    s.work[put, PUT + 1] = s.node[p, GAP]
    return relink(s, c, p, r, into, out)


@lean_kernel
def recreate_pair(s: Search, i: int, ruins: int, put: int, touched: int, forced: int) -> tuple[int, int, int]:
    """Insert pickup i and its delivery where they cost least, or leave both out for their prize.

    Return the stops inserted, the routes touched and the money spent.
    """
    j = s.stop[i, MATE]
    money, r, p, w = cheapest_pair(s, i, ruins)
    money += s.stop[i, EXTRA] + s.stop[j, EXTRA]
    if r < 0 or (forced == 0 and money >= s.stop[i, PRIZE]):
        return put, touched, leave_out(s, i)
    touched = touch(s, r, touched)
    for c, before in ((i, p), (j, w)):
        profile = s.kind[s.route[r, KIND], PROFILE]
        into = metres(s, profile, wide(s.node[before, PLACE]), wide(s.node[c, PLACE]))
        out = metres(s, profile, wide(s.node[c, PLACE]), wide(s.node[wide(s.node[before, NEXT]), INTO]))
        put_in(s, c, before, r, into, out, put)
        put += 1
    refresh(s, r, i, j)
    return put, touched, money


@lean_kernel
def recreate(s: Search, pool: int, ruins: int, allowed: float, spent: int, forced: int) -> tuple[int, int, int]:
    """Insert the pool stop by stop where it costs least, or leave out what costs more than its prize.

    ``forced`` inserts whatever the prizes say, wherever it is feasible: the first stop of a new route never pays alone.

    Return the stops inserted, the routes touched and the money spent; it stops early once that reaches ``allowed``.
    """
    put = wide(0)
    touched = ruins
    base = s.node.shape[0] - s.route.shape[0]
    for i in range(pool):
        first = s.pool[i]
        if s.number[OPENING] > 0:
            s.number[OPENING] = 0
            money, r, into, out = empty_place(s, first)
            if r >= 0:
                touched = touch(s, r, touched)
                put_in(s, first, base + r, r, into, out, put)
                put += 1
                spent += money + s.stop[first, EXTRA]
                if s.number[TIMED] == 1:
                    refresh(s, r, first, first)
                continue
        if s.number[PAIRED] == 1 and s.stop[first, MATE] >= 0:
            put, touched, money = recreate_pair(s, first, ruins, put, touched, forced)
            spent += money
            if spent >= allowed:
                break
            continue
        money, p, r, into, out = FAR, -1, -1, 0, 0
        c = first
        other = first
        while True:
            m, mp, mr, m_in, m_out = cheapest_place(s, other, ruins)
            if s.number[RELOADS] == 1:
                trip, tr, t_in, t_out = cheapest_trip(s, other, ruins, m)
                if tr >= 0:
                    m, mp, mr, m_in, m_out = trip, base + tr, tr, t_in, t_out
            if m + s.stop[other, EXTRA] < money:
                c, money, p, r, into, out = other, m + s.stop[other, EXTRA], mp, mr, m_in, m_out
            other = s.stop[other, SIBLING]
            if other == first:
                break
        if p < 0 or (forced == 0 and money >= s.stop[first, PRIZE]):
            spent += leave_out(s, first)
        else:
            touched = touch(s, r, touched)
            put_in(s, c, p, r, into, out, put)
            put += 1
            spent += money
            if s.number[TIMED] == 1:
                refresh(s, r, c, c)
        if spent >= allowed:
            break
    return put, touched, spent


@lean_kernel
def undo(s: Search, put: int, gone: int, touched: int) -> None:
    """Take inserted stops out and put removed ones back, each in reverse order."""
    for i in range(put - 1, -1, -1):
        unlink(s, s.work[i, PUT], s.work[i, PUT + 1])
    for i in range(gone - 1, -1, -1):
        relink(s, s.work[i, GONE], s.work[i, GONE + 1], s.work[i, GONE + 2], s.work[i, GONE + 3], s.work[i, GONE + 4])
    if s.number[TIMED] == 1:
        for i in range(touched):
            refresh_all(s, s.work[i, TOUCHED])


@lean_kernel
def keep(s: Search, put: int, gone: int) -> None:
    """Note what an accepted iteration changed, and save the plan if it is the best so far."""
    for i in range(gone):
        soil(s, s.work[i, GONE])
        soil(s, s.work[i, GONE + 1])
    for i in range(put):
        c = s.work[i, PUT]
        soil(s, c)
        soil(s, s.node[c, PREV])
    if s.number[CURRENT] < s.number[BEST]:
        s.number[BEST] = s.number[CURRENT]
        s.number[IMPROVED] += 1
        for i in range(s.number[DIRTY]):
            v = s.work[i, SOILED]
            s.best[v, 0] = s.node[v, NEXT]
            s.best[v, 1] = s.node[v, ROUTE]
            s.best[v, 2] = 0
        s.number[DIRTY] = 0


@inlined
def next_seed(s: Search) -> int:
    """Return the stop around which to ruin: any, or every other time one that has to be served and is not."""
    lost = s.number[LOST]
    if lost >= 0:
        if s.node[lost, ROUTE] >= 0:
            s.number[LOST] = -1
        elif below(s.random, 2) == 0:
            return int(lost)
    return below(s.random, s.near.shape[0])


@inlined
def opening(s: Search) -> int:
    """Return -1 if this iteration closes a vehicle, 1 if it opens one, 0 usually."""
    if s.number[OPTIONAL] == 0 or s.number[PAIRED] == 1:
        return 0
    drawn = below(s.random, VEHICLE_ONE_IN)
    return -1 if drawn == 0 else 1 if drawn == 1 else 0


@lean_kernel
def iterate(s: Search, count: int, temperature: float) -> None:
    """Run ``count`` iterations of ruin and recreate at a temperature [money].

    A vehicle is opened or closed by many stops at once: where some are optional, ``OPENING`` is now and then 1, and
    the first stop goes on an empty vehicle whatever it costs, or -1, and one vehicle is closed and none is opened.
    """
    stops = s.near.shape[0]
    for _ in range(count):
        s.number[ITERATIONS] += 1
        s.number[CLOCK] += 1
        allowed = -temperature * math.log(unit(s.random))
        left = stops - s.number[SERVED]
        s.number[OPENING] = opening(s)
        opened = s.number[OPENING] > 0
        gone, pool, ruins, saved = ruin(s, next_seed(s))
        spent = -saved
        if s.number[TIMED] == 1:
            for i in range(ruins):
                spent = min(spent, FAR) + refresh_all(s, s.work[i, RUINED])
        sort_pool(s, pool)
        forced = 1 if left > 0 and below(s.random, FORCED_ONE_IN) == 0 else 0
        ceiling = math.inf if forced == 1 or opened else allowed
        put, touched, spent = recreate(s, pool, ruins, ceiling, spent, forced)
        if spent < allowed:
            s.number[CURRENT] += spent
            s.number[ACCEPTED] += 1
            keep(s, put, gone)
        else:
            undo(s, put, gone, touched)
