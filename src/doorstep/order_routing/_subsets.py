"""Exact split of a short order: dynamic programme over subsets of its lines."""

import numpy as np

from doorstep.foundation.kernels import kernel

IMPOSSIBLE = np.int64(1) << 40


@kernel
def subset_measures(p, o, count, lines, units, classes):  # type: ignore[no-untyped-def]
    """Fill lines, units and weight class of every subset of the order's lines, (2^n,)."""
    low = p.start[o]
    weight = np.zeros(1 << count, np.int64)
    volume = np.zeros(1 << count, np.int64)
    for mask in range(1, 1 << count):
        bit = 0
        while not mask >> bit & 1:
            bit += 1
        rest = mask & (mask - 1)
        lines[mask] = lines[rest] + 1
        units[mask] = units[rest] + p.quantity[low + bit]
        weight[mask] = weight[rest] + p.weight_g[low + bit]
        volume[mask] = volume[rest] + p.volume_ml[low + bit]
        measure = max(weight[mask], -(-volume[mask] * 1000 // p.dim_ml_per_kg))
        k = 0
        while k < p.class_g.size - 1 and measure > p.class_g[k]:
            k += 1
        classes[mask] = k


@kernel
def package_costs(p, o, c, free, room, sizes, cost):  # type: ignore[no-untyped-def]
    """Fill what a package of each subset of lines costs at a candidate (2^n,), ``IMPOSSIBLE`` where it cannot give it.

    ``sizes`` (3, 2^n) holds lines, units and weight class of the subsets. Returns the lines that it holds in full.
    """
    low, site = p.start[o], p.candidates[o, c]
    cost[:] = IMPOSSIBLE
    if site < 0 or p.price[o, c, 0] >= IMPOSSIBLE:
        return 0
    have = 0
    for n in range(p.start[o + 1] - low):
        if free[c, n] >= p.quantity[low + n]:
            have |= 1 << n
    subset = have
    while subset > 0:
        lines, units, k = sizes[0, subset], sizes[1, subset], sizes[2, subset]
        if lines <= room[c] and p.price[o, c, k] < IMPOSSIBLE:
            cost[subset] = (
                p.package_minor[site] + lines * p.line_minor[site] + units * p.unit_minor[site] + p.price[o, c, k]
            )
        subset = (subset - 1) & have
    return have


@kernel
def dominated(p, o, have, heaviest, c, d):  # type: ignore[no-untyped-def]
    """Return whether candidate ``d`` can always stand in for ``c``.

    It holds all that ``c`` holds and is nowhere dearer; and its drop of the whole order costs at most two of its
    lightest, so that joining two packages there never costs more than both.
    """
    if have[c] & ~have[d] or p.price[o, d, heaviest] > 2 * p.price[o, d, 0]:
        return False
    a, b = p.candidates[o, c], p.candidates[o, d]
    if p.package_minor[b] > p.package_minor[a] or p.line_minor[b] > p.line_minor[a]:
        return False
    if p.unit_minor[b] > p.unit_minor[a]:
        return False
    for k in range(heaviest + 1):
        if p.price[o, d, k] > p.price[o, c, k]:
            return False
    return True


@kernel
def worth_asking(p, o, free, room, count, heaviest):  # type: ignore[no-untyped-def]
    """Return which candidates (C,) hold something and have no other that can always stand in for them."""
    low, width = p.start[o], p.candidates.shape[1]
    have = np.zeros(width, np.int64)
    for c in range(width):
        if p.candidates[o, c] >= 0 and p.price[o, c, 0] < IMPOSSIBLE and room[c] > 0:
            for n in range(count):
                if free[c, n] >= p.quantity[low + n]:
                    have[c] |= 1 << n
    for c in range(width):
        for d in range(width):
            if have[c] and d != c and have[d] and room[d] >= count and dominated(p, o, have, heaviest, c, d):
                have[c] = 0
    return have > 0


@kernel
def cheapest_packages(p, o, free, room, sizes, best, site_of):  # type: ignore[no-untyped-def]
    """Fill the least cost of a package for every subset of lines and the candidate that gives it, (2^n,)."""
    cost = np.empty(best.size, np.int64)
    asked = worth_asking(p, o, free, room, p.start[o + 1] - p.start[o], sizes[2, best.size - 1])
    for c in range(p.candidates.shape[1]):
        if not asked[c]:
            continue
        have = package_costs(p, o, c, free, room, sizes, cost)
        subset = have
        while subset > 0:
            if cost[subset] < best[subset]:
                best[subset], site_of[subset] = cost[subset], c
            subset = (subset - 1) & have


@kernel
def best_split(p, o, free, room, upper, amounts):  # type: ignore[no-untyped-def]
    """Return the least cost over all partitions of the lines into packages, if below ``upper``; fill the amounts.

    f(mask) = min over subsets of mask that hold its lowest line of package(subset) + f(mask - subset). ``IMPOSSIBLE``
    comes back, amounts untouched, when nothing below ``upper`` exists. Where that takes two packages of one candidate,
    which are one package, its cost is only a bound and the candidates are gone through one by one.
    """
    low, high = p.start[o], p.start[o + 1]
    count = high - low
    size = 1 << count
    sizes = np.zeros((3, size), np.int64)
    subset_measures(p, o, count, sizes[0], sizes[1], sizes[2])
    package = np.full(size, IMPOSSIBLE, np.int64)
    site_of = np.full(size, -1, np.int64)
    cheapest_packages(p, o, free, room, sizes, package, site_of)
    least = np.full(size, IMPOSSIBLE, np.int64)
    part = np.zeros(size, np.int64)
    least[0] = 0
    for mask in range(1, size):
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
    if least[size - 1] >= upper:
        return IMPOSSIBLE
    if _one_package_each(part, site_of, room.size):
        amounts[:] = 0
        mask = size - 1
        while mask:
            _give(p, o, part[mask], amounts[site_of[part[mask]]])
            mask ^= part[mask]
        return least[size - 1]
    return _split_by_candidate(p, o, free, room, sizes, upper, amounts)


@kernel
def _split_by_candidate(p, o, free, room, sizes, upper, amounts):  # type: ignore[no-untyped-def]
    """Return what ``best_split`` does, each candidate giving one package at most.

    f(c, mask) = min over subsets of mask, none included, of package of c(subset) + f(c - 1, mask - subset).
    """
    width, size = p.candidates.shape[1], sizes.shape[1]
    least = np.full((width + 1, size), IMPOSSIBLE, np.int64)
    part = np.zeros((width, size), np.int64)
    least[0, 0] = 0
    cost = np.empty(size, np.int64)
    for c in range(width):
        least[c + 1] = least[c]
        have = package_costs(p, o, c, free, room, sizes, cost)
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
