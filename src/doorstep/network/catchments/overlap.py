"""What more than one site reaches, and what any reaches, by group."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from doorstep.foundation.arrays import Floats, Ints
from doorstep.network.catchments.assign import sums
from doorstep.network.catchments.problem import CatchmentProblem
from doorstep.network.catchments.reach import Pairs

BLOCK = 50_000
"""Places whose pairs of sites are counted at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """Demand within reach of several sites.

    Parameters
    ----------
    within, shared : (S,)
        Weight within reach of each site, and what of it is within reach of another one too.
    site_a, site_b, weight : (P,)
        The pairs of sites with the largest weight within reach of both, largest first; ``site_a < site_b``.
    """

    within: Ints
    shared: Ints
    site_a: Ints
    site_b: Ints
    weight: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Demand within reach of any site, and served, by group: ``weight``, ``within`` and ``served`` (G,)."""

    weight: Ints
    within: Ints
    served: Ints

    def share(self) -> float:
        """Return the share of all demand that some site reaches in time; 0 where there is no demand."""
        total = int(self.weight.sum())
        return int(self.within.sum()) / total if total else 0.0

    def share_by_group(self) -> Floats:
        """Return the share of each group's demand that some site reaches in time (G,); 0 for groups without demand."""
        share = np.zeros(self.weight.size)
        return np.divide(self.within, self.weight, out=share, where=self.weight > 0)


def overlap_of(problem: CatchmentProblem, near: Pairs, *, largest: int) -> Overlap:
    """Return what several sites reach, with the ``largest`` pairs of sites."""
    sites, weight = len(problem.sites), problem.weight[near.place]
    several = np.diff(near.start)[near.place] > 1
    both: sp.csr_matrix = sp.csr_matrix((sites, sites), dtype=np.int64)
    for first in range(0, near.start.size - 1, BLOCK):
        rows = slice(int(near.start[first]), int(near.start[min(first + BLOCK, near.start.size - 1)]))
        used = np.flatnonzero(several[rows]) + rows.start
        shape = (sites, BLOCK)
        where = (near.site[used], near.place[used] - first)
        heavy = sp.csr_matrix((weight[used], where), shape=shape)
        there = sp.csr_matrix((np.ones(used.size, np.int64), where), shape=shape)
        both = both + heavy @ there.T
    upper = sp.triu(both, k=1).tocoo()
    site_a, site_b = upper.row.astype(np.int64), upper.col.astype(np.int64)
    best = np.lexsort((site_b, site_a, -upper.data))[:largest]
    return Overlap(
        within=sums(near.site, weight, sites),
        shared=sums(near.site[several], weight[several], sites),
        site_a=site_a[best],
        site_b=site_b[best],
        weight=upper.data[best].astype(np.int64),
    )


def reach_of(problem: CatchmentProblem, near: Pairs, missing: Ints) -> Reach:
    """Return what is within reach and what is served, all but ``missing`` (D,), by group."""
    count = int(problem.group.max(initial=0)) + 1
    reached = np.diff(near.start) > 0
    return Reach(
        weight=sums(problem.group, problem.weight, count),
        within=sums(problem.group[reached], problem.weight[reached], count),
        served=sums(problem.group, problem.weight - missing, count),
    )
