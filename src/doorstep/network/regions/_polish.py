"""From balanced centres to whole regions: each in one piece, weights within limits, borders and centres moved."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from doorstep.foundation import Progress, Stop
from doorstep.foundation.arrays import Ints
from doorstep.network.regions._kernels import balance, total_metres
from doorstep.network.regions._model import Model
from doorstep.network.regions._moves import Rules, anneal
from doorstep.network.regions._starts import Start
from doorstep.network.regions.adjacency import pieces_of

PASSES = 150
"""Passes over the areas to balance the regions around the first centres."""
ROUNDS = 10
"""Rounds of moving borders, with the centres moved after each."""
SWEEPS = 25
"""Sweeps over the borders in a round."""
WARM, COLD = 1e-4, 1e-6
"""First and last temperature, as a share of the cost."""
HOT = 6.0
"""First temperature, divided by the number of areas, where limits are broken still: an area may then break more."""
HASTY, PATIENT = 200, 1_000
"""Areas visited to see whether a region stays in one piece, in most rounds and in the last ones."""
NEAR = 32
"""Sites around a centre that are tried in its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """The region of each area (N,) and the centre of each region (k,); cost in metres, excess in average regions."""

    region: Ints
    centre: Ints
    cost: float
    excess: float

    def better_than(self, other: "Division") -> bool:
        """Return whether this breaks limits less, or as little at lower cost."""
        return (round(self.excess, 9), self.cost) < (round(other.excess, 9), other.cost)


def division_of(model: Model, region: Ints, centre: Ints) -> Division:
    """Return a division with its cost and what it breaks."""
    cost = model.costs(centre, model.move_price_m)[np.arange(region.size), region].sum()
    return Division(region=region.copy(), centre=centre.copy(), cost=float(cost), excess=model.excess(region))


def whole_regions(model: Model, start: Start, *, price_m: float) -> Division:
    """Return the regions that the centres and prices of a start make on the fine map, each in one piece."""
    cost = model.costs(start.centre, price_m)
    region = np.empty(model.share.size, np.int64)
    reach = float(cost.min(axis=1).sum()) / model.k
    price = start.price.copy()
    balance(cost, model.weights, model.low, model.high, price, np.empty_like(price), region, reach, PASSES)
    region = one_piece_each(model, region, start.centre)
    return division_of(model, region, recentred(model, region, start.centre))


def one_piece_each(model: Model, region: Ints, centre: Ints) -> Ints:
    """Return regions in one piece: of each the piece around its centre, and what falls off goes to touching regions."""
    region = region.copy()
    anchor = _anchors(model, centre)
    region[anchor] = np.arange(model.k)
    tail = np.repeat(np.arange(region.size), np.diff(model.start))
    inside = region[tail] == region[model.neighbour]
    part = pieces_of(np.column_stack([tail[inside], model.neighbour[inside]]), region.size)
    region[part != part[anchor][region]] = -1
    metres = model.costs(centre, 0.0)
    while (region < 0).any():
        border = (region[tail] < 0) & (region[model.neighbour] >= 0)
        area, to = tail[border], region[model.neighbour[border]]
        order = np.lexsort((metres[area, to], area))
        area, to = area[order], to[order]
        first = np.append(True, area[1:] != area[:-1])
        region[area[first]] = to[first]
    return region


def recentred(model: Model, region: Ints, centre: Ints) -> Ints:
    """Return the centres moved, site by site near them, to where their regions have the least distance."""
    centre = centre.copy()
    tree = cKDTree(model.sites)
    for r in range(model.fixed.size, model.k):
        member = np.flatnonzero(region == r)
        middle = (model.points[member] * (model.share[member, None] + 1e-15)).sum(axis=0)
        around = [model.sites[centre[r]], middle / np.linalg.norm(middle)]
        best = np.inf
        while True:
            rows = np.unique(tree.query(np.array(around), k=min(NEAR, len(model.sites)))[1].ravel()).astype(np.int64)
            if model.own_sites:
                rows = rows[region[rows] == r]
            else:
                rows = np.setdiff1d(rows[model.site_piece[rows] == model.piece[member[0]]], centre)
            rows = np.append(centre[r], rows)
            total = total_metres(model.sites, rows, model.points, member, model.share)
            if total.min() >= best:
                break
            best = float(total.min())
            centre[r] = rows[np.argmin(total)]
            around = [model.sites[centre[r]]]
    return centre


def polish(
    model: Model,
    division: Division,
    rng: np.random.Generator,
    stop: Stop,
    progress: Progress,
    *,
    until: float,
    warm: float = WARM,
) -> Division:
    """Return the best division found by moving borders and centres in turn, round by round more strictly.

    It ends after its rounds, or when the share ``until`` of the patience is spent. The first temperature is ``warm`` as
    a share of the cost.
    """
    best = now = division
    fine = 20.0 * division.cost / model.k
    for number in range(ROUNDS):
        if number and (stop() or stop.spent() > until):
            break
        heat = division.cost * warm * (COLD / warm) ** (number / (ROUNDS - 1))
        last = number >= ROUNDS - 2
        heat = 0.0 if last else heat
        now = _round(model, now, rng, fine=fine, warm=heat, patience=PATIENT if last else HASTY)
        if now.better_than(best):
            best = now
        if now.excess > 1e-9:
            fine *= 2.0
        if last:
            now = best
        progress.advance()
    return best


def _round(
    model: Model, division: Division, rng: np.random.Generator, *, fine: float, warm: float, patience: int
) -> Division:
    cost = model.costs(division.centre, model.move_price_m)
    region = division.region.copy()
    pinned = np.zeros(region.size, np.bool_)
    if model.own_sites:
        pinned[division.centre] = True
    rules = Rules(cost, model.weights, model.low, model.high, model.share, model.present, model.most_moved, fine)
    anneal(
        rules,
        model.start,
        model.neighbour,
        pinned,
        region,
        model.loads(region),
        model.moved(region),
        warm,
        0.1 * warm,
        SWEEPS,
        patience,
        rng,
    )
    return division_of(model, region, recentred(model, region, division.centre))


def _anchors(model: Model, centre: Ints) -> Ints:
    """Return an area that each region surely has (k,): its centre, or the free area nearest to it."""
    if model.own_sites:
        return centre
    anchor = np.empty(model.k, np.int64)
    taken = np.zeros(model.share.size, np.bool_)
    metres = model.distances(centre)
    for r in range(model.k):
        anchor[r] = np.argmin(np.where(taken, np.inf, metres[:, r]))
        taken[anchor[r]] = True
    return anchor
