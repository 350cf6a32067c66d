"""Taking stops out of routes and putting them in, with what is known of every route kept up to date.

Money is charged in two steps: distance and fixed cost as links change, the cost of time when `refresh` has walked a
route. References: Vidal et al. (2013), A hybrid genetic algorithm with adaptive diversity management for a large class
of vehicle routing problems with time-windows, C&OR 40(1): segments of routes in O(1).
"""

from doorstep.foundation.kernels import inlined, lean_kernel
from doorstep.vehicle_routing.problem import LAST
from doorstep.vehicle_routing.sisr._arcs import metres, seconds, wide
from doorstep.vehicle_routing.sisr._walk import time_money, walk_money
from doorstep.vehicle_routing.sisr.layout import (
    ABOARD,
    BACK,
    BEFORE_D,
    BEFORE_E,
    BEFORE_L,
    CARGO,
    CHAINED,
    CLOCK,
    CLOSE,
    COUNT,
    DIMS,
    DIRTY,
    DURATION,
    EXTRA,
    FAR,
    FIXED,
    GAP,
    HEAD,
    INTO,
    KIND,
    LOAD,
    METRES,
    NEXT,
    OPEN,
    PD,
    PE,
    PER_M,
    PL,
    PLACE,
    PREV,
    PROFILE,
    RELEASE,
    ROUTE,
    SD,
    SE,
    SERVED,
    SERVICE,
    SL,
    SLOTS,
    SOILED,
    SPARE,
    SPARES,
    STAMP,
    TIME,
    TOUCHED,
    TRIPS,
    USED,
    WALKED,
    Search,
)


@inlined
def touch(s: Search, r: int, touched: int) -> int:
    """Note that a route changes in this iteration; return how many have."""
    if s.route[r, STAMP] != s.number[CLOCK]:
        s.route[r, STAMP] = s.number[CLOCK]
        s.work[touched, TOUCHED] = r
        return touched + 1
    return touched


@inlined
def soil(s: Search, v: int) -> None:
    """Note that the best plan does not know what became of a node."""
    if s.best[v, 2] == 0:
        s.best[v, 2] = 1
        s.work[s.number[DIRTY], SOILED] = v
        s.number[DIRTY] += 1


@inlined
def unlink(s: Search, c: int, gap: int) -> int:
    """Take stop c out of its route; return the money that its distance, and perhaps the route, no longer costs.

    ``gap`` are the metres from the node before to the one after, -1 if they are not known.
    """
    node = s.node
    r = wide(node[c, ROUTE])
    k = s.route[r, KIND]
    p = wide(node[c, PREV])
    q = wide(node[c, NEXT])
    saved = wide(node[c, GAP]) + wide(node[c, BACK])
    s.route[r, COUNT] -= 1
    s.number[SERVED] -= 1
    money = s.stop[c, EXTRA]
    h = s.route[r, HEAD]
    if s.route[r, COUNT] == 0:
        gap = 0
        s.number[USED] -= 1
        s.route[h, TRIPS] -= 1
        if s.route[h, TRIPS] == 0:
            money += s.kind[k, FIXED]
            s.route[h, SPARE] = s.kind[k, SPARES]
            s.spare[k, s.kind[k, SPARES]] = h
            s.kind[k, SPARES] += 1
    elif gap < 0:
        gap = metres(s, s.kind[k, PROFILE], wide(node[p, PLACE]), wide(node[q, INTO]))
    node[p, NEXT] = q
    node[q, PREV] = p
    node[p, GAP] = gap
    node[q, BACK] = gap
    node[c, ROUTE] = -1
    s.route[h, METRES] += gap - saved
    for m in range(s.number[DIMS]):
        s.route[r, ABOARD + m] -= s.stop[c, LOAD + m]
    return int(money + s.kind[k, PER_M] * (saved - gap))


