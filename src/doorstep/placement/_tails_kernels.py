"""Kernels of demand tails: P(D > j) of negative binomials and of their sums.

A distribution is cut where what lies beyond is worth less than a millionth of its mean; the rest is put on the last
value. So every tail belongs to a demand that is never above the true one, and ``lost`` says by how much it is below.
"""

import math

import numpy as np

from doorstep.foundation.arrays import Floats, Ints
from doorstep.foundation.kernels import kernel

CUT = 1e-6
"""Share of the mean that may lie beyond the last value."""

NEGLIGIBLE = 1e-300
"""Mean demand below which floating-point numbers know no probabilities."""


@kernel
def first_mass(mean: float, k: float, at: int) -> float:
    """Return the probability of one value of a negative binomial (Poisson where k is infinite)."""
    if k == np.inf:
        return math.exp(at * math.log(mean) - mean - math.lgamma(at + 1.0))
    spread = math.lgamma(at + k) - math.lgamma(k) - math.lgamma(at + 1.0)
    return math.exp(spread + k * math.log(k / (k + mean)) + at * math.log(mean / (k + mean)))


@kernel
def masses(mean: float, k: float) -> tuple[Floats, float]:
    """Return the probabilities of 0, 1, ... up to the cut, the rest on the last value, and the units so lost.

    From the most likely value outwards, so that nothing underflows for large means.
    """
    if mean <= NEGLIGIBLE:
        return np.ones(1), mean
    poisson = k == np.inf
    mode = int(mean) if poisson else max(0, int(mean * (k - 1.0) / k))
    rate = mean if poisson else mean / (k + mean)
    found = np.empty(mode + 16)
    found[mode] = first_mass(mean, k, mode)
    for j in range(mode, 0, -1):
        found[j - 1] = found[j] * j / (rate if poisson else rate * (j - 1.0 + k))
    reached, beyond = 0.0, mean
    for j in range(mode + 1):
        reached += found[j]
        beyond -= max(0.0, 1.0 - reached)
    last = mode
    while beyond > CUT * mean and reached < 1.0:
        if last + 2 == found.size:
            grown = np.empty(2 * found.size)
            grown[: found.size] = found
            found = grown
        last += 1
        found[last] = found[last - 1] * (rate if poisson else rate * (last - 1.0 + k)) / last
        reached += found[last]
        beyond -= max(0.0, 1.0 - reached)
    found[last + 1] = max(0.0, 1.0 - reached)
    return found[: last + 2], max(0.0, beyond)


@kernel
def summed(first: Floats, second: Floats) -> Floats:
    """Return the probabilities of the sum of two independent demands."""
    total = np.zeros(first.size + second.size - 1)
    for a in range(first.size):
        if first[a] > 0.0:
            for b in range(second.size):
                total[a + b] += first[a] * second[b]
    return total


@kernel
def shortened(found: Floats, mean: float) -> tuple[Floats, float]:
    """Return the probabilities cut once more, the rest put on the last value, and the units so lost."""
    lost, tail, last = 0.0, 0.0, found.size - 1
    while last > 0:
        tail += found[last]
        if lost + tail > CUT * mean:
            tail -= found[last]
            break
        lost += tail
        last -= 1
    cut = found[: last + 1].copy()
    cut[last] += tail
    return cut, lost


@kernel
def put_tails(found: Floats, start: Ints, row: int, tails: Floats) -> Floats:
    """Write P(D > j) for every j below the last value as one row of a ragged table; return the table, grown if full."""
    at, length = start[row], found.size - 1
    start[row + 1] = at + length
    if at + length > tails.size:
        grown = np.empty(max(2 * tails.size, at + length))
        grown[:at] = tails[:at]
        tails = grown
    beyond = 0.0
    for j in range(length - 1, -1, -1):
        beyond += found[j + 1]
        tails[at + j] = beyond
    return tails


@kernel
def demand_tails(
    mean: Floats, k: Floats, members: Ints, own_start: Ints, region_start: Ints, nation_start: Ints, lost: Floats
) -> tuple[Floats, Floats, Floats]:
    """Return the tails of every product (I, S) at sites, (I, R) in regions and (I,) in all, as ragged tables.

    Sites are in the order of their regions, region r has those from ``members[r]`` (R + 1,) on. Written are where rows
    begin, ``own_start`` (I S + 1,), ``region_start`` (I R + 1,), ``nation_start`` (I + 1,), and in ``lost`` (I, 3) the
    units by which the mean of each level falls short.
    """
    products, sites = mean.shape
    regions = members.size - 1
    own, pooled, nation = np.empty(products * sites), np.empty(products * regions), np.empty(products)
    own_start[0] = region_start[0] = nation_start[0] = 0
    for i in range(products):
        everywhere, expected = np.ones(1), mean[i].sum()
        lost[i, :] = 0.0
        for r in range(regions):
            here = np.ones(1)
            for s in range(members[r], members[r + 1]):
                found, less = masses(mean[i, s], k[i, s])
                own = put_tails(found, own_start, i * sites + s, own)
                lost[i, 0] += less
                here, less = shortened(summed(here, found), mean[i, members[r] : s + 1].sum())
                lost[i, 1] += less
            pooled = put_tails(here, region_start, i * regions + r, pooled)
            everywhere, less = shortened(summed(everywhere, here), expected)
            lost[i, 2] += less
        nation = put_tails(everywhere, nation_start, i, nation)
        lost[i, 1] += lost[i, 0]
        lost[i, 2] += lost[i, 1]
    return own[: own_start[-1]], pooled[: region_start[-1]], nation[: nation_start[-1]]
