"""Moves of areas between touching regions, which leave every region in one piece."""

import math
from typing import NamedTuple

import numpy as np

from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.foundation.kernels import inlined, kernel

PROPOSALS = 6
"""Moves proposed in a sweep for each area that touches another region."""
FEW = 40
"""Moves proposed in a sweep beside those, for small maps."""
TRIES = 8
"""Areas looked at to find one of the receiving region that may move on."""


class Rules(NamedTuple):
    """What a move is judged by.

    ``cost`` (N, k), ``weights`` (W, N), ``low``, ``high`` (W,), ``share``, ``present`` (N,).
    ``most_moved`` is a share of all weight, and ``fine`` the price of an average region's weight beyond a limit.
    """

    cost: Floats
    weights: Floats
    low: Floats
    high: Floats
    share: Floats
    present: Ints
    most_moved: float
    fine: float


@kernel
def leaves_whole(i: int, region: Ints, start: Ints, neighbour: Ints, mark: Ints, queue: Ints, patience: int) -> bool:
    """Return whether a region stays in one piece without area i, as far as ``patience`` visited areas show.

    The neighbours of i in its region must reach one another without it. ``mark`` (N + 1,) ends with a counter.
    """
    mine = region[i]
    stamp = mark[-1] + 2
    mark[-1] = stamp
    wanted = 0
    for e in range(start[i], start[i + 1]):
        j = neighbour[e]
        if region[j] == mine:
            mark[j] = stamp - 1
            queue[0] = j
            wanted += 1
    if wanted < 2:
        return wanted == 1
    mark[i] = stamp
    mark[queue[0]] = stamp
    wanted -= 1
    head, tail = 0, 1
    while head < tail and head < patience:
        at = queue[head]
        head += 1
        for e in range(start[at], start[at + 1]):
            j = neighbour[e]
            if region[j] != mine or mark[j] == stamp:
                continue
            if mark[j] == stamp - 1:
                wanted -= 1
                if wanted == 0:
                    return True
            mark[j] = stamp
            queue[tail] = j
            tail += 1
    return False


@inlined
def outside(load: Floats, low: Floats, high: Floats, r: int) -> float:
    """Return by how much the weights of a region are beyond its limits, in average regions."""
    out = 0.0
    for w in range(low.size):
        out += max(0.0, load[w, r] - high[w]) + max(0.0, low[w] - load[w, r])
    return out


@kernel
def shift(
    i: int, to: int, cost: Floats, weights: Floats, low: Floats, high: Floats, fine: float, region: Ints, load: Floats
) -> float:
    """Move an area to another region; return what that costs, fines included."""
    was = region[i]
    before = outside(load, low, high, was) + outside(load, low, high, to)
    for w in range(low.size):
        load[w, was] -= weights[w, i]
        load[w, to] += weights[w, i]
    region[i] = to
    after = outside(load, low, high, was) + outside(load, low, high, to)
    return float(cost[i, to] - cost[i, was] + fine * (after - before))


@inlined
def moved_by(i: int, was: int, to: int, share: Floats, present: Ints) -> float:
    """Return by how much the moved share grows when an area changes its region."""
    if present[i] == was:
        return float(share[i])
    return -float(share[i]) if present[i] == to else 0.0


@kernel
def border_areas(region: Ints, start: Ints, neighbour: Ints, border: Ints) -> int:
    """Fill ``border`` with the areas that touch another region; return how many there are."""
    count = 0
    for i in range(region.size):
        for e in range(start[i], start[i + 1]):
            if region[neighbour[e]] != region[i]:
                border[count] = i
                count += 1
                break
    return count


@kernel
def anneal(
    rules: Rules,
    start: Ints,
    neighbour: Ints,
    pinned: Bools,
    region: Ints,
    load: Floats,
    moved: float,
    warm: float,
    cold: float,
    sweeps: int,
    patience: int,
    rng: np.random.Generator,
) -> float:
    """Move areas across borders at random, ever more strictly; return the moved share.

    Each sweep makes ``PROPOSALS`` for each area that touches another region. One shifts an area to the region of one of
    its neighbours. Where that alone is refused, a second area of the receiving region moves on, back or to a third
    region, so that weight is traded where regions are at their limits. A temperature of 0 accepts improvements only.
    ``region`` (N,) and ``load`` (W, k) are changed.

    References
    ----------
    Kirkpatrick, Gelatt, Vecchi (1983), Optimization by simulated annealing, Science 220.
    """
    cost, weights, low, high, share, present, most_moved, fine = rules
    n, k = cost.shape
    mark = np.zeros(n + 1, np.int64)
    queue = np.empty(n, np.int64)
    border = np.empty(n, np.int64)
    cooling = (cold / warm) ** (1.0 / sweeps) if warm > 0.0 else 1.0
    heat = warm
    for _ in range(sweeps):
        heat *= cooling
        count = border_areas(region, start, neighbour, border)
        for _ in range(PROPOSALS * count + FEW if count else 0):
            i = border[int(rng.random() * count)]
            was = region[i]
            to = region[neighbour[start[i] + int(rng.random() * (start[i + 1] - start[i]))]]
            if to == was or pinned[i] or not leaves_whole(i, region, start, neighbour, mark, queue, patience):
                continue
            grown = moved_by(i, was, to, share, present)
            toll = fine * k * (max(0.0, moved + grown - most_moved) - max(0.0, moved - most_moved))
            delta = shift(i, to, cost, weights, low, high, fine, region, load)
            allowed = -heat * math.log(rng.random()) if heat > 0.0 else 0.0
            if delta + toll < allowed:
                moved += grown
                continue
            j = border[int(rng.random() * count)]
            for _ in range(TRIES):
                if region[j] == to and j != i and not pinned[j]:
                    break
                j = border[int(rng.random() * count)]
            on = region[neighbour[start[j] + int(rng.random() * (start[j + 1] - start[j]))]]
            if (
                region[j] == to
                and j != i
                and on != to
                and not pinned[j]
                and leaves_whole(j, region, start, neighbour, mark, queue, patience)
            ):
                grown += moved_by(j, to, on, share, present)
                toll = fine * k * (max(0.0, moved + grown - most_moved) - max(0.0, moved - most_moved))
                delta += shift(j, on, cost, weights, low, high, fine, region, load)
                if delta + toll < allowed:
                    moved += grown
                    continue
                shift(j, to, cost, weights, low, high, fine, region, load)
            shift(i, was, cost, weights, low, high, fine, region, load)
    return moved
