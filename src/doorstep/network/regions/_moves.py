"""Moves of areas between touching regions, which leave every region in one piece."""

import math
from typing import NamedTuple

import numpy as np

from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.foundation.kernels import inlined, kernel


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
    proposals: int,
    patience: int,
    rng: np.random.Generator,
) -> float:
    """Move areas across borders at random, ever more strictly; return the moved share.

    A proposal shifts an area to the region of one of its neighbours. Where that alone is refused, a second area of the
    receiving region moves on, back or to a third region, so that weight is traded where regions are at their limits. A
    temperature of 0 accepts improvements only. ``region`` (N,) and ``load`` (W, k) are changed.

    References
    ----------
    Kirkpatrick, Gelatt, Vecchi (1983), Optimization by simulated annealing, Science 220.
    """
    cost, weights, low, high, share, present, most_moved, fine = rules
    n, k = cost.shape
    mark = np.zeros(n + 1, np.int64)
    queue = np.empty(n, np.int64)
    cooling = (cold / warm) ** (1.0 / max(proposals, 1)) if warm > 0.0 else 1.0
    heat = warm
    for _ in range(proposals):
        heat *= cooling
        i = int(rng.random() * n)
        links = start[i + 1] - start[i]
        if links == 0 or pinned[i]:
            continue
        was = region[i]
        to = region[neighbour[start[i] + int(rng.random() * links)]]
        if to == was or not leaves_whole(i, region, start, neighbour, mark, queue, patience):
            continue
        grown = moved_by(i, was, to, share, present)
        toll = fine * k * (max(0.0, moved + grown - most_moved) - max(0.0, moved - most_moved))
        delta = shift(i, to, cost, weights, low, high, fine, region, load)
        allowed = -heat * math.log(rng.random()) if heat > 0.0 else 0.0
        if delta + toll < allowed:
            moved += grown
            continue
        j, on = -1, -1
        for _ in range(32):
            tried = int(rng.random() * n)
            if region[tried] != to or tried == i or pinned[tried]:
                continue
            for e in range(start[tried], start[tried + 1]):
                if region[neighbour[e]] != to:
                    j, on = tried, region[neighbour[e]]
            if j >= 0:
                break
        if j >= 0 and leaves_whole(j, region, start, neighbour, mark, queue, patience):
            grown += moved_by(j, to, on, share, present)
            toll = fine * k * (max(0.0, moved + grown - most_moved) - max(0.0, moved - most_moved))
            delta += shift(j, on, cost, weights, low, high, fine, region, load)
            if delta + toll < allowed:
                moved += grown
                continue
            shift(j, to, cost, weights, low, high, fine, region, load)
        shift(i, was, cost, weights, low, high, fine, region, load)
    return moved
