"""The clock of one route, compiled: what ``schedule_route`` finds where there are neither rests nor limits of rides."""

import numpy as np

from doorstep.foundation.arrays import Ints
from doorstep.foundation.kernels import kernel

# Columns of a visit: seconds of the road and on foot to it, its stay, rows of its windows, when it is due, and the cost
# of an hour of lateness.
DRIVE, WALK, STAY, WINDOW_AT, WINDOW_TO, DUE, RATE = range(7)

NEVER = 1 << 62


@kernel
def arrival(hours: Ints, at: int, drive_s: int) -> int:
    """Return when a drive that begins at a moment ends, as ``Hours.arrival``."""
    if hours.shape[0] == 1:
        return at + drive_s
    left, row, last = drive_s * hours[0, 1], 1, hours.shape[0] - 1
    while row < last and hours[row + 1, 0] <= at:
        row += 1
    while row < last:
        room = (hours[row + 1, 0] - at) * hours[row, 1]
        if left <= room:
            break
        left, at, row = left - room, hours[row + 1, 0], row + 1
    return int(at - (-left // hours[row, 1]))


@kernel
def walk(visits: Ints, windows: Ints, hours: Ints, start: int, caps: Ints, begins: Ints) -> int:
    """Fill in when each visit begins (L,), as early as can be from a start; return 0 if one is later than it may."""
    at = start
    for v in range(visits.shape[0]):
        at = arrival(hours, at, visits[v, DRIVE]) + visits[v, WALK]
        row, last = visits[v, WINDOW_AT], visits[v, WINDOW_TO]
        while row < last and at > windows[row, 1]:
            row += 1
        if row == last:
            return 0
        at = max(at, windows[row, 0])
        if at > caps[v]:
            return 0
        begins[v] = at
        at += visits[v, STAY]
    return 1


@kernel
def clock(visits: Ints, windows: Ints, hours: Ints) -> tuple[int, int, int]:
    """Return latest start, earliest end (-1: none), and seconds of lateness times their rates.

    Parameters
    ----------
    visits : (L, 7)
        See the columns; the first is a loading, the last the return.
    windows : (W, 2)
        First and last moment, those of a visit in their order.
    hours : (1 + T, 2)
        Parts of a second of the road, then when each period of traffic starts and the parts that a second covers.
    """
    length = visits.shape[0]
    caps, begins = np.full(length, NEVER), np.zeros(length, dtype=np.int64)
    low = windows[visits[0, WINDOW_AT], 0]
    if walk(visits, windows, hours, low, caps, begins) == 0:
        return 0, -1, 0
    for v in range(length):
        if visits[v, RATE] > 0:
            caps[v] = max(visits[v, DUE], begins[v])
    caps[length - 1] = begins[length - 1]
    high = begins[length - 1] + 1
    while high - low > 1:
        middle = (low + high) // 2
        if walk(visits, windows, hours, middle, caps, begins) == 1:
            low = middle
        else:
            high = middle
    walk(visits, windows, hours, low, caps, begins)
    late = 0
    for v in range(length):
        late += max(0, begins[v] - visits[v, DUE]) * visits[v, RATE]
    return begins[0], begins[length - 1], late
