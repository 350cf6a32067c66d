"""Least-cost cover of one order after the other; prices and costs are integers [minor]."""

import numpy as np

from doorstep.foundation.kernels import kernel
from doorstep.order_routing._cover import greedy_cover
from doorstep.order_routing._subsets import best_split

EXACT_LINES = 8
IMPOSSIBLE = np.int64(1) << 40
SERVED, OUT_OF_STOCK, NO_CAPACITY, NO_MODE, WINDOW = 0, 1, 2, 3, 4
LACKS_STOCK, CAPACITY_FULL, NO_WAY = -1, -2, -3


@kernel
def first_row(site_of_row, low, high, site):  # type: ignore[no-untyped-def]
    """Return the first row in [low, high) whose site is not below ``site``; rows are in order of their sites."""
    while low < high:
        middle = (low + high) >> 1
        if site_of_row[middle] < site:
            low = middle + 1
        else:
            high = middle
    return low


@kernel
def units_at(start, site_of_row, product, site):  # type: ignore[no-untyped-def]
    """Return where the stock book keeps a product at a site, -1 if nowhere."""
    high = start[product + 1]
    row = first_row(site_of_row, start[product], high, site)
    if row < high and site_of_row[row] == site:
        return row
    return -1


@kernel
def free_units(start, site_of_row, units, product, candidates, ascending, free):  # type: ignore[no-untyped-def]
    """Fill the units (C,) of a product that are free at each candidate, visited in ascending order of their sites.

    Each search starts where the one before ended, and memory is read forward only.
    """
    row, high = start[product], start[product + 1]
    for c in ascending:
        site = candidates[c]
        free[c] = 0
        if site < 0:
            continue
        row = first_row(site_of_row, row, high, site)
        if row < high and site_of_row[row] == site:
            free[c] = units[row]


