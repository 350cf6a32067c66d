"""The clock of a vehicle step by step, where segments cannot tell it: traffic, rests, lateness, several windows, rides.

A walk begins as early as it can. Where time costs, a second one begins as much later as waiting allows, and the cheaper
counts. Rests are taken where waiting pays for half of them, else as late as they may be; a ride that is too long breaks
the route. So a walk is a schedule that keeps every rule, if not always the best: ``schedule_route`` may find a better.
"""

from doorstep.foundation.kernels import inlined, lean_kernel
from doorstep.vehicle_routing.sisr._arcs import metres, seconds, wide
from doorstep.vehicle_routing.sisr.layout import (
    APPROACH,
    BUILDING,
    CLOSE,
    COUNT,
    DUE,
    FAR,
    GAP,
    INTO,
    KIND,
    LATE,
    MATE,
    MAX_S,
    MOMENT,
    NEXT,
    OPEN,
    OVER_RATE,
    OVER_S,
    PAID,
    PD,
    PER_S,
    PERIODS,
    PL,
    PLACE,
    PROFILE,
    RELEASE,
    REST_AT,
    REST_TO,
    RIDE,
    SERVICE,
    SLOTS,
    STEP,
    WINDOW_AT,
    WINDOW_TO,
    Search,
)


@inlined
def time_money(s: Search, k: int, duration: int) -> int:
    """Return what a duration costs a vehicle type."""
    return int(s.kind[k, PER_S] * duration + s.kind[k, OVER_RATE] * max(0, duration - s.kind[k, OVER_S]))


