"""Dividing a country into regions: search, proof, and what binds."""

from dataclasses import replace

import numpy as np
from scipy.optimize import linear_sum_assignment

from doorstep.foundation import Interrupt, Progress, Silent, Stop
from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.geography import great_circle_m
from doorstep.network.regions._kernels import balance
from doorstep.network.regions._model import Model, model_of
from doorstep.network.regions._polish import HOT, ROUNDS, WARM, Division, polish, whole_regions
from doorstep.network.regions._starts import Coarse, Start, coarse_of, starts
from doorstep.network.regions.adjacency import pieces_of
from doorstep.network.regions.bound import STEPS, lower_bound
from doorstep.network.regions.lanes import LaneTerms, lanes_between
from doorstep.network.regions.plan import Binding, RegionPlan
from doorstep.network.regions.problem import RegionsProblem

STARTS = 120
"""Starts on the coarse map."""
POLISHED = 10
"""Best of them that become whole regions."""
REBALANCED = 5
"""Times that the best of those is balanced and polished once more."""


def divide(
    problem: RegionsProblem,
    *,
    rng: np.random.Generator,
    stop: Stop | None = None,
    progress: Progress | None = None,
    lanes: LaneTerms | None = None,
) -> RegionPlan:
    """Return contiguous regions of even weight whose areas are near their centres, with a proved bound.

    Many choices of centres are tried on a coarse map: areas are balanced between centres by prices of weight, and
    centres moved to the middle of their regions, in turn. The best become whole regions, each in one piece, whose
    borders are annealed. Lagrange's bound proves how much better any division could be.

    Parameters
    ----------
    problem
        N areas and what is asked of k regions.
    rng
        The same generator gives the same plan if ``stop`` does not end the search.
    stop
        Patience: the search gets three fifths of it, the bound the rest. By default both end by themselves.
    progress
        Hears three stages: ``centres``, ``borders``, ``bound``.
    lanes
        What the ways between the centres cost and take.
    """
    stop = stop or Interrupt()
    progress = progress or Silent()
    model = model_of(problem)
    coarse = coarse_of(model)
    limit_price_m = _price_of_limit(coarse, rng)
    price_m = model.move_price_m + limit_price_m
    progress.stage("centres", STARTS)
    found = starts(coarse, rng, stop, progress, count=STARTS, price_m=price_m)
    best = _whole(model, coarse, found[:POLISHED], rng, stop, progress, price_m=price_m)
    progress.stage("bound", len(STEPS))
    bound = lower_bound(coarse, best, stop, progress, price_m=model.move_price_m, moved_price_m=limit_price_m)
    return _plan(problem, model, best, bound, lanes or LaneTerms(), limit_price_m=limit_price_m)


def _whole(
    model: Model,
    coarse: Coarse,
    found: list[Start],
    rng: np.random.Generator,
    stop: Stop,
    progress: Progress,
    *,
    price_m: float,
) -> Division:
    """Return the best division that some starts lead to."""
    progress.stage("borders", (len(found) + REBALANCED) * ROUNDS)
    best: Division | None = None
    for start in found:
        if best is not None and stop.spent() >= 0.5:
            break
        fine = replace(start, centre=coarse.site[start.centre])
        here = polish(model, whole_regions(model, fine, price_m=price_m), rng, stop, progress, until=0.6)
        best = here if best is None or here.better_than(best) else best
    assert best is not None
    for number in range(REBALANCED):
        if stop.spent() >= 0.6:
            break
        again, warm = best, WARM
        if best.excess > 1e-9:
            warm = max(WARM, HOT / model.share.size)
        elif number % 2 == 0:
            nothing = np.zeros((model.weights.shape[0], model.k))
            again = whole_regions(model, Start(centre=best.centre, price=nothing, merit=0.0), price_m=price_m)
        here = polish(model, again, rng, stop, progress, until=0.6, warm=warm)
        best = here if here.better_than(best) else best
    return best


def _price_of_limit(coarse: Coarse, rng: np.random.Generator) -> float:
    """Return the price of moving, beside the given one, at which no more moves than may, found by halving [m]."""
    model = coarse.model
    if not model.sticky or model.most_moved >= 1.0:
        return 0.0

    def moved(price_m: float) -> float:
        (start,) = starts(coarse, rng, Interrupt(), Silent(), count=1, price_m=price_m)
        cost = coarse.costs(start.centre, price_m)
        region = np.argmin(cost + (coarse.weights.T @ start.price), axis=1)
        return float(coarse.moving[np.arange(region.size), region].sum())

    low, high = 0.0, 1e4
    if moved(model.move_price_m) <= model.most_moved:
        return 0.0
    while moved(model.move_price_m + high) > model.most_moved and high < 1e7:
        low, high = high, 4.0 * high
    for _ in range(6):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if moved(model.move_price_m + middle) > model.most_moved else (low, middle)
    return high