@kernel
def class_of(class_g, dim_ml_per_kg, weight_g, volume_ml):  # type: ignore[no-untyped-def]
    """Return the weight class of a package; the last class takes all that is heavier."""
    measure = max(weight_g, -(-volume_ml * 1000 // dim_ml_per_kg))
    k = 0
    while k < class_g.size - 1 and measure > class_g[k]:
        k += 1
    return k


@kernel
def whole_order_costs(p, o, free, room, class_all, units_all, single, lines_here):  # type: ignore[no-untyped-def]
    """Fill what each candidate would cost alone; return the best candidate and its cost, -1 if none can.

    ``free`` (C, n) units on hand, ``room`` (C,) lines that can still be picked.
    """
    low, high = p.start[o], p.start[o + 1]
    best, best_cost = -1, IMPOSSIBLE
    for c in range(p.candidates.shape[1]):
        site = p.candidates[o, c]
        single[c] = NO_WAY
        if site < 0:
            continue
        full = 0
        for n in range(high - low):
            if free[c, n] >= p.quantity[low + n]:
                full += 1
        lines_here[c] = full
        if full < high - low:
            single[c] = LACKS_STOCK
        elif p.price[o, c, class_all] >= IMPOSSIBLE:
            single[c] = NO_WAY
        elif room[c] < high - low:
            single[c] = CAPACITY_FULL
        else:
            handling = p.package_minor[site] + (high - low) * p.line_minor[site] + units_all * p.unit_minor[site]
            single[c] = handling + p.price[o, c, class_all]
            if single[c] < best_cost:
                best, best_cost = c, single[c]
    return best, best_cost


@kernel
def split_bound(p, o, room):  # type: ignore[no-untyped-def]
    """Return a lower bound on the cost of serving the order from two packages or more."""
    low, high = p.start[o], p.start[o + 1]
    package = second = line = unit = IMPOSSIBLE
    for c in range(p.candidates.shape[1]):
        site = p.candidates[o, c]
        if site < 0 or p.price[o, c, 0] >= IMPOSSIBLE or room[c] < 1:
            continue
        least = p.package_minor[site] + p.price[o, c, 0]
        if least < package:
            package, second = least, package
        else:
            second = min(second, least)
        line = min(line, p.line_minor[site])
        unit = min(unit, p.unit_minor[site])
    units = 0
    for n in range(low, high):
        units += p.quantity[n]
    return package + second + (high - low) * line + units * unit


@kernel
def reason_of(p, o, free):  # type: ignore[no-untyped-def]
    """Return why an order could not be covered."""
    low, high = p.start[o], p.start[o + 1]
    scarce = unreachable = False
    ways = 0
    missed = False
    for c in range(p.candidates.shape[1]):
        if p.candidates[o, c] >= 0 and p.price[o, c, 0] < IMPOSSIBLE:
            ways += 1
        elif p.candidates[o, c] >= 0 and p.why[o, c] == 1:
            missed = True
    if ways == 0:
        return WINDOW if missed else NO_MODE
    for n in range(high - low):
        anywhere = reachable = 0
        k = class_of(p.class_g, p.dim_ml_per_kg, p.weight_g[low + n], p.volume_ml[low + n])
        for c in range(p.candidates.shape[1]):
            if p.candidates[o, c] >= 0:
                anywhere += free[c, n]
                if p.price[o, c, k] < IMPOSSIBLE:
                    reachable += free[c, n]
        scarce |= anywhere < p.quantity[low + n]
        unreachable |= reachable < p.quantity[low + n]
    if scarce:
        return OUT_OF_STOCK
    if unreachable:
        return WINDOW if missed else NO_MODE
    return NO_CAPACITY


@kernel
def take(p, o, amounts, capacity, out_order, out_line, out_site, out_quantity, count):  # type: ignore[no-untyped-def]
    """Take the amounts (C, n) from stock and capacity and note the allocations; return the new count."""
    low = p.start[o]
    for c in range(amounts.shape[0]):
        site = p.candidates[o, c]
        for n in range(amounts.shape[1]):
            if amounts[c, n] <= 0:
                continue
            p.stock.units[units_at(p.stock.start, p.stock.site, p.product[low + n], site)] -= amounts[c, n]
            capacity[site, p.pick_day[o, c]] -= 1
            out_order[count], out_line[count] = o, low + n
            out_site[count], out_quantity[count] = site, amounts[c, n]
            count += 1
    return count


@kernel
def decide_order(p, o, capacity, single, lines_here, amounts, free, room):  # type: ignore[no-untyped-def]
    """Fill the amounts (C, n) that each candidate gives to one order; return status and cost."""
    low, high = p.start[o], p.start[o + 1]
    width = p.candidates.shape[1]
    weight = volume = units = 0
    for n in range(low, high):
        weight += p.weight_g[n]
        volume += p.volume_ml[n]
        units += p.quantity[n]
    for c in range(width):
        site = p.candidates[o, c]
        room[c] = 0 if site < 0 else capacity[site, p.pick_day[o, c]]
    ascending = np.argsort(p.candidates[o])
    for n in range(high - low):
        free_units(
            p.stock.start, p.stock.site, p.stock.units, p.product[low + n], p.candidates[o], ascending, free[:, n]
        )
    class_all = class_of(p.class_g, p.dim_ml_per_kg, weight, volume)
    best, cost = whole_order_costs(p, o, free, room, class_all, units, single, lines_here)
    if best >= 0:
        for n in range(high - low):
            amounts[best, n] = p.quantity[low + n]
        if cost <= split_bound(p, o, room):
            return SERVED, cost
    found = IMPOSSIBLE
    if 1 < high - low <= EXACT_LINES:
        found = best_split(p, o, free, room, cost, amounts)
    if found >= IMPOSSIBLE and (best < 0 or high - low > EXACT_LINES):
        found = greedy_cover(p, o, free, room, cost, amounts)
    if min(found, cost) >= IMPOSSIBLE:
        return reason_of(p, o, free), np.int64(0)
    return SERVED, min(found, cost)


@kernel
def decide_from(  # type: ignore[no-untyped-def]
    p, turn, count, capacity, status, cost, single, lines_here, out_order, out_line, out_site, out_quantity
):
    """Decide the orders in sequence from ``turn`` on; return the turn reached and the number of allocations.

    It stops early, before an order whose allocations might not fit into what is left of the buffers.
    """
    width = p.candidates.shape[1]
    room = np.empty(width, np.int64)
    while turn < p.sequence.size:
        o = p.sequence[turn]
        lines = p.start[o + 1] - p.start[o]
        if count + width * lines > out_order.size:
            break
        amounts = np.zeros((width, lines), np.int64)
        free = np.empty((width, lines), np.int64)
        status[o], cost[o] = decide_order(p, o, capacity, single[o], lines_here[o], amounts, free, room)
        if status[o] == SERVED:
            count = take(p, o, amounts, capacity, out_order, out_line, out_site, out_quantity, count)
        turn += 1
    return turn, count
