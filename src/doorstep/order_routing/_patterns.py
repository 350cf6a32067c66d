"""Ways to serve single orders that a search has met: each once, with its cost and what it takes."""

from typing import NamedTuple

import numpy as np

from doorstep.foundation.arrays import Ints
from doorstep.foundation.kernels import kernel

HASH = np.int64(0x9E3779B1)
ROUND = np.int64((1 << 61) - 1)


class Pool(NamedTuple):
    """Up to T patterns with R rows in all; ``filled`` (2,) says how many patterns and rows there are.

    ``order``, ``cost`` (without prices), ``mark`` and ``start`` of each pattern; ``line``, ``site``, ``quantity``,
    ``unit_row`` (in the stock book) and ``day`` of each row. Patterns of an order are chained: ``head`` (O,) is its
    last one, ``before`` the one before a pattern, -1 none.
    """

    filled: Ints
    head: Ints
    before: Ints
    order: Ints
    cost: Ints
    mark: Ints
    start: Ints
    line: Ints
    site: Ints
    quantity: Ints
    unit_row: Ints
    day: Ints


def new_pool(orders: int, patterns: int, rows: int) -> Pool:
    """Return an empty pool; one for no patterns keeps none."""

    def nothing(count: int) -> Ints:
        return np.zeros(count, np.int64)

    return Pool(
        filled=nothing(2),
        head=np.full(orders, -1, dtype=np.int64),
        before=nothing(patterns),
        order=nothing(patterns),
        cost=nothing(patterns),
        mark=nothing(patterns),
        start=nothing(patterns + 1),
        line=nothing(rows),
        site=nothing(rows),
        quantity=nothing(rows),
        unit_row=nothing(rows),
        day=nothing(rows),
    )


@kernel
def mark_of(p, o, amounts):  # type: ignore[no-untyped-def]
    """Return a number that tells the amounts (C, n) of an order's pattern from others."""
    mark = np.int64(7)
    for c in range(amounts.shape[0]):
        for n in range(amounts.shape[1]):
            if amounts[c, n] > 0:
                mark = (mark * HASH + (p.candidates[o, c] * 4_099 + n) * 65_537 + amounts[c, n]) % ROUND
    return mark


@kernel
def keep(pool, p, o, v, amounts, cost):  # type: ignore[no-untyped-def]
    """Add a pattern to the pool unless it is there or the pool is full."""
    patterns, rows = pool.filled[0], pool.filled[1]
    used = 0
    for c in range(amounts.shape[0]):
        for n in range(amounts.shape[1]):
            used += amounts[c, n] > 0
    if patterns >= pool.order.size or rows + used > pool.line.size:
        return
    mark = mark_of(p, o, amounts)
    other = pool.head[o]
    while other >= 0:
        if pool.mark[other] == mark:
            return
        other = pool.before[other]
    pool.order[patterns], pool.cost[patterns], pool.mark[patterns] = o, cost, mark
    pool.before[patterns], pool.head[o] = pool.head[o], patterns
    for c in range(amounts.shape[0]):
        for n in range(amounts.shape[1]):
            if amounts[c, n] > 0:
                pool.line[rows], pool.site[rows] = p.start[o] + n, p.candidates[o, c]
                pool.quantity[rows], pool.unit_row[rows] = amounts[c, n], v.row[c, n]
                pool.day[rows] = p.pick_day[o, c]
                rows += 1
    pool.filled[0], pool.filled[1] = patterns + 1, rows
    pool.start[patterns + 1] = rows
