"""Long or scarce orders: greedy cover, then local search over the sites in use, and a bound on what is possible."""

import numpy as np

from doorstep.foundation.kernels import kernel
from doorstep.order_routing._view import IMPOSSIBLE, package_cost

MOST_ROUNDS = 30
ASCENTS = 8


@kernel
def _offer(c, v, left, divisible, trial):  # type: ignore[no-untyped-def]
    """Fill row ``c`` of ``trial`` with what the candidate gives of what is left; return the lines it completes."""
    trial[c, :] = 0
    given = 0
    whole = 0.0
    for n in range(left.size):
        if left[n] == 0 or given >= v.room[c]:
            continue
        if v.free[c, n] >= left[n]:
            trial[c, n] = left[n]
        elif divisible[n]:
            trial[c, n] = v.free[c, n]
        if trial[c, n] > 0:
            given += 1
            whole += trial[c, n] / left[n]
    return whole


@kernel
def _improve(p, o, v, amounts):  # type: ignore[no-untyped-def]
    """Move single lines between the candidates in use, and empty whole candidates, while that saves money."""
    width, count = amounts.shape
    for _ in range(MOST_ROUNDS):
        best_gain, best_from, best_to, best_line = np.int64(0), -1, -1, -1
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
                    if used == 0 or v.free[b, n] < amounts[b, n] + amounts[a, n]:
                        continue
                    if used >= v.room[b] and amounts[b, n] == 0:
                        continue
                    before = package_cost(p, o, v, a, amounts[a]) + package_cost(p, o, v, b, amounts[b])
                    moved = amounts[a, n]
                    amounts[a, n] -= moved
                    amounts[b, n] += moved
                    gain = before - package_cost(p, o, v, a, amounts[a]) - package_cost(p, o, v, b, amounts[b])
                    amounts[a, n] += moved
                    amounts[b, n] -= moved
                    if gain > best_gain:
                        best_gain, best_from, best_to, best_line = gain, a, b, n
        if best_gain == 0:
            return
        amounts[best_to, best_line] += amounts[best_from, best_line]
        amounts[best_from, best_line] = 0


@kernel
def cover_cost(p, o, v, amounts):  # type: ignore[no-untyped-def]
    """Return what the amounts (C, n) cost together."""
    cost = np.int64(0)
    for c in range(amounts.shape[0]):
        cost += package_cost(p, o, v, c, amounts[c])
    return cost


@kernel
def _drop_candidates(p, o, v, amounts):  # type: ignore[no-untyped-def]
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
                if trial[b, n] == 0 and (trial[b] > 0).sum() >= v.room[b]:
                    continue
                given = min(left, v.free[b, n] - trial[b, n])
                trial[b, n] += given
                left -= given
            possible = possible and left == 0
        if possible and cover_cost(p, o, v, trial) < cover_cost(p, o, v, amounts):
            amounts[:] = trial
            return True
    return False


@kernel
def greedy_cover(p, o, v, upper, amounts):  # type: ignore[no-untyped-def]
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
            if p.candidates[o, c] >= 0 and p.price[o, c, 0] < IMPOSSIBLE and v.free[c, n] >= left[n]:
                divisible[n] = False
    found = np.zeros((width, count), np.int64)
    trial = np.zeros((width, count), np.int64)
    while left.sum() > 0:
        best, best_rate = -1, np.inf
        for c in range(width):
            if p.candidates[o, c] < 0 or p.price[o, c, 0] >= IMPOSSIBLE or found[c].sum() > 0:
                continue
            whole = _offer(c, v, left, divisible, trial)
            price = package_cost(p, o, v, c, trial[c])
            if whole > 0.0 and price < IMPOSSIBLE and price / whole < best_rate:
                best, best_rate = c, price / whole
        if best < 0:
            return IMPOSSIBLE
        _offer(best, v, left, divisible, trial)
        found[best] = trial[best]
        left -= trial[best]
    while True:
        _improve(p, o, v, found)
        if not _drop_candidates(p, o, v, found):
            break
    cost = cover_cost(p, o, v, found)
    if cost >= min(upper, IMPOSSIBLE):
        return IMPOSSIBLE
    amounts[:] = found
    return cost


@kernel
def cover_bound(p, o, v):  # type: ignore[no-untyped-def]
    """Return a lower bound on what any cover of the order can cost, by dual ascent; 0 if it has no cover.

    Relaxed: every package weighs the lightest class, has room, and gives a line for the full price of what it gives of
    it. Lines bid ``bid`` (n,) for packages; a bid rises while no package is paid for more than once, so that the sum of
    the bids never exceeds the cost of a cover (Erlenkotter 1978, A dual-based procedure for uncapacitated facility
    location, Operations Research 26(6)).
    """
    low, high = p.start[o], p.start[o + 1]
    width, count = p.candidates.shape[1], high - low
    whole = np.full((width, count), IMPOSSIBLE, np.int64)
    slack = np.zeros(width, np.int64)
    for c in range(width):
        if p.candidates[o, c] < 0 or p.price[o, c, 0] >= IMPOSSIBLE or v.room[c] < 1:
            continue
        slack[c] = v.base[c] + p.price[o, c, 0]
        for n in range(count):
            if v.free[c, n] > 0:
                whole[c, n] = v.line[c] + p.quantity[low + n] * v.unit[c, n]
    bid = np.empty(count, np.int64)
    for n in range(count):
        bid[n] = whole[:, n].min()
        if bid[n] >= IMPOSSIBLE:
            return np.int64(0)
    for _ in range(ASCENTS * count):
        raised = False
        for n in range(count):
            rise = IMPOSSIBLE
            for c in range(width):
                if whole[c, n] >= IMPOSSIBLE:
                    continue
                over = whole[c, n] - bid[n]
                rise = min(rise, over if over > 0 else slack[c])
            if rise <= 0 or rise >= IMPOSSIBLE:
                continue
            for c in range(width):
                if whole[c, n] <= bid[n]:
                    slack[c] -= rise
            bid[n] += rise
            raised = True
        if not raised:
            break
    return bid.sum()
