"""Prices of room and of entry at sites, and the upper bound on every plan's value that they prove."""

import contextlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from doorstep.foundation import Progress, Stop
from doorstep.foundation.arrays import Floats, Ints
from doorstep.placement._product_kernels import answer
from doorstep.placement.problem import UNLIMITED
from doorstep.placement.tails import Market

SAMPLE = 2_000
"""Products that are asked first, to begin near the right prices."""
STEPS = 250
"""Times that all products are asked at most."""
NUDGE = 0.003
"""Share of a unit's worth by which near is preferred to far while prices are looked for."""
CLOSE = 1e-7
"""Relative fall of the bound below which asking ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """Prices of room and of entry (S,), what they prove, and how often all products were asked."""

    room: Floats
    entry: Floats
    bound: float
    asked: int


class _PatienceError(Exception):
    """The stop criterion has ended the search."""


def find_prices(
    market: Market, *, rng: np.random.Generator, stop: Stop, progress: Progress, threads: int = 1
) -> Priced:
    """Return prices of each site's room and of units received at which the bound is about as low as it can be.

    At any prices, what all products gain when each is placed at its best alone, plus what the room and the entry that
    there is would cost, is at least the value of every plan: the Lagrangian bound. It is convex in the prices and, with
    thousands of products, all but smooth, so a quasi-Newton method finds its least in some hundred steps. Products
    answer prices by themselves: each of ``threads`` asks its part of them.

    References
    ----------
    Byrd, Lu, Nocedal, Zhu (1995), A limited memory algorithm for bound constrained optimization.
    Murota (2003), Discrete Convex Analysis: M-natural-concave functions and the exact greedy.
    """
    products, sites = market.least.shape
    everyone = np.arange(products)
    start, near = np.zeros(2 * sites), distinct(market)
    with ThreadPoolExecutor(threads) as pool:
        if products > 2 * SAMPLE:
            some = np.sort(rng.choice(products, SAMPLE, replace=False))
            start = _lowest(_Bound(near, np.array_split(some, threads), pool, start, stop), start)
        if near is not market:
            start = _lowest(_Bound(near, np.array_split(everyone, threads), pool, start, stop), start)
        found = _Bound(market, np.array_split(everyone, threads), pool, start, stop, progress)
        _lowest(found, start)
    beyond = float(
        market.own_value @ market.lost[:, 0]
        + market.region_value @ market.lost[:, 1]
        + market.nation_value @ market.lost[:, 2]
    )
    return Priced(room=found.best[:sites], entry=found.best[sites:], bound=found.value + beyond, asked=found.asked)


def distinct(market: Market) -> Market:
    """Return a market in which near is always worth a little more than far; the same where it is.

    Where sites are worth the same, the bound has kinks that a quasi-Newton method does not pass, and products jump from
    site to site together. Its prices and units are a start for the true ones.
    """
    little = NUDGE * (market.own_value + market.region_value + market.nation_value)
    if (market.own_value >= little).all() and (market.region_value >= little).all():
        return market
    return market._replace(
        own_value=np.maximum(market.own_value, little), region_value=np.maximum(market.region_value, little)
    )


def _lowest(bound: "_Bound", start: Floats) -> Floats:
    """Return the prices at which a bound is least, sought from some others."""
    with contextlib.suppress(_PatienceError):
        minimize(
            bound.ask,
            start / bound.scale,
            jac=True,
            method="L-BFGS-B",
            bounds=[(0.0, None if limited else 0.0) for limited in bound.limited],
            options={"maxfun": STEPS, "maxiter": STEPS, "maxcor": 20, "ftol": CLOSE / 100, "gtol": 1e-9},
        )
    return bound.best


class _Bound:
    """The bound as a function of scaled prices; keeps the best. The ``parts`` of the products are asked by a pool."""

    def __init__(
        self,
        market: Market,
        parts: list[Ints],
        pool: ThreadPoolExecutor,
        start: Floats,
        stop: Stop,
        progress: Progress | None = None,
    ) -> None:
        products, sites = market.least.shape
        self.market, self.parts, self.pool, self.stop, self.progress = market, parts, pool, stop, progress
        share = sum(part.size for part in parts) / products
        self.there = np.concatenate([market.capacity, market.inbound.astype(np.float64)]) * share
        self.limited = np.concatenate([np.isfinite(market.capacity), market.inbound < UNLIMITED])
        self.there[~self.limited] = 0.0
        whole = market.own_value + market.region_value + market.nation_value
        worth = float((whole / market.cube).mean())
        self.scale = np.concatenate([np.full(sites, worth), np.full(sites, float(whole.mean()))])
        self.scale[self.scale <= 0.0] = 1.0
        self.size = 1.0
        self.best, self.value, self.asked = start, np.inf, 0
        self.nothing = np.empty((0, 0), np.int64)
        if progress is not None:
            progress.stage("prices", STEPS)

    def ask(self, scaled: Floats) -> tuple[float, Floats]:
        """Return bound and slope at scaled prices."""
        if self.asked and self.stop():
            raise _PatienceError
        price = scaled * self.scale
        answers = list(self.pool.map(lambda rows: self._answer(rows, price), self.parts))
        value = sum(gained for gained, _ in answers) + float(price @ self.there)
        if self.asked == 0:
            self.size = max(abs(value), 1e-12)
        self.asked += 1
        if self.progress is not None:
            self.progress.advance()
        if value < self.value:
            self.value, self.best = value, price.copy()
        slope = (self.there - sum(used for _, used in answers)) * self.scale
        return value / self.size, np.where(self.limited, slope, 0.0) / self.size

    def _answer(self, rows: Ints, price: Floats) -> tuple[float, Floats]:
        """Return what some products gain at prices, and the room and entry that they take (2 S,)."""
        sites = price.size // 2
        taken = np.empty(2 * sites)
        room, entry = price[:sites], price[sites:]
        used, entered = taken[:sites], taken[sites:]
        gained = answer(self.market, rows, room, entry, self.market.most, used, entered, self.nothing)
        return gained, taken
