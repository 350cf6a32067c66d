"""Exact split of a short order: dynamic programme over subsets of its lines."""

import numpy as np

from doorstep.foundation.kernels import kernel
from doorstep.order_routing._view import IMPOSSIBLE, View, class_of


@kernel
def subset_classes(p, o, count, single, classes):  # type: ignore[no-untyped-def]
    """Fill the weight class of every subset of the order's lines, (2^n,); of one unit of each line if ``single``."""
    low = p.start[o]
    weight = np.zeros(1 << count, np.int64)
    volume = np.zeros(1 << count, np.int64)
    bit = 0
    for mask in range(1, 1 << count):
        if mask >> (bit + 1):
            bit += 1
        rest, parts = mask ^ (1 << bit), p.quantity[low + bit] if single else 1
        weight[mask] = weight[rest] + p.weight_g[low + bit] // parts
        volume[mask] = volume[rest] + p.volume_ml[low + bit] // parts
        classes[mask] = class_of(p.class_g, p.dim_ml_per_kg, weight[mask], volume[mask])


@kernel
def holds_whole(p, o, v, c):  # type: ignore[no-untyped-def]
    """Return the subset of lines that a candidate can give whole; none where it has no way or no room."""
    have = 0
    if p.candidates[o, c] >= 0 and p.price[o, c, 0] < IMPOSSIBLE and v.room[c] > 0:
        for n in range(p.start[o + 1] - p.start[o]):
            if v.free[c, n] >= p.quantity[p.start[o] + n]:
                have |= 1 << n
    return have


@kernel
def package_costs(p, o, c, v, classes, lines_cost, cost):  # type: ignore[no-untyped-def]
    """Return the lines that a candidate holds whole, and fill what a package of each subset of these costs (2^n,).

    ``IMPOSSIBLE`` is the cost of a package that it has no way or no room for. ``classes`` (2^n,) are the weight classes
    of the subsets, ``lines_cost`` (2^n,) is scratch.
    """
    low = p.start[o]
    have = holds_whole(p, o, v, c)
    lines_cost[0] = 0
    roomy = v.room[c] >= p.start[o + 1] - low
    subset = have & -have
    while subset > 0:  # ascending, so that what is left of a subset without its lowest line is known
        lowest = subset & -subset
        n = 0
        while lowest >> n != 1:
            n += 1
        lines_cost[subset] = lines_cost[subset ^ lowest] + v.line[c] + p.quantity[low + n] * v.unit[c, n]
        price = p.price[o, c, classes[subset]]
        possible = price < IMPOSSIBLE and (roomy or bits_of(subset) <= v.room[c])
        cost[subset] = v.base[c] + lines_cost[subset] + price if possible else IMPOSSIBLE
        subset = (subset - have) & have
    return have


@kernel
def bits_of(subset):  # type: ignore[no-untyped-def]
    """Return how many lines a subset has."""
    count = 0
    while subset:
        subset &= subset - 1
        count += 1
    return count


@kernel
def cheapest_packages(p, o, v, classes, best, site_of):  # type: ignore[no-untyped-def]
    """Fill the least cost of a package for every subset of lines and the candidate that gives it, (2^n,)."""
    cost = np.empty(best.size, np.int64)
    lines_cost = np.empty(best.size, np.int64)
    for c in range(p.candidates.shape[1]):
        have = package_costs(p, o, c, v, classes, lines_cost, cost)
        subset = have
        while subset > 0:
            if cost[subset] < best[subset]:
                best[subset], site_of[subset] = cost[subset], c
            subset = (subset - 1) & have


@kernel
def best_split(p, o, v, upper, amounts):  # type: ignore[no-untyped-def]
    """Return the least cost over all partitions of the lines into packages, if below ``upper``; fill the amounts.

    f(mask) = min over subsets of mask that hold its lowest line of package(subset) + f(mask - subset). ``IMPOSSIBLE``
    comes back, amounts untouched, when nothing below ``upper`` exists. Where that takes two packages of one candidate,
    which are one package, its cost is only a bound and the candidates are gone through one by one.
    """
    size = 1 << (p.start[o + 1] - p.start[o])
    classes = np.zeros(size, np.int64)
    subset_classes(p, o, p.start[o + 1] - p.start[o], False, classes)
    package = np.full(size, IMPOSSIBLE, np.int64)
    site_of = np.full(size, -1, np.int64)
    cheapest_packages(p, o, v, classes, package, site_of)
    least = np.full(size, IMPOSSIBLE, np.int64)
    part = np.zeros(size, np.int64)
    _partition(package, least, part)
    if least[size - 1] >= upper:
        return IMPOSSIBLE
    if _one_package_each(part, site_of, v.room.size):
        amounts[:] = 0
        mask = size - 1
        while mask:
            _give(p, o, part[mask], amounts[site_of[part[mask]]])
            mask ^= part[mask]
        return least[size - 1]
    return _split_by_candidate(p, o, v, classes, upper, amounts)


