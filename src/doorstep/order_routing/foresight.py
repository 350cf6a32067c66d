"""Prices of stock and of picking capacity: what a unit or a line is worth to the orders that compete for it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.order_routing._patterns import Pool, new_pool
from doorstep.order_routing._pricing import answer_prices
from doorstep.order_routing.problem import IMPOSSIBLE, UNLIMITED, OrderRoutingProblem, Prices, StockBook
from doorstep.order_routing.route import arrays_of

PATIENCE = 8
"""Answers without a better bound after which steps are shortened."""
SHORTER = 0.7
MEMORY = 0.6
"""Share of the last direction in the next one."""
REACH = 1.05
"""Cost that is taken for reachable, as a multiple of the best bound, where nothing better is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """Prices of orders that share stock and capacity, and what they prove.

    ``bound_minor`` is a lower bound on the cost of all orders, those not served counted as they were priced. ``prices``
    are the mean of the later answers, which lies inside the range of prices that clear; ``last`` is where a search with
    changed stock or orders may start.
    """

    prices: Prices
    last: Prices
    bound_minor: int


def shadow_prices(
    problem: OrderRoutingProblem,
    refuse_minor: Ints,
    *,
    iterations: int = 200,
    start: Prices | None = None,
    floor: Prices | None = None,
    reach_minor: int | None = None,
    pool: Pool | None = None,
    keep_going: Callable[[], bool] = lambda: True,
) -> Priced:
    """Return prices at which orders that choose alone take about what there is, and the bound that they prove.

    What orders share, stock and lines picked, is priced (Lagrange). At given prices every order is decided alone, just
    as ``route_orders`` decides it; prices rise where more is taken than there is and fall where less is. Because an
    order's decision is exact over all its splits, the bound is never below that of the linear programme over sites and
    packages.

    Parameters
    ----------
    refuse_minor : (O,)
        Cost at which an order is rather not served.
    iterations
        Times that all orders are asked.
    start
        Prices to begin with; those of ``problem`` are not looked at.
    floor
        Least prices: what things are worth to others than these orders. They are part of the bound.
    reach_minor
        A cost that can be reached, such as that of a plan: it sets the length of the steps, and the search ends when
        the bound proves that nothing costs less.
    pool
        Keeps the ways to serve each order that were best at some prices.
    keep_going
        Asked before each answer but the first; the best so far comes back when it says no.

    Raises
    ------
    InputError
        If ``refuse_minor`` does not have one cost for every order.

    References
    ----------
    Held, Wolfe, Crowder (1974), Validation of subgradient optimization, Mathematical Programming 6.
    Camerini, Fratta, Maffioli (1975), On improving relaxation methods by modified gradient techniques.
    """
    if refuse_minor.shape != (problem.lines.start.size - 1,):
        raise InputError(f"refuse_minor {refuse_minor.shape} must be ({problem.lines.start.size - 1},).")
    start = start or Prices.zero(problem.stock, problem.capacity)
    supply = np.concatenate([_units_of(problem.stock, start), problem.capacity.reshape(-1)]).astype(np.float64)
    limited = supply < UNLIMITED
    least = np.zeros(supply.size) if floor is None else _flat(floor)
    price = np.maximum(_flat(start), least)
    pool = new_pool(refuse_minor.size, 0, 0) if pool is None else pool
    crowd = _Crowd(problem, refuse_minor, _as_prices(least, start), pool)
    best, best_price, total, counted = -np.inf, price, np.zeros_like(price), 0
    toward, share, stale = np.zeros_like(price), 1.0, 0
    for turn in range(max(1, iterations)):
        if turn and not keep_going():
            break
        cost, use = crowd.answer(_as_prices(price, start), price > least)
        crowd.wake((use > supply) & limited)
        value = cost - float(np.rint(price - least)[limited] @ supply[limited])
        stale = 0 if value > best else stale + 1
        if value > best:
            best, best_price = value, price
        if 2 * turn >= iterations or counted:
            total, counted = total + price, counted + 1
        if stale >= PATIENCE:
            share, stale, price, toward = share * SHORTER, 0, best_price, np.zeros_like(price)
        over = np.where(limited & ((price > least) | (use > supply)), use - supply, 0.0)
        toward = MEMORY * toward + (1 - MEMORY) * over
        steepness = float(toward @ toward)
        if steepness == 0.0 or (reach_minor is not None and value >= reach_minor):
            break
        reach = REACH * best if reach_minor is None else reach_minor
        price = np.clip(price + share * max(reach - value, 1.0) / steepness * toward, least, IMPOSSIBLE)
    mean = total / counted if counted else best_price
    return Priced(
        prices=_as_prices(mean, start), last=_as_prices(best_price, start), bound_minor=int(np.ceil(best - 1e-6))
    )


