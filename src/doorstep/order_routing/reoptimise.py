"""Orders that wait for their release decided once more, all together."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import highspy
import numpy as np
import scipy.sparse as sp

from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.order_routing._patterns import Pool, new_pool
from doorstep.order_routing.foresight import answer_all, shadow_prices, worth_at
from doorstep.order_routing.plan import SERVED, OrderRoutingPlan
from doorstep.order_routing.problem import IMPOSSIBLE, UNLIMITED, OrderRoutingProblem, Prices, StockBook

PATTERNS = 120
"""Most ways kept for an order, in the mean."""
NODES = 300
SHAKES = 120
"""Times that all orders are asked at shaken prices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reoptimised:
    """A plan of the same orders that is no dearer, prices included.

    The plan's ``foregone_minor`` are at the prices by which these orders compete. ``moved`` (M,) are those that change
    sites; ``gain_minor`` is what that saves, prices included, without the
    thresholds; ``bound_minor`` is a proved bound on cost and prices of any plan of these orders.
    """

    plan: OrderRoutingPlan
    moved: Ints
    gain_minor: int
    bound_minor: int


def reoptimise(
    problem: OrderRoutingProblem,
    plan: OrderRoutingPlan,
    refuse_minor: Ints,
    rng: np.random.Generator,
    *,
    threshold_minor: int = 0,
    iterations: int = 100,
    nodes: int = NODES,
    keep_going: Callable[[], bool] = lambda: True,
) -> Reoptimised:
    """Return the orders' plan with sites changed where that saves more than a threshold for each order changed.

    While stock and capacity are priced, every order is decided again and again at other prices; the different ways so
    found, and the way of today, are the columns of a mixed-integer programme that takes one of each order within stock
    and capacity, beginning with the plan of today. The prices of ``problem`` are the value of what is left at the end.

    Parameters
    ----------
    problem
        Orders not yet released; stock and capacity hold what the plan took. A candidate that can no longer keep the
        promise has no price any more, and is then only left in place where the plan has it.
    plan
        Their plan of today.
    refuse_minor : (O,)
        Cost at which an order is rather not served; orders that the plan serves stay served.
    threshold_minor
        Gain below which an order's sites are not changed.
    nodes
        Most nodes of the search tree of the mixed-integer programme; the same number gives the same plan.

    References
    ----------
    Xu, Allgor, Graves (2009), Benefits of reevaluating real-time order fulfillment decisions, MSOM 11(2).
    """
    orders = problem.lines.start.size - 1
    longest = max(1, int(np.diff(problem.lines.start).max(initial=1)))
    pool = new_pool(orders, PATTERNS * orders, PATTERNS * orders * min(longest, 8))
    floor = problem.prices or Prices.zero(problem.stock, problem.capacity)
    if floor.unit.size < problem.stock.units.size:
        floor = _placed(floor, problem)
    today = _columns_of_plan(problem, plan)
    priced = shadow_prices(
        problem, refuse_minor, iterations=iterations, start=floor, floor=floor, pool=pool, keep_going=keep_going,
        reach_minor=int((plan.cost_minor + plan.priced_minor)[plan.status == SERVED].sum()
                        + refuse_minor[plan.status != SERVED].sum()) or None,
    )  # fmt: skip
    contested = _contested(_with_today(pool, today), priced.prices, floor, plan.status != SERVED)
    if contested.size:
        _shake(replace(problem, sequence=contested), refuse_minor, priced.prices, pool, rng, keep_going)
    columns = _with_today(pool, today)
    chosen = _choose(problem, columns, floor, refuse_minor, plan.status == SERVED, threshold_minor, nodes)
    found = _result(problem, plan, columns, chosen, floor, priced.bound_minor)
    worth = np.where(plan.single_minor >= 0, worth_at(problem, priced.prices), 0)
    return replace(found, plan=replace(found.plan, foregone_minor=worth))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Columns:
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


def _contested(columns: _Columns, prices: Prices, floor: Prices, unserved: Bools) -> Ints:
    """Return the orders that want something that is too scarce for all, or that are not served."""
    dear = prices.unit[columns.unit_row] > floor.unit[columns.unit_row]
    dear |= prices.pick[columns.site, columns.day] > floor.pick[columns.site, columns.day]
    contested = unserved.copy()
    contested[columns.order[columns.of[dear]]] = True
    return np.flatnonzero(contested)