def _plan(
    problem: RegionsProblem, model: Model, best: Division, bound: float, terms: LaneTerms, *, limit_price_m: float
) -> RegionPlan:
    label = _labels(problem, model, best)
    region = label[best.region]
    centre = best.centre[np.argsort(label)]
    places = problem.candidates.take(centre)
    at = places.take(region)
    metres = great_circle_m(lat_a=problem.areas.lat, lon_a=problem.areas.lon, lat_b=at.lat, lon_b=at.lon)
    weights = np.array([np.bincount(region, weights=row, minlength=model.k) for row in problem.weights])
    far = np.bincount(region, weights=problem.weights[0] * metres, minlength=model.k)
    moved = model.moved(region)
    mean = float(far.sum() / problem.weights[0].sum())
    cost = mean + problem.move_price_m * moved
    return RegionPlan(
        region=region,
        centre=centre,
        weights=weights,
        region_mean_m=np.divide(far, weights[0], out=np.zeros_like(far), where=weights[0] > 0.0),
        mean_m=mean,
        moved_share=moved,
        cost_m=cost,
        bound_m=min(bound, cost),
        balanced=best.excess <= 1e-9,
        detached=_detached(problem, region),
        pieces=int(pieces_of(problem.edges, region.size).max()) + 1,
        lanes=lanes_between(region, problem.edges, places, terms),
        binding=_binding(model, best, label, limit_price_m=limit_price_m),
    )


def _labels(problem: RegionsProblem, model: Model, best: Division) -> Ints:
    """Return the label of each region of a division (k,)."""
    label = np.arange(model.k)
    if model.sticky:
        return label
    f = model.fixed.size
    if problem.present is None:
        west_to_east = np.argsort(problem.candidates.lon[best.centre[f:]], kind="stable")
        label[f + west_to_east] = np.arange(f, model.k)
        return label
    kept = np.zeros((model.k, model.k))
    known = model.present >= 0
    np.add.at(kept, (best.region[known], model.present[known]), model.share[known])
    row, column = linear_sum_assignment(-kept[f:, f:])
    label[f + row] = f + column
    return label


def _detached(problem: RegionsProblem, region: Ints) -> Bools:
    """Return the areas that links inside their region do not connect to its heaviest part (N,)."""
    inside = problem.edges[region[problem.edges[:, 0]] == region[problem.edges[:, 1]]]
    part = pieces_of(inside, region.size)
    areas = np.bincount(part)
    mass = np.bincount(part, weights=problem.weights[0])
    owner = np.zeros(areas.size, np.int64)
    owner[part] = region
    order = np.lexsort((areas, mass))  # the heaviest part of a region comes last and stays in main
    main = np.zeros(problem.regions, np.int64)
    main[owner[order]] = order
    detached: Bools = part != main[region]
    return detached


def _binding(model: Model, best: Division, label: Ints, *, limit_price_m: float) -> tuple[Binding, ...]:
    """Return what the balance, the present map and whole, contiguous areas cost around the plan's centres."""
    price_m = model.move_price_m + limit_price_m
    cost = model.costs(best.centre, price_m)
    start: Floats = np.zeros((model.weights.shape[0], model.k))
    price = start.copy()
    reach = float(cost.min(axis=1).sum()) / model.k
    region = np.empty(best.region.size, np.int64)
    least, _ = balance(cost, model.weights, model.low, model.high, start, price, region, reach, 400)
    least -= limit_price_m * model.most_moved
    found = [
        Binding(
            rule="upper" if price[w, r] > 0.0 else "lower",
            region=int(label[r]),
            weight=int(w),
            saved_m=0.01 * abs(float(price[w, r])),
        )
        for w, r in np.argwhere(np.abs(price) > 1e-6 * reach)
    ]
    if best.cost > least:
        found.append(Binding(rule="whole", region=-1, weight=-1, saved_m=best.cost - least))
    if model.sticky and model.moved(region) > 0.0:
        found.append(Binding(rule="moving", region=-1, weight=-1, saved_m=0.01 * price_m))
    return tuple(sorted(found, key=lambda binding: -binding.saved_m))
