"""Kernels that make units placed at prices fit the sites, and use the room that is left."""

import heapq

import numpy as np

from doorstep.foundation.arrays import Floats, Ints
from doorstep.foundation.kernels import inlined, kernel
from doorstep.placement._product_kernels import NOTHING, level_units, place_product, stock_cost, tail_at
from doorstep.placement.tails import Market


@inlined
def next_gain(market: Market, i: int, s: int, r: int, units: int, there: int, total: int) -> float:
    """Return what one more unit at a site gains, with so many at the site, in its region and in all."""
    sites, regions = market.capacity.size, market.members.size - 1
    gain: float = market.own_value[i] * tail_at(market.own, market.own_start, i * sites + s, units)
    gain += market.region_value[i] * tail_at(market.pooled, market.region_start, i * regions + r, there)
    gain += market.nation_value[i] * tail_at(market.nation, market.nation_start, i, total)
    gain -= market.holding[i]
    return float(gain + market.send_cost[s] if units < market.present[i, s] else gain - market.receive_cost[s])


@kernel
def region_of(market: Market) -> Ints:
    """Return the region of each site (S,)."""
    region = np.empty(market.capacity.size, np.int64)
    for r in range(market.members.size - 1):
        region[market.members[r] : market.members[r + 1]] = r
    return region


@kernel
def sums(market: Market, units: Ints, there: Ints, total: Ints, room: Floats, entry: Ints) -> None:
    """Write what units (I, S) amount to: in regions (I, R), in all (I,), and the room and entry left at sites (S,)."""
    region = region_of(market)
    there[:] = 0
    total[:] = 0
    room[:] = market.capacity
    entry[:] = market.inbound
    for i in range(units.shape[0]):
        for s in range(units.shape[1]):
            there[i, region[s]] += units[i, s]
            total[i] += units[i, s]
            room[s] -= market.cube[i] * units[i, s]
            entry[s] -= max(0, units[i, s] - market.present[i, s])


@kernel
def trim(market: Market, units: Ints, there: Ints, total: Ints, room: Floats, entry: Ints) -> None:
    """Take away the units that lose least, for their room, until every site's room and entry suffice."""
    region = region_of(market)
    products = units.shape[0]
    loss = np.empty(products)
    for s in range(units.shape[1]):
        r = region[s]
        while room[s] < -1e-9 * market.capacity[s] or entry[s] < 0:
            only_entered = room[s] >= -1e-9 * market.capacity[s]
            for i in range(products):
                loss[i] = np.inf
                if units[i, s] > (
                    max(market.least[i, s], market.present[i, s]) if only_entered else market.least[i, s]
                ):
                    loss[i] = next_gain(market, i, s, r, units[i, s] - 1, there[i, r] - 1, total[i] - 1)
                    loss[i] /= 1.0 if only_entered else market.cube[i]
            for i in np.argsort(loss):
                if loss[i] == np.inf or (room[s] >= 0.0 and entry[s] >= 0):
                    break
                entry[s] += units[i, s] > market.present[i, s]
                units[i, s] -= 1
                there[i, r] -= 1
                total[i] -= 1
                room[s] += market.cube[i]


@inlined
def fits(market: Market, i: int, s: int, units: Ints, room: Floats, entry: Ints) -> bool:
    """Return whether a site may take one more unit of a product."""
    if units[i, s] >= market.most[i, s] or room[s] < market.cube[i]:
        return False
    return bool(entry[s] > 0 or units[i, s] < market.present[i, s])


@kernel
def best_addition(
    market: Market, i: int, region: Ints, units: Ints, there: Ints, total: Ints, room: Floats, entry: Ints
) -> tuple[float, int]:
    """Return the gain for its room of the best further unit of a product, and its site."""
    best, where = 0.0, -1
    if total[i] >= market.supply[i]:
        return best, where
    for s in range(units.shape[1]):
        if fits(market, i, s, units, room, entry):
            r = region[s]
            gain = next_gain(market, i, s, r, units[i, s], there[i, r], total[i]) / market.cube[i]
            if gain > best:
                best, where = gain, s
    return best, where


