"""The nearest stops of every stop, nearest first, without a table of all pairs where coordinates are known."""

import numpy as np
from scipy.spatial import cKDTree

from doorstep.foundation.arrays import Floats, Ints, SmallInts
from doorstep.vehicle_routing.problem import RoutingProblem
from doorstep.vehicle_routing.sisr.layout import Ints32

WAIT_SHARE = 0.2
"""How much of a second of driving a second of waiting counts."""


def nearest_by_points(points: Floats, count: int) -> Ints32:
    """Return the ``count`` nearest other rows of each row of ``points`` (N, 2), as (N, count)."""
    rows = points.shape[0]
    _, found = cKDTree(points).query(points, k=min(rows, count + 1))
    return _without_self(np.asarray(found).reshape(rows, -1), count)


def nearest_by_table(table: SmallInts, count: int) -> Ints32:
    """Return the ``count`` nearest other rows of each row by a table (N, N), the shorter of both ways."""
    way = np.minimum(table, table.T).astype(np.int64)
    np.fill_diagonal(way, -1)
    kept = min(way.shape[0], count + 1)
    some = np.argpartition(way, kept - 1, axis=1)[:, :kept]
    order = np.argsort(np.take_along_axis(way, some, axis=1), axis=1, kind="stable")
    return _without_self(np.take_along_axis(some, order, axis=1), count)


def soonest_first(problem: RoutingProblem, rows: Ints, near: Ints32) -> Ints32:
    """Return near stops (R, K) in the order in which a vehicle that comes from them loses least time at the stop.

    Time lost is the drive and a share of the wait that cannot be helped; those that it can only come from too late are
    last. It is about the pickups of pairs, whose places are too many to look at all.
    """
    stops, depots = problem.stops, len(problem.depots)
    there, here = rows[near], np.repeat(rows, near.shape[1])
    _, drive = problem.roads.along(0, depots + there.ravel(), depots + here)
    drive = drive.reshape(near.shape) + stops.service_s[there]
    wait = np.maximum(0, stops.start_at[rows][:, None] - stops.end_at[there] - drive)
    late = stops.start_at[there] + drive > stops.end_at[rows][:, None]
    order = np.lexsort((drive + WAIT_SHARE * wait, late), axis=1)
    return np.ascontiguousarray(np.take_along_axis(near, order, axis=1))


def _without_self(found: Ints, count: int) -> Ints32:
    """Return each row without its own number, which may stand anywhere among equals."""
    rows = found.shape[0]
    own = found == np.arange(rows)[:, None]
    own[~own.any(axis=1), -1] = True
    others: Ints32 = found[~own].reshape(rows, found.shape[1] - 1)[:, :count].astype(np.int32)
    return others


def way_there(problem: RoutingProblem, rows: Ints, near: Ints32) -> Ints32:
    """Return the metres from each stop to its near stops, the shorter way, and last to the nearest depot, (R, K + 1).

    Parameters
    ----------
    rows : (R,)
        The stops meant by the rows of ``near`` (R, K), whose entries are rows too.
    """
    depots = len(problem.depots)
    here = np.repeat(depots + rows, near.shape[1])
    there = depots + rows[near.ravel()]
    out, _ = problem.roads.along(0, here, there)
    back, _ = problem.roads.along(0, there, here)
    metres = np.minimum(out, back).reshape(near.shape)
    home = np.full(rows.size, np.iinfo(np.int64).max)
    for depot in range(depots):
        arcs, _ = problem.roads.along(0, depots + rows, np.full(rows.size, depot))
        home = np.minimum(home, arcs)
    return np.column_stack([metres, home]).astype(np.int32)
