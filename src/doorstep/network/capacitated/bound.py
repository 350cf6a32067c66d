"""Proved lower bounds from a Lagrangian relaxation, and what can be left out because it would cost more than is known.

Each customer pays a reward to whoever serves it; each option then fills a knapsack, and the sites that are worth it
open with room for the whole demand. Rewards rise where nobody serves and fall where several do.
"""

from dataclasses import dataclass

import numpy as np

from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.network.capacitated._kernels import ascend, open_priced, relax
from doorstep.network.capacitated.options import Options

CLOSE = 1e-6
"""Share of the cost within which a bound proves it."""
KNAPSACK_NODES = 2_000
"""Steps in which a knapsack of whole customers is filled exactly; where they do not suffice its relaxation counts."""


@dataclass(slots=True, kw_only=True)
class Relaxed:
    """A relaxation under way: which options ``may`` (K,) and sites ``must`` (M,) open, and its multipliers.

    ``bound`` proved so far; ``reward`` and ``best`` (N,) multipliers now and at the bound; ``direction`` (N,);
    ``mean_open`` (K,) how far each option opened lately; ``state`` of the ascent; ``exact`` if knapsacks
    of whole customers are filled exactly.
    """

    may: Bools
    must: Bools
    bound: float
    reward: Floats
    best: Floats
    direction: Floats
    mean_open: Floats
    state: Floats
    exact: bool = False

    def child(self, may: Bools, must: Bools) -> "Relaxed":
        """Return the relaxation of a part of the problem, beginning from here."""
        state = self.state.copy()
        state[:3] = -np.inf, 0.7, 0.0
        return Relaxed(
            may=may,
            must=must,
            bound=self.bound,
            reward=self.best.copy(),
            best=self.best.copy(),
            direction=np.zeros_like(self.direction),
            mean_open=np.where(may, self.mean_open, 0.0),
            state=state,
            exact=self.exact,
        )

    def chosen(self) -> Ints:
        """Return the options that mostly open, the best one of each site that must."""
        return np.flatnonzero(self.mean_open > 0.5).astype(np.int64)


def start_relaxation(options: Options) -> Relaxed:
    """Return the relaxation of a whole problem: every customer pays its service and its share of a full site."""
    return Relaxed(
        may=options.may.copy(),
        must=options.must.copy(),
        bound=-np.inf,
        reward=_fair_share(options),
        best=_fair_share(options),
        direction=np.zeros(options.demand.size),
        mean_open=np.zeros(options.site.size),
        state=np.array([-np.inf, 1.5, 0.0, 0.0]),
    )


def _fair_share(options: Options) -> Floats:
    each = np.maximum(options.fixed, 0.0) / np.where(options.capacity > 0, options.capacity, np.inf) + options.unit
    share = np.full(options.demand.size, np.inf)
    for k in np.flatnonzero(options.may):
        np.minimum(share, options.cost[options.site[k]] + each[k] * options.demand, out=share)
    return share


def climb(options: Options, relaxed: Relaxed, *, target: float, rounds: int) -> None:
    """Raise the bound of a relaxation by some rounds."""
    nodes = KNAPSACK_NODES * relaxed.exact
    share = _fair_share(options)
    goal = target if np.isfinite(target) else max(relaxed.bound, options.base + float(share.sum())) * 1.1 + 1e-6
    scale = np.maximum(share, 1e-9 + 1e-6 * float(np.mean(share)))
    found = ascend(
        options.cost, options.demand, options.site, options.start, options.capacity, options.fixed, options.unit,
        relaxed.may, relaxed.must, options.low, options.high, options.whole, nodes, scale,
        goal - options.base, rounds, relaxed.reward, relaxed.best, relaxed.direction, relaxed.mean_open, relaxed.state,
    )  # fmt: skip
    relaxed.bound = max(relaxed.bound, found + options.base)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduced:
    """What it costs at least, over the bound at some multipliers, to go against the relaxation.

    ``opened`` (K,) to open an option, ``closed`` (M,) to close a site, ``pair`` (K, N) to serve a whole customer from
    an option, opening it included.
    """

    bound: float
    opened: Floats
    closed: Floats
    pair: Floats


