"""Kernels that place one product at given prices of room: exact, because the value is M-natural-concave.

The best assignment serves own zones first, then the region, then the rest. Per scenario its value is
``a1 sum_s min(x_s, D_s) + a2 sum_r min(X_r, D_r) + a3 min(X, D)``: a sum of concave functions of nested (laminar) sums,
and so is its expectation. For such functions the greedy that adds the best unit, one after another, is exact, limits on
each site and on the product's supply included.
"""

import numpy as np

from doorstep.foundation.arrays import Floats, Ints
from doorstep.foundation.kernels import inlined, kernel
from doorstep.placement.tails import Market

NOTHING = 1e-12
"""Gain that is none."""


@inlined
def tail_at(tails: Floats, start: Ints, row: int, units: int) -> float:
    """Return P(D > units) of one row of a ragged table."""
    at = start[row] + units
    return tails[at] if at < start[row + 1] else 0.0


@inlined
def own_gain(market: Market, i: int, s: int, units: int, price: Floats, entry: Floats) -> float:
    """Return what one more unit gains at its own site, less holding, transfer and prices (S,) of room, entry."""
    gain: float = market.own_value[i] * tail_at(market.own, market.own_start, i * price.size + s, units)
    gain -= market.holding[i] + price[s] * market.cube[i]
    return float(
        gain + market.send_cost[s] if units < market.present[i, s] else gain - market.receive_cost[s] - entry[s]
    )


@inlined
def best_in_region(
    market: Market, i: int, r: int, units: Ints, limit: Ints, price: Floats, entry: Floats
) -> tuple[int, float]:
    """Return the site of a region where one more unit gains most at its own site, -1 if none may take one."""
    best, most = -1, -np.inf
    for s in range(market.members[r], market.members[r + 1]):
        if units[s] < limit[s]:
            gain = own_gain(market, i, s, units[s], price, entry)
            if gain > most:
                best, most = s, gain
    return best, most


@inlined
def place_product(
    market: Market,
    i: int,
    limit: Ints,
    price: Floats,
    entry: Floats,
    units: Ints,
    there: Ints,
    head: Ints,
    gain: Floats,
) -> None:
    """Write the units (S,) of a product that gain most at the prices, between its least units and ``limit`` (S,)."""
    regions = market.members.size - 1
    total = 0
    for r in range(regions):
        there[r] = 0
        for s in range(market.members[r], market.members[r + 1]):
            units[s] = market.least[i, s]
            there[r] += units[s]
        total += there[r]
        head[r], gain[r] = best_in_region(market, i, r, units, limit, price, entry)
        gain[r] += market.region_value[i] * tail_at(market.pooled, market.region_start, i * regions + r, there[r])
    while total < market.supply[i]:
        best = 0
        for r in range(1, regions):
            if gain[r] > gain[best]:
                best = r
        far = market.nation_value[i] * tail_at(market.nation, market.nation_start, i, total)
        if gain[best] + far <= NOTHING:
            return
        units[head[best]] += 1
        there[best] += 1
        total += 1
        head[best], gain[best] = best_in_region(market, i, best, units, limit, price, entry)
        row = i * regions + best
        gain[best] += market.region_value[i] * tail_at(market.pooled, market.region_start, row, there[best])


@inlined
def level_units(market: Market, i: int, units: Ints, served: Floats) -> None:
    """Write the expected units served from the own site, the own region, and anywhere (3,), each with those before."""
    regions, sites = market.members.size - 1, units.size
    served[:] = 0.0
    total = 0
    for r in range(regions):
        there = 0
        for s in range(market.members[r], market.members[r + 1]):
            there += units[s]
            at, end = market.own_start[i * sites + s], market.own_start[i * sites + s + 1]
            served[0] += market.own[at : min(end, at + units[s])].sum()
        at, end = market.region_start[i * regions + r], market.region_start[i * regions + r + 1]
        served[1] += market.pooled[at : min(end, at + there)].sum()
        total += there
    at, end = market.nation_start[i], market.nation_start[i + 1]
    served[2] += market.nation[at : min(end, at + total)].sum()


@inlined
def stock_cost(market: Market, i: int, units: Ints) -> float:
    """Return the cost of holding and moving the units (S,) of a product."""
    cost = 0.0
    for s in range(units.size):
        moved = units[s] - market.present[i, s]
        cost += market.holding[i] * units[s]
        cost += market.receive_cost[s] * moved if moved > 0 else -market.send_cost[s] * moved
    return cost


@kernel
def answer(
    market: Market, rows: Ints, price: Floats, entry: Floats, limit: Ints, used: Floats, entered: Floats, placed: Ints
) -> float:
    """Return what chosen products gain at prices, each placed at its best: value less costs and less prices paid.

    ``used`` and ``entered`` (S,) are written: room taken and units received. ``placed`` (I, S) gets the units; it may
    be (0, 0), which keeps nothing.
    """
    sites = price.size
    units, served = np.empty(sites, np.int64), np.empty(3)
    regions = market.members.size - 1
    there, head, gain = np.empty(regions, np.int64), np.empty(regions, np.int64), np.empty(regions)
    used[:] = 0.0
    entered[:] = 0.0
    total = 0.0
    for i in rows:
        place_product(market, i, limit[i], price, entry, units, there, head, gain)
        level_units(market, i, units, served)
        total += market.own_value[i] * served[0] + market.region_value[i] * served[1]
        total += market.nation_value[i] * served[2] - stock_cost(market, i, units)
        for s in range(sites):
            used[s] += market.cube[i] * units[s]
            entered[s] += max(0, units[s] - market.present[i, s])
        if placed.size:
            placed[i] = units
    for s in range(sites):
        total -= price[s] * used[s] + entry[s] * entered[s]
    return total
