"""Adjacent string removal: strings of stops leave routes that pass near a seed.

References
----------
Christiaens, Vanden Berghe (2020), Slack induction by string removals for vehicle routing problems, Transportation
Science 54(2).
"""

from doorstep.foundation.kernels import inlined, lean_kernel
from doorstep.vehicle_routing.sisr._arcs import wide
from doorstep.vehicle_routing.sisr._links import touch, unlink
from doorstep.vehicle_routing.sisr._random import below, unit
from doorstep.vehicle_routing.sisr.layout import (
    BACK,
    COUNT,
    GAP,
    GONE,
    HEAD,
    KEY,
    KIND,
    LEADER,
    MATE,
    NEXT,
    OPENING,
    PAIRED,
    PREV,
    PRIZE,
    ROUTE,
    RUINED,
    SERVED,
    SIBLING,
    SLOTS,
    USED,
    Search,
)

AVERAGE = 10
"""Stops that a ruin takes on average."""
LONGEST = 10
"""Stops of the longest string."""
PAIR_LONGEST, PAIR_LEAST, PAIR_SIZES = 5, 3, 10
"""Where there are pairs: the longest string, the least average and how many averages, of which each ruin draws one.

A stop takes the other one of its pair along, and pairs are dear to insert, so small ruins pay; but not they alone.
"""
SPLIT = 0.5
DEEPER = 0.01
ABSENT = 10
"""Stops left out near the seed that a recreate tries again, at most."""
ABSENT_OPENING = 60
"""The same where a vehicle may be opened as if that cost nothing: it takes many stops to pay for it."""


@inlined
def string_start(s: Search, c: int, span: int) -> int:
    """Return the first node of a random string of ``span`` stops that holds stop c."""
    node = s.node
    stops = node.shape[0] - s.route.shape[0]
    back = below(s.random, span)
    v = c
    while back > 0 and node[v, PREV] < stops:
        v = wide(node[v, PREV])
        back -= 1
    last = v
    for _ in range(span - 1):
        if node[last, NEXT] < stops:
            last = node[last, NEXT]
        else:
            v = wide(node[v, PREV])
    return v


@inlined
def remove(s: Search, v: int, gone: int) -> int:
    """Take stop v out of its route and note as number ``gone`` where it was; return the money saved."""
    node = s.node
    s.work[gone, GONE] = v
    s.work[gone, GONE + 1] = node[v, PREV]
    s.work[gone, GONE + 2] = node[v, ROUTE]
    s.work[gone, GONE + 3] = node[v, BACK]
    s.work[gone, GONE + 4] = node[v, GAP]
    return unlink(s, v, -1)


@inlined
def remove_string(s: Search, c: int, length: int, gone: int) -> tuple[int, int]:
    """Take a string of ``length`` stops around c out, perhaps sparing some in its middle; return gone and money."""
    node = s.node
    r = wide(node[c, ROUTE])
    count = s.route[r, COUNT]
    spared, spare_from = 0, length
    if length > 1 and length < count and unit(s.random) < SPLIT:
        spared = 1
        while length + spared < count and unit(s.random) < DEEPER:
            spared += 1
        spare_from = 1 + below(s.random, length - 1)
    v = string_start(s, c, length + spared)
    saved = 0
    for i in range(length + spared):
        after = wide(node[v, NEXT])
        if i < spare_from or i >= spare_from + spared:
            saved += remove(s, v, gone)
            gone += 1
        v = after
    return gone, saved


@inlined
def remove_vehicle(s: Search, r: int, ruins: int, gone: int) -> tuple[int, int, int]:
    """Take all stops of the vehicle of route r out; return the routes ruined, gone and money."""
    first = s.route[r, HEAD]
    base = s.node.shape[0] - s.route.shape[0]
    saved = 0
    for trip in range(first, first + s.kind[s.route[r, KIND], SLOTS]):
        if s.route[trip, COUNT] == 0:
            continue
        s.work[ruins, RUINED] = trip
        ruins += 1
        touch(s, trip, ruins - 1)
        v = wide(s.node[base + trip, NEXT])
        while v < base:
            after = wide(s.node[v, NEXT])
            saved += remove(s, v, gone)
            gone += 1
            v = after
    return ruins, gone, saved


