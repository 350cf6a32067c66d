"""Where regions may have their centres: many starts on a coarse map, the better ones improved centre by centre."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial import cKDTree

from doorstep.foundation import Progress, Stop
from doorstep.foundation.arrays import Floats, Ints
from doorstep.network.regions._kernels import balance, best_centres
from doorstep.network.regions._model import ELSEWHERE_M, Model
from doorstep.network.regions._sphere import distance_rows, tree_of

COARSE = 1_000
"""Groups of areas on the coarse map, about."""
PASSES = 60
"""Passes over the groups to balance the regions around given centres."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Centres, the prices (W, k) that balance their regions, and the cost of those, fines for imbalance included."""

    centre: Ints
    price: Floats
    merit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Coarse:
    """The map in G groups of areas, and M sites for centres.

    ``middle`` (G, 3) unit vectors, ``share`` (G,), ``weights`` (W, G), ``piece`` (G,) of the groups.

    ``site`` (M,) are rows of the model's sites, ``distance`` (M, G) theirs from the groups, ``moving`` (G, k) the share
    of each group that a region takes over from others.
    """

    model: Model
    middle: Floats
    share: Floats
    weights: Floats
    piece: Ints
    site: Ints
    distance: Floats
    moving: Floats

    def costs(self, centre: Ints, price_m: float) -> Floats:
        """Return what each group costs in each region (G, k); centres are rows of ``site``."""
        metres = self.distance[centre].T
        if self.model.regions_of_piece.size > 1:
            elsewhere = self.model.site_piece[self.site[centre]] != self.piece[:, None]
            metres = np.where(elsewhere, ELSEWHERE_M, metres)
        return np.ascontiguousarray(self.share[:, None] * metres + price_m * self.moving)


def coarse_of(model: Model) -> Coarse:
    """Return the map in about a thousand groups of areas that lie together, none across pieces of the map."""
    group = _groups(model)
    count = int(group.max()) + 1
    share = np.bincount(group, weights=model.share, minlength=count).astype(np.float64)
    mass = model.share + 1e-12
    summed = np.column_stack([np.bincount(group, weights=model.points[:, x] * mass) for x in range(3)])
    middle: Floats = summed / np.linalg.norm(summed, axis=1, keepdims=True)
    piece = np.empty(count, np.int64)
    piece[group] = model.piece
    site = np.unique(np.concatenate([cKDTree(model.sites).query(middle)[1], model.fixed])).astype(np.int64)
    site = _filled(model, site)
    moving = np.zeros((count, model.k))
    if model.sticky:
        known = model.present >= 0
        key = group[known] * model.k + model.present[known]
        stays = np.bincount(key, weights=model.share[known], minlength=count * model.k).reshape(count, model.k)
        moving = stays.sum(axis=1, keepdims=True) - stays
    return Coarse(
        model=model,
        middle=middle,
        share=share,
        weights=np.array([np.bincount(group, weights=row, minlength=count) for row in model.weights]),
        piece=piece,
        site=site,
        distance=distance_rows(model.sites, site, middle),
        moving=moving,
    )


def starts(
    coarse: Coarse, rng: np.random.Generator, stop: Stop, progress: Progress, *, count: int, price_m: float
) -> list[Start]:
    """Return local optima of balancing and re-centring in turn, the best first, at least one.

    A quarter begin with centres drawn at random, the first of them with the present regions where these matter. The
    others begin with one of the best four, of which some centre is drawn anew.
    """
    model = coarse.model
    found = list[Start]()
    nothing = np.zeros((model.weights.shape[0], model.k))
    for number in range(count):
        if number and (stop() or stop.spent() > 0.3):
            break
        if 4 * number < count or model.fixed.size == model.k:
            centre = _present_centres(coarse, rng) if model.sticky and number == 0 else _spread(coarse, rng, [])
        else:
            base = found[int(rng.integers(min(4, len(found))))].centre
            centre = _redrawn(coarse, rng, base)
        found.append(settle(coarse, centre, nothing, price_m=price_m))
        progress.advance()
        found.sort(key=lambda start: start.merit)
        found = [s for n, s in enumerate(found) if n == 0 or s.merit > found[n - 1].merit]
    return found


def settle(coarse: Coarse, centre: Ints, price: Floats, *, price_m: float) -> Start:
    """Return where balancing regions and moving centres to their middle, in turn, come to rest."""
    model = coarse.model
    best: Start | None = None
    centre, price = centre.copy(), price.copy()
    region = np.empty(coarse.share.size, np.int64)
    site_piece = model.site_piece[coarse.site]
    for _ in range(60):
        merit = _balance(coarse, centre, price, region, price_m)
        if best is None or merit < best.merit:
            best = Start(centre=centre.copy(), price=price.copy(), merit=merit)
        held = model.fixed.size
        if not best_centres(coarse.distance, coarse.share, region, site_piece, coarse.piece, centre, held):
            break
    assert best is not None
    return best


