"""Kernels that move and buy units, the one that gains most first, by what each unit is worth where it lies."""

import heapq

import numpy as np

from doorstep.foundation.arrays import Floats, Ints
from doorstep.foundation.kernels import inlined, kernel
from doorstep.placement._tails_kernels import masses, put_tails

NOTHING = 1e-9


@kernel
def own_tails(mean: Floats, k: Floats, start: Ints) -> Floats:
    """Return P(D > j) of each product at each site (I, S) as a ragged table; ``start`` (I S + 1,) is written."""
    products, sites = mean.shape
    tails = np.empty(products * sites)
    start[0] = 0
    for i in range(products):
        for s in range(sites):
            found, _ = masses(mean[i, s], k[i, s])
            tails = put_tails(found, start, i * sites + s, tails)
    return tails[: start[-1]]


@kernel
def units_that_suffice(tails: Floats, start: Ints, service: Floats, level: Ints) -> None:
    """Write the least units (I, S) that suffice with the probability ``service`` (I,)."""
    products, sites = level.shape
    for i in range(products):
        for s in range(sites):
            low, high = start[i * sites + s], start[i * sites + s + 1]
            first = low
            while low < high:
                middle = (low + high) // 2
                if tails[middle] <= 1.0 - service[i] + 1e-12:
                    high = middle
                else:
                    low = middle + 1
            level[i, s] = low - first


@inlined
def unit_worth(tails: Floats, start: Ints, row: int, units: int, margin: float, holding: float) -> float:
    """Return what one more unit beside so many is worth: the margin if it sells, less holding if it stays."""
    at = start[row] + units
    chance = tails[at] if at < start[row + 1] else 0.0
    return float((margin + holding) * chance - holding)


@kernel
def best_move(
    i: int,
    tails: Floats,
    start: Ints,
    stock: Ints,
    free: Ints,
    most: Ints,
    margin: float,
    holding: float,
    cube: float,
    lane_room: Floats,
    lane_cost: Floats,
) -> tuple[float, int, int]:
    """Return the gain for its room of a product's best move of one unit, from where and to where (-1: none)."""
    sites = stock.shape[1]
    best, source, target = 0.0, -1, -1
    for s in range(sites):
        if free[i, s] <= 0:
            continue
        lost = unit_worth(tails, start, i * sites + s, stock[i, s] - 1, margin, holding)
        for t in range(sites):
            if t == s or lane_room[s, t] < cube or stock[i, t] >= most[i, t]:
                continue
            gain = unit_worth(tails, start, i * sites + t, stock[i, t], margin, holding) - lost - lane_cost[s, t]
            if gain / cube > best:
                best, source, target = gain / cube, s, t
    return best, source, target


@kernel
def move_units(
    tails: Floats,
    start: Ints,
    stock: Ints,
    free: Ints,
    most: Ints,
    margin: Floats,
    holding: Floats,
    cube: Floats,
    lane_room: Floats,
    lane_cost: Floats,
) -> list[tuple[int, int, int, float]]:
    """Move units one by one, what gains most for its room first; return product, source, target and gain of each.

    ``stock`` and ``free`` (I, S), units that may leave, and ``lane_room`` (S, S) are changed; ``most`` (I, S) units may
    lie there.
    """
    moved = [(-1, -1, -1, 0.0)]
    line = [(0.0, -1)]
    for i in range(stock.shape[0]):
        gain, source, _ = best_move(
            i, tails, start, stock, free, most, margin[i], holding[i], cube[i], lane_room, lane_cost
        )
        if source >= 0 and gain > NOTHING:
            line.append((-gain, i))
    heapq.heapify(line)
    while len(line) > 0:
        said, i = heapq.heappop(line)
        if i < 0:
            break
        gain, source, target = best_move(
            i, tails, start, stock, free, most, margin[i], holding[i], cube[i], lane_room, lane_cost
        )
        if source < 0 or gain <= NOTHING:
            continue
        if gain >= -said - NOTHING:
            stock[i, source] -= 1
            free[i, source] -= 1
            stock[i, target] += 1
            lane_room[source, target] -= cube[i]
            moved.append((i, source, target, gain * cube[i]))
        heapq.heappush(line, (-gain, i))
    return moved


@kernel
def best_pack(
    i: int,
    tails: Floats,
    start: Ints,
    stock: Ints,
    pack: int,
    level: Ints,
    most: Ints,
    margin: float,
    holding: float,
    inbound: Ints,
) -> tuple[float, int]:
    """Return the gain of a unit, on average, of a product's best pack, and the site that gets it (-1: none).

    A site below its level (I, S) takes a pack whatever it gains: the level is a promise of service. One with ``most``
    (I, S) takes none.
    """
    sites = stock.shape[1]
    best, where = -np.inf, -1
    for s in range(sites):
        if inbound[s] < pack or stock[i, s] >= most[i, s]:
            continue
        gain = 0.0
        for unit in range(pack):
            gain += unit_worth(tails, start, i * sites + s, stock[i, s] + unit, margin, holding)
        if (gain > NOTHING or stock[i, s] < level[i, s]) and gain / pack > best:
            best, where = gain / pack, s
    return best, where


@kernel
def buy_units(
    tails: Floats,
    start: Ints,
    stock: Ints,
    level: Ints,
    most: Ints,
    buyable: Ints,
    pack: Ints,
    margin: Floats,
    holding: Floats,
    inbound: Ints,
) -> list[tuple[int, int, float]]:
    """Buy packs one by one, what gains most for a unit first; return product, site and gain of each pack.

    ``stock`` (I, S), ``buyable`` (I,) and ``inbound`` (S,) are changed.
    """
    bought = [(-1, -1, 0.0)]
    line = [(np.inf, -1)]
    for i in range(stock.shape[0]):
        gain, site = best_pack(i, tails, start, stock, pack[i], level, most, margin[i], holding[i], inbound)
        if site >= 0 and buyable[i] >= pack[i]:
            line.append((-gain, i))
    heapq.heapify(line)
    while len(line) > 0:
        said, i = heapq.heappop(line)
        if i < 0:
            break
        gain, site = best_pack(i, tails, start, stock, pack[i], level, most, margin[i], holding[i], inbound)
        if site < 0 or buyable[i] < pack[i]:
            continue
        if gain >= -said - NOTHING:
            stock[i, site] += pack[i]
            buyable[i] -= pack[i]
            inbound[site] -= pack[i]
            bought.append((i, site, gain * pack[i]))
        heapq.heappush(line, (-gain, i))
    return bought
