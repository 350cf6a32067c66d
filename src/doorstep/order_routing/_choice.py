"""One way to serve each order, all within stock and capacity: a mixed-integer programme, in parts if it is large."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.foundation.programme import Programme, solve_programme
from doorstep.order_routing.problem import UNLIMITED, OrderRoutingProblem, Prices

MOST_COLUMNS = 15_000
"""Ways that are chosen among together; HiGHS takes up to a minute for these, and many for twice as many."""
ROUNDS = 12
"""Times that all orders are chosen in parts, where there are more."""
GAP = 1e-4
"""Share of the cost that a choice may be dearer than the best."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """T ways to serve orders: ``order``, ``cost`` and ``today`` (T,), rows (R,) of column ``of``."""

    order: Ints
    cost: Ints
    today: Bools
    of: Ints
    line: Ints
    site: Ints
    quantity: Ints
    unit_row: Ints
    day: Ints

    def worth(self, floor: Prices) -> Ints:
        """Return cost and prices of every column (T,)."""
        rows = floor.unit[self.unit_row] * self.quantity + floor.pick[self.site, self.day]
        return self.cost + np.bincount(self.of, weights=rows, minlength=self.cost.size).astype(np.int64)

    def some(self, which: Bools) -> "Columns":
        """Return some of the columns (T,)."""
        rows = which[self.of]
        return Columns(
            order=self.order[which],
            cost=self.cost[which],
            today=self.today[which],
            of=(np.cumsum(which) - 1)[self.of[rows]],
            line=self.line[rows],
            site=self.site[rows],
            quantity=self.quantity[rows],
            unit_row=self.unit_row[rows],
            day=self.day[rows],
        )

    def taken_from(self, problem: OrderRoutingProblem) -> OrderRoutingProblem:
        """Return the problem with what all of the columns take gone from stock and capacity."""
        units, capacity = problem.stock.units.copy(), problem.capacity.copy()
        np.subtract.at(units, self.unit_row, self.quantity.astype(units.dtype))
        np.subtract.at(capacity, (self.site, self.day), 1)
        return replace(problem, stock=problem.stock._replace(units=units), capacity=capacity)


class Wish(NamedTuple):
    """What a choice is judged by.

    ``floor`` prices of what is left, ``refuse_minor`` (O,) cost of an order not served, ``served`` (O,) that must stay
    so, ``threshold_minor`` that a change must save.
    """

    floor: Prices
    refuse_minor: Ints
    served: Bools
    threshold_minor: int


def choose(
    problem: OrderRoutingProblem,
    columns: Columns,
    wish: Wish,
    rng: np.random.Generator,
    *,
    nodes: int,
    keep_going: Callable[[], bool],
) -> Bools:
    """Return which columns to take (T,), at most one for each order; they are no dearer than those of today.

    Where there are too many columns, orders drawn at random are chosen together, all others staying as they are by
    then, and again in other parts: a large neighbourhood search.

    References
    ----------
    Shaw (1998), Using constraint programming and local search methods to solve vehicle routing problems.
    """
    chosen = columns.today.copy()
    for part in _parts(columns, wish.served.size, rng):
        if not keep_going():
            break
        mine = part[columns.order]
        left = columns.some(chosen & ~mine).taken_from(problem)
        chosen[mine] = _choose_together(left, columns.some(mine), wish, chosen[mine], part, nodes, keep_going)
    return chosen


def _parts(columns: Columns, orders: int, rng: np.random.Generator) -> Iterator[Bools]:
    """Yield orders (O,) to be chosen together, few enough that they have not too many columns."""
    count = -(-columns.order.size // MOST_COLUMNS)
    if count <= 1:
        yield np.ones(orders, np.bool_)
        return
    for _ in range(ROUNDS):
        number = rng.permutation(np.arange(orders) % count)
        yield from (number == part for part in range(count))


def _choose_together(
    problem: OrderRoutingProblem,
    columns: Columns,
    wish: Wish,
    start: Bools,
    part: Bools,
    nodes: int,
    keep_going: Callable[[], bool],
) -> Bools:
    """Return which columns of some orders to take, by a mixed-integer programme; those of the start if none is better.

    ``start`` (T,) are the columns to begin with, ``part`` (O,) the orders.
    """
    number = np.cumsum(part) - 1
    gone = np.flatnonzero(part & ~wish.served)  # one more column each: still not served
    cost = np.concatenate([columns.worth(wish.floor) + wish.threshold_minor * ~columns.today, wish.refuse_minor[gone]])
    owner = number[np.concatenate([columns.order, gone])]
    shared, limit = _shared(problem, columns)
    orders = int(part.sum())
    matrix = sp.vstack(
        [sp.csr_matrix((np.ones(owner.size), (owner, np.arange(owner.size))), shape=(orders, owner.size)),
         sp.hstack([shared, sp.csr_matrix((limit.size, gone.size))])]
    ).tocsc()  # fmt: skip
    low = np.concatenate([np.ones(orders), np.full(limit.size, -np.inf)])
    high = np.concatenate([np.ones(orders), limit])
    still = ~np.isin(gone, columns.order[start])
    taken = _solve(cost, matrix, low, high, np.concatenate([start, still]).astype(np.float64), nodes, keep_going)
    return (taken > 0.5)[: columns.cost.size]


def _shared(problem: OrderRoutingProblem, columns: Columns) -> tuple[sp.csr_matrix, Floats]:
    """Return what columns take of rows of stock and of pick days that could be too few, and the limits."""
    days = problem.capacity.shape[1]
    rows = problem.stock.units.size
    thing = np.concatenate([columns.unit_row, rows + columns.site * days + columns.day])
    things, place = np.unique(thing, return_inverse=True)
    there = np.concatenate([problem.stock.units, problem.capacity.reshape(-1)])[things].astype(np.float64)
    amount = np.concatenate([columns.quantity, np.ones_like(columns.quantity)]).astype(np.float64)
    shape = (things.size, columns.cost.size)
    taken = sp.coo_matrix((amount, (place, np.tile(columns.of, 2))), shape=shape).tocsr().tocoo()
    order = columns.order[taken.col]
    by = np.lexsort((taken.data, order, taken.row))  # the most that each order could take of each thing comes last
    last = np.append((np.diff(taken.row[by]) != 0) | (np.diff(order[by]) != 0), True)[: by.size]
    most = np.bincount(taken.row[by][last], weights=taken.data[by][last], minlength=things.size)
    tight = (most > there) & (there < UNLIMITED)
    return taken.tocsr()[tight], there[tight]


def _solve(
    cost: Ints,
    matrix: sp.csc_matrix,
    low: Floats,
    high: Floats,
    start: Floats,
    nodes: int,
    keep_going: Callable[[], bool],
) -> Floats:
    """Return the best 0-1 solution that HiGHS finds from ``start``."""
    programme = Programme(
        cost=cost.astype(np.float64),
        lower=np.zeros(cost.size),
        upper=np.ones(cost.size),
        whole=np.ones(cost.size, np.bool_),
        matrix=matrix,
        low=low,
        high=high,
    )
    gap = GAP * float(cost @ start)
    found = np.rint(solve_programme(programme, keep_going=keep_going, start=start, gap=gap, nodes=nodes).values)
    if found.size != cost.size or (matrix @ found < low).any() or (matrix @ found > high).any():
        return start
    return found if float(cost @ found) < float(cost @ start) else start