def _shake(
    problem: OrderRoutingProblem,
    refuse_minor: Ints,
    prices: Prices,
    pool: Pool,
    rng: np.random.Generator,
    keep_going: Callable[[], bool],
) -> None:
    """Keep what orders would do at other prices of stock: half to one and a half as much, and up to a package more.

    At one set of prices each order has one best way; the second and third best are found by making the best one dear.
    """
    cheapest = problem.price[:, :, 0].min(axis=1)
    package = int(cheapest[cheapest < IMPOSSIBLE].mean()) if (cheapest < IMPOSSIBLE).any() else 0
    for _ in range(SHAKES):
        if not keep_going():
            return
        share, extra = rng.uniform(0.5, 1.5, prices.unit.size), rng.uniform(0, package, prices.unit.size)
        shaken = np.rint(prices.unit * share + extra).astype(np.int64)
        answer_all(problem, refuse_minor, prices._replace(unit=shaken), pool)


def _placed(prices: Prices, problem: OrderRoutingProblem) -> Prices:
    """Return the same prices with a place for every row of the stock book."""
    full = Prices.zero(problem.stock, problem.capacity)
    for product in np.flatnonzero(prices.offset >= 0):
        low, high = problem.stock.start[product : product + 2]
        full.unit[low:high] = prices.unit[prices.offset[product] : prices.offset[product] + high - low]
    return full._replace(pick=prices.pick)


def _columns_of_plan(problem: OrderRoutingProblem, plan: OrderRoutingPlan) -> _Columns:
    """Return the way in which each served order is served today."""
    served = np.flatnonzero(plan.status == SERVED)
    number = np.zeros(plan.status.size, np.int64)
    number[served] = np.arange(served.size)
    column = (problem.candidates[plan.order] == plan.site[:, None]).argmax(axis=1)
    return _Columns(
        order=served,
        cost=plan.cost_minor[served],
        today=np.ones(served.size, np.bool_),
        of=number[plan.order],
        line=plan.line,
        site=plan.site,
        quantity=plan.quantity,
        unit_row=problem.stock.rows(problem.lines.product[plan.line], plan.site),
        day=problem.pick_day[plan.order, column],
    )


def _with_today(pool: Pool, today: _Columns) -> _Columns:
    """Return the columns of a pool after those of today."""
    count, rows = int(pool.filled[0]), int(pool.filled[1])
    sizes = np.diff(pool.start[: count + 1])
    return _Columns(
        order=np.concatenate([today.order, pool.order[:count]]),
        cost=np.concatenate([today.cost, pool.cost[:count]]),
        today=np.concatenate([today.today, np.zeros(count, np.bool_)]),
        of=np.concatenate([today.of, today.order.size + np.repeat(np.arange(count), sizes)]),
        line=np.concatenate([today.line, pool.line[:rows]]),
        site=np.concatenate([today.site, pool.site[:rows]]),
        quantity=np.concatenate([today.quantity, pool.quantity[:rows]]),
        unit_row=np.concatenate([today.unit_row, pool.unit_row[:rows]]),
        day=np.concatenate([today.day, pool.day[:rows]]),
    )


def _worth(columns: _Columns, floor: Prices) -> Ints:
    """Return cost and prices of every column."""
    rows = floor.unit[columns.unit_row] * columns.quantity + floor.pick[columns.site, columns.day]
    return columns.cost + np.bincount(columns.of, weights=rows, minlength=columns.cost.size).astype(np.int64)


def _choose(
    problem: OrderRoutingProblem,
    columns: _Columns,
    floor: Prices,
    refuse_minor: Ints,
    served: Bools,
    threshold_minor: int,
    nodes: int,
) -> Bools:
    """Return which columns to take, by a mixed-integer programme; today's where it finds nothing better."""
    orders, count = served.size, columns.cost.size
    gone = np.flatnonzero(~served)  # one more column each: still not served
    cost = np.concatenate([_worth(columns, floor) + threshold_minor * ~columns.today, refuse_minor[gone]])
    owner = np.concatenate([columns.order, gone])
    shared, limit = _shared(problem, columns)
    matrix = sp.vstack(
        [sp.csr_matrix((np.ones(owner.size), (owner, np.arange(owner.size))), shape=(orders, owner.size)),
         sp.hstack([shared, sp.csr_matrix((limit.size, gone.size))])]
    ).tocsc()  # fmt: skip
    low = np.concatenate([np.ones(orders), np.full(limit.size, -np.inf)])
    high = np.concatenate([np.ones(orders), limit])
    start = np.concatenate([columns.today, np.ones(gone.size, np.bool_)]).astype(np.float64)
    taken = _solve(cost, matrix, low, high, start, nodes)
    return (taken > 0.5)[:count]


