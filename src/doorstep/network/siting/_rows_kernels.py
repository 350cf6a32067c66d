"""Loops over the pairs of cost rows."""

import numpy as np
import numpy.typing as npt

from doorstep.foundation.arrays import Ints
from doorstep.foundation.kernels import kernel


@kernel
def widths(start: Ints, site: npt.NDArray[np.int32], number: npt.NDArray[np.int32]) -> Ints:
    """Return how many pairs of each row (N,) belong to sites that have a new number, not -1 (M,)."""
    width = np.zeros(start.size - 1, np.int64)
    for i in range(start.size - 1):
        for k in range(start[i], start[i + 1]):
            if number[site[k]] >= 0:
                width[i] += 1
    return width


@kernel
def compact(
    start: Ints,
    site: npt.NDArray[np.int32],
    cost: npt.NDArray[np.int32],
    number: npt.NDArray[np.int32],
    kept_site: npt.NDArray[np.int32],
    kept_cost: npt.NDArray[np.int32],
) -> None:
    """Write the pairs of sites with a new number, in order and so numbered, into ``kept_site`` and ``kept_cost``."""
    n = 0
    for k in range(start[start.size - 1]):
        if number[site[k]] >= 0:
            kept_site[n] = number[site[k]]
            kept_cost[n] = cost[k]
            n += 1