@inlined
def relink(s: Search, c: int, p: int, r: int, into: int, out: int) -> int:
    """Put stop c after node p of route r, over arcs of known metres; return the money that this costs."""
    node = s.node
    k = s.route[r, KIND]
    q = wide(node[p, NEXT])
    gap = wide(node[p, GAP])
    node[p, NEXT] = c
    node[q, PREV] = c
    node[c, PREV] = p
    node[c, NEXT] = q
    node[c, ROUTE] = r
    node[p, GAP] = into
    node[c, BACK] = into
    node[c, GAP] = out
    node[q, BACK] = out
    money = s.stop[c, EXTRA]
    h = s.route[r, HEAD]
    if s.route[r, COUNT] == 0:
        s.number[USED] += 1
        s.route[h, TRIPS] += 1
        if s.route[h, TRIPS] == 1:
            money += s.kind[k, FIXED]
            at = s.route[h, SPARE]
            s.kind[k, SPARES] -= 1
            last = s.spare[k, s.kind[k, SPARES]]
            s.spare[k, at] = last
            s.route[last, SPARE] = at
            s.route[h, SPARE] = -1
    s.route[r, COUNT] += 1
    s.number[SERVED] += 1
    s.route[h, METRES] += into + out - gap
    for m in range(s.number[DIMS]):
        s.route[r, ABOARD + m] += s.stop[c, LOAD + m]
    return int(money + s.kind[k, PER_M] * (into + out - gap))


@inlined
def walk_on(s: Search, profile: int, depot: int, v: int) -> None:
    """Renew the segments from the depot of node v and of all behind it."""
    node = s.node
    p = wide(node[v, PREV])
    duration, early, late = wide(node[p, PD]), wide(node[p, PE]), wide(node[p, PL])
    while v != depot:
        drive = duration + seconds(s, profile, wide(node[p, PLACE]), wide(node[v, PLACE]), wide(node[v, BACK]))
        wait = max(node[v, OPEN] - drive - late, 0)
        early = max(node[v, OPEN] - drive, early) - wait
        late = min(node[v, CLOSE] - drive, late)
        duration = drive + wait + node[v, SERVICE]
        node[v, PD] = duration
        node[v, PE] = early
        node[v, PL] = late
        p = v
        v = wide(node[v, NEXT])


@inlined
def walk_back(s: Search, profile: int, depot: int, p: int) -> int:
    """Renew the segments home of node p and of all before it; return the duration of the route, -1 if it is late."""
    node = s.node
    v = wide(node[p, NEXT])
    total, early, late = wide(node[v, SD]), wide(node[v, SE]), wide(node[v, SL])
    while p != depot:
        drive = node[p, SERVICE] + seconds(s, profile, wide(node[p, PLACE]), wide(node[v, INTO]), wide(node[p, GAP]))
        wait = max(early - drive - node[p, CLOSE], 0)
        early = max(early - drive, node[p, OPEN]) - wait
        late = min(late - drive, node[p, CLOSE])
        total = total + drive + wait
        node[p, SD] = total
        node[p, SE] = early
        node[p, SL] = late
        v = p
        p = wide(node[p, PREV])
    drive = seconds(s, profile, wide(node[depot, PLACE]), wide(node[v, INTO]), wide(node[depot, GAP]))
    if node[depot, PE] + node[depot, PD] + drive > late:
        return -1
    wait = max(early - node[depot, PD] - drive - node[depot, PL], 0)
    return int(node[depot, PD] + drive + wait + total)


