"""The arrays that the kernels share: one record of a cache line for every node, a row for every stop, route and type.

Nodes are stops 0 .. N - 1 and behind them one depot for every trip: trip r starts and ends at node N + r, which is
linked to itself while the trip is empty. A vehicle owns as many trips in a row, in the order in which it makes them, as
leave room for another before, between and behind; what concerns the whole vehicle stands in the row of its first trip,
its head. Money is int64 in the units of ``money``, so that sums never drift. There
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
# arrived at, and the segments (duration, earliest start, latest start) from the trip's depot to here and from here to
# the end of the vehicle's last trip. A depot opens for loading and closes for vehicles that come home.
PREV, NEXT, ROUTE, GAP, BACK, OPEN, CLOSE, SERVICE, PLACE, INTO = range(10)
PD, PE, PL, SD, SE, SL = range(10, 16)
NODE_COLUMNS = 16

# Columns of a stop: requirements, the vehicle type that alone may serve it (-1: any), money of leaving it out and of
# serving it, the next stop of its group and the group's first (itself if alone), when its parcels are ready, the other
# stop of its pair (-1: none), whose pickup is the leader; then what it adds to the loads of a trip, and where these mix
# by how much it changes each of the C loads on board.
NEEDS, ONLY, PRIZE, EXTRA, SIBLING, LEADER, RELEASE, MATE, LOAD = range(9)

# Columns of a trip: vehicle type, head, stops, the iteration that touched it last, the segment of all trips before it;
# of a head: metres, duration and its money, trips with stops, place on the stack of empty vehicles (-1: not empty).
# Loads follow.
KIND, HEAD, COUNT, STAMP, BEFORE_D, BEFORE_E, BEFORE_L, METRES, DURATION, TIME, TRIPS, SPARE, ABOARD = range(13)

# Columns of a vehicle type: money per metre, per second, fixed; limits; overtime; skills; roads; how many vehicles are
# empty; trips that it owns and trips that it may make; rows of the calendar with its rests; its capacities follow.
PER_M, PER_S, FIXED, MAX_M, MAX_S, OVER_S, OVER_RATE, SKILLS, PROFILE, SPARES = range(10)
SLOTS, MOST_TRIPS, REST_AT, REST_TO, CAPACITY = range(10, 15)

# Columns of a visit, what only a walk reads of a stop: rows of the calendar with its windows, when it is due and the
# money of a second later, seconds that a ride to it may take (-1: any), building and steps to the door.
WINDOW_AT, WINDOW_TO, DUE, LATE, RIDE, BUILDING, APPROACH = range(7)

# Numbers: counters of a search and the last stop that had to be served and found no place, then what it is about; last
# whether some stop is optional and what this iteration thinks of empty vehicles (see ``iterate``).
ITERATIONS, ACCEPTED, IMPROVED, CURRENT, BEST, CLOCK, DIRTY, SERVED, USED, LOST = range(10)
DIMS, REACH, PLANE, TIMED, PAID, LEAST_PER_M, CHAINED, RELOADS, MISSING, CARGO, PAIRED, WALKED, PERIODS = range(10, 23)
OPTIONAL, OPENING = 23, 24
NUMBERS = 25

# Columns of the work space of one iteration: removed stops, with what was before them, their route, metres in and out;
# inserted stops and the gap that they fill; routes touched, routes ruined, stops left out nearby, nodes changed since
# the best plan, when a walk leaves a stop, and by steps of a walk the node, the way there and when it begins there.
GONE, PUT, TOUCHED, RUINED, KEY, SOILED, MOMENT, STEP = 0, 5, 7, 8, 9, 10, 11, 12
WORK_COLUMNS = 15


class Search(NamedTuple):
    """Everything a kernel reads and writes.

    N stops, R trips, V vehicle types, M dimensions, C of them of loads that mix, K near stops, P places.
    """

    node: Ints32  # (N + R, 16)
    stop: Ints  # (N, 8 + M + C)
    visit: Ints  # (N, 7), no rows if nothing is walked
    route: Ints  # (R, 12 + M)
    kind: Ints  # (V, 14 + M)
    calendar: Ints  # (C, 3 or 1 + K) parts of a second of the K roads, periods with the parts covered; windows; rests
    cargo: Ints32  # (N + R, 3 C) load on board behind a node, the most up to there, the most from there on
    near: Ints32  # (N, K) nearest stops
    near_m: Ints32  # (N, K + 1) their metres, the shorter way, and last those of the nearest depot
    xy: Floats  # (P, 2) for a plane
    table: Ints32  # (K, P, P, 2) metres and seconds side by side else
    spare: Ints  # (V, R) heads of empty vehicles
    pool: Ints  # (N + 1,) stops to insert
    work: Ints  # (N + R + 1, 15)
    best: Ints32  # (N + R, 3) next and route in the best plan, 1 if changed since
    number: Ints  # (25,)
    real: Floats  # (2,) scale and offset of a plane
    random: Ints  # (4,) state of the generator
