"""Chains of simulated annealing over whole customers and, with them, over the sites that are open."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from doorstep.foundation.arrays import Floats, Ints
from doorstep.network.capacitated._anneal import anneal, group
from doorstep.network.capacitated.bound import Reduced
from doorstep.network.capacitated.options import Incumbent, Options, served_whole

NEAR = 16
"""Options that a customer may move to, those of least reduced cost."""
MOVES = 20_000
"""Moves for each customer in the first chain."""
BLOCK = 100_000
"""Moves between two questions of patience."""
COLD = 0.01
"""Last temperature as a share of the first, which is the mean reduced cost of a customer's next options."""
WEIGHT = 2.0, 8.0
"""Cost of a unit of overload at the beginning and at the end, as multiples of the mean cost of serving a unit."""


def anneal_whole(
    options: Options,
    incumbent: Incumbent,
    reduced: Reduced,
    rng: np.random.Generator,
    keep_going: Callable[[], bool],
    *,
    chains: int,
    chosen: Ints | None = None,
) -> None:
    """Run chains, each twice as long as the last, from the best service or else from the options ``chosen``."""
    pair = np.where(options.may[:, None], reduced.pair, np.inf)
    near = np.argsort(pair, axis=0, kind="stable")[:NEAR].T
    worth = np.take_along_axis(pair.T, near, 1)
    near = np.ascontiguousarray(np.where(np.isfinite(worth), near, -1))
    hot = float(worth[:, 1:5][np.isfinite(worth[:, 1:5])].mean()) if np.isfinite(worth[:, 1:5]).any() else 0.0
    wanted = float(options.demand.sum())
    if hot <= 0.0 or wanted <= 0.0:
        return
    unit = max(reduced.bound, 1e-9) / wanted
    for chain in range(chains):
        at, opened = _start(options, incumbent, chosen)
        if at is None or not keep_going():
            return
        blocks = max(1, (MOVES << chain) * at.size // BLOCK)
        _chain(options, incumbent, near, at, opened, hot, unit, blocks, rng, keep_going)


def _start(options: Options, incumbent: Incumbent, chosen: Ints | None) -> tuple[Ints | None, Ints]:
    """Return the option of each customer, and the open options; None where somebody has none."""
    if incumbent.best is not None:
        at = np.empty(options.demand.size, np.int64)
        at[incumbent.best.customer] = incumbent.best.option
        return at, incumbent.best.chosen
    if chosen is None or not options.counted(chosen):
        return None, np.empty(0, np.int64)
    price = options.price(chosen)
    whole = bool(np.isfinite(price.min(axis=0)).all())
    return (chosen[np.argmin(price, axis=0)] if whole else None), chosen


def _chain(
    options: Options,
    incumbent: Incumbent,
    near: Ints,
    at: Ints,
    chosen: Ints,
    hot: float,
    unit: float,
    blocks: int,
    rng: np.random.Generator,
    keep_going: Callable[[], bool],
) -> None:
    """Run one chain and offer the cheapest service that it met, with the options that were open then."""
    count, load = np.zeros(options.site.size, np.int64), np.zeros(options.site.size)
    members, place = np.empty((options.site.size, at.size), np.int64), np.empty(at.size, np.int64)
    opened = np.full(options.must.size, -1)
    opened[options.site[chosen]] = chosen
    group(at, options.demand, members, count, place, load)
    best, best_open, found = at.copy(), opened.copy(), np.inf
    steps: Floats = np.linspace(0.0, 1.0, blocks + 1)
    for begin, end in pairwise(steps):
        if not keep_going():
            break
        found = anneal(
            options.cost, options.demand, options.site, options.capacity, options.fixed, options.unit, options.must,
            options.low, options.high, near, rng.random((BLOCK, 4)), hot * COLD**begin, hot * COLD**end,
            unit * (WEIGHT[0] + (WEIGHT[1] - WEIGHT[0]) * begin), at, opened, members, count, place, load, best,
            best_open, found,
        )  # fmt: skip
    if np.isfinite(found):
        incumbent.offer(served_whole(options, np.sort(best_open[best_open >= 0]), best))
