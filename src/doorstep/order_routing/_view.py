"""What one order sees of its candidate sites: free units, and what each would cost it, prices of scarcity included."""

from typing import NamedTuple

import numpy as np

from doorstep.foundation.arrays import Ints
from doorstep.foundation.kernels import inlined, kernel
from doorstep.order_routing.problem import IMPOSSIBLE as FAR

IMPOSSIBLE = np.int64(FAR)


class View(NamedTuple):
    """C candidates of an order of n lines; all arrays are scratch, filled anew for every order.

    ``free`` (C, n) units on hand, ``row`` (C, n) where the stock book keeps them, -1 nowhere; ``unit`` (C, n) cost of a
    unit, ``line`` (C,) of a line, ``base`` (C,) of a package before its drop; ``room`` (C,) lines that can still be
    picked.
    """

    free: Ints
    row: Ints
    unit: Ints
    base: Ints
    line: Ints
    room: Ints


@inlined
def first_row(site_of_row, low, high, site):  # type: ignore[no-untyped-def]
    """Return the first row in [low, high) whose site is not below ``site``; rows are in order of their sites."""
    while low < high:
        middle = (low + high) >> 1
        if site_of_row[middle] < site:
            low = middle + 1
        else:
            high = middle
    return low


@inlined
def find_rows(stock, product, candidates, ascending, rows):  # type: ignore[no-untyped-def]
    """Fill the rows (C,) of the stock book that keep a product at each candidate, -1 where none does.

    Sites are visited in ascending order: each search starts where the one before ended, and memory is read forward
    only. A dense book has a row for every site.
    """
    start, high = stock.start[product], stock.start[product + 1]
    if stock.site.size == 0:
        for c in range(candidates.size):
            rows[c] = -1 if candidates[c] < 0 or start == high else start + candidates[c]
        return
    row = start
    for c in ascending:
        site = candidates[c]
        rows[c] = -1
        if site < 0:
            continue
        row = first_row(stock.site, row, high, site)
        if row < high and stock.site[row] == site:
            rows[c] = row


@kernel
def look(p, o, capacity, v):  # type: ignore[no-untyped-def]
    """Fill the view that order ``o`` has of its candidates."""
    low, high = p.start[o], p.start[o + 1]
    candidates = p.candidates[o]
    ascending = np.argsort(candidates) if p.stock.site.size else candidates
    for c in range(candidates.size):
        site = candidates[c]
        if site < 0:
            v.room[c] = v.base[c] = v.line[c] = 0
            continue
        day = p.pick_day[o, c]
        v.room[c] = capacity[site, day]
        v.base[c] = p.package_minor[site] + p.risk_minor[o, c]
        v.line[c] = p.line_minor[site] + p.prices.pick[site, day]
    for n in range(high - low):
        product = p.product[low + n]
        find_rows(p.stock, product, candidates, ascending, v.row[:, n])
        offset = p.prices.offset[product]
        for c in range(candidates.size):
            row = v.row[c, n]
            v.free[c, n] = 0
            if row < 0:
                continue
            v.free[c, n] = p.stock.units[row]
            v.unit[c, n] = p.unit_minor[candidates[c]]
            if offset >= 0:
                v.unit[c, n] += p.prices.unit[offset + row - p.stock.start[product]]


@inlined
def class_of(class_g, dim_ml_per_kg, weight_g, volume_ml):  # type: ignore[no-untyped-def]
    """Return the weight class of a package; the last class takes all that is heavier."""
    measure = max(weight_g, -(-volume_ml * 1000 // dim_ml_per_kg))
    k = 0
    while k < class_g.size - 1 and measure > class_g[k]:
        k += 1
    return k


@kernel
def package_cost(p, o, v, c, amounts):  # type: ignore[no-untyped-def]
    """Return what the amounts (n,) cost if candidate ``c`` gives them, prices included; 0 if they are nothing."""
    low = p.start[o]
    weight = volume = lines = 0
    cost = np.int64(0)
    for n in range(amounts.size):
        if amounts[n] > 0:
            lines += 1
            cost += amounts[n] * v.unit[c, n]
            weight += p.weight_g[low + n] * amounts[n] // p.quantity[low + n]
            volume += p.volume_ml[low + n] * amounts[n] // p.quantity[low + n]
    if lines == 0:
        return np.int64(0)
    return v.base[c] + lines * v.line[c] + cost + p.price[o, c, class_of(p.class_g, p.dim_ml_per_kg, weight, volume)]


@inlined
def prices_of(p, o, v, amounts):  # type: ignore[no-untyped-def]
    """Return the part of a decision's cost that is prices of scarcity, which nobody pays."""
    total = np.int64(0)
    for c in range(amounts.shape[0]):
        site = p.candidates[o, c]
        for n in range(amounts.shape[1]):
            if amounts[c, n] > 0:
                total += p.prices.pick[site, p.pick_day[o, c]]
                total += amounts[c, n] * (v.unit[c, n] - p.unit_minor[site])
    return total
