"""The fewest further sites that bring a share of the demand within reach, with proof."""

import heapq
import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import scipy.sparse as sp

from doorstep.foundation import InputError, Progress, Silent, Stop, UpTo
from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.geography import Places, nearest_places, places_within
from doorstep.geography.nearest import metres_between
from doorstep.network.siting import CostRows, choose_sites, maximal_covering

PATIENCE = 0.25
"""Share of what is left of the patience that each number of candidates may use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Which candidates are needed for a share of the demand to lie within reach.

    Parameters
    ----------
    chosen : (F,)
        Rows of the chosen candidates.
    fewest
        Proved: no fewer candidates bring the share; equal to F where the plan is proved to be the best.
    before, after : float
        Share of the demand within reach of the sites, and with the chosen candidates.
    covered : (D,)
        Whether each place is within reach in the end.
    """

    chosen: Ints
    fewest: int
    before: float
    after: float
    covered: Bools

    @property
    def proved(self) -> bool:
        """Whether no fewer candidates would do."""
        return self.fewest >= self.chosen.size


def fewest_sites(
    demand: Places,
    weight: Ints,
    sites: Places,
    candidates: Places,
    *,
    within_m: float,
    share: float,
    rng: np.random.Generator,
    stop: Stop,
    progress: Progress | None = None,
) -> Reach:
    """Return as few candidates as bring a share of the demand within a distance of a site or a candidate.

    Places within reach of a site are done with, and places with the same candidates around them count as one. Then the
    number of candidates is halved between what cannot be enough and what is: for each number the best covered weight is
    bounded, so a number that is too small is proved to be.

    Parameters
    ----------
    demand, weight : (D,)
        Places and their demand.
    sites, candidates
        What there is (none is allowed), and what may be added.
    within_m
        Great-circle reach [m].
    share
        Share of the demand to reach, from 0 to 1.
    stop
        Patience for each number that is tried together; what is undecided in the end is not proved.

    Raises
    ------
    InputError
        If a weight is negative, the share is not between 0 and 1, or all candidates together do not reach it.

    References
    ----------
    Daskin, Owen (1999), Two new location covering problems: the partial p-center problem and the partial set covering
    problem, Geographical Analysis 31.
    """
    if weight.shape != (len(demand),) or (weight < 0).any() or not 0 <= share <= 1:
        raise InputError(
            f"weight {weight.shape} must be ({len(demand)},) and not negative, and share {share} must be from 0 to 1."
        )
    heard = progress or Silent()
    covered = _within(demand, sites, within_m)
    total, had = int(weight.sum()), int(weight[covered].sum())
    before = had / total if total else 1.0
    need = math.ceil(share * total - 1e-9 * total) - had
    if need <= 0:
        return Reach(chosen=np.empty(0, np.int64), fewest=0, before=before, after=before, covered=covered)
    groups = _Groups.of(demand, weight, covered, candidates, within_m)
    if groups.weight.sum() < need:
        best = (had + int(groups.weight.sum())) / total
        raise InputError(
            f"all {len(candidates)} candidates together bring {100 * best:.2f} % of the demand within reach, not "
            f"{100 * share:.2f} %.",
            hint="Maybe the reach is too small, or candidates are missing where people live.",
        )
    chosen, fewest = _search(groups, need, rng, stop, heard)
    reached = covered | _within(demand, candidates.take(chosen), within_m)
    return Reach(chosen=chosen, fewest=fewest, before=before, after=int(weight[reached].sum()) / total, covered=reached)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Groups:
    """Places not yet covered, those with the same candidates as one: ``pairs`` (G, C), ``weight`` (G,)."""

    pairs: sp.csr_matrix
    weight: Ints

    @classmethod
    def of(cls, demand: Places, weight: Ints, covered: Bools, candidates: Places, within_m: float) -> "_Groups":
        open_rows = np.flatnonzero(~covered & (weight > 0))
        start, site = places_within(demand.take(open_rows), candidates, within_m=within_m)
        names: dict[bytes, int] = {}
        group = np.array([names.setdefault(site[a:b].tobytes(), len(names)) for a, b in pairwise(start)])
        first = np.unique(group, return_index=True)[1] if group.size else np.empty(0, np.int64)
        width = (start[1:] - start[:-1])[first]
        column = np.concatenate([np.frombuffer(name, np.int64) for name in names]) if names else np.empty(0, np.int64)
        bound = np.concatenate([[0], np.cumsum(width)])
        pairs = sp.csr_matrix((np.ones(column.size), column, bound), shape=(len(names), len(candidates)))
        sums = np.bincount(group, weights=weight[open_rows], minlength=len(names)).astype(np.int64)
        reachable = width > 0
        return cls(pairs=pairs[reachable], weight=sums[reachable])

    def rows(self) -> CostRows:
        """Return the groups as customers whom every candidate around them covers."""
        return CostRows(
            start=self.pairs.indptr.astype(np.int64),
            site=self.pairs.indices.astype(np.int32),
            cost=np.zeros(self.pairs.nnz, np.int32),
            beyond=np.ones(self.weight.size, np.int64),
            sites=self.pairs.shape[1],
        )


def _search(groups: _Groups, need: int, rng: np.random.Generator, stop: Stop, progress: Progress) -> tuple[Ints, int]:
    """Return as few candidates as found that cover a weight, ascending, and a number that no fewer can do with."""
    greedy = _completed(groups, np.empty(0, np.int64), need)
    chosen = greedy
    alone = np.sort(groups.weight @ groups.pairs)[::-1]
    fewest = low = int(np.searchsorted(np.cumsum(alone), need)) + 1
    rows, allowed = groups.rows(), int(groups.weight.sum()) - need
    progress.stage("fewest sites", max(chosen.size - low, 0).bit_length())
    while low < chosen.size and stop.spent() < 1.0:
        middle = (low + chosen.size) // 2
        plan = choose_sites(
            maximal_covering(rows, groups.weight, middle),
            rng=rng,
            stop=UpTo(stop, stop.spent() + PATIENCE * (1.0 - stop.spent())),
            enough=allowed,
            start=greedy[:middle],
            progress=progress,
        )
        chosen = min(chosen, _completed(groups, np.flatnonzero(plan.open), need), key=len)
        if plan.cost > allowed:
            low = middle + 1
            if plan.bound > allowed:
                fewest = low
    return np.sort(chosen), fewest


def _completed(groups: _Groups, chosen: Ints, need: int) -> Ints:
    """Return candidates that cover a weight: some, and then each time the one that covers most."""
    columns = groups.pairs.tocsc()
    left: Floats = groups.weight.astype(np.float64)
    left[np.unique(groups.pairs[:, chosen].nonzero()[0])] = 0.0
    covered = groups.weight.sum() - left.sum()
    heap = [(-float(gain), site) for site, gain in enumerate(left @ groups.pairs)]
    heapq.heapify(heap)
    more = []
    while covered < need:
        _, site = heapq.heappop(heap)
        reached = columns.indices[columns.indptr[site] : columns.indptr[site + 1]]
        gain = float(left[reached].sum())
        if heap and gain < -heap[0][0]:  # what it was sorted by was stale
            heapq.heappush(heap, (-gain, site))
            continue
        covered += gain
        left[reached] = 0.0
        more.append(site)
    return np.concatenate([chosen, np.array(more, np.int64)])


def _within(demand: Places, sites: Places, within_m: float) -> Bools:
    if not len(sites):
        return np.zeros(len(demand), np.bool_)
    nearest = nearest_places(demand, sites, count=1)[:, 0]
    return metres_between(demand, sites, np.arange(len(demand)), nearest) <= within_m