@inlined
def arrival(s: Search, profile: int, at: int, drive: int) -> int:
    """Return when a drive of so many seconds of the road ends that begins at a moment."""
    periods = s.number[PERIODS]
    if periods == 0:
        return at + drive
    left = drive * s.calendar[0, 1 + profile]
    row = 1
    while row < periods and s.calendar[row + 1, 0] <= at:
        row += 1
    while row < periods:
        room = (s.calendar[row + 1, 0] - at) * s.calendar[row, 1 + profile]
        if left <= room:
            break
        left -= room
        at = s.calendar[row + 1, 0]
        row += 1
    covered = s.calendar[row, 1 + profile]
    return int(at + (left + covered - 1) // covered)


@inlined
def take_rests(s: Search, k: int, start: int, at: int, onward: int, opens: int, taken: int) -> tuple[int, int]:
    """Return the clock and the rests taken after those that it is time for.

    That is the last chance, if the next one comes at ``onward``, or waiting until ``opens``.
    """
    for row in range(s.kind[k, REST_AT], s.kind[k, REST_TO]):
        bit = 1 << (row - s.kind[k, REST_AT])
        earliest, latest, length = s.calendar[row, 0], s.calendar[row, 1], s.calendar[row, 2]
        if taken & bit or latest < start or at > latest:
            continue
        rested = max(at, earliest) + length
        if max(onward, at) > latest or (opens > at and rested - at <= 2 * (opens - at)):
            taken |= bit
            onward += rested - at
            at = rested
    return at, taken


@inlined
def rested_enough(s: Search, k: int, start: int, end: int, taken: int) -> int:
    """Return 1 if every rest was taken at whose last moment the vehicle was out."""
    for row in range(s.kind[k, REST_AT], s.kind[k, REST_TO]):
        if start <= s.calendar[row, 1] < end and taken >> (row - s.kind[k, REST_AT]) & 1 == 0:
            return 0
    return 1


@inlined
def window(s: Search, v: int, at: int) -> tuple[int, int]:
    """Return when service at stop v begins at a moment or later, and when its window closes; -1 if none is left."""
    if s.visit[v, WINDOW_AT] == s.visit[v, WINDOW_TO]:
        if at > s.node[v, CLOSE]:
            return -1, 0
        return max(at, wide(s.node[v, OPEN])), wide(s.node[v, CLOSE])
    for row in range(s.visit[v, WINDOW_AT], s.visit[v, WINDOW_TO]):
        if at <= s.calendar[row, 1]:
            return max(at, s.calendar[row, 0]), s.calendar[row, 1]
    return -1, 0


@inlined
def behind(s: Search, v: int, c: int, p: int, d: int, w: int) -> int:
    """Return the node behind node v once stop c is put behind node p, and stop d (-1: none) behind node w."""
    if v == p:
        return c
    if v == w and v != c:
        return d
    if v == c:
        return d if w == c and d >= 0 else wide(s.node[p, NEXT])
    if v == d and d >= 0:
        return wide(s.node[p if w == c else w, NEXT])
    return wide(s.node[v, NEXT])


@inlined
def ready_at(s: Search, depot: int, c: int, p: int, d: int, w: int) -> int:
    """Return when all parcels of a trip can be loaded."""
    ready = wide(s.node[depot, OPEN])
    v = behind(s, depot, c, p, d, w)
    while v != depot:
        ready = max(ready, s.stop[v, RELEASE])
        v = behind(s, v, c, p, d, w)
    return ready


@inlined
def note(s: Search, step: int, v: int, way: int, begin: int) -> int:
    """Note a step of a walk; return the number of the next."""
    s.work[step, STEP], s.work[step, STEP + 1], s.work[step, STEP + 2] = v, way, begin
    return step + 1


@inlined
def last_begin(s: Search, v: int, at: int) -> int:
    """Return the last moment up to ``at`` at which service at stop v may begin."""
    found = min(at, wide(s.node[v, CLOSE]))
    for row in range(s.visit[v, WINDOW_AT], s.visit[v, WINDOW_TO]):
        if s.calendar[row, 0] <= at:
            found = min(at, s.calendar[row, 1])
    return found


@lean_kernel
def latest_start(s: Search, steps: int, end: int) -> int:
    """Return the latest start of the walk noted last that ends no later and is no later where lateness costs."""
    base = s.near.shape[0]
    at = end
    for step in range(steps - 1, -1, -1):
        v = s.work[step, STEP]
        if v >= base:
            at = min(at - s.node[v, PD], s.node[v, PL])
        else:
            at = last_begin(s, v, at - s.node[v, SERVICE])
            if s.visit[v, LATE] > 0:
                at = min(at, max(s.work[step, STEP + 2], s.visit[v, DUE]))
        at -= s.work[step, STEP + 1]
    return at


@lean_kernel
def walk(s: Search, h: int, c: int, p: int, d: int, w: int, start: int) -> tuple[int, int, int, int, int]:
    """Return start, end (-1: a rule breaks), money of lateness, how much later it could start to end then too, steps.

    The trips are those of head h with stop c (-1: none) put behind node p, and stop d (-1: none) behind node w.
    """
    node, k = s.node, s.route[h, KIND]
    profile, base = s.kind[k, PROFILE], node.shape[0] - s.route.shape[0]
    at, waited, slack, late, taken, out, step, way = start, 0, FAR, 0, wide(0), 0, wide(0), wide(0)
    for r in range(h, h + s.kind[k, SLOTS]):
        depot = base + r
        if s.route[r, COUNT] == 0 and depot != p:
            continue
        opens = ready_at(s, depot, c, p, d, w)
        if out == 0:
            at = start = max(at, opens)
        else:
            at, taken = take_rests(s, k, start, at, max(at, opens), opens, taken)
        if max(at, opens) > node[depot, PL]:
            return start, -1, 0, 0, 0
        waited += max(0, opens - at)
        at = max(at, opens)
        slack = min(slack, waited + node[depot, PL] - at)
        step = note(s, step, depot, way, at)
        at += node[depot, PD]
        out, v = 1, depot
        while True:
            u = behind(s, v, c, p, d, w)
            place, goal = wide(node[v, PLACE]), wide(node[u, INTO])
            arc = wide(node[v, GAP]) if node[v, NEXT] == u else metres(s, profile, place, goal)
            drive = seconds(s, profile, place, goal, arc)
            foot = 0
            if u < base and (v >= base or s.visit[u, BUILDING] < 0 or s.visit[u, BUILDING] != s.visit[v, BUILDING]):
                foot = s.visit[u, APPROACH]
            at, taken = take_rests(s, k, start, at, arrival(s, profile, at, drive) + foot, wide(0), taken)
            at = arrival(s, profile, at, drive) + foot
            way = drive + foot
            if u >= base:
                break
            begin, closes = window(s, u, at)
            if begin < 0:
                return start, -1, 0, 0, 0
            at, taken = take_rests(s, k, start, at, begin + node[u, SERVICE], begin, taken)
            begin, closes = window(s, u, at)
            if begin < 0:
                return start, -1, 0, 0, 0
            waited += begin - at
            if s.visit[u, LATE] > 0:
                late += s.visit[u, LATE] * max(0, begin - s.visit[u, DUE])
                closes = min(closes, max(begin, s.visit[u, DUE]))
            slack = min(slack, waited + closes - begin)
            step = note(s, step, u, way, begin)
            s.work[u, MOMENT] = begin + node[u, SERVICE]
            if s.visit[u, RIDE] >= 0 and begin - s.work[s.stop[u, MATE], MOMENT] > s.visit[u, RIDE]:
                return start, -1, 0, 0, 0
            at = begin + node[u, SERVICE]
            v = u
    note(s, step, -1, way, at)
    if at > node[base + h, CLOSE] or rested_enough(s, k, start, at, taken) == 0:
        return start, -1, 0, 0, 0
    return start, at, late, min(slack, waited), step


@lean_kernel
def walk_money(s: Search, h: int, c: int, p: int, d: int, w: int) -> tuple[int, int]:
    """Return money (FAR: a rule breaks) and duration of the time of a vehicle, changed as in ``walk``."""
    k = s.route[h, KIND]
    start, end, late, slack, steps = walk(s, h, c, p, d, w, wide(0))
    if end >= 0 and s.number[PERIODS] == 0 and s.kind[k, REST_AT] == s.kind[k, REST_TO]:
        slack = latest_start(s, steps, end - s.work[steps, STEP + 1]) - start
    for row in range(s.kind[k, REST_AT], s.kind[k, REST_TO]):  # who leaves after its last moment needs no rest
        begun, back, later, spare, _ = walk(s, h, c, p, d, w, s.calendar[row, 1] + 1)
        if back >= 0 and (end < 0 or back < end):
            start, end, late, slack = begun, back, later, spare
    if end < 0:
        return FAR, 0
    duration = end - start
    money = time_money(s, k, duration) + late
    if s.number[PAID] == 1 and slack > 0:
        start, end, late, _, _ = walk(s, h, c, p, d, w, start + slack)
        if end >= 0 and (end - start < duration or duration > s.kind[k, MAX_S]):
            later = time_money(s, k, end - start) + late
            if later < money or duration > s.kind[k, MAX_S]:
                money, duration = later, end - start
    if duration > s.kind[k, MAX_S]:
        return FAR, 0
    return money, duration
