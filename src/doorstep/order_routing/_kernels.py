"""Least-cost cover of one order after the other; prices and costs are integers [minor]."""

import numpy as np

from doorstep.foundation.kernels import inlined, kernel
from doorstep.order_routing._cover import cover_bound, greedy_cover
from doorstep.order_routing._subsets import best_split, divided_bound
from doorstep.order_routing._view import IMPOSSIBLE, View, class_of, look, prices_of

EXACT_LINES = 8
SERVED, OUT_OF_STOCK, NO_CAPACITY, NO_MODE, WINDOW = 0, 1, 2, 3, 4
LACKS_STOCK, CAPACITY_FULL, NO_WAY = -1, -2, -3


@kernel
def new_view(width, lines):  # type: ignore[no-untyped-def]
    """Return scratch for orders of so many candidates and lines."""
    return View(
        np.zeros((width, lines), np.int64),
        np.zeros((width, lines), np.int64),
        np.zeros((width, lines), np.int64),
        np.zeros(width, np.int64),
        np.zeros(width, np.int64),
        np.zeros(width, np.int64),
    )


@inlined
def whole_order_costs(p, o, v, class_all, single, lines_here):  # type: ignore[no-untyped-def]
    """Fill what each candidate would cost alone, prices included; return the best candidate and its cost, -1 if none.

    ``single`` (C,) and ``lines_here`` (C,), the lines that it holds whole, are filled.
    """
    low, high = p.start[o], p.start[o + 1]
    best, best_cost = -1, IMPOSSIBLE
    for c in range(p.candidates.shape[1]):
        single[c] = NO_WAY
        if p.candidates[o, c] < 0:
            continue
        full = 0
        goods = np.int64(0)
        for n in range(high - low):
            if v.free[c, n] >= p.quantity[low + n]:
                full += 1
                goods += p.quantity[low + n] * v.unit[c, n]
        lines_here[c] = full
        if full < high - low:
            single[c] = LACKS_STOCK
        elif p.price[o, c, class_all] >= IMPOSSIBLE:
            single[c] = NO_WAY
        elif v.room[c] < high - low:
            single[c] = CAPACITY_FULL
        else:
            single[c] = v.base[c] + (high - low) * v.line[c] + goods + p.price[o, c, class_all]
            if single[c] < best_cost:
                best, best_cost = c, single[c]
    return best, best_cost


@inlined
def split_bound(p, o, v):  # type: ignore[no-untyped-def]
    """Return a lower bound on the cost of serving the order from two packages or more."""
    low, high = p.start[o], p.start[o + 1]
    package = second = IMPOSSIBLE
    goods = np.int64(0)
    for c in range(p.candidates.shape[1]):
        if p.candidates[o, c] < 0 or p.price[o, c, 0] >= IMPOSSIBLE or v.room[c] < 1:
            continue
        least = v.base[c] + p.price[o, c, 0]
        if least < package:
            package, second = least, package
        else:
            second = min(second, least)
    for n in range(high - low):
        cheapest = IMPOSSIBLE
        for c in range(p.candidates.shape[1]):
            if v.free[c, n] > 0 and p.price[o, c, 0] < IMPOSSIBLE and v.room[c] > 0:
                cheapest = min(cheapest, v.line[c] + p.quantity[low + n] * v.unit[c, n])
        goods += cheapest
    return package + second + goods


@kernel
def reason_of(p, o, v):  # type: ignore[no-untyped-def]
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
                anywhere += v.free[c, n]
                if p.price[o, c, k] < IMPOSSIBLE:
                    reachable += v.free[c, n]
        scarce |= anywhere < p.quantity[low + n]
        unreachable |= reachable < p.quantity[low + n]
    if scarce:
        return OUT_OF_STOCK
    if unreachable:
        return WINDOW if missed else NO_MODE
    return NO_CAPACITY


@kernel
def lacks(p, o, v):  # type: ignore[no-untyped-def]
    """Return whether all candidates together, each with room, have too few units of some line of the order."""
    low, high = p.start[o], p.start[o + 1]
    for n in range(high - low):
        units = 0
        for c in range(p.candidates.shape[1]):
            if p.candidates[o, c] >= 0 and p.price[o, c, 0] < IMPOSSIBLE and v.room[c] > 0:
                units += v.free[c, n]
        if units < p.quantity[low + n]:
            return True
    return False


