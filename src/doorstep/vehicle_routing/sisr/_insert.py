"""The cheapest feasible place of a stop: near other stops, at the depots of ruined routes, in an empty route."""

from doorstep.foundation.kernels import inlined
from doorstep.vehicle_routing.sisr._arcs import metres, seconds, wide
from doorstep.vehicle_routing.sisr._links import time_money
from doorstep.vehicle_routing.sisr._random import draw
from doorstep.vehicle_routing.sisr.layout import (
    ABOARD,
    BACK,
    CAPACITY,
    CLOSE,
    COUNT,
    DIMS,
    DURATION,
    FAR,
    FIXED,
    GAP,
    INTO,
    KIND,
    LEAST_PER_M,
    LOAD,
    MAX_M,
    MAX_S,
    METRES,
    NEEDS,
    NEXT,
    ONLY,
    OPEN,
    PAID,
    PD,
    PE,
    PER_M,
    PL,
    PLACE,
    PLANE,
    PREV,
    PROFILE,
    REACH,
    ROUTE,
    RUINED,
    SD,
    SE,
    SERVICE,
    SKILLS,
    SL,
    SPARES,
    TIMED,
    Search,
)

BLINK = 42_949_672
"""One in a hundred of 2**32."""


@inlined
def fits(s: Search, c: int, r: int) -> int:
    """Return 1 if route r has room and skills for stop c."""
    k = s.route[r, KIND]
    if s.stop[c, NEEDS] & ~s.kind[k, SKILLS] or (s.stop[c, ONLY] >= 0 and s.stop[c, ONLY] != k):
        return 0
    for m in range(s.number[DIMS]):
        if s.route[r, ABOARD + m] + s.stop[c, LOAD + m] > s.kind[k, CAPACITY + m]:
            return 0
    return 1


@inlined
def timed_money(s: Search, c: int, r: int, p: int, q: int, into: int, out: int) -> int:
    """Return what the time of stop c between nodes p and q costs more; FAR if a window or limit breaks."""
    node = s.node
    k = s.route[r, KIND]
    profile = s.kind[k, PROFILE]
    drive = node[p, PD] + seconds(s, profile, wide(node[p, PLACE]), wide(node[c, PLACE]), into)
    at = max(node[p, PE] + drive, node[c, OPEN])
    if at > node[c, CLOSE]:
        return FAR
    onward = seconds(s, profile, wide(node[c, PLACE]), wide(node[q, INTO]), out)
    if at + node[c, SERVICE] + onward > node[q, SL]:
        return FAR
    if s.number[PAID] == 0:
        return 0
    wait = max(node[c, OPEN] - drive - node[p, PL], 0)
    late = min(node[c, CLOSE] - drive, node[p, PL])
    duration = drive + wait + node[c, SERVICE] + onward
    duration += max(node[q, SE] - duration - late, 0) + node[q, SD]
    if duration > s.kind[k, MAX_S]:
        return FAR
    return time_money(s, k, duration) - time_money(s, k, s.route[r, DURATION])


@inlined
def place_money(s: Search, c: int, r: int, p: int, q: int, into: int, out: int, ceiling: int) -> int:
    """Return the money of stop c between nodes p and q of route r, FAR if it breaks a rule or costs ``ceiling``."""
    k = s.route[r, KIND]
    more = into + out - s.node[p, GAP]
    money = s.kind[k, PER_M] * more
    if s.route[r, COUNT] == 0:
        money += s.kind[k, FIXED]
    if money >= ceiling or s.route[r, METRES] + more > s.kind[k, MAX_M]:
        return FAR
    if s.number[TIMED] == 1:
        time = timed_money(s, c, r, p, q, into, out)
        if time == FAR or money + time >= ceiling:
            return FAR
        return int(money + time)
    return int(money)


@inlined
def cheapest_place(s: Search, c: int, ruins: int) -> tuple[int, int, int, int, int]:
    """Return money (FAR: nowhere), the node before, the route and the metres in and out of the best place of stop c.

    A place seen from its nearer end costs at least twice the way there less the gap, so most are dismissed before a
    root is drawn; the coin of a blink is tossed only for what would be the best so far.
    """
    node = s.node
    best, best_p, best_r, best_in, best_out = FAR, -1, -1, 0, 0
    here = wide(node[c, PLACE])
    cheap = s.number[LEAST_PER_M]
    for i in range(s.number[REACH]):
        j = wide(s.near[c, i])
        gap, back = wide(node[j, GAP]), wide(node[j, BACK])
        twice = 2 * wide(s.near_m[c, i])
        after, before = cheap * (twice - gap) < best, cheap * (twice - back) < best
        r = wide(node[j, ROUTE])
        if r < 0 or not (after or before) or fits(s, c, r) == 0:
            continue
        profile = s.kind[s.route[r, KIND], PROFILE]
        place = wide(node[j, PLACE])
        into = metres(s, profile, place, here)
        out = into if s.number[PLANE] == 1 else metres(s, profile, here, place)
        if after:
            q = wide(node[j, NEXT])
            on = metres(s, profile, here, wide(node[q, INTO]))
            money = place_money(s, c, r, j, q, into, on, best)
            if money < best and draw(s.random) >= BLINK:
                best, best_p, best_r, best_in, best_out = money, j, r, into, on
        if before:
            p = wide(node[j, PREV])
            on = metres(s, profile, wide(node[p, PLACE]), here)
            money = place_money(s, c, r, p, j, on, out, best)
            if money < best and draw(s.random) >= BLINK:
                best, best_p, best_r, best_in, best_out = money, p, r, on, out
    stops = node.shape[0] - s.route.shape[0]
    kinds = s.kind.shape[0]
    for i in range(ruins + kinds):
        if i < ruins:
            r = s.work[i, RUINED]
            if s.route[r, COUNT] == 0:
                continue
        else:
            k = i - ruins
            if s.kind[k, SPARES] == 0:
                continue
            r = s.spare[k, s.kind[k, SPARES] - 1]
        if fits(s, c, r) == 0:
            continue
        depot = stops + r
        profile = s.kind[s.route[r, KIND], PROFILE]
        into = metres(s, profile, wide(node[depot, PLACE]), here)
        q = wide(node[depot, NEXT])
        out = metres(s, profile, here, wide(node[q, INTO]))
        money = place_money(s, c, r, depot, q, into, out, best)
        if money < best and (draw(s.random) >= BLINK or best == FAR):
            best, best_p, best_r, best_in, best_out = money, depot, r, into, out
        p = wide(node[depot, PREV])
        if p != depot:
            into = metres(s, profile, wide(node[p, PLACE]), here)
            out = metres(s, profile, here, wide(node[depot, INTO]))
            money = place_money(s, c, r, p, depot, into, out, best)
            if money < best and draw(s.random) >= BLINK:
                best, best_p, best_r, best_in, best_out = money, p, r, into, out
    return best, best_p, best_r, best_in, best_out