def _balance(coarse: Coarse, centre: Ints, price: Floats, region: Ints, price_m: float) -> float:
    cost = coarse.costs(centre, price_m)
    reach = float(cost.min(axis=1).sum()) / coarse.model.k
    low, high = coarse.model.low, coarse.model.high
    return balance(cost, coarse.weights, low, high, price, np.empty_like(price), region, reach, PASSES)[1]


def _groups(model: Model) -> Ints:
    """Return the group of each area (N,): leaves of a tree over each piece of the map."""
    n = model.share.size
    leaf = max(1, -(-n // COARSE))
    group = np.empty(n, np.int64)
    count = 0
    for piece in range(model.regions_of_piece.size):
        mine = np.flatnonzero(model.piece == piece)
        tree = tree_of(model.points[mine], leaf=min(leaf, max(1, mine.size // int(model.regions_of_piece[piece]))))
        for node in tree.leaves():
            group[mine[tree.order[tree.start[node] : tree.end[node]]]] = count
            count += 1
    return group


def _filled(model: Model, site: Ints) -> Ints:
    """Return sites with enough of them on every piece of the map."""
    for piece, count in enumerate(model.regions_of_piece):
        if (model.site_piece[site] == piece).sum() < count:
            site = np.union1d(site, np.flatnonzero(model.site_piece == piece))
    return site


def _redrawn(coarse: Coarse, rng: np.random.Generator, centre: Ints) -> Ints:
    """Return centres with one or two, not fixed, drawn anew."""
    fixed = coarse.model.fixed.size
    gone = rng.choice(
        np.arange(fixed, centre.size), size=min(int(rng.integers(1, 3)), centre.size - fixed), replace=False
    )
    kept = [int(c) for c in np.delete(centre, gone)]
    return _spread(coarse, rng, kept[fixed:])


def _spread(coarse: Coarse, rng: np.random.Generator, kept: list[int]) -> Ints:
    """Return the fixed centres, those kept, and others drawn by chance: as weight times squared distance."""
    model = coarse.model
    chosen = [*np.searchsorted(coarse.site, model.fixed).tolist(), *kept]
    site_piece = model.site_piece[coarse.site]
    nearest = np.argmin(coarse.distance, axis=0)
    mass = np.bincount(nearest, weights=coarse.share, minlength=coarse.site.size) + 1e-9
    for piece, count in enumerate(model.regions_of_piece):
        mine = site_piece == piece
        while sum(bool(mine[c]) for c in chosen) < count:
            far = np.array([1.0])
            if chosen:
                far = cKDTree(model.sites[coarse.site[chosen]]).query(model.sites[coarse.site])[0] ** 2
            chance = np.where(mine, mass * far, 0.0)
            if not chance.sum() > 0.0:
                chance = np.where(mine, 1.0, 0.0)
                chance[chosen] = 0.0
            chosen.append(int(rng.choice(mass.size, p=chance / chance.sum())))
    centre = np.array(chosen, dtype=np.int64)
    return _labelled(coarse, centre) if model.sticky else centre


def _labelled(coarse: Coarse, centre: Ints) -> Ints:
    """Return centres in the order of the present regions that they would serve most of."""
    f = coarse.model.fixed.size
    near = np.argmin(coarse.costs(centre, 0.0), axis=1)
    lost = np.zeros((coarse.model.k, coarse.model.k))
    np.add.at(lost, near, coarse.moving)
    row, label = linear_sum_assignment(lost[f:, f:])
    ordered = centre.copy()
    ordered[f + label] = centre[f + row]
    return ordered


def _present_centres(coarse: Coarse, rng: np.random.Generator) -> Ints:
    """Return centres in the middle of the present regions, where these lie as the pieces of the map allow."""
    model = coarse.model
    centre = _spread(coarse, rng, [])
    stays = coarse.moving.sum(axis=1, keepdims=True) / max(model.k - 1, 1) - coarse.moving
    for r in range(model.fixed.size, model.k):
        total = coarse.distance @ stays[:, r]
        total[model.site_piece[coarse.site] != model.site_piece[coarse.site[centre[r]]]] = np.inf
        if stays[:, r].sum() > 0.0:
            centre[r] = int(np.argmin(total))
    return centre if np.unique(centre).size == model.k else _spread(coarse, rng, [])