@kernel
def take(p, o, v, amounts, capacity, out_order, out_line, out_site, out_quantity, count):  # type: ignore[no-untyped-def]
    """Take the amounts (C, n) from stock and capacity and note the allocations; return the new count."""
    low = p.start[o]
    for c in range(amounts.shape[0]):
        site = p.candidates[o, c]
        for n in range(amounts.shape[1]):
            if amounts[c, n] <= 0:
                continue
            p.stock.units[v.row[c, n]] -= amounts[c, n]
            capacity[site, p.pick_day[o, c]] -= 1
            out_order[count], out_line[count] = o, low + n
            out_site[count], out_quantity[count] = site, amounts[c, n]
            count += 1
    return count


@kernel
def decide_order(p, o, capacity, v, single, lines_here, amounts):  # type: ignore[no-untyped-def]
    """Fill the amounts (C, n) that each candidate gives to one order; return status, cost and a bound on the cost.

    Cost and bound contain the prices of scarcity; up to ``EXACT_LINES`` lines of one unit each they are the same. The
    bound of an order that is not served is ``IMPOSSIBLE`` where it is proved that nobody could serve it.
    """
    low, high = p.start[o], p.start[o + 1]
    lines = high - low
    weight = volume = 0
    for n in range(low, high):
        weight += p.weight_g[n]
        volume += p.volume_ml[n]
    look(p, o, capacity, v)
    class_all = class_of(p.class_g, p.dim_ml_per_kg, weight, volume)
    best, cost = whole_order_costs(p, o, v, class_all, single, lines_here)
    if best >= 0:
        for n in range(lines):
            amounts[best, n] = p.quantity[low + n]
        if (lines == 1 and p.quantity[low] == 1) or cost <= split_bound(p, o, v):
            return SERVED, cost, cost
    found, undivided = IMPOSSIBLE, lines == 1 and best >= 0
    if 1 < lines <= EXACT_LINES:
        found = best_split(p, o, v, cost, amounts)
        undivided = min(found, cost) < IMPOSSIBLE
    if not undivided:
        found = greedy_cover(p, o, v, cost, amounts)
    least = min(found, cost)
    if least >= IMPOSSIBLE:
        return reason_of(p, o, v), np.int64(0), IMPOSSIBLE if lacks(p, o, v) else cover_bound(p, o, v)
    if not undivided:
        return SERVED, least, min(least, cover_bound(p, o, v))
    if p.quantity[low:high].max() > 1:  # several candidates together could give what one gives
        return SERVED, least, min(least, max(split_bound(p, o, v), divided_bound(p, o, v)))
    return SERVED, least, least


@inlined
def without_prices(p, o, v, single, foregone):  # type: ignore[no-untyped-def]
    """Take the prices of scarcity out of what each candidate would cost alone (C,), and fill them."""
    low, lines = p.start[o], p.start[o + 1] - p.start[o]
    for c in range(single.size):
        foregone[c] = 0
        if single[c] < 0:
            continue
        site = p.candidates[o, c]
        foregone[c] = lines * p.prices.pick[site, p.pick_day[o, c]]
        for n in range(lines):
            foregone[c] += p.quantity[low + n] * (v.unit[c, n] - p.unit_minor[site])
        single[c] -= foregone[c]


@kernel
def decide_from(  # type: ignore[no-untyped-def]
    p, turn, count, capacity, status, cost, priced, bound, single, foregone, lines_here, out_order, out_line, out_site,
    out_quantity
):  # fmt: skip
    """Decide the orders in sequence from ``turn`` on; return the turn reached and the number of allocations.

    It stops early, before an order whose allocations might not fit into what is left of the buffers. ``cost`` (O,) and
    ``single`` (O, C) are without the prices of scarcity, which are in ``priced`` (O,) and ``foregone`` (O, C);
    ``bound`` (O,) is a bound on cost and prices together.
    """
    width = p.candidates.shape[1]
    longest = 0
    for turned in range(turn, p.sequence.size):
        longest = max(longest, p.start[p.sequence[turned] + 1] - p.start[p.sequence[turned]])
    v = new_view(width, longest)
    while turn < p.sequence.size:
        o = p.sequence[turn]
        lines = p.start[o + 1] - p.start[o]
        if count + width * lines > out_order.size:
            break
        amounts = np.zeros((width, lines), np.int64)
        status[o], total, least = decide_order(p, o, capacity, v, single[o], lines_here[o], amounts)
        cost[o], bound[o] = total, least if status[o] == SERVED else 0
        without_prices(p, o, v, single[o], foregone[o])
        if status[o] == SERVED:
            priced[o] = prices_of(p, o, v, amounts)
            cost[o] = total - priced[o]
            count = take(p, o, v, amounts, capacity, out_order, out_line, out_site, out_quantity, count)
        turn += 1
    return turn, count