@inlined
def chain_trips(s: Search, k: int, h: int) -> int:
    """Renew the segments of all trips of a vehicle, each loaded when it is back and all parcels are ready.

    Return the duration of the whole, -1 if it is late.
    """
    node, profile = s.node, s.kind[k, PROFILE]
    slots = s.kind[k, SLOTS]
    base = node.shape[0] - s.route.shape[0]
    duration, early, late = 0, 0, LAST
    for r in range(h, h + slots):
        depot = base + r
        s.route[r, BEFORE_D], s.route[r, BEFORE_E], s.route[r, BEFORE_L] = duration, early, late
        ready = wide(node[depot, OPEN])
        v = wide(node[depot, NEXT])
        while v != depot:
            ready = max(ready, s.stop[v, RELEASE])
            v = wide(node[v, NEXT])
        node[depot, PE] = ready
        if s.route[r, COUNT] == 0:
            continue
        walk_on(s, profile, depot, wide(node[depot, NEXT]))
        p = wide(node[depot, PREV])
        home = seconds(s, profile, wide(node[p, PLACE]), wide(node[depot, INTO]), wide(node[p, GAP]))
        wait = max(node[p, PE] - duration - late, 0)
        early = max(node[p, PE] - duration, early) - wait
        late = min(node[p, PL] - duration, late)
        duration += wait + node[p, PD] + home
    total, first, last, ready = 0, 0, wide(node[base + h, CLOSE]), 0
    for r in range(h + slots - 1, h - 1, -1):
        depot = base + r
        node[depot, SD], node[depot, SE], node[depot, SL] = total, first, last
        if s.route[r, COUNT] == 0:
            continue
        walk_back(s, profile, depot, wide(node[depot, PREV]))
        v = wide(node[depot, NEXT])
        drive = node[depot, PD] + seconds(
            s, profile, wide(node[depot, PLACE]), wide(node[v, INTO]), wide(node[depot, GAP])
        )
        wait = max(node[v, SE] - drive - node[depot, PL], 0)
        total = node[v, SD] + drive + wait
        first = max(node[v, SE] - drive, node[depot, PE]) - wait
        last = min(node[v, SL] - drive, node[depot, PL])
        ready = wide(node[depot, PE])
    return int(total) if ready <= last else -1


@inlined
def weigh(s: Search, r: int, depot: int) -> None:
    """Renew what is on board of a trip behind each node, and the most before and after it."""
    node, cargo, loads = s.node, s.cargo, s.number[CARGO]
    change = LOAD + s.number[DIMS]
    for m in range(loads):
        aboard = int(s.route[r, ABOARD + m])
        most, v = aboard, depot
        while True:
            cargo[v, m], cargo[v, loads + m] = aboard, most
            v = wide(node[v, NEXT])
            if v == depot:
                break
            aboard += s.stop[v, change + m]
            most = max(most, aboard)
        most = 0
        while True:
            v = wide(node[v, PREV])
            most = max(most, wide(cargo[v, m]))
            cargo[v, 2 * loads + m] = most
            if v == depot:
                break


@lean_kernel
def refresh(s: Search, r: int, first: int, last: int) -> int:
    """Renew the segments of a route that has changed from node ``first`` to node ``last``, which are its own.

    Return what its time costs more than before, FAR if it is late now: roads may break the triangle inequality.
    """
    k = s.route[r, KIND]
    h = s.route[r, HEAD]
    depot = s.node.shape[0] - s.route.shape[0] + r
    before, duration, money = s.route[h, TIME], 0, 0
    if s.number[CARGO] > 0:
        weigh(s, r, depot)
    if s.number[WALKED] == 1:
        if s.route[h, TRIPS] > 0:
            money, duration = walk_money(s, h, wide(-1), wide(-1), wide(-1), wide(-1))
        if money == FAR:
            return FAR
    elif s.number[CHAINED] == 1:
        duration = chain_trips(s, k, h)
    elif s.route[h, TRIPS] > 0:
        walk_on(s, s.kind[k, PROFILE], depot, first)
        duration = walk_back(s, s.kind[k, PROFILE], depot, last)
    if duration < 0:
        return FAR
    if s.number[WALKED] == 0:
        money = time_money(s, k, duration)
    s.route[h, DURATION], s.route[h, TIME] = duration, money
    return int(money - before)


@lean_kernel
def refresh_all(s: Search, r: int) -> int:
    """Renew the segments of a whole route; return what its time costs more than before."""
    depot = s.node.shape[0] - s.route.shape[0] + r
    return refresh(s, r, wide(s.node[depot, NEXT]), wide(s.node[depot, PREV]))
