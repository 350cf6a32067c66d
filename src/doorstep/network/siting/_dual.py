"""Kernels of the Lagrangian bound: every customer offers a price for being served, and sites open that earn most.

With a price u per unit for customer i, a site j is worth ``opening_j + sum_i w_i min(0, c_ij - u_i)``. What all
customers pay plus the cheapest allowed choice of sites is never above the cost of any plan, whatever the prices. A
price is at most what staying beyond costs, so pairs that a row leaves out never count.
"""

import numpy as np
import numpy.typing as npt

from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.foundation.kernels import inlined, kernel

FREE, OPEN = 0, 1
BOUND, STEP, STALLED = 0, 1, 2
"""Places in ``state``: best bound, length of the next steps, steps since the bound last rose."""
KEEP = 0.8
"""Share of the last direction that the next one keeps: without it the prices swing about the best ones."""
RISE = 1e-7
"""Relative rise of the bound that counts as one."""
SHRINK = 1.0 / 1.5
MEMORY = 0.95
"""Share of the average of chosen sites that stays at each step."""


@kernel
def raise_bound(
    start: Ints,
    site: npt.NDArray[np.int32],
    cost: npt.NDArray[np.int32],
    beyond: Ints,
    weight: Ints,
    opening: Ints,
    status: npt.NDArray[np.int8],
    least: int,
    most: int,
    aim: float,
    goal: float,
    steps: int,
    patience: int,
    scale: Floats,
    price: Floats,
    direction: Floats,
    best_price: Floats,
    best_worth: Floats,
    chosen_share: Floats,
    state: Floats,
) -> int:
    """Take deflected subgradient steps, each customer's as long as its ``scale``; return how many were taken.

    A step is as long as it would take to reach ``aim``, the cost of the best known plan, were the bound linear. It ends
    early when the bound reaches ``goal``. The best prices, their worth of each site (M,) and the bound are
    kept in ``best_price``, ``best_worth`` and ``state``.
    """
    worth, chosen = np.empty(opening.size), np.zeros(opening.size, np.bool_)
    for step in range(steps):
        value = price_sites(start, site, cost, weight, opening, price, worth)
        value += choose(worth, status, least, most, chosen)
        if value > state[BOUND]:
            if value > state[BOUND] + RISE * abs(value):
                state[STALLED] = -1
            state[BOUND] = value
            best_price[:] = price
            best_worth[:] = worth
        state[STALLED] += 1
        for j in range(opening.size):
            chosen_share[j] = MEMORY * chosen_share[j] + (1.0 - MEMORY) * chosen[j]
        if value >= goal:
            return step + 1
        if state[STALLED] >= patience:
            state[STALLED] = 0
            state[STEP] *= SHRINK
            price[:] = best_price
            direction[:] = 0.0
            continue
        if not _walk(start, site, cost, beyond, weight, chosen, scale, price, direction, state[STEP] * (aim - value)):
            return step + 1
    return steps


@kernel
def price_sites(
    start: Ints,
    site: npt.NDArray[np.int32],
    cost: npt.NDArray[np.int32],
    weight: Ints,
    opening: Ints,
    price: Floats,
    worth: Floats,
) -> float:
    """Write what opening each site is worth at these prices; return what the customers pay together."""
    worth[:] = opening
    paid = 0.0
    for i in range(start.size - 1):
        paid += weight[i] * price[i]
        for k in range(start[i], start[i + 1]):
            less = cost[k] - price[i]
            if less >= 0.0:
                break
            worth[site[k]] += weight[i] * less
    return paid


@kernel
def choose(worth: Floats, status: npt.NDArray[np.int8], least: int, most: int, chosen: Bools) -> float:
    """Mark the cheapest allowed choice of sites and return its worth."""
    total, count = 0.0, 0
    free = np.full(worth.size, np.inf)
    for j in range(worth.size):
        chosen[j] = status[j] == OPEN
        if chosen[j]:
            total += worth[j]
            count += 1
        elif status[j] == FREE:
            free[j] = worth[j]
    room = min(most - count, free.size)
    if room <= 0:
        return total
    order = np.argpartition(free, room - 1)[:room] if room < free.size else np.arange(free.size)
    order = order[np.argsort(free[order])]
    for j in order:
        if free[j] == np.inf or (free[j] >= 0.0 and count >= least):
            break
        chosen[j] = True
        total += free[j]
        count += 1
    return total


@inlined
def _walk(
    start: Ints,
    site: npt.NDArray[np.int32],
    cost: npt.NDArray[np.int32],
    beyond: Ints,
    weight: Ints,
    chosen: Bools,
    scale: Floats,
    price: Floats,
    direction: Floats,
    rise: float,
) -> bool:
    """Move the prices towards a bound higher by ``rise``; False if no customer has reason to move."""
    length = 0.0
    for i in range(start.size - 1):
        wanted = 1.0
        for k in range(start[i], start[i + 1]):
            if cost[k] >= price[i]:
                break
            if chosen[site[k]]:
                wanted -= 1.0
        direction[i] = wanted + KEEP * direction[i]
        length += weight[i] * scale[i] * direction[i] * direction[i]
    if length <= 0.0:
        return False
    for i in range(start.size - 1):
        price[i] = min(max(price[i] + rise / length * scale[i] * direction[i], 0.0), float(beyond[i]))
    return True
