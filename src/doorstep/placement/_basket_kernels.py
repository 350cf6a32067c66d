"""Kernels over baskets: what each product's presence is worth to the orders that want it, loads, and peeling."""

import heapq

import numpy as np

from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.foundation.kernels import kernel


@kernel
def complete_weight(start: Ints, item: Ints, weight: Floats, chosen: Bools) -> float:
    """Return the weight of orders all of whose products are chosen; a product of -1 never is."""
    total = 0.0
    for o in range(weight.size):
        complete = True
        for at in range(start[o], start[o + 1]):
            if item[at] < 0 or not chosen[item[at]]:
                complete = False
                break
        if complete:
            total += weight[o]
    return total


@kernel
def completion_credits(start: Ints, item: Ints, weight: Floats, there: Floats, credit: Floats) -> None:
    """Write for each product the weight of its orders times the chance that all else in them is there.

    ``there`` (N,) is the chance of each product, above 0. The slope of the expected complete weight.
    """
    credit[:] = 0.0
    for o in range(weight.size):
        together = weight[o]
        for at in range(start[o], start[o + 1]):
            together *= there[item[at]]
            if together < 1e-300:
                together = 0.0
                break
        for at in range(start[o], start[o + 1]):
            credit[item[at]] += together / there[item[at]]


@kernel
def level_loads(start: Ints, item: Ints, weight: Floats, part: Floats, load: Floats, sweeps: int) -> None:
    """Share every order's weight among its products, ``part`` (L,), so that the products' loads (N,) are level.

    Order after order pours its weight where the loads of its products are lowest: descent on the sum of squares.
    """
    for _ in range(sweeps):
        moved = 0.0
        for o in range(weight.size):
            first, last = start[o], start[o + 1]
            for at in range(first, last):
                load[item[at]] -= part[at]
            low = np.sort(load[item[first:last]])
            poured, height = 0.0, low[0]
            for n in range(low.size):
                height = (weight[o] + poured + low[n]) / (n + 1)
                poured += low[n]
                if n + 1 == low.size or height <= low[n + 1]:
                    break
            for at in range(first, last):
                now = max(0.0, height - load[item[at]])
                moved += abs(now - part[at])
                part[at] = now
                load[item[at]] += now
        if moved <= 1e-6 * weight.sum():
            return


@kernel
def peeled(
    start: Ints, item: Ints, weight: Floats, by_item: Ints, order_of: Ints, cube: Floats, room: float, kept: Bools
) -> None:
    """Take away, one after another, the product whose orders still complete weigh least for its room, until all fit.

    ``order_of`` are the orders of each product, those of product i from ``by_item[i]`` on (N + 1,). ``kept`` (N,) says
    what may be there and is changed.
    """
    products = kept.size
    live = np.zeros(products)
    alive = np.ones(weight.size, np.bool_)
    used = 0.0
    for o in range(weight.size):
        for at in range(start[o], start[o + 1]):
            live[item[at]] += weight[o]
    line = [(0.0, -1)]
    for i in range(products):
        if kept[i]:
            used += cube[i]
            line.append((live[i] / cube[i], i))
    heapq.heapify(line)
    while used > room + 1e-9 and len(line) > 0:
        said, i = heapq.heappop(line)
        if i < 0 or not kept[i]:
            continue
        if live[i] / cube[i] < said - 1e-12:
            heapq.heappush(line, (live[i] / cube[i], i))
            continue
        kept[i] = False
        used -= cube[i]
        for at in range(by_item[i], by_item[i + 1]):
            o = order_of[at]
            if alive[o]:
                alive[o] = False
                for other in range(start[o], start[o + 1]):
                    j = item[other]
                    live[j] -= weight[o]
                    if kept[j]:
                        heapq.heappush(line, (live[j] / cube[j], j))
