"""The cheapest feasible places of a pair: a pickup near other stops, and behind it on the same trip its delivery."""

from doorstep.foundation.kernels import inlined, lean_kernel
from doorstep.vehicle_routing.sisr._arcs import metres, seconds, wide
from doorstep.vehicle_routing.sisr._insert import BLINK, fits, segment_to
from doorstep.vehicle_routing.sisr._random import draw
from doorstep.vehicle_routing.sisr._walk import time_money, walk_money
from doorstep.vehicle_routing.sisr.layout import (
    CAPACITY,
    CARGO,
    CLOSE,
    COUNT,
    DIMS,
    FAR,
    FIXED,
    GAP,
    HEAD,
    INTO,
    KIND,
    LOAD,
    MATE,
    MAX_M,
    MAX_S,
    METRES,
    NEXT,
    OPEN,
    PAID,
    PER_M,
    PLACE,
    PREV,
    PROFILE,
    REACH,
    ROUTE,
    RUINED,
    SD,
    SE,
    SERVICE,
    SL,
    SLOTS,
    SPARES,
    TIME,
    TRIPS,
    WALKED,
    Search,
)

Places = tuple[int, int, int, int, int, int]
"""Money, route, the nodes before the pickup and before the delivery, and the money of the pickup's detour alone."""


@inlined
def rides(s: Search, i: int, r: int, v: int) -> int:
    """Return 1 if what pickup i fetches fits beside what is on board behind node v."""
    loads, change = s.number[CARGO], LOAD + s.number[DIMS]
    for m in range(loads):
        if s.cargo[v, m] + s.stop[i, change + m] > s.kind[s.route[r, KIND], CAPACITY + m]:
            return 0
    return 1


@inlined
def serve(s: Search, v: int, duration: int, early: int, late: int, drive: int) -> tuple[int, int, int]:
    """Return a segment prolonged by a drive to stop v and service there; duration -1 if it is too late for that."""
    node = s.node
    duration += drive
    if early + duration > node[v, CLOSE]:
        return -1, early, late
    wait = max(node[v, OPEN] - duration - late, 0)
    early = max(node[v, OPEN] - duration, early) - wait
    late = min(node[v, CLOSE] - duration, late)
    return duration + wait + node[v, SERVICE], early, late


@inlined
def last_money(
    s: Search, r: int, w: int, j: int, q: int, duration: int, early: int, late: int, into: int, out: int
) -> int:
    """Return what the time of a trip costs more that goes from a segment to delivery j and on to node q; else FAR."""
    node, k = s.node, s.route[r, KIND]
    profile = s.kind[k, PROFILE]
    drive = seconds(s, profile, wide(node[w, PLACE]), wide(node[j, PLACE]), into)
    duration, early, late = serve(s, j, duration, early, late, drive)
    if duration < 0:
        return FAR
    duration += seconds(s, profile, wide(node[j, PLACE]), wide(node[q, INTO]), out)
    if early + duration > node[q, SL]:
        return FAR
    if s.number[PAID] == 0:
        return 0
    duration += max(node[q, SE] - duration - late, 0) + node[q, SD]
    if duration > s.kind[k, MAX_S]:
        return FAR
    return int(time_money(s, k, duration) - s.route[s.route[r, HEAD], TIME])


@lean_kernel
def cheapest_delivery(s: Search, i: int, r: int, p: int, best: int) -> tuple[int, int]:
    """Return money and the node before the delivery, with pickup i behind node p; FAR if nothing is under ``best``."""
    node, k, j = s.node, s.route[r, KIND], s.stop[i, MATE]
    profile, per_m = s.kind[k, PROFILE], s.kind[k, PER_M]
    q = wide(node[p, NEXT])
    at_i, at_j = wide(node[i, PLACE]), wide(node[j, PLACE])
    into = metres(s, profile, wide(node[p, PLACE]), at_i)
    gap = metres(s, profile, at_i, wide(node[q, INTO]))
    more = into + gap - wide(node[p, GAP])
    fixed = s.kind[k, FIXED] if s.route[s.route[r, HEAD], TRIPS] == 0 else 0
    found, found_w = FAR, -1
    if per_m * more + fixed >= best or rides(s, i, r, p) == 0:
        return found, found_w
    walked, duration, early, late = s.number[WALKED] == 1, 0, 0, 0
    if not walked:
        duration, early, late = segment_to(s, i, r, p)
        if duration < 0:
            return found, found_w
        drive = seconds(s, profile, wide(node[p, PLACE]), at_i, into)
        duration, early, late = serve(s, i, duration, early, late, drive)
    w, h = i, s.route[r, HEAD]
    stops = s.near.shape[0]
    while walked or (duration >= 0 and early + duration <= node[j, CLOSE]):
        onward = 0 if walked else seconds(s, profile, wide(node[w, PLACE]), wide(node[q, INTO]), gap)
        if not walked and early + duration + onward > node[q, SL]:
            break
        near, far = metres(s, profile, wide(node[w, PLACE]), at_j), metres(s, profile, at_j, wide(node[q, INTO]))
        further = more + near + far - gap
        money = per_m * further + fixed
        if money < best and s.route[h, METRES] + further <= s.kind[k, MAX_M]:
            if walked:
                time, _ = walk_money(s, h, i, p, j, w)
                time -= 0 if time == FAR else s.route[h, TIME]
            else:
                time = last_money(s, r, w, j, q, duration, early, late, near, far)
            if time < FAR and money + time < best and draw(s.random) >= BLINK:
                best, found, found_w = money + time, money + time, w
        if q >= stops or rides(s, i, r, q) == 0:
            break
        if not walked:
            duration, early, late = serve(s, q, duration, early, late, onward)
        w = q
        q = wide(node[w, NEXT])
        gap = wide(node[w, GAP])
    return found, found_w


@lean_kernel
def cheapest_pair(s: Search, i: int, ruins: int) -> tuple[int, int, int, int]:
    """Return money (FAR: nowhere), route and the nodes before pickup i and before its delivery of the best places.

    Pickups are tried behind near stops and first on trips that have been ruined, pass nearby or are empty.
    """
    node, j = s.node, s.stop[i, MATE]
    best, best_r, best_p, best_w = wide(FAR), -1, -1, -1
    base, kinds, reach = node.shape[0] - s.route.shape[0], s.kind.shape[0], s.number[REACH]
    for n in range(reach + ruins + kinds):
        first = 1
        if n < reach:
            p = wide(s.near[i, n])
            r = wide(node[p, ROUTE])
            if r < 0:
                continue
            first = 1 if node[p, PREV] >= base else 0
        elif n < reach + ruins:
            r = s.work[n - reach, RUINED]
            if s.route[r, COUNT] == 0:
                continue
            p = base + r
        else:
            k = n - reach - ruins
            if s.kind[k, SPARES] == 0:
                continue
            r = s.spare[k, s.kind[k, SPARES] - 1] + s.kind[k, SLOTS] // 2
            p = base + r
        if fits(s, i, r) == 0 or fits(s, j, r) == 0:
            continue
        for side in range(1 + first):
            before = p if side == 0 else base + r
            money, w = cheapest_delivery(s, i, r, before, best)
            if w >= 0:
                best, best_r, best_p, best_w = money, r, before, w
            if before >= base:
                break
    return best, best_r, best_p, best_w
