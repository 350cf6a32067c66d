"""Points on the sphere as unit vectors: distances, and a tree over points that lie together."""

import math
from typing import NamedTuple

import numpy as np

from doorstep.foundation.arrays import Floats, Ints
from doorstep.foundation.kernels import inlined, kernel
from doorstep.geography import Places
from doorstep.geography.distance import EARTH_RADIUS_M


def unit_vectors(places: Places) -> Floats:
    """Return points as unit vectors (N, 3)."""
    phi, lam = np.radians(places.lat), np.radians(places.lon)
    return np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])


@inlined
def metres(a: Floats, i: int, b: Floats, j: int) -> float:
    """Return the great-circle distance of row i of ``a`` and row j of ``b``, both unit vectors [m]."""
    x, y, z = a[i, 0] - b[j, 0], a[i, 1] - b[j, 1], a[i, 2] - b[j, 2]
    return 2.0 * EARTH_RADIUS_M * math.asin(min(1.0, 0.5 * math.sqrt(x * x + y * y + z * z)))


@kernel
def distance_rows(a: Floats, rows: Ints, b: Floats) -> Floats:
    """Return the distances of some points of ``a`` (R,) to all points of ``b`` (R, N) [m]."""
    out = np.empty((rows.size, b.shape[0]))
    for r in range(rows.size):
        for j in range(b.shape[0]):
            out[r, j] = metres(a, rows[r], b, j)
    return out


class Tree(NamedTuple):
    """Points halved again and again across their widest extent.

    ``order`` (N,) the points; ``start``, ``end`` (T,) the range of each node in it, node 0 being all; ``child`` (T,)
    the first of its two children, which stand side by side, or -1; ``middle`` (T,) the point nearest to its centre;
    ``radius_m`` (T,) the greatest distance of its points to that one.
    """

    order: Ints
    start: Ints
    end: Ints
    child: Ints
    middle: Ints
    radius_m: Floats

    def leaves(self) -> Ints:
        """Return the nodes without children."""
        return np.flatnonzero(self.child < 0)


def tree_of(points: Floats, *, leaf: int) -> Tree:
    """Return the tree of points (N, 3) whose leaves have at most ``leaf`` of them."""
    order = np.arange(points.shape[0])
    ranges, child = [(0, points.shape[0])], list[int]()
    middle, radius = list[int](), list[float]()
    for low, high in ranges:  # grows on the way
        mine = order[low:high]
        here = points[mine]
        middle.append(int(mine[np.argmin(((here - here.mean(axis=0)) ** 2).sum(axis=1))]))
        radius.append(float(distance_rows(points, np.array(middle[-1:]), here).max()))
        child.append(-1)
        if high - low > leaf:
            child[-1] = len(ranges)
            axis = int(np.argmax(np.ptp(here, axis=0)))
            order[low:high] = mine[np.argsort(here[:, axis], kind="stable")]
            half = (low + high) // 2
            ranges += [(low, half), (half, high)]
    bounds = np.array(ranges, dtype=np.int64)
    return Tree(order, bounds[:, 0], bounds[:, 1], np.array(child), np.array(middle), np.array(radius))
