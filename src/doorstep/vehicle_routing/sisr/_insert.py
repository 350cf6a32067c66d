"""The cheapest feasible place of a stop: near other stops, at the depots of ruined routes, in an empty route."""

from doorstep.foundation.kernels import inlined, lean_kernel
from doorstep.vehicle_routing.sisr._arcs import metres, seconds, wide
from doorstep.vehicle_routing.sisr._random import below, draw
from doorstep.vehicle_routing.sisr._walk import time_money, walk_money
from doorstep.vehicle_routing.sisr.layout import (
    ABOARD,
    BACK,
    BEFORE_D,
    BEFORE_E,
    BEFORE_L,
    CAPACITY,
    CARGO,
    CHAINED,
    CLOSE,
    COUNT,
    DIMS,
    FAR,
    FIXED,
    GAP,
    HEAD,
    INTO,
    KIND,
    LEAST_PER_M,
    LOAD,
    MAX_M,
    MAX_S,
    METRES,
    MOST_TRIPS,
    NEEDS,
    NEXT,
    ONLY,
    OPEN,
    OPENING,
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
    RELEASE,
    ROUTE,
    RUINED,
    SD,
    SE,
    SERVICE,
    SKILLS,
    SL,
    SLOTS,
    SPARES,
    TIME,
    TIMED,
    TRIPS,
    WALKED,
    Search,
)

BLINK = 42_949_672
"""One in a hundred of 2**32."""
TYPE_BLINK = 858_993_459
"""One in five times the empty vehicle of one type is overlooked, where there are others."""
NEARBY, ANYWHERE = 10, 4
"""Vehicles asked for a further trip: those of the nearest stops, and some anywhere."""


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
def cargo_fits(s: Search, c: int, r: int, p: int) -> int:
    """Return 1 if what stop c brings fits from the depot to node p, and what it fetches from there on."""
    loads = s.number[CARGO]
    for m in range(loads):
        room = s.kind[s.route[r, KIND], CAPACITY + m]
        brought, fetched = s.stop[c, LOAD + m], s.stop[c, LOAD + loads + m]
        if s.cargo[p, loads + m] + brought > room or s.cargo[p, 2 * loads + m] + fetched > room:
            return 0
    return 1


@inlined
def segment_to(s: Search, c: int, r: int, p: int) -> tuple[int, int, int]:
    """Return the segment of a vehicle's trips up to node p, if stop c joins the last; duration -1 if it cannot."""
    node = s.node
    duration, early, late = wide(node[p, PD]), wide(node[p, PE]), wide(node[p, PL])
    if s.number[CHAINED] == 0:
        return duration, early, late
    early = max(early, s.stop[c, RELEASE])
    before = s.route[r, BEFORE_D]
    if early > late or s.route[r, BEFORE_E] + before > late:
        return -1, early, late
    wait = max(early - before - s.route[r, BEFORE_L], 0)
    early = max(early - before, s.route[r, BEFORE_E]) - wait
    late = min(late - before, s.route[r, BEFORE_L])
    return duration + before + wait, early, late


@inlined
def timed_money(s: Search, c: int, r: int, p: int, q: int, into: int, out: int) -> int:
    """Return what the time of stop c between nodes p and q costs more; FAR if a window or limit breaks."""
    node = s.node
    k, h = s.route[r, KIND], s.route[r, HEAD]
    if s.number[WALKED] == 1:
        money, _ = walk_money(s, h, c, p, wide(-1), wide(-1))
        return money if money == FAR else money - s.route[h, TIME]
    profile = s.kind[k, PROFILE]
    duration, early, latest = segment_to(s, c, r, p)
    if duration < 0:
        return FAR
    drive = duration + seconds(s, profile, wide(node[p, PLACE]), wide(node[c, PLACE]), into)
    at = max(early + drive, node[c, OPEN])
    if at > node[c, CLOSE]:
        return FAR
    onward = seconds(s, profile, wide(node[c, PLACE]), wide(node[q, INTO]), out)
    if at + node[c, SERVICE] + onward > node[q, SL]:
        return FAR
    if s.number[PAID] == 0:
        return 0
    wait = max(node[c, OPEN] - drive - latest, 0)
    late = min(node[c, CLOSE] - drive, latest)
    duration = drive + wait + node[c, SERVICE] + onward
    duration += max(node[q, SE] - duration - late, 0) + node[q, SD]
    if duration > s.kind[k, MAX_S]:
        return FAR
    return int(time_money(s, k, duration) - s.route[h, TIME])


@inlined
def in_time(s: Search, c: int, p: int, q: int) -> int:
    """Return 0 if stop c cannot be served between nodes p and q even if the drives took no time."""
    node = s.node
    at = max(wide(node[p, PD]) + node[p, PE], wide(node[c, OPEN]))
    return 0 if at > node[c, CLOSE] or at + node[c, SERVICE] > node[q, SL] else 1


@inlined
def place_money(s: Search, c: int, r: int, p: int, q: int, into: int, out: int, ceiling: int) -> int:
    """Return the money of stop c between nodes p and q of route r, FAR if it breaks a rule or costs ``ceiling``."""
    k, h = s.route[r, KIND], s.route[r, HEAD]
    more = into + out - s.node[p, GAP]
    money = s.kind[k, PER_M] * more
    if s.route[h, TRIPS] == 0:
        money += s.kind[k, FIXED]
    if money >= ceiling or s.route[h, METRES] + more > s.kind[k, MAX_M]:
        return FAR
    if s.number[CARGO] > 0 and cargo_fits(s, c, r, p) == 0:
        return FAR
    if s.number[TIMED] == 1:
        time = timed_money(s, c, r, p, q, into, out)
        if time == FAR or money + time >= ceiling:
            return FAR
        return int(money + time)
    return int(money)


