"""What no division can cost less than: Lagrange's bound of the balanced p-median problem."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from doorstep.foundation import Progress, Stop
from doorstep.foundation.arrays import Floats, Ints
from doorstep.network.regions._model import Model
from doorstep.network.regions._polish import Division
from doorstep.network.regions._pricing import all_values, count_takers, site_values
from doorstep.network.regions._sphere import Tree, distance_rows, tree_of
from doorstep.network.regions._starts import Coarse

KEPT = 150
"""Sites of the coarse map that the prices of areas are found with, the cheapest ones."""
NEAR = 12
"""Sites near each centre of the division, likewise."""
ADDED = 150
"""Sites added after all were priced."""
COARSE_STEPS = 160
"""Steps of the prices on the coarse map."""
STEPS = (50, 50, 40, 40, 30, 30)
"""Steps of the prices of areas between the pricings of all sites."""
WORTHWHILE = 2e-4
"""Share by which the bound must grow from one pricing to the next to go on."""
ROUNDING = 1e-9
"""Share of the bound that is given away for the rounding of sums."""


@dataclass(slots=True, kw_only=True)
class Slot:
    """``count`` of the regions, to be chosen among the same sites: rows ``site`` (M,), their distances (M, N).

    ``extra_m`` (N,) is what an area costs in them beside its distance; ``free`` tells that all sites may be chosen, not
    only these. ``price`` (W, M) and ``kind`` (M,) are kept by ``site_values``.
    """

    count: int
    site: Ints
    distance: npt.NDArray[np.float32]
    extra_m: Floats
    free: bool
    price: Floats
    kind: Ints

    def net(self, model: Model, worth: Floats) -> Floats:
        """Return the worth of areas (N,) less what they cost in these regions beside their distance."""
        return worth - model.share * self.extra_m


def lower_bound(
    coarse: Coarse, division: Division, stop: Stop, progress: Progress, *, price_m: float, moved_price_m: float
) -> float:
    """Return metres that no division has less of, whether contiguous or not.

    The rule that each area is in one region is priced: an area's worth is paid once for it, and earned by every region
    that takes it. What is left falls apart by site: the cheapest set of areas, parts allowed, whose weight is within
    the limits. The k cheapest sites make the bound, at any prices. Prices follow the subgradient, deflected, each
    scaled by the area's weight: first on the coarse map, then for all areas on some sites only, until all sites are
    priced, near ones in groups, and the cheapest join. Only a pricing of all sites for all areas counts.

    Where the present map matters, each of its regions has a site of its own, and ``moved_price_m`` is the price of the
    limit on what is moved.

    References
    ----------
    Beasley (1993), Lagrangean heuristics for location problems, European Journal of Operational Research 65.
    Camerini, Fratta, Maffioli (1975), On improving relaxation methods by modified gradient techniques.
    """
    price_m += moved_price_m
    if not price_m:  # labels do not matter
        coarse = replace(coarse, model=replace(coarse.model, most_moved=1.0))
    model = coarse.model
    given = moved_price_m * model.most_moved
    target = division.cost + given
    worth, kept = _coarse_worth(coarse, division, target, stop, price_m)
    extra = np.zeros((model.k, model.share.size))
    if model.sticky:
        extra = price_m * ((model.present >= 0) & (model.present != np.arange(model.k)[:, None]))
    slots = list(_slots(model, division.centre, kept, extra))
    tree = tree_of(model.sites, leaf=1)
    best = 0.0
    for steps in STEPS:
        worth = _climb(model, slots, worth, target, steps, stop, pace=0.3)
        bound = _bound_of_all(model, slots, tree, worth) - given
        gained = bound - best
        best = max(best, bound)
        progress.advance()
        if stop.spent() >= 1.0 or gained < WORTHWHILE * best:
            break
    return min(best, division.cost)


def _coarse_worth(
    coarse: Coarse, division: Division, target: float, stop: Stop, price_m: float
) -> tuple[Floats, list[Ints]]:
    """Return the worth of each area (N,) as the coarse map has it, and the cheapest sites there for each slot."""
    fine = coarse.model
    points = fine.sites[coarse.site]
    centre = np.asarray(cKDTree(points).query(fine.sites[division.centre])[1], dtype=np.int64)
    model = replace(
        fine,
        points=coarse.middle,
        sites=points,
        share=coarse.share,
        weights=coarse.weights,
        piece=coarse.piece,
        site_piece=fine.site_piece[coarse.site],
        fixed=np.searchsorted(coarse.site, fine.fixed),
    )
    share = np.maximum(coarse.share, 1e-300)
    extra = price_m * (coarse.moving / share[:, None]).T
    some = -(-len(points) // model.k)
    around = cKDTree(points).query(points[centre], k=[*range(1, some + 1)])[1].astype(np.int64)
    tried = [np.arange(len(points)) if mine.size > 1 else around[mine[0]] for mine in _regions_of_slots(model)]
    slots = list(_slots(model, centre, tried, extra))
    worth = _climb(model, slots, _first_worth(model, centre, division.cost), target, COARSE_STEPS, stop, pace=1.0)
    kept = list[Ints]()
    for slot in slots:
        cheapest = np.argsort(_slot_values(model, slot, slot.net(model, worth)), kind="stable")
        kept.append(coarse.site[slot.site[cheapest[: KEPT if slot.count > 1 else KEPT // 3]]])
    chord, group = cKDTree(coarse.middle).query(fine.points, k=[*range(1, min(4, share.size) + 1)])
    closeness = 1.0 / (chord + 1e-6)
    metres = ((worth / share)[group] * closeness).sum(axis=1) / closeness.sum(axis=1)
    first: Floats = fine.share * np.where(np.isfinite(metres), metres, 0.0)
    return first, kept


def _regions_of_slots(model: Model) -> list[Ints]:
    """Return the regions of each slot: one where it is fixed or known today, together where it is not."""
    alone = model.k if model.sticky else model.fixed.size
    together = [np.arange(alone, model.k)] if alone < model.k else []
    return [np.array([r]) for r in range(alone)] + together


def _slots(model: Model, centre: Ints, kept: Sequence[Ints], extra: Floats) -> Iterator[Slot]:
    """Yield the slots with the sites kept for each and those near the centres; ``extra`` (k, N) is asked of areas."""
    near = cKDTree(model.sites).query(model.sites[centre], k=[*range(1, min(NEAR, len(model.sites)) + 1)])[1]
    for mine, sites in zip(_regions_of_slots(model), kept, strict=True):
        held = mine[0] < model.fixed.size
        chosen = model.fixed[mine] if held else np.union1d(sites, near[mine].ravel()).astype(np.int64)
        yield _slot(model, mine.size, chosen, extra[mine[0]], free=not held)


def _slot(model: Model, count: int, site: Ints, extra_m: Floats, *, free: bool) -> Slot:
    return Slot(
        count=count,
        site=site,
        distance=distance_rows(model.sites, site, model.points).astype(np.float32),
        extra_m=np.asarray(extra_m, dtype=np.float64),
        free=free,
        price=np.zeros((model.weights.shape[0], site.size)),
        kind=np.zeros(site.size, np.int64),
    )


def _first_worth(model: Model, centre: Ints, cost: float) -> Floats:
    """Return a first worth of each area: as if it were midway between its two nearest centres."""
    metres = np.sort(model.distances(centre), axis=1)[:, :2]
    first: Floats = model.share * np.minimum(metres.mean(axis=1), 4.0 * cost)
    return first


def _climb(
    model: Model, slots: list[Slot], worth: Floats, target: float, steps: int, stop: Stop, *, pace: float
) -> Floats:
    """Return the best worth that so many steps along the deflected subgradient find."""
    best, best_worth = -np.inf, worth
    direction = np.zeros_like(worth)
    idle = 0
    for _ in range(steps):
        if stop():
            break
        value, taken = _value(model, slots, worth)
        if value > best * (1.0 + 1e-6):
            best, best_worth, idle = value, worth, 0
        else:
            idle += 1
            if idle == 10:
                pace, idle, worth = 0.7 * pace, 0, best_worth
        slope = 1.0 - taken
        direction = slope + 0.7 * direction
        rise = float((model.share * slope * direction).sum())
        if rise <= 0.0:
            direction, rise = slope, float((model.share * slope * slope).sum())
        if rise <= 0.0 or value >= target:
            break
        worth = worth + model.share * (pace * (target - value) / rise) * direction
    return best_worth


def _value(model: Model, slots: list[Slot], worth: Floats) -> tuple[float, Floats]:
    """Return the bound as far as the slots' own sites go, and how many regions take each area (N,)."""
    total = float(worth.sum())
    taken = np.zeros_like(worth)
    for slot in slots:
        net = slot.net(model, worth)
        value = _slot_values(model, slot, net)
        chosen = np.argsort(value, kind="stable")[: slot.count]
        total += float(value[chosen].sum())
        count_takers(slot.distance, model.share, net, model.weights, slot.price, slot.kind, chosen, taken)
    return total, taken


