"""The arrays that the kernels share: one record of a cache line for every node, a row for every stop, route and type.

Nodes are stops 0 .. N - 1 and behind them one depot for every route slot: route r starts and ends at node N + r, which
is linked to itself while the route is empty. Money is int64 in the units of ``money``, so that sums never drift. There
are few arrays with many columns, because the compiler takes its time for every array that a kernel is given.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from doorstep.foundation.arrays import Floats, Ints

Ints32 = npt.NDArray[np.int32]

FAR = 1 << 61
"""Money of what cannot be."""

# Columns of a node: links, metres to the next and from the previous node, window, service, places left from and
# arrived at, and the segments (duration, earliest start, latest start) from the depot to here and from here home.
PREV, NEXT, ROUTE, GAP, BACK, OPEN, CLOSE, SERVICE, PLACE, INTO = range(10)
PD, PE, PL, SD, SE, SL = range(10, 16)
NODE_COLUMNS = 16

# Columns of a stop: requirements, the vehicle type that alone may serve it (-1: any), money of leaving it out and of
# serving it, the next stop of its group and the group's first (itself if alone); its loads follow.
NEEDS, ONLY, PRIZE, EXTRA, SIBLING, LEADER, LOAD = range(7)

# Columns of a route: vehicle type, stops, metres, duration, place on the stack of empty routes (-1: not empty), the
# iteration that touched it last; the loads on board follow.
KIND, COUNT, METRES, DURATION, SPARE, STAMP, ABOARD = range(7)

# Columns of a vehicle type: money per metre, per second, fixed; limits; overtime; skills; roads; how many routes are
# empty; its capacities follow.
PER_M, PER_S, FIXED, MAX_M, MAX_S, OVER_S, OVER_RATE, SKILLS, PROFILE, SPARES, CAPACITY = range(11)

# Numbers: counters of a search, then what it is about.
ITERATIONS, ACCEPTED, IMPROVED, CURRENT, BEST, CLOCK, DIRTY, SERVED = range(8)
DIMS, REACH, PLANE, TIMED, PAID, LEAST_PER_M = range(8, 14)
NUMBERS = 14

# Columns of the work space of one iteration: removed stops, with what was before them, their route, metres in and out;
# inserted stops and the gap that they fill; routes touched, routes ruined, stops left out nearby, nodes changed since
# the best plan.
GONE, PUT, TOUCHED, RUINED, KEY, SOILED = 0, 5, 7, 8, 9, 10
WORK_COLUMNS = 11


class Search(NamedTuple):
    """Everything a kernel reads and writes; N stops, R route slots, V types, M dimensions, K near stops, P places."""

    node: Ints32  # (N + R, 16)
    stop: Ints  # (N, 6 + M)
    route: Ints  # (R, 6 + M)
    kind: Ints  # (V, 10 + M)
    near: Ints32  # (N, K) nearest stops
    near_m: Ints32  # (N, K + 1) their metres, the shorter way, and last those of the nearest depot
    xy: Floats  # (P, 2) for a plane
    table_m: Ints32  # (1 or K, P, P) else
    table_s: Ints32  # (1 or K, P, P)
    spare: Ints  # (V, R) empty routes
    pool: Ints  # (N + 1,) stops to insert
    work: Ints  # (N + R + 1, 11)
    best: Ints32  # (N + R, 3) next and route in the best plan, 1 if changed since
    number: Ints  # (14,)
    real: Floats  # (2,) scale and offset of a plane
    random: Ints  # (4,) state of the generator
