"""Places stock: prices of room first, every product at its best, then what fits."""

import numpy as np

from doorstep.foundation import Iterations, Progress, Silent, Stop
from doorstep.foundation.arrays import Floats, Ints
from doorstep.placement._fill_kernels import fill, marginals, place_again, sums, trim, worths
from doorstep.placement._product_kernels import answer
from doorstep.placement.plan import PlacementPlan
from doorstep.placement.prices import Priced, distinct, find_prices
from doorstep.placement.problem import PlacementProblem
from doorstep.placement.tails import Market, market_of

PASSES = 6
"""Times that products are placed anew at most, one after another."""
LEAST_RISE = 1e-6
"""Relative rise of the value below which passes end."""


def place_stock(
    problem: PlacementProblem,
    *,
    rng: np.random.Generator | None = None,
    stop: Stop | None = None,
    progress: Progress | None = None,
    threads: int = 1,
) -> PlacementPlan:
    """Return how many units of each product belong at each site, with a proved bound on what any plan is worth.

    The expected value of the best assignment is, for each product, a sum of concave functions of nested sums (own site,
    region, nation) of known tails, so one product is placed exactly by a greedy. Prices of room tie products together;
    they are chosen where the Lagrangian bound is least. What the products then want is trimmed to the rooms, units are
    added where room is left, and products are placed anew in turn as long as that helps.

    Parameters
    ----------
    rng
        Draws the products that are asked first, and the order of passes.
    stop
        Patience; prices take nearly all of it. Without it, until nothing is to be gained.
    threads
        Parts of the products that are asked side by side while prices are looked for.

    References
    ----------
    Federgruen, Groenevelt (1986), The greedy procedure for resource allocation problems, Operations Research 34.
    Acimovic, Graves (2017), Mitigating spillover in online retailing via replenishment.
    """
    rng = np.random.default_rng(0) if rng is None else rng
    stop = Iterations(limit=1 << 40) if stop is None else stop
    progress = Silent() if progress is None else progress
    market = market_of(problem)
    priced = find_prices(market, rng=rng, stop=stop, progress=progress, threads=threads)
    units = units_at(market, priced, rng=rng, stop=stop, progress=progress)
    return _plan(market, priced, units, float(problem.stockout_cost @ problem.mean.sum(axis=1)), problem)


def units_at(market: Market, priced: Priced, *, rng: np.random.Generator, stop: Stop, progress: Progress) -> Ints:
    """Return units (I, S) that fit, near what products want at the prices; sites in the market's order."""
    products, sites = market.least.shape
    units = np.zeros((products, sites), np.int64)
    used, entered = np.empty(sites), np.empty(sites)
    answer(distinct(market), np.arange(products), priced.room, priced.entry, market.most, used, entered, units)
    room, entry = np.empty(sites), np.empty(sites, np.int64)
    there, total = np.zeros((products, market.members.size - 1), np.int64), np.zeros(products, np.int64)
    progress.stage("passes", PASSES)
    value = np.inf
    for turn in range(PASSES):
        sums(market, units, there, total, room, entry)
        if turn == 0:
            trim(market, units, there, total, room, entry)
        fill(market, units, there, total, room, entry)
        won = place_again(market, rng.permutation(products), np.zeros(sites), units, room, entry)
        value = priced.bound if turn == 0 else value
        progress.advance()
        if won <= LEAST_RISE * abs(value) or stop():
            break
    return units


def _plan(market: Market, priced: Priced, units: Ints, stockouts: float, problem: PlacementProblem) -> PlacementPlan:
    products, sites = units.shape
    value, served = np.empty(products), np.empty((products, 3))
    worths(market, units, value, served)
    room, entry = np.empty(sites), np.empty(sites, np.int64)
    there, total = np.zeros((products, market.members.size - 1), np.int64), np.zeros(products, np.int64)
    sums(market, units, there, total, room, entry)
    gain, loss = np.zeros((products, sites)), np.zeros((products, sites))
    marginals(market, units, there, total, gain, loss)
    wanted = max(float(problem.mean.sum()), 1e-300)
    shares = served.sum(axis=0) / wanted
    worth = float(value.sum())
    back = np.argsort(market.site)

    def by_site(array: Floats) -> Floats:
        return np.ascontiguousarray(array[..., back])

    return PlacementPlan(
        units=np.ascontiguousarray(units[:, back]),
        value=worth - stockouts,
        bound=max(priced.bound, worth) - stockouts,
        own=float(shares[0]),
        in_region=float(shares[1]),
        served=float(shares[2]),
        space_price=by_site(priced.room),
        inbound_price=by_site(priced.entry),
        gain=by_site(gain),
        loss=by_site(loss),
    )