@kernel
def _partition(package, least, part):  # type: ignore[no-untyped-def]
    """Fill the least cost of packages for every subset of lines, and the package in it that holds its lowest line."""
    least[0] = 0
    for mask in range(1, least.size):
        lowest = mask & -mask
        rest = mask ^ lowest
        subset = rest
        while True:
            chosen = subset | lowest
            if package[chosen] < IMPOSSIBLE and least[mask ^ chosen] < IMPOSSIBLE:
                cost = package[chosen] + least[mask ^ chosen]
                if cost < least[mask]:
                    least[mask], part[mask] = cost, chosen
            if subset == 0:
                break
            subset = (subset - 1) & rest


@kernel
def divided_bound(p, o, v):  # type: ignore[no-untyped-def]
    """Return a lower bound on the cost of the order where the units of a line may come from several candidates.

    Relaxed: who has any unit of a line can give all of it, at the weight of one. Each line may then come from that
    giver of it that asks least for a unit, and no package costs more than it did.
    """
    count = p.start[o + 1] - p.start[o]
    size = 1 << count
    free = v.free.copy()
    for n in range(count):
        for c in range(free.shape[0]):
            if free[c, n] > 0:
                free[c, n] = max(free[c, n], p.quantity[p.start[o] + n])
    relaxed = View(free, v.row, v.unit, v.base, v.line, v.room)
    classes = np.zeros(size, np.int64)
    subset_classes(p, o, count, True, classes)
    package, least = np.full(size, IMPOSSIBLE, np.int64), np.full(size, IMPOSSIBLE, np.int64)
    cheapest_packages(p, o, relaxed, classes, package, np.full(size, -1, np.int64))
    _partition(package, least, np.zeros(size, np.int64))
    return least[size - 1]


@kernel
def _split_by_candidate(p, o, v, classes, upper, amounts):  # type: ignore[no-untyped-def]
    """Return what ``best_split`` does, each candidate giving one package at most.

    f(c, mask) = min over subsets of mask, none included, of package of c(subset) + f(c - 1, mask - subset).
    """
    width, size = p.candidates.shape[1], classes.size
    least = np.full((width + 1, size), IMPOSSIBLE, np.int64)
    part = np.zeros((width, size), np.int64)
    least[0, 0] = 0
    cost, lines_cost = np.empty(size, np.int64), np.empty(size, np.int64)
    for c in range(width):
        least[c + 1] = least[c]
        have = package_costs(p, o, c, v, classes, lines_cost, cost)
        for mask in range(1, size):
            subset = mask & have
            while subset > 0:
                total = cost[subset] + least[c, mask ^ subset]
                if total < least[c + 1, mask]:
                    least[c + 1, mask], part[c, mask] = total, subset
                subset = (subset - 1) & mask & have
    if least[width, size - 1] >= upper:
        return IMPOSSIBLE
    amounts[:] = 0
    mask = size - 1
    for c in range(width - 1, -1, -1):
        _give(p, o, part[c, mask], amounts[c])
        mask ^= part[c, mask]
    return least[width, size - 1]


@kernel
def _give(p, o, subset, amounts):  # type: ignore[no-untyped-def]
    """Set the amounts (n,) of a subset's lines to their whole quantity."""
    low = p.start[o]
    for n in range(amounts.size):
        if subset >> n & 1:
            amounts[n] = p.quantity[low + n]


@kernel
def _one_package_each(part, site_of, width):  # type: ignore[no-untyped-def]
    """Return whether no two packages of a partition come from the same candidate."""
    used = np.zeros(width, np.bool_)
    mask = part.size - 1
    while mask:
        c = site_of[part[mask]]
        if used[c]:
            return False
        used[c] = True
        mask ^= part[mask]
    return True