def _shared(problem: OrderRoutingProblem, columns: _Columns) -> tuple[sp.csr_matrix, Floats]:
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


def _solve(cost: Ints, matrix: sp.csc_matrix, low: Floats, high: Floats, start: Floats, nodes: int) -> Floats:
    """Return the best 0-1 solution that HiGHS finds from ``start``."""
    programme = highspy.HighsLp()
    programme.num_row_, programme.num_col_ = matrix.shape
    programme.col_cost_ = cost.astype(np.float64)
    programme.col_lower_, programme.col_upper_ = np.zeros(cost.size), np.ones(cost.size)
    programme.row_lower_, programme.row_upper_ = low, high
    programme.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    programme.a_matrix_.start_, programme.a_matrix_.index_ = matrix.indptr, matrix.indices
    programme.a_matrix_.value_ = matrix.data
    programme.integrality_ = [highspy.HighsVarType.kInteger] * cost.size
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    for option, value in (("output_flag", False), ("threads", 1), ("mip_max_nodes", nodes), ("mip_rel_gap", 1e-4)):
        solver.setOptionValue(option, value)
    solver.passModel(programme)
    known = highspy.HighsSolution()
    known.col_value = start.tolist()
    solver.setSolution(known)
    solver.run()
    found = np.rint(np.array(solver.getSolution().col_value))
    if found.size != cost.size or (matrix @ found < low).any() or (matrix @ found > high).any():
        return start
    return found if float(cost @ found) < float(cost @ start) else start


def _result(
    problem: OrderRoutingProblem,
    plan: OrderRoutingPlan,
    columns: _Columns,
    chosen: Bools,
    floor: Prices,
    bound_minor: int,
) -> Reoptimised:
    """Return the plan of the chosen columns."""
    taken = np.flatnonzero(chosen)
    worth = _worth(columns, floor)
    status, cost, priced = plan.status.copy(), np.zeros_like(plan.cost_minor), np.zeros_like(plan.cost_minor)
    order = columns.order[taken]
    status[order], cost[order], priced[order] = SERVED, columns.cost[taken], (worth - columns.cost)[taken]
    rows = np.flatnonzero(chosen[columns.of])
    by = rows[np.lexsort((columns.line[rows], columns.site[rows], columns.order[columns.of[rows]]))]
    units, capacity = problem.stock.units.copy(), problem.capacity.copy()
    np.subtract.at(units, columns.unit_row[rows], columns.quantity[rows].astype(units.dtype))
    np.subtract.at(capacity, (columns.site[rows], columns.day[rows]), 1)
    before = (plan.cost_minor + plan.priced_minor)[plan.status == SERVED].sum()
    kept = (cost + priced)[plan.status == SERVED].sum()
    changed = replace(
        plan, status=status, cost_minor=cost, priced_minor=priced, order=columns.order[columns.of[by]],
        line=columns.line[by], site=columns.site[by], quantity=columns.quantity[by],
        stock=StockBook(problem.stock.start, problem.stock.site, units), capacity=capacity,
    )  # fmt: skip
    return Reoptimised(
        plan=changed,
        moved=_moved(plan, changed),
        gain_minor=int(before - kept),
        bound_minor=bound_minor,
    )


def _moved(before: OrderRoutingPlan, after: OrderRoutingPlan) -> Ints:
    """Return the orders whose allocations differ."""
    rows = [
        set(zip(*(c.tolist() for c in (plan.order, plan.line, plan.site, plan.quantity)), strict=True))
        for plan in (before, after)
    ]
    return np.array(sorted({row[0] for row in rows[0] ^ rows[1]}), dtype=np.int64)
