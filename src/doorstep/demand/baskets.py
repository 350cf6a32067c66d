"""What is bought together: baskets of the past, weighted by what will be asked for and shrunk to popularity.

Past baskets repeat in part only. A share of what stands beside an item is there because it is popular, not because of
the item. That share is told by baskets that took no part, and in the model as many items are exchanged for popular
ones.
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Floats, Ints

HELD_SHARE = 0.2
"""Share of the baskets, the latest, that tells how much of the pairs repeats."""
STEPS = 50
MOST_LINES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Baskets:
    """N baskets one after another: basket b holds ``item[start[b]:start[b + 1]]`` and counts ``weight[b]``."""

    start: Ints
    item: Ints
    weight: Floats

    def __post_init__(self) -> None:
        if self.start.size < 1 or self.start[0] != 0 or self.start[-1] != self.item.size:
            raise InputError(f"start must run from 0 to {self.item.size}, the number of items.")
        if (np.diff(self.start) < 0).any() or self.weight.shape != (self.start.size - 1,):
            raise InputError(f"start must not fall, and weight {self.weight.shape} be ({self.start.size - 1},).")

    def __len__(self) -> int:
        """Return the number of baskets."""
        return int(self.start.size - 1)

    def owner(self) -> Ints:
        """Return the basket of each item."""
        return np.repeat(np.arange(len(self)), np.diff(self.start))


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketModel:
    """What is bought together among I items.

    Parameters
    ----------
    past
        Baskets that it was learnt from, each item once.
    popularity : (I,)
        Share of each item among all items to come.
    by_chance
        Share of the items beside an item that popularity alone explains.
    lines : (L,)
        Share of baskets with 1, 2, ... L items.
    """

    past: Baskets
    popularity: Floats
    by_chance: float
    lines: Floats

    def together(self, item: int) -> Floats:
        """Return the share of each item (I,) among what stands beside an item."""
        pairs = _pairs(self.past, self.popularity.size).getrow(item).toarray()[0]
        total = pairs.sum()
        if not total:
            return self.popularity
        share: Floats = (1 - self.by_chance) * pairs / total + self.by_chance * self.popularity
        return share

    def baskets(self, rng: np.random.Generator) -> Baskets:
        """Return weighted baskets to plan for: the past ones, with what chance explains drawn anew.

        In each basket an item is exchanged for one drawn by popularity, with the probability that it was there by
        chance; a basket's weight is that of its items to come over their weight so far.
        """
        past = self.past
        drawn = rng.choice(self.popularity.size, size=past.item.size, p=self.popularity)
        first = np.zeros(past.item.size, dtype=np.bool_)
        first[past.start[:-1][np.diff(past.start) > 0]] = True
        change = (rng.random(past.item.size) < self.by_chance) & ~first
        return _once(Baskets(start=past.start, item=np.where(change, drawn, past.item), weight=past.weight))


def learn_baskets(start: Ints, item: Ints, *, items: int, demand: Floats | None = None) -> BasketModel:
    """Return what past baskets, oldest first, say of those to come.

    Parameters
    ----------
    start : (N + 1,)
        Where each basket begins in ``item``, with the end appended.
    item : (M,)
        Items from 0 to ``items`` - 1; one that occurs twice in a basket counts once.
    demand : (I,)
        Forecast units of each item; by default as in the past.

    Raises
    ------
    InputError
        If there is no basket, an item is unknown or demand is negative.

    References
    ----------
    Jelinek, Mercer (1980), Interpolated estimation of Markov source parameters from sparse data: the share by chance is
    a mixture's weight, found on held-out data by expectation maximisation.
    """
    if not item.size or item.min() < 0 or item.max() >= items:
        raise InputError(f"item must hold numbers from 0 to {items - 1}, at least one.")
    if demand is not None and (demand.shape != (items,) or not (demand >= 0).all() or not demand.any()):
        raise InputError(f"demand {demand.shape} must be ({items},), not negative and not all zero.")
    past = _once(Baskets(start=start, item=item, weight=np.ones(start.size - 1)))
    counts = np.bincount(past.item, minlength=items).astype(np.float64)
    so_far = counts / counts.sum()
    popularity = so_far if demand is None else demand / demand.sum()
    growth = np.log((popularity + 1e-3 / items) / (so_far + 1e-3 / items))
    size = np.diff(past.start)
    owner = past.owner()
    weight = np.exp(np.bincount(owner, weights=growth[past.item], minlength=len(past)) / np.maximum(size, 1))
    weight *= len(past) / weight.sum()
    shares = np.bincount(np.minimum(size[size > 0], MOST_LINES), minlength=2)[1:].astype(np.float64)
    return BasketModel(
        past=Baskets(start=past.start, item=past.item, weight=weight),
        popularity=popularity,
        by_chance=_by_chance(past, so_far),
        lines=shares / shares.sum(),
    )


def _by_chance(past: Baskets, popularity: Floats) -> float:
    """Return the weight of popularity that makes pairs of the latest baskets likeliest, given the pairs before."""
    cut = int(len(past) * (1 - HELD_SHARE))
    edge = int(past.start[cut])
    if not 0 < cut < len(past):
        return 1.0
    before = Baskets(start=past.start[: cut + 1], item=past.item[:edge], weight=past.weight[:cut])
    later = Baskets(start=past.start[cut:] - edge, item=past.item[edge:], weight=past.weight[cut:])
    known = _pairs(before, popularity.size)
    asked = _pairs(later, popularity.size).tocoo()
    if not asked.nnz or not known.nnz:
        return 1.0
    total = np.maximum(np.asarray(known.sum(axis=1)).ravel(), 1.0)
    paired = np.asarray(known[asked.row, asked.col]).ravel() / total[asked.row]
    chance = np.maximum(popularity[asked.col], 1e-12)
    share = 0.5
    for _ in range(STEPS):
        from_chance = share * chance / (share * chance + (1 - share) * paired)
        share = float((from_chance * asked.data).sum() / asked.data.sum())
    return share


def _pairs(baskets: Baskets, items: int) -> sp.csr_matrix:
    """Return how often two items share a basket (I, I); each basket's pairs together count its size less one."""
    size = np.diff(baskets.start)
    weight = np.repeat(1.0 / np.maximum(size, 1), size)
    shape = len(baskets), items
    there = sp.csr_matrix((np.ones(baskets.item.size), baskets.item, baskets.start), shape=shape)
    weighted = sp.csr_matrix((weight, baskets.item, baskets.start), shape=shape)
    pairs = sp.csr_matrix(there.T @ weighted)
    pairs.setdiag(0.0)
    pairs.eliminate_zeros()
    return pairs


def _once(baskets: Baskets) -> Baskets:
    """Return baskets in which each item occurs once, in rising order."""
    owner = baskets.owner()
    pair = np.unique(np.stack([owner, baskets.item], axis=1), axis=0)
    start = np.searchsorted(pair[:, 0], np.arange(len(baskets) + 1)).astype(np.int64)
    return Baskets(start=start, item=pair[:, 1].astype(np.int64), weight=baskets.weight)