@inlined
def was_absent(s: Search, c: int, gone: int) -> int:
    """Return 1 if a stop in no route was so before this ruin."""
    for i in range(gone):
        if s.work[i, GONE] == c:
            return 0
    return 1


@inlined
def add_to_pool(s: Search, c: int, pool: int) -> int:
    """Add the leader of stop c's group or pair to the pool, unless it is there or served; return the pool's size."""
    leader = s.stop[c, LEADER]
    if s.number[PAIRED] == 1:
        for i in range(pool):
            if s.pool[i] == leader:
                return pool
    if s.stop[leader, SIBLING] != leader:
        for i in range(pool):
            if s.pool[i] == leader:
                return pool
        v = s.stop[leader, SIBLING]
        while True:
            if s.node[v, ROUTE] >= 0:
                return pool
            if v == leader:
                break
            v = s.stop[v, SIBLING]
    s.pool[pool] = leader
    return pool + 1


@inlined
def strings_of(s: Search) -> tuple[float, int]:
    """Return the longest that strings of this ruin may be, and how many there are."""
    size, longest = float(AVERAGE), float(LONGEST)
    if s.number[PAIRED] == 1:
        size, longest = float(PAIR_LEAST + below(s.random, PAIR_SIZES)), float(1 + below(s.random, PAIR_LONGEST))
    longest = max(1.0, min(longest, s.number[SERVED] / max(1, s.number[USED])))
    return longest, int(1.0 + unit(s.random) * max(0.0, 4.0 * size / (1.0 + longest) - 1.0))


@lean_kernel
def ruin(s: Search, seed: int) -> tuple[int, int, int, int]:
    """Take strings out of routes near a seed; return removed stops, stops of the pool, ruined routes, money saved.

    Where no vehicle may be opened, the one nearest to the seed is closed first. The pool holds the removed stops first,
    then stops that were left out near the seed, of each group the leader.
    """
    node = s.node
    longest, strings = strings_of(s)
    gone, saved, ruins, absent = 0, 0, 0, 0
    most_absent = ABSENT_OPENING if s.number[OPENING] > 0 else 1 + below(s.random, ABSENT)
    closing = s.number[OPENING] < 0
    for i in range(-1, s.near.shape[1]):
        c = seed if i < 0 else wide(s.near[seed, i])
        r = wide(node[c, ROUTE])
        if r < 0:
            if absent < most_absent and s.number[SERVED] + gone < s.near.shape[0] and was_absent(s, c, gone) == 1:
                s.work[absent, KEY] = c
                absent += 1
            continue
        ruined = 0
        for j in range(ruins):
            if s.work[j, RUINED] == r:
                ruined = 1
        if ruined == 1:
            continue
        if closing:
            ruins, gone, money = remove_vehicle(s, r, ruins, gone)
            saved += money
            closing = False
            continue
        longest_here = min(float(s.route[r, COUNT]), longest)
        length = int(1.0 + unit(s.random) * longest_here)
        length = min(length, s.route[r, COUNT])
        s.work[ruins, RUINED] = r
        ruins += 1
        touch(s, r, ruins - 1)
        gone, money = remove_string(s, c, length, gone)
        saved += money
        if ruins >= strings:
            break
    pool = 0
    if s.number[PAIRED] == 1:
        for i in range(gone):
            mate = s.stop[s.work[i, GONE], MATE]
            if mate >= 0 and node[mate, ROUTE] >= 0:
                saved += remove(s, mate, gone)
                gone += 1
    for i in range(gone):
        pool = add_to_pool(s, s.work[i, GONE], pool)
    for i in range(absent):
        before = pool
        pool = add_to_pool(s, s.work[i, KEY], pool)
        if pool > before:
            saved += s.stop[s.pool[before], PRIZE]
    return gone, pool, ruins, saved