def _slot_values(model: Model, slot: Slot, net: Floats) -> Floats:
    value = np.empty(slot.site.size)
    reach = _reach(model)
    site_values(
        slot.distance, model.share, net, model.weights, model.low, model.high, reach, slot.price, slot.kind, value
    )
    return value


def _reach(model: Model) -> float:
    """Return about the price of weight that moves a border by half the width of a region [m]."""
    return 1e6 / model.k


def _bound_of_all(model: Model, slots: list[Slot], tree: Tree, worth: Floats) -> float:
    """Return the bound over all sites, and let the cheapest of those join the slots."""
    total = float(worth.sum())
    for number, slot in enumerate(slots):
        net = slot.net(model, worth)
        own = np.sort(_slot_values(model, slot, net))
        sites = tree if slot.free else tree_of(model.sites[slot.site], leaf=1)
        points = model.sites if slot.free else model.sites[slot.site]
        value = np.full(len(points), np.inf)
        enough = float(own[slot.count - 1])
        all_values(
            sites,
            points,
            model.points,
            model.share,
            net,
            model.weights,
            model.low,
            model.high,
            _reach(model),
            enough,
            value,
        )
        total += float(np.sort(np.append(value, np.full(slot.count, enough)))[: slot.count].sum())
        if slot.free:
            cheap = np.argsort(value, kind="stable")[: ADDED if slot.count > 1 else ADDED // 3]
            joining = np.setdiff1d(cheap[value[cheap] < enough], slot.site)
            slots[number] = _joined(slot, _slot(model, slot.count, joining, slot.extra_m, free=True))
    return total - ROUNDING * abs(total) - ROUNDING * float(worth.sum())


def _joined(slot: Slot, more: Slot) -> Slot:
    return Slot(
        count=slot.count,
        site=np.concatenate([slot.site, more.site]),
        distance=np.concatenate([slot.distance, more.distance]),
        extra_m=slot.extra_m,
        free=True,
        price=np.concatenate([slot.price, more.price], axis=1),
        kind=np.concatenate([slot.kind, more.kind]),
    )
