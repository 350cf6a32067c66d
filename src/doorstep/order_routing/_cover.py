"""Long or scarce orders: greedy cover, then local search over the sites in use."""

import numpy as np

from doorstep.foundation.kernels import kernel

IMPOSSIBLE = np.int64(1) << 40
MOST_ROUNDS = 30


@kernel
def package_cost(p, o, c, amounts):  # type: ignore[no-untyped-def]
    """Return the cost of what candidate ``c`` gives, 0 if nothing."""
    low = p.start[o]
    weight = volume = units = lines = 0
    for n in range(amounts.shape[1]):
        if amounts[c, n] > 0:
            lines += 1
            units += amounts[c, n]
            weight += p.weight_g[low + n] * amounts[c, n] // p.quantity[low + n]
            volume += p.volume_ml[low + n] * amounts[c, n] // p.quantity[low + n]
    if lines == 0:
        return np.int64(0)
    measure = max(weight, -(-volume * 1000 // p.dim_ml_per_kg))
    k = 0
    while k < p.class_g.size - 1 and measure > p.class_g[k]:
        k += 1
    site = p.candidates[o, c]
    return p.package_minor[site] + lines * p.line_minor[site] + units * p.unit_minor[site] + p.price[o, c, k]


@kernel
def _offer(c, free, room, left, divisible, trial):  # type: ignore[no-untyped-def]
    """Fill row ``c`` of ``trial`` with what the candidate gives of what is left; return the lines it completes."""
    trial[c, :] = 0
    given = 0
    whole = 0.0
    for n in range(left.size):
        if left[n] == 0 or given >= room[c]:
            continue
        if free[c, n] >= left[n]:
            trial[c, n] = left[n]
        elif divisible[n]:
            trial[c, n] = free[c, n]
        if trial[c, n] > 0:
            given += 1
            whole += trial[c, n] / left[n]
    return whole


@kernel
def _improve(p, o, free, room, amounts):  # type: ignore[no-untyped-def]
    """Move single lines between the candidates in use, and empty whole candidates, while that saves money."""
    width, count = amounts.shape
    for _ in range(MOST_ROUNDS):
        best_gain, best_from, best_to, best_line = 0, -1, -1, -1
        for a in range(width):
            for n in range(count):
                if amounts[a, n] == 0:
                    continue
                for b in range(width):
                    if b == a or p.candidates[o, b] < 0 or p.price[o, b, 0] >= IMPOSSIBLE:
                        continue
                    used = 0
                    for m in range(count):
                        used += amounts[b, m] > 0
                    if used == 0 or free[b, n] < amounts[b, n] + amounts[a, n]:
                        continue
                    if used >= room[b] and amounts[b, n] == 0:
                        continue
                    before = package_cost(p, o, a, amounts) + package_cost(p, o, b, amounts)
                    moved = amounts[a, n]
                    amounts[a, n] -= moved
                    amounts[b, n] += moved
                    gain = before - package_cost(p, o, a, amounts) - package_cost(p, o, b, amounts)
                    amounts[a, n] += moved
                    amounts[b, n] -= moved
                    if gain > best_gain:
                        best_gain, best_from, best_to, best_line = gain, a, b, n
        if best_gain == 0:
            return
        amounts[best_to, best_line] += amounts[best_from, best_line]
        amounts[best_from, best_line] = 0


@kernel
def _drop_candidates(p, o, free, room, amounts):  # type: ignore[no-untyped-def]
    """Empty a candidate into the others in use where that saves money; return whether one was emptied."""
    width, count = amounts.shape
    for a in range(width):
        trial = amounts.copy()
        trial[a, :] = 0
        possible = amounts[a].sum() > 0
        for n in range(count):
            left = amounts[a, n]
            for b in range(width):
                if left == 0 or b == a or amounts[b].sum() == 0:
                    continue
                if trial[b, n] == 0 and (trial[b] > 0).sum() >= room[b]:
                    continue
                given = min(left, free[b, n] - trial[b, n])
                trial[b, n] += given
                left -= given
            possible = possible and left == 0
        if not possible:
            continue
        before = after = 0
        for c in range(width):
            before += package_cost(p, o, c, amounts)
            after += package_cost(p, o, c, trial)
        if after < before:
            amounts[:] = trial
            return True
    return False


@kernel
def greedy_cover(p, o, free, room, upper, amounts):  # type: ignore[no-untyped-def]
    """Return the cost of a cover found greedily and improved, if below ``upper``; fill the amounts.

    The candidate with the least cost per line completed is taken until nothing is left (Chvatal 1979). A line is split
    between sites only if no single candidate holds all its units. ``IMPOSSIBLE`` comes back, amounts untouched, when
    nothing below ``upper`` is found.
    """
    low, high = p.start[o], p.start[o + 1]
    width, count = p.candidates.shape[1], high - low
    left = p.quantity[low:high].copy()
    divisible = np.ones(count, np.bool_)
    for n in range(count):
        for c in range(width):
            if p.candidates[o, c] >= 0 and p.price[o, c, 0] < IMPOSSIBLE and free[c, n] >= left[n]:
                divisible[n] = False
    found = np.zeros((width, count), np.int64)
    trial = np.zeros((width, count), np.int64)
    while left.sum() > 0:
        best, best_rate = -1, np.inf
        for c in range(width):
            if p.candidates[o, c] < 0 or p.price[o, c, 0] >= IMPOSSIBLE or found[c].sum() > 0:
                continue
            whole = _offer(c, free, room, left, divisible, trial)
            price = package_cost(p, o, c, trial)
            if whole > 0.0 and price < IMPOSSIBLE and price / whole < best_rate:
                best, best_rate = c, price / whole
        if best < 0:
            return IMPOSSIBLE
        _offer(best, free, room, left, divisible, trial)
        found[best] = trial[best]
        left -= trial[best]
    while True:
        _improve(p, o, free, room, found)
        if not _drop_candidates(p, o, free, room, found):
            break
    cost = np.int64(0)
    for c in range(width):
        cost += package_cost(p, o, c, found)
    if cost >= min(upper, IMPOSSIBLE):
        return IMPOSSIBLE
    amounts[:] = found
    return cost
