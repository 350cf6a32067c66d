"""Chooses the products of a small site so that most future orders are complete from it."""

from dataclasses import dataclass

import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.placement._basket_kernels import completion_credits, level_loads, peeled
from doorstep.placement.baskets import Baskets

SWEEPS = 60
LEAST_CHANCE = 1e-4
"""Chance that a product is there although nothing speaks for it, so that no order is hopeless for all others."""
SLOWEST = 0.15
"""Least step of a round towards what the round would choose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Foresight:
    """How far past orders are believed to come again.

    ``same`` is the chance that a future order like a past one wants just the same product; otherwise it wants one of
    its group, by their popularity. ``popularity`` is how much a product's popularity counts beside the orders that it
    completes. ``same=1, popularity=0`` believes every past order, which overfits. Rounds of choosing, and again.
    """

    same: float = 0.15
    popularity: float = 0.25
    rounds: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class AssortmentPlan:
    """Chosen products, and what the past orders say of them.

    Parameters
    ----------
    chosen : (N,)
    score : (N,)
        What having a product is worth: the weight of future orders that it is expected to complete.
    complete, bound
        Share of the past orders' weight that is complete, and the share that no assortment of this size exceeds. Past
        orders overstate: judge an assortment on later ones.
    """

    chosen: Bools
    score: Floats
    complete: float
    bound: float


def choose_assortment(
    baskets: Baskets,
    size: float,
    *,
    group: Ints | None = None,
    popularity: Floats | None = None,
    cube: Floats | None = None,
    allowed: Bools | None = None,
    must: Bools | None = None,
    foresight: Foresight | None = None,
) -> AssortmentPlan:
    """Return products for a site from which many future orders are complete.

    An order counts only if all its products are there, so products are worth what they complete together with others.
    Raw past orders overfit: most combinations never come again. So each past order stands for a family of future ones,
    in which a product is kept with a small chance and otherwise another of its group takes its place. The expected
    weight of complete orders is then smooth; the products of the steepest rise are chosen, and the rise is computed
    anew at the choice, in shrinking steps (Frank and Wolfe). Popularity, shared by the size of orders, is added.

    Parameters
    ----------
    baskets
        Past orders of the kind that the site is to complete, weighed as ``basket_weights`` does.
    size
        Number of products, or room where ``cube`` (N,) is given.
    group : (N,)
        Group of similar products, such as the category; without it all are one.
    popularity : (N,)
        How popular products are in all, for instance ``popularity()`` of orders of any size; by default of ``baskets``.
    allowed, must : (N,)
        What may and what must be chosen.

    Raises
    ------
    InputError
        If arrays do not fit, or what must be there has no room.

    References
    ----------
    Frank, Wolfe (1956), An algorithm for quadratic programming. Shen et al. (2025), arXiv 2509.12183, on assortments of
    front distribution centres.
    """
    foresight = Foresight() if foresight is None else foresight
    products = baskets.products
    group = np.zeros(products, np.int64) if group is None else group
    cube = np.ones(products) if cube is None else cube
    allowed = np.ones(products, np.bool_) if allowed is None else allowed
    must = np.zeros(products, np.bool_) if must is None else must
    popularity = baskets.popularity() if popularity is None else popularity
    _check_input(products, size, {"group": group, "popularity": popularity, "cube": cube}, allowed, must, cube)
    seen = baskets.known()
    wanted = np.bincount(seen.item, np.repeat(seen.weight, seen.size), minlength=products)
    popular = foresight.popularity * popularity / max(popularity.sum(), 1e-300)
    liked = wanted / max(wanted.sum(), 1e-300) + popular
    groups = int(group.max()) + 1 if products else 0
    within = liked / np.maximum(np.bincount(group, liked, minlength=groups), 1e-300)[group]
    share, credit, score = np.zeros(products), np.empty(products), liked
    for turn in range(foresight.rounds + 1):
        found = _best(score, size, cube, allowed, must).astype(np.float64)
        share += (found - share) * (1.0 if turn < 2 else max(2.0 / (turn + 1), SLOWEST))
        there = foresight.same * share + (1.0 - foresight.same) * np.bincount(group, within * share, groups)[group]
        completion_credits(seen.start, seen.item, seen.weight, np.maximum(there, LEAST_CHANCE), credit)
        score = foresight.same * credit + (1.0 - foresight.same) * within * np.bincount(group, credit, groups)[group]
        score += popular * credit.sum()
    chosen = _best(score, size, cube, allowed, must)
    return AssortmentPlan(
        chosen=chosen,
        score=score,
        complete=baskets.complete_share(chosen),
        bound=completion_bound(baskets, size, cube=cube),
    )


def completion_bound(baskets: Baskets, size: float, *, cube: Floats | None = None) -> float:
    """Return a share of the orders' weight that no products of this size complete more of.

    Each order shares its weight among its products; what an assortment completes is at most what its products got. The
    shares that make these loads level are best for every size at once (lexicographically optimal base), and the bound
    is that of the linear programme ``max sum w y, y_o <= x_i, sum x <= size`` once they are.

    References
    ----------
    Fujishige (1980), Lexicographically optimal base of a polymatroid with respect to a weight vector.
    """
    seen = baskets.known()
    cube = np.ones(baskets.products) if cube is None else cube
    part = np.repeat(seen.weight / seen.size, seen.size)
    load = np.bincount(seen.item, part, minlength=baskets.products).astype(np.float64)
    level_loads(seen.start, seen.item, seen.weight, part, load, SWEEPS)
    first = np.argsort(-load / cube, kind="stable")
    room = np.cumsum(cube[first])
    whole = int(np.searchsorted(room, size + 1e-9, side="right"))
    total = float(load[first[:whole]].sum())
    if whole < first.size and (cube != 1.0).any():
        left = size - (room[whole - 1] if whole else 0.0)
        total += float(load[first[whole]] * max(0.0, left) / cube[first[whole]])
    return min(1.0, total / max(float(baskets.weight.sum()), 1e-300))


def peel(baskets: Baskets, size: float, *, cube: Floats | None = None) -> Bools:
    """Return the products (N,) left when the one that loses fewest complete past orders is dropped, again and again.

    Near the best for the past orders, and no better than popularity for later ones: a peer, and a start for studies.
    """
    seen = baskets.known()
    order = np.repeat(np.arange(seen.weight.size), seen.size)
    by = np.argsort(seen.item, kind="stable")
    by_item = np.searchsorted(seen.item[by], np.arange(baskets.products + 1)).astype(np.int64)
    kept = np.ones(baskets.products, np.bool_)
    room = np.ones(baskets.products) if cube is None else cube
    peeled(seen.start, seen.item, seen.weight, by_item, order[by], room, float(size), kept)
    return kept


def most_popular(score: Floats, size: int) -> Bools:
    """Return the products (N,) of the highest scores, the earlier first among equals."""
    none = np.zeros(score.size, np.bool_)
    return _best(score, float(size), np.ones(score.size), ~none, none)


def _best(score: Floats, size: float, cube: Floats, allowed: Bools, must: Bools) -> Bools:
    """Return what must be there and then the highest scores for their room, as long as they fit."""
    chosen = must.copy()
    left = size - float(cube[must].sum())
    first = np.argsort(-score / cube, kind="stable")
    first = first[(allowed & ~must)[first]]
    if (cube == cube[:1]).all():
        chosen[first[: int((left + 1e-9) // cube[0])]] = True
        return chosen
    for i in first:
        if cube[i] <= left + 1e-9:
            chosen[i] = True
            left -= cube[i]
    return chosen


def _check_input(
    products: int, size: float, arrays: dict[str, Floats | Ints], allowed: Bools, must: Bools, cube: Floats
) -> None:
    given: dict[str, Floats | Ints | Bools] = {**arrays, "allowed": allowed, "must": must}
    faults = [f"{name} {a.shape} must be ({products},)." for name, a in given.items() if a.shape != (products,)]
    if not faults:
        faults += [f"{name} must not be negative." for name, a in arrays.items() if not (a >= 0).all()]
        faults += ["cube must be above 0."] if not (cube > 0).all() else []
        needed = float(cube[must].sum())
        if needed > size + 1e-9:
            faults.append(f"must needs {needed:g}, size is {size:g}: {needed - size:g} too little.")
    if faults:
        raise InputError(" ".join(faults))
