"""Moves between sets of open sites, priced by what they save: kernels of the search.

``gain`` of a site is what opening it saves, ``loss`` of an open site what closing it costs, and ``extra`` what doing
both saves besides. All are sums over customers, and a move changes them only for customers whose first or second site
it touches (Whitaker 1983; Resende, Werneck 2007). Every figure is a whole number, so they never drift.
"""

import numpy as np
import numpy.typing as npt

from doorstep.foundation.arrays import Bools, Ints
from doorstep.foundation.kernels import inlined, kernel

NONE = -1
TOUCHED = -2
MANY = 2**62


@kernel
def move_sites(
    start: Ints,
    site: npt.NDArray[np.int32],
    cost: npt.NDArray[np.int32],
    beyond: Ints,
    weight: Ints,
    opening: Ints,
    least: int,
    most: int,
    opened: Ints,
    size: int,
    may_open: Bools,
    may_close: Bools,
    forced: int,
    moves: int,
) -> tuple[int, int, int, Ints]:
    """Make the best moves one after the other and return (best total, its size, moves made, its open sites).

    ``opened`` has room for as many sites as may ever be open; its first ``size`` are open. Only sites that ``may_open``
    are opened and only sites that ``may_close`` are closed. Without ``forced`` it ends when no move saves anything;
    with it the best move is made even if it costs until there is none, and the start itself does not count.
    """
    customers, room = start.size - 1, opened.size
    slot = np.full(opening.size, NONE, np.int64)
    for r in range(size):
        slot[opened[r]] = r
    first_site, first_cost = np.empty(customers, np.int64), np.empty(customers, np.int64)
    second_site, second_cost = np.empty(customers, np.int64), np.empty(customers, np.int64)
    gain, loss = np.zeros(opening.size, np.int64), np.zeros(room, np.int64)
    extra = np.zeros((opening.size, room), np.int64)
    second_site[:] = TOUCHED
    total = 0
    for r in range(size):
        total += opening[opened[r]]
    total += _recount(
        start, site, cost, beyond, weight, slot, first_site, first_cost, second_site, second_cost, gain, loss, extra
    )
    best, best_size, best_opened, made = total, size, opened[:size].copy(), 0
    if forced:
        best = MANY
    while made < moves:
        profit, opens, closes = _best_move(
            gain, loss, extra, opening, least, most, opened, size, slot, may_open, may_close, forced
        )
        if opens == NONE and closes == NONE:
            break
        made += 1
        out = opened[closes] if closes != NONE else NONE
        _forget(
            *(start, site, cost, weight, slot, first_site, first_cost, second_site, second_cost),
            *(gain, loss, extra, opens, out),
        )
        size = _apply(opened, size, slot, loss, extra, opens, closes)
        _recount(
            start, site, cost, beyond, weight, slot, first_site, first_cost, second_site, second_cost, gain, loss, extra
        )
        total -= profit
        if total < best or best_size < least:
            best, best_size, best_opened = total, size, opened[:size].copy()
    return best, best_size, made, best_opened


@kernel
def _best_move(
    gain: Ints,
    loss: Ints,
    extra: npt.NDArray[np.int64],
    opening: Ints,
    least: int,
    most: int,
    opened: Ints,
    size: int,
    slot: Ints,
    may_open: Bools,
    may_close: Bools,
    forced: int,
) -> tuple[int, int, int]:
    """Return (saving, site to open, slot to close) of the best opening, closing or swap, ``NONE`` where there is none.

    With fewer sites than ``least`` the best opening is made even if it costs.
    """
    saving, opens, closes = 0, NONE, NONE
    if forced or size < least:
        saving = -MANY
    if size > least:
        for r in range(size):
            alone = opening[opened[r]] - loss[r]
            if may_close[opened[r]] and alone > saving:
                saving, opens, closes = alone, NONE, r
    for j in range(gain.size):
        if slot[j] != NONE or not may_open[j]:
            continue
        base = gain[j] - opening[j]
        if size < most and size < opened.size and base > saving:
            saving, opens, closes = base, j, NONE
        for r in range(size):
            both = base + opening[opened[r]] - loss[r] + extra[j, r]
            if both > saving and (both > 0 or forced) and may_close[opened[r]]:
                saving, opens, closes = both, j, r
    return saving, opens, closes


@kernel
def _apply(
    opened: Ints, size: int, slot: Ints, loss: Ints, extra: npt.NDArray[np.int64], opens: int, closes: int
) -> int:
    """Open a site, close the one in a slot, or both; return how many are open now."""
    if closes == NONE:
        opened[size] = opens
        slot[opens] = size
        return size + 1
    slot[opened[closes]] = NONE
    if opens != NONE:
        opened[closes] = opens
        slot[opens] = closes
        return size
    last = size - 1
    if closes != last:  # the last slot moves into the hole
        opened[closes] = opened[last]
        slot[opened[closes]] = closes
        loss[closes] = loss[last]
        extra[:, closes] = extra[:, last]
        loss[last] = 0
        extra[:, last] = 0
    return last


