"""Loops over pairs of customers and sites on the sphere that keep no matrix: what sites are worth, and short rows.

Places are unit vectors; sites ascend by their last coordinate, so that those near a customer are close together.
"""

import math

import numpy as np
import numpy.typing as npt

from doorstep.foundation.arrays import Floats, Ints
from doorstep.foundation.kernels import inlined, kernel
from doorstep.geography.distance import EARTH_RADIUS_M

HAIR_M = 1e-7
"""Taken off a distance before it is rounded, so that no error of floating point makes it more than it is [m]."""


@inlined
def _chord(metres: float) -> float:
    """Return the straight line through the earth between points so far apart, and a little more [radii]."""
    return 2.0 * math.sin(0.5 * min(metres / EARTH_RADIUS_M, math.pi)) * (1.0 + 1e-9) + 1e-9


@inlined
def _square(customer: Floats, i: int, site: Floats, j: int) -> float:
    """Return the square of the chord between a customer and a site."""
    square = 0.0
    for axis in range(3):
        square += (customer[i, axis] - site[j, axis]) ** 2
    return square


@inlined
def _metres(square: float) -> int:
    """Return the rounded distance over the surface that belongs to a chord; at the antipodes it is the least sure."""
    sine = min(0.5 * math.sqrt(square), 1.0)
    hair = HAIR_M / max(math.sqrt(1.0 - sine * sine), 1e-8)
    return round(max(2.0 * EARTH_RADIUS_M * math.asin(sine) - hair, 0.0))


@kernel
def worth_of_sites(customer: Floats, weight: Ints, price: Floats, site: Floats) -> Floats:
    """Return what each site is worth where customers pay these prices: ``sum_i w_i min(0, c_ij - u_i)`` (M,)."""
    worth = np.zeros(site.shape[0])
    height = site[:, 2].copy()
    for i in range(customer.shape[0]):
        chord = _chord(price[i] + 1.0)
        for j in range(np.searchsorted(height, customer[i, 2] - chord), height.size):
            if height[j] > customer[i, 2] + chord:
                break
            square = _square(customer, i, site, j)
            if square <= chord * chord:
                worth[j] += weight[i] * min(_metres(square) - price[i], 0.0)
    return worth


@kernel
def near_rows(
    customer: Floats, site: Floats, name: npt.NDArray[np.int32], beyond: Ints, longest: int
) -> tuple[Ints, npt.NDArray[np.int32], npt.NDArray[np.int32], Ints]:
    """Return rows (``start``, ``site``, ``cost``, ``beyond``) of sites that cost less than beyond, by their names.

    Of more than ``longest`` sites only the cheapest are in a row, and beyond is the cost of the next.
    """
    customers = customer.shape[0]
    start, ends = np.zeros(customers + 1, np.int64), beyond.copy()
    height, key = site[:, 2].copy(), np.empty(site.shape[0], np.int64)
    for i in range(customers):
        start[i + 1] = start[i] + min(_look(customer, i, site, height, name, beyond[i], key), longest)
    names, costs = np.empty(start[-1], np.int32), np.empty(start[-1], np.int32)
    for i in range(customers):
        found = np.sort(key[: _look(customer, i, site, height, name, beyond[i], key)])
        if found.size > longest:
            ends[i] = found[longest] >> 32
        for k in range(start[i + 1] - start[i]):
            names[start[i] + k] = found[k] & 0xFFFFFFFF
            costs[start[i] + k] = found[k] >> 32
    return start, names, costs, ends


@kernel
def _look(
    customer: Floats, i: int, site: Floats, height: Floats, name: npt.NDArray[np.int32], beyond: int, key: Ints
) -> int:
    """Write cost and name of each site that costs less than beyond as one number; return how many there are."""
    chord, found = _chord(beyond + 1.0), 0
    for j in range(np.searchsorted(height, customer[i, 2] - chord), height.size):
        if height[j] > customer[i, 2] + chord:
            break
        square = _square(customer, i, site, j)
        if square <= chord * chord:
            metres = _metres(square)
            if metres < beyond:
                key[found] = (metres << 32) | name[j]
                found += 1
    return found