def reduced_costs(options: Options, relaxed: Relaxed) -> Reduced:
    """Return the reduced costs at a relaxation's best multipliers.

    References
    ----------
    Sridharan (1995), The capacitated plant location problem, European Journal of Operational Research 87.
    """
    count = options.site.size
    divided, value, price, open_ = np.zeros((4, count))
    missing = np.empty(options.demand.size)
    for nodes, found in ((KNAPSACK_NODES * relaxed.exact, value), (0, divided)):
        _, mu = relax(
            options.cost, options.demand, options.site, options.start, options.capacity, options.fixed, options.unit,
            relaxed.may, relaxed.must, options.low, options.high, relaxed.best, options.whole, nodes, relaxed.state[3],
            found, price, open_, missing,
        )  # fmt: skip
    total, _ = open_priced(
        value, options.capacity, options.start, relaxed.may, relaxed.must, options.low, options.high, mu, open_
    )
    worth = np.where(relaxed.may, value - mu * options.capacity, np.inf)
    opened, closed = _against(options, relaxed.must, worth, open_ > 0)
    gain = relaxed.best - options.cost[options.site] - options.unit[:, None] * options.demand
    lead = (divided - value)[:, None]  # what whole customers cost more than divided ones counts once
    pair = np.maximum(0.0, lead + np.maximum(0.0, price[:, None] * options.demand - gain)) + opened[:, None]
    if options.whole:
        pair[options.demand > options.capacity[:, None]] = np.inf
    bound = total + mu * float(options.demand.sum()) + float(relaxed.best.sum()) + options.base
    return Reduced(bound=bound, opened=opened, closed=closed, pair=pair)


def _against(options: Options, must: Bools, worth: Floats, open_: Bools) -> tuple[Floats, Floats]:
    """Return the least cost of opening each option (K,) and of closing each site (M,), the others answering."""
    sites = must.size
    taken = np.full(sites, np.inf)
    taken[options.site[open_]] = worth[open_]
    free = np.isfinite(taken) & ~must
    best = np.full(sites, np.inf)
    np.minimum.at(best, options.site, worth)
    count = int(open_.sum())
    worst = float(taken[free].max(initial=-np.inf))
    leaves = count == options.high or worst > 0.0
    spare = worst if leaves else 0.0
    here = np.isfinite(taken)[options.site]
    with np.errstate(invalid="ignore"):
        opened = np.where(here, worth - taken[options.site], worth - spare)
    opened = np.where(np.isfinite(worth), np.maximum(opened, 0.0), np.inf)
    next_best = float(best[~np.isfinite(taken)].min(initial=np.inf))
    comes = count == options.low or (count == options.high and next_best < 0.0)
    closed = np.zeros(sites)
    closed[free] = np.maximum(0.0, (next_best if comes else 0.0) - taken[free])
    closed[must] = np.inf
    return opened, closed


def fix(options: Options, relaxed: Relaxed, limit: float) -> Reduced:
    """Close what would cost more than ``limit`` if it opened, and the other way round; return the reduced costs."""
    reduced = reduced_costs(options, relaxed)
    limit += 1e-9 * abs(limit)
    relaxed.may &= reduced.bound + reduced.opened <= limit
    there = np.zeros(options.must.size, np.bool_)
    there[options.site[relaxed.may]] = True
    relaxed.must |= (reduced.bound + reduced.closed > limit) & there
    return reduced


def again(relaxed: Relaxed) -> None:
    """Let a relaxation take larger steps again, from its best multipliers."""
    relaxed.state[:3] = -np.inf, 0.3, 0.0
    relaxed.reward[:] = relaxed.best
    relaxed.direction[:] = 0.0