@inlined
def _add(
    start: Ints,
    site: npt.NDArray[np.int32],
    cost: npt.NDArray[np.int32],
    slot: Ints,
    first: int,
    nearest: int,
    second: int,
    gain: Ints,
    loss: Ints,
    extra: npt.NDArray[np.int64],
    i: int,
    amount: int,
) -> None:
    """Add ``amount`` times what customer i makes of every gain, loss and extra."""
    r = NONE
    if first >= 0:
        r = slot[first]
        loss[r] += amount * (second - nearest)
    for k in range(start[i], start[i + 1]):
        c = cost[k]
        if c >= second:
            break
        j = site[k]
        if c < nearest:
            gain[j] += amount * (nearest - c)
            if r >= 0:
                extra[j, r] += amount * (second - nearest)
        elif r >= 0:
            extra[j, r] += amount * (second - c)


@kernel
def _forget(
    start: Ints,
    site: npt.NDArray[np.int32],
    cost: npt.NDArray[np.int32],
    weight: Ints,
    slot: Ints,
    first_site: Ints,
    first_cost: Ints,
    second_site: Ints,
    second_cost: Ints,
    gain: Ints,
    loss: Ints,
    extra: npt.NDArray[np.int64],
    opens: int,
    out: int,
) -> None:
    """Take out the customers whose first or second site will change, and mark them ``TOUCHED``."""
    for i in range(start.size - 1):
        touched = out != NONE and (first_site[i] == out or second_site[i] == out)
        if not touched and opens != NONE:
            limit = second_cost[i]
            for k in range(start[i], start[i + 1]):
                if cost[k] >= limit:
                    break
                if site[k] == opens:
                    touched = True
                    break
        if touched:
            _add(
                start,
                site,
                cost,
                slot,
                first_site[i],
                first_cost[i],
                second_cost[i],
                gain,
                loss,
                extra,
                i,
                -weight[i],
            )
            second_site[i] = TOUCHED


@kernel
def _recount(
    start: Ints,
    site: npt.NDArray[np.int32],
    cost: npt.NDArray[np.int32],
    beyond: Ints,
    weight: Ints,
    slot: Ints,
    first_site: Ints,
    first_cost: Ints,
    second_site: Ints,
    second_cost: Ints,
    gain: Ints,
    loss: Ints,
    extra: npt.NDArray[np.int64],
) -> int:
    """Find the two best open sites of ``TOUCHED`` customers, count them in, and return what serving them costs."""
    total = 0
    for i in range(start.size - 1):
        if second_site[i] != TOUCHED:
            continue
        first_site[i], second_site[i] = NONE, NONE
        first_cost[i], second_cost[i] = beyond[i], beyond[i]
        for k in range(start[i], start[i + 1]):
            if slot[site[k]] == NONE:
                continue
            if first_site[i] == NONE:
                first_site[i], first_cost[i] = site[k], cost[k]
            else:
                second_site[i], second_cost[i] = site[k], cost[k]
                break
        _add(start, site, cost, slot, first_site[i], first_cost[i], second_cost[i], gain, loss, extra, i, weight[i])
        total += weight[i] * first_cost[i]
    return total


@kernel
def serve(
    start: Ints, site: npt.NDArray[np.int32], cost: npt.NDArray[np.int32], beyond: Ints, is_open: Bools
) -> tuple[Ints, Ints]:
    """Return the cheapest open site of each customer (N,), ``NONE`` if none, and the cost of a unit there (N,)."""
    served, unit = np.full(start.size - 1, NONE, np.int64), beyond.copy()
    for i in range(start.size - 1):
        for k in range(start[i], start[i + 1]):
            if is_open[site[k]]:
                served[i], unit[i] = site[k], cost[k]
                break
    return served, unit


@kernel
def price_changes(
    start: Ints,
    site: npt.NDArray[np.int32],
    cost: npt.NDArray[np.int32],
    beyond: Ints,
    weight: Ints,
    is_open: Bools,
) -> tuple[Ints, Ints]:
    """Return what serving costs less with each further site (M,), and what it costs more without each open one (M,)."""
    gain, loss = np.zeros(is_open.size, np.int64), np.zeros(is_open.size, np.int64)
    for i in range(start.size - 1):
        first, nearest, second = NONE, beyond[i], beyond[i]
        for k in range(start[i], start[i + 1]):
            if not is_open[site[k]]:
                continue
            if first == NONE:
                first, nearest = site[k], cost[k]
            else:
                second = cost[k]
                break
        for k in range(start[i], start[i + 1]):
            if cost[k] >= nearest:
                break
            gain[site[k]] += weight[i] * (nearest - cost[k])
        if first != NONE:
            loss[first] += weight[i] * (second - nearest)
    return gain, loss
