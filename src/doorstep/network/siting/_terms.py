"""Kernel: a customer's cost as a sum over how many of its cheapest sites are closed."""

import numpy as np
import numpy.typing as npt

from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.foundation.kernels import kernel


@kernel
def prefix_terms(
    start: Ints,
    site: npt.NDArray[np.int32],
    cost: npt.NDArray[np.int32],
    weight: Ints,
    customers: Ints,
    cap: Floats,
    name: npt.NDArray[np.uint64],
    key: npt.NDArray[np.uint64],
    last: Ints,
    dearer: Floats,
    row: Ints,
) -> tuple[int, float]:
    """Write a term for each set of cheapest sites of each customer; return how many, and what the cheapest cost.

    With all of a customer's sites before pair ``last`` closed it pays ``dearer`` more, in all never above ``cap``.
    names the set: the sum of the names of its sites (M,), whatever their order.
    """
    count, base = 0, 0.0
    for n in range(customers.size):
        i = customers[n]
        k, end = start[i], start[i + 1]
        now = min(float(cost[k]), cap[i]) if k < end else cap[i]
        base += weight[i] * now
        mixed = np.uint64(0)
        while k < end and now < cap[i]:
            mixed += name[site[k]]
            k += 1
            after = min(float(cost[k]), cap[i]) if k < end else cap[i]
            if after > now:
                key[count], last[count], row[count] = mixed, k, i
                dearer[count] = weight[i] * (after - now)
                count += 1
                now = after
    return count, base


@kernel
def pays_any_of(
    start: Ints, site: npt.NDArray[np.int32], cost: npt.NDArray[np.int32], price: Floats, some: Bools
) -> Bools:
    """Return whether a customer's price is above its cost at one of some sites (N,)."""
    pays = np.zeros(start.size - 1, np.bool_)
    for i in range(start.size - 1):
        for k in range(start[i], start[i + 1]):
            if cost[k] >= price[i]:
                break
            if some[site[k]]:
                pays[i] = True
                break
    return pays