@kernel
def fill(market: Market, units: Ints, there: Ints, total: Ints, room: Floats, entry: Ints) -> int:
    """Add units, the one that gains most for its room first, until none fits or gains; return how many.

    Gains only fall as units are added, so a product is looked at again only when it is first in line (lazy greedy).
    """
    region = region_of(market)
    line = [(0.0, -1, -1)]
    for i in range(units.shape[0]):
        gain, s = best_addition(market, i, region, units, there, total, room, entry)
        if s >= 0 and gain > NOTHING:
            line.append((-gain, i, s))
    heapq.heapify(line)
    added = 0
    while len(line) > 1:
        said, i, s = heapq.heappop(line)
        if i < 0:
            break
        gain, s = best_addition(market, i, region, units, there, total, room, entry)
        if s < 0 or gain <= NOTHING:
            continue
        if gain >= -said - NOTHING:
            units[i, s] += 1
            entry[s] -= units[i, s] > market.present[i, s]
            there[i, region[s]] += 1
            total[i] += 1
            room[s] -= market.cube[i]
            added += 1
        heapq.heappush(line, (-gain, i, s))
    return added


@inlined
def worth(market: Market, i: int, units: Ints, served: Floats) -> float:
    """Return the expected value of a product's units (S,) less their cost; ``served`` (3,) is written."""
    level_units(market, i, units, served)
    total: float = market.own_value[i] * served[0] + market.region_value[i] * served[1]
    return float(total + market.nation_value[i] * served[2] - stock_cost(market, i, units))


@kernel
def worths(market: Market, units: Ints, value: Floats, served: Floats) -> None:
    """Write the value (I,) and the expected units served at each level (I, 3), each with those before."""
    for i in range(value.size):
        value[i] = worth(market, i, units[i], served[i])


@kernel
def place_again(market: Market, rows: Ints, price: Floats, units: Ints, room: Floats, entry: Ints) -> float:
    """Place products anew, one after another, each at its best in the room that the others leave; return what it gains.

    With prices (S,) of room the gain counts what is paid; at prices of 0 it is what the value grows by.
    """
    sites, regions = price.size, market.members.size - 1
    there, head, gain = np.empty(regions, np.int64), np.empty(regions, np.int64), np.empty(regions)
    limit, found = np.empty(sites, np.int64), np.empty(sites, np.int64)
    served, free = np.empty(3), np.zeros(sites)
    won = 0.0
    for i in rows:
        for s in range(sites):
            fits_in = (room[s] + 1e-9) / market.cube[i]
            more = market.most[i, s] if fits_in > 1e12 else int(np.floor(fits_in))
            there_now, kept = units[i, s], market.present[i, s]
            limit[s] = min(market.most[i, s], there_now + max(0, more))
            limit[s] = max(min(limit[s], max(kept, there_now) + max(0, entry[s])), there_now)
        place_product(market, i, limit, price, free, found, there, head, gain)
        better = worth(market, i, found, served) - worth(market, i, units[i], served)
        for s in range(sites):
            better -= price[s] * market.cube[i] * (found[s] - units[i, s])
        if better <= NOTHING:
            continue
        won += better
        for s in range(sites):
            room[s] -= market.cube[i] * (found[s] - units[i, s])
            entry[s] -= max(0, found[s] - market.present[i, s]) - max(0, units[i, s] - market.present[i, s])
            units[i, s] = found[s]
    return won


@kernel
def marginals(market: Market, units: Ints, there: Ints, total: Ints, gain: Floats, loss: Floats) -> None:
    """Write what one more unit gains and one less loses at each site (I, S); a site without stock loses 0."""
    region = region_of(market)
    for i in range(units.shape[0]):
        for s in range(units.shape[1]):
            r, here = region[s], units[i, s]
            gain[i, s] = next_gain(market, i, s, r, here, there[i, r], total[i])
            if here > 0:
                loss[i, s] = next_gain(market, i, s, r, here - 1, there[i, r] - 1, total[i] - 1)