@inlined
def cheapest_beside(s: Search, c: int) -> tuple[int, int, int, int, int]:
    """Return what ``cheapest_place`` does, of the places behind and before near stops.

    A place seen from its nearer end costs at least twice the way there less the gap, so most are dismissed before a
    root is drawn; the coin of a blink is tossed only for what would be the best so far.
    """
    node = s.node
    best, best_p, best_r, best_in, best_out = wide(FAR), -1, -1, 0, 0
    here = wide(node[c, PLACE])
    cheap = s.number[LEAST_PER_M]
    clocked = s.number[TIMED] == 1 and s.number[WALKED] == 0
    for i in range(s.number[REACH]):
        j = wide(s.near[c, i])
        gap, back, twice = wide(node[j, GAP]), wide(node[j, BACK]), 2 * wide(s.near_m[c, i])
        after, before = cheap * (twice - gap) < best, cheap * (twice - back) < best
        r = wide(node[j, ROUTE])
        if r < 0 or not (after or before):
            continue
        if clocked:
            after = after and in_time(s, c, j, wide(node[j, NEXT])) == 1
            before = before and in_time(s, c, wide(node[j, PREV]), j) == 1
        if not (after or before) or fits(s, c, r) == 0:
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
    return best, best_p, best_r, best_in, best_out


@inlined
def cheapest_place(s: Search, c: int, ruins: int) -> tuple[int, int, int, int, int]:
    """Return money (FAR: nowhere), the node before, the route and the metres in and out of the best place of stop c.

    Looked at are places beside near stops, at both ends of ruined routes, and an empty vehicle of each type.
    """
    node = s.node
    best, best_p, best_r, best_in, best_out = cheapest_beside(s, c)
    here = wide(node[c, PLACE])
    stops = node.shape[0] - s.route.shape[0]
    kinds = s.kind.shape[0]
    turn = below(s.random, kinds) if kinds > 1 else 0
    shy = 1 if kinds > 1 and draw(s.random) < TYPE_BLINK else 0
    for i in range(ruins + kinds):
        if i < ruins:
            r = s.work[i, RUINED]
            if s.route[r, COUNT] == 0:
                continue
        else:
            k = (i - ruins + turn) % kinds
            if s.number[OPENING] < 0 or s.kind[k, SPARES] == 0 or (shy == 1 and i == ruins + kinds - 1 and best < FAR):
                continue
            r = s.spare[k, s.kind[k, SPARES] - 1] + s.kind[k, SLOTS] // 2
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


@inlined
def empty_place(s: Search, c: int) -> tuple[int, int, int, int]:
    """Return money, trip and metres in and out of stop c alone in an empty vehicle of a type drawn; FAR if none can."""
    kinds = s.kind.shape[0]
    turn = below(s.random, kinds)
    base = s.node.shape[0] - s.route.shape[0]
    for i in range(kinds):
        k = (i + turn) % kinds
        if s.kind[k, SPARES] == 0:
            continue
        r = s.spare[k, s.kind[k, SPARES] - 1] + s.kind[k, SLOTS] // 2
        if fits(s, c, r) == 0:
            continue
        depot = base + r
        into = metres(s, s.kind[k, PROFILE], wide(s.node[depot, PLACE]), wide(s.node[c, PLACE]))
        out = metres(s, s.kind[k, PROFILE], wide(s.node[c, PLACE]), wide(s.node[depot, INTO]))
        money = place_money(s, c, r, depot, depot, into, out, FAR)
        if money < FAR:
            return money, r, into, out
    return wide(FAR), -1, 0, 0


@inlined
def further_trip(s: Search, h: int, number: int) -> int:
    """Return the empty trip in the middle of the gap with a number between the trips of a vehicle, -1 if none."""
    slots = s.kind[s.route[h, KIND], SLOTS]
    first = h
    for r in range(h, h + slots + 1):
        if r < h + slots and s.route[r, COUNT] == 0:
            continue
        if r > first:
            if number == 0:
                return int((first + r) // 2)
            number -= 1
        first = r + 1
    return -1


@lean_kernel
def cheapest_trip(s: Search, c: int, ruins: int, best: int) -> tuple[int, int, int, int]:
    """Return money, trip and metres in and out of the best further trip for stop c alone, if cheaper than ``best``.

    Vehicles that pass nearby, that have been ruined and some at random are asked; each has a trip free before, between
    and behind its own.
    """
    node = s.node
    best_r, best_in, best_out = -1, 0, 0
    here = wide(node[c, PLACE])
    base = node.shape[0] - s.route.shape[0]
    nearby = min(NEARBY, s.near.shape[1])
    trips = s.route.shape[0]
    for i in range(ruins + nearby + ANYWHERE if trips > 0 else 0):
        if i < ruins:
            r = s.work[i, RUINED]
        elif i < ruins + nearby:
            r = wide(node[s.near[c, i - ruins], ROUTE])
        else:
            r = below(s.random, trips)
        if r < 0:
            continue
        h, k = s.route[r, HEAD], s.route[r, KIND]
        if s.route[h, TRIPS] == 0 or s.route[h, TRIPS] >= s.kind[k, MOST_TRIPS]:
            continue
        for number in range(s.kind[k, SLOTS]):
            r = further_trip(s, h, number)
            if r < 0 or fits(s, c, r) == 0:
                break
            depot = base + r
            into = metres(s, s.kind[k, PROFILE], wide(node[depot, PLACE]), here)
            out = metres(s, s.kind[k, PROFILE], here, wide(node[depot, INTO]))
            money = place_money(s, c, r, depot, depot, into, out, best)
            if money < best and draw(s.random) >= BLINK:
                best, best_r, best_in, best_out = money, r, into, out
    return best, best_r, best_in, best_out
