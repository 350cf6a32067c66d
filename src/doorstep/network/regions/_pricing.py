"""Loops of the bound: what a region around a site is worth at given prices of areas, for some sites or for all."""

import numpy as np
import numpy.typing as npt

from doorstep.foundation.arrays import Floats, Ints
from doorstep.foundation.kernels import kernel
from doorstep.network.regions._sphere import Tree, metres

CLOSE = 2e-3
"""How near to its limit the weight of a region is brought, in average regions."""


@kernel
def cheapest_load(
    cost: Floats, weight: Floats, low: float, high: float, price: float, reach: float
) -> tuple[float, float]:
    """Return a lower bound on the cost of areas, parts allowed, whose weight is within limits, and its price.

    For every price p of weight, ``sum_i min(0, cost_i + p weight_i) - p (high if p > 0 else low)`` is such a bound. It
    is concave in p, and its slope is the weight taken less a limit: the price is searched from ``price`` until that is
    next to zero, and the best value met is returned.
    """
    below, above = -np.inf, np.inf
    best, at = -np.inf, price
    width = reach
    for _ in range(14):
        value, load = 0.0, 0.0
        for i in range(cost.size):
            here = cost[i] + price * weight[i]
            if here < 0.0:
                value += here
                load += weight[i]
        value -= price * (high if price > 0.0 else low)
        if value > best:
            best, at = value, price
        slope = 0.0
        if price > 0.0 or (price == 0.0 and load > high):
            slope = load - high
        elif price < 0.0 or load < low:
            slope = load - low
        if abs(slope) < CLOSE:
            break
        if slope > 0.0:
            below = price
        else:
            above = price
        following = price + slope * width
        if following <= below or following >= above:
            following = 0.5 * (below + above)
        elif not (below > -np.inf and above < np.inf):
            width *= 1.5
        if price * following < 0.0:
            following = 0.0
        price = following
        if above - below < 1e-4 * reach:
            break
    return best, at


@kernel
def site_values(
    distance: npt.NDArray[np.float32],
    share: Floats,
    worth: Floats,
    weights: Floats,
    low: Floats,
    high: Floats,
    reach: float,
    price: Floats,
    kind: Ints,
    value: Floats,
) -> None:
    """Fill the value of a region around each of M sites: the least cost less the worth of the areas that it takes.

    ``distance`` (M, N); ``worth`` (N,); ``price`` (W, M) are kept from call to call. Each kind of weight alone gives a
    bound, and the best counts: ``kind`` (M,) tells which.
    """
    cost = np.empty(share.size)
    for j in range(distance.shape[0]):
        for i in range(share.size):
            cost[i] = share[i] * distance[j, i] - worth[i]
        value[j] = -np.inf
        for w in range(low.size):
            found, price[w, j] = cheapest_load(cost, weights[w], low[w], high[w], price[w, j], reach)
            if found > value[j]:
                value[j] = found
                kind[j] = w


@kernel
def count_takers(
    distance: npt.NDArray[np.float32],
    share: Floats,
    worth: Floats,
    weights: Floats,
    price: Floats,
    kind: Ints,
    chosen: Ints,
    taken: Floats,
) -> None:
    """Add to ``taken`` (N,) how many of the chosen sites' regions take each area."""
    for j in chosen:
        w = kind[j]
        for i in range(share.size):
            if share[i] * distance[j, i] - worth[i] + price[w, j] * weights[w, i] < 0.0:
                taken[i] += 1.0


@kernel
def all_values(
    tree: Tree,
    sites: Floats,
    points: Floats,
    share: Floats,
    worth: Floats,
    weights: Floats,
    low: Floats,
    high: Floats,
    reach: float,
    enough: float,
    value: Floats,
) -> int:
    """Fill the values of all sites whose value may be below ``enough``; return how many regions were priced.

    Sites are bounded in groups: no site of a node is nearer to an area than the node's middle less its radius, so the
    value of the middle, its distances so shortened, is a bound for all of them. ``value`` (M,) stays infinite for sites
    that are ruled out.
    """
    n = share.size
    cost = np.empty(n)
    stack = np.empty(256, np.int64)
    guess = np.zeros(256)
    stack[0] = 0
    top = 1
    priced = 0
    while top > 0:
        top -= 1
        node, price = stack[top], guess[top]
        leaf = tree.child[node] < 0
        first = tree.start[node] if leaf else 0
        last = tree.end[node] if leaf else 1
        for t in range(first, last):
            site = tree.order[t] if leaf else tree.middle[node]
            nearer = 0.0 if leaf else tree.radius_m[node]
            for i in range(n):
                cost[i] = share[i] * max(0.0, metres(sites, site, points, i) - nearer) - worth[i]
            best, at = -np.inf, price
            for w in range(low.size):
                found, asked = cheapest_load(cost, weights[w], low[w], high[w], price, reach)
                if found > best:
                    best, at = found, asked
            priced += 1
            if leaf:
                value[site] = best
            elif best < enough:
                for c in range(2):
                    stack[top] = tree.child[node] + c
                    guess[top] = at
                    top += 1
    return priced