@dataclass(slots=True)
class _Crowd:
    """Asks orders for their answers to prices, but only those again whose answer can have changed.

    An order that wants no product and no picking that has ever been too scarce, or dearer than ``least``, is asleep: it
    answers as it did at first.
    """

    problem: OrderRoutingProblem
    refuse_minor: Ints
    least: Prices
    pool: Pool
    awake: Bools = field(init=False)
    seen: Bools = field(init=False)
    product_of: Ints = field(init=False)
    asleep_cost: int = field(init=False)
    asleep_use: Floats = field(init=False)

    def __post_init__(self) -> None:
        start, offset = self.problem.stock.start, self.least.offset
        self.product_of = np.zeros(self.least.unit.size, np.int64)
        for product in np.flatnonzero(offset >= 0):
            self.product_of[offset[product] : offset[product] + start[product + 1] - start[product]] = product
        self.awake = np.zeros(self.refuse_minor.size, np.bool_)
        self.seen = np.zeros(self.least.unit.size + self.least.pick.size, np.bool_)
        self.asleep_cost, self.asleep_use = self._ask(self.least, ~self.awake)

    def answer(self, prices: Prices, dearer: Bools) -> tuple[int, Floats]:
        """Return what all orders cost at prices, and what they take; ``dearer`` are the things above their least."""
        self.wake(dearer)
        cost, use = self._ask(prices, self.awake)
        return self.asleep_cost + cost, self.asleep_use + use

    def wake(self, things: Bools) -> None:
        """Wake the orders that want any of some things, rows of prices and pick days."""
        if (things <= self.seen).all():
            return
        self.seen |= things
        units, pick = self.seen[: self.least.unit.size], self.seen[self.least.unit.size :]
        wanted = np.zeros(self.least.offset.size, np.bool_)
        wanted[self.product_of[units]] = True
        lines, candidates = self.problem.lines, self.problem.candidates
        order = np.repeat(np.arange(self.awake.size), np.diff(lines.start))
        self.awake[order[wanted[lines.product]]] = True
        if pick.any():
            there = pick.reshape(self.least.pick.shape)[np.maximum(candidates, 0), self.problem.pick_day]
            self.awake |= (there & (candidates >= 0)).any(axis=1)
        self.asleep_cost, self.asleep_use = self._ask(self.least, ~self.awake)

    def _ask(self, prices: Prices, which: Bools) -> tuple[int, Floats]:
        sequence = self.problem.sequence[which[self.problem.sequence]]
        return answer_all(replace(self.problem, sequence=sequence), self.refuse_minor, prices, self.pool)


def mean_prices(found: Sequence[Prices]) -> Prices:
    """Return the mean of prices that have the same places.

    Raises
    ------
    InputError
        If there are none, or if their places differ.
    """
    if not found or any(not np.array_equal(one.offset, found[0].offset) for one in found):
        raise InputError("prices to average must be one or more, all with the same places.")
    return Prices(
        found[0].offset,
        np.rint(np.mean([one.unit for one in found], axis=0)).astype(np.int64),
        np.rint(np.mean([one.pick for one in found], axis=0)).astype(np.int64),
    )


def worth_at(problem: OrderRoutingProblem, prices: Prices) -> Ints:
    """Return what all that each candidate would give an order is worth at prices (O, C); 0 where it lacks a line.

    The prices have a place for every row of the stock book.
    """
    if not prices.unit.size:
        return np.zeros_like(problem.candidates)
    sizes = np.diff(problem.lines.start)
    order = np.repeat(np.arange(sizes.size), sizes)
    sites = problem.candidates[order]
    rows = problem.stock.rows(np.broadcast_to(problem.lines.product[:, None], sites.shape), np.maximum(sites, 0))
    here = (rows >= 0) & (sites >= 0)
    each = np.where(here, prices.unit[rows] * problem.lines.quantity[:, None], 0)
    each += np.where(here, prices.pick[sites, problem.pick_day[order]], 0)
    worth, lacks = np.zeros_like(problem.candidates), np.zeros_like(problem.candidates)
    np.add.at(worth, order, each)
    np.add.at(lacks, order, ~here)
    return np.where(lacks == 0, worth, 0)


def _units_of(stock: StockBook, prices: Prices) -> Ints:
    """Return the units of each row that has a price, (Q,)."""
    units = np.zeros(prices.unit.size, dtype=np.int64)
    for product in np.flatnonzero(prices.offset >= 0):
        low, high = stock.start[product], stock.start[product + 1]
        units[prices.offset[product] : prices.offset[product] + high - low] = stock.units[low:high]
    return units


def _flat(prices: Prices) -> Floats:
    return np.concatenate([prices.unit, prices.pick.reshape(-1)]).astype(np.float64)


def _as_prices(price: Floats, like: Prices) -> Prices:
    whole = np.rint(price).astype(np.int64)
    return Prices(like.offset, whole[: like.unit.size], whole[like.unit.size :].reshape(like.pick.shape))


def answer_all(problem: OrderRoutingProblem, refuse_minor: Ints, prices: Prices, pool: Pool) -> tuple[int, Floats]:
    """Return what all orders cost at prices, each alone, and what they take of each thing priced.

    The cost is a lower bound where orders are too long to be decided exactly; the pool keeps what they would do.
    """
    use, pick_use = np.zeros(prices.unit.size, np.int64), np.zeros_like(problem.capacity)
    arrays = arrays_of(problem, problem.stock, prices)
    cost = answer_prices(arrays, problem.capacity, refuse_minor, use, pick_use, pool)
    return int(cost), np.concatenate([use, pick_use.reshape(-1)]).astype(np.float64)
