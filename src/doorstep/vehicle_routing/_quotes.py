"""What a stop costs more in every place of a plan and every window, from segments of the routes.

Reference: Vidal et al. (2013), A hybrid genetic algorithm with adaptive diversity management for a large class of
vehicle routing problems with time-windows, C&OR 40(1): a segment is its least duration and, for that, its first and
last start; two are joined in O(1).
"""

from doorstep.foundation.arrays import Ints
from doorstep.foundation.kernels import kernel

# Columns of a place between two visits: route, its type, the segment up to the visit before, the segment from the
# visit behind on, metres that the detour saves, when its trip is loaded at the earliest.
ROUTE, KIND, PD, PE, PL, SD, SE, SL, GAP, LOADS_AT = range(10)

# Columns of a route: metres, cost, its fixed cost with the extra costs of its stops.
METRES, COST, LUMP = range(3)

# Columns of a type: limits and rates.
MAX_M, MAX_S, PER_KM, PER_HOUR, OVER_S, OVER_PER_HOUR = range(6)

# Columns of what a stop needs to and from every place: metres and seconds, with the last steps to doors.
INTO_M, INTO_S, OUT_M, OUT_S = range(4)

BLOCKED = 1 << 60
"""Cost of what cannot be; the rule that is in the way is added to it."""
ABLE, ROAD, ROOM, RANGE, LATE, NEXT, LONG, CLOCK = range(8)
"""Rules in the order in which they are looked at: vehicle, road, room, range, window, later stops, length, rest."""


@kernel
def segments(bounds: Ints, forward: Ints, backward: Ints) -> None:
    """Fill in the segments up to each visit and from each on, (L, 3) each: least duration, first and last start.

    ``bounds`` (L, 4) are seconds of the way there and of the stay, first and last moment of each visit.
    """
    length = bounds.shape[0]
    duration, early, late = 0, bounds[0, 2], bounds[0, 3]
    for v in range(length):
        drive = duration + (bounds[v, 0] if v else 0)
        wait = max(bounds[v, 2] - drive - late, 0)
        early = max(bounds[v, 2] - drive, early) - wait
        late = min(bounds[v, 3] - drive, late)
        duration = drive + wait + bounds[v, 1]
        forward[v, 0], forward[v, 1], forward[v, 2] = duration, early, late
    duration, early, late = bounds[length - 1, 1], bounds[length - 1, 2], bounds[length - 1, 3]
    backward[length - 1, 0], backward[length - 1, 1], backward[length - 1, 2] = duration, early, late
    for v in range(length - 2, -1, -1):
        drive = bounds[v, 1] + bounds[v + 1, 0]
        wait = max(early - drive - bounds[v, 3], 0)
        early = max(early - drive, bounds[v, 2]) - wait
        late = min(late - drive, bounds[v, 3])
        duration = duration + drive + wait
        backward[v, 0], backward[v, 1], backward[v, 2] = duration, early, late


@kernel
def added_costs(
    place: Ints,
    route: Ints,
    kind: Ints,
    way: Ints,
    barred: Ints,
    windows: Ints,
    service_s: int,
    extra_minor: int,
    cost: Ints,
) -> None:
    """Fill in what the stop costs more in each window and place (W, Q), ``BLOCKED`` and a rule where it cannot be.

    Parameters
    ----------
    place, route, kind
        Places (Q, 10), routes (R, 3) and types (V, 6), see the columns.
    way : (Q, 4)
        To the stop from the visit before each place and on to the one behind.
    barred : (Q,)
        Rule that bars the stop from a place in any window, or -1.
    windows : (W, 2)
        First and last moment of service.
    """
    for q in range(place.shape[0]):
        r, k = place[q, ROUTE], place[q, KIND]
        metres = route[r, METRES] + way[q, INTO_M] + way[q, OUT_M] - place[q, GAP]
        rule = barred[q]
        if rule < 0 and metres > kind[k, MAX_M]:
            rule = RANGE
        if rule >= 0:
            for w in range(windows.shape[0]):
                cost[w, q] = BLOCKED + rule
            continue
        base = route[r, LUMP] + extra_minor + (2 * metres * kind[k, PER_KM] + 1_000) // 2_000 - route[r, COST]
        drive = place[q, PD] + way[q, INTO_S]
        for w in range(windows.shape[0]):
            at = max(place[q, PE] + drive, windows[w, 0])
            if at > windows[w, 1]:
                cost[w, q] = BLOCKED + LATE
                continue
            if at + service_s + way[q, OUT_S] > place[q, SL]:
                cost[w, q] = BLOCKED + NEXT
                continue
            wait = max(windows[w, 0] - drive - place[q, PL], 0)
            late = min(windows[w, 1] - drive, place[q, PL])
            duration = drive + wait + service_s + way[q, OUT_S]
            duration += max(place[q, SE] - duration - late, 0) + place[q, SD]
            if duration > kind[k, MAX_S]:
                cost[w, q] = BLOCKED + LONG
                continue
            over = max(0, duration - kind[k, OVER_S])
            paid = (2 * duration * kind[k, PER_HOUR] + 3_600) // 7_200
            paid += (2 * over * kind[k, OVER_PER_HOUR] + 3_600) // 7_200
            cost[w, q] = base + paid
