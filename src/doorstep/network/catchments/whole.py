"""Every place at one site, from the best shares, by few moves."""

import numpy as np

from doorstep.foundation.arrays import Ints
from doorstep.network.catchments._whole_kernels import make_whole
from doorstep.network.catchments.assign import BySite, sums
from doorstep.network.catchments.problem import CatchmentProblem
from doorstep.network.catchments.reach import Pairs

PASSES = 50
"""Times that all places are looked at, at most; it ends earlier when nothing changes."""


def keep_whole(problem: CatchmentProblem, near: Pairs, flow: Ints) -> Ints:
    """Return shares (K,) that serve each place from one site or not at all.

    Places that the best shares serve from one site stay there. The others come in by falling weight: at the nearest
    site with room, else where one place can move on, else instead of a lighter one. Then places move and exchange sites
    while that saves seconds. A heuristic: the shares that may split bound it.
    """
    sites = len(problem.sites)
    held = flow == problem.weight[near.place]
    chosen = np.full(problem.weight.size, -1, np.int64)
    chosen[near.place[held]] = np.flatnonzero(held)
    free = problem.room - sums(near.site[held], flow[held], sites)
    reached = np.flatnonzero(np.diff(near.start) > 0)
    heaviest = reached[np.argsort(-problem.weight[reached], kind="stable")]
    by_site = BySite.of(near, sites)
    make_whole(
        near.start,
        near.place,
        near.site,
        near.seconds,
        by_site.order,
        by_site.at,
        problem.weight,
        chosen,
        free,
        heaviest,
        PASSES,
    )
    whole = np.zeros_like(flow)
    served = np.flatnonzero(chosen >= 0)
    whole[chosen[served]] = problem.weight[served]
    return whole
