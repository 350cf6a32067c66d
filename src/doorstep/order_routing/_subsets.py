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
def cheapest_packages(p, o, free, room, count, best, site_of):  # type: ignore[no-untyped-def]
    """Fill the least cost of a package for every subset of lines and the candidate that gives it, (2^n,)."""
    low = p.start[o]
    lines = np.zeros(1 << count, np.int64)
    units = np.zeros(1 << count, np.int64)
    classes = np.zeros(1 << count, np.int64)
    subset_measures(p, o, count, lines, units, classes)
    for c in range(p.candidates.shape[1]):
        site = p.candidates[o, c]
        if site < 0 or p.price[o, c, 0] >= IMPOSSIBLE:
            continue
        have = 0
        for n in range(count):
            if free[c, n] >= p.quantity[low + n]:
                have |= 1 << n
        subset = have
        while subset > 0:
            if lines[subset] <= room[c]:
                cost = p.package_minor[site] + lines[subset] * p.line_minor[site] + units[subset] * p.unit_minor[site]
                cost += p.price[o, c, classes[subset]]
                if cost < best[subset]:
                    best[subset], site_of[subset] = cost, c
            subset = (subset - 1) & have


@kernel
def best_split(p, o, free, room, upper, amounts):  # type: ignore[no-untyped-def]
    """Return the least cost over all partitions of the lines into packages, if below ``upper``; fill the amounts.

    f(mask) = min over subsets of mask that hold its lowest line of package(subset) + f(mask - subset). ``IMPOSSIBLE``
    comes back, amounts untouched, when nothing below ``upper`` exists. A candidate may appear in two packages of the
    partition; they are then joined, which never costs a second package.
    """
    low, high = p.start[o], p.start[o + 1]
    count = high - low
    size = 1 << count
    package = np.full(size, IMPOSSIBLE, np.int64)
    site_of = np.full(size, -1, np.int64)
    cheapest_packages(p, o, free, room, count, package, site_of)
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
    if least[size - 1] >= upper or not _capacity_kept(part, site_of, room, size - 1):
        return IMPOSSIBLE
    amounts[:] = 0
    mask = size - 1
    while mask:
        for n in range(count):
            if part[mask] >> n & 1:
                amounts[site_of[part[mask]], n] = p.quantity[low + n]
        mask ^= part[mask]
    return least[size - 1]


@kernel
def _capacity_kept(part, site_of, room, mask):  # type: ignore[no-untyped-def]
    """Return whether packages that share a candidate stay within its room together."""
    used = np.zeros(room.size, np.int64)
    while mask:
        n = part[mask]
        while n:
            used[site_of[part[mask]]] += 1
            n &= n - 1
        mask ^= part[mask]
    for c in range(room.size):
        if used[c] > room[c]:
            return False
    return True
