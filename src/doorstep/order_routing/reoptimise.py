"""Orders that wait for their release decided once more, all together."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from doorstep.foundation.arrays import Bools, Ints
from doorstep.order_routing._choice import Columns, Wish, choose
from doorstep.order_routing._patterns import Pool, new_pool
from doorstep.order_routing.foresight import answer_all, shadow_prices, worth_at
from doorstep.order_routing.plan import SERVED, OrderRoutingPlan
from doorstep.order_routing.problem import IMPOSSIBLE, OrderRoutingProblem, Prices

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
    and capacity, beginning with the plan of today. Where there are too many columns, a part of the orders is chosen
    together, the others staying as they are, and then another part. The prices of ``problem`` are the value of what is
    left at the end.

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
        Most nodes of the search tree of each mixed-integer programme; the same number gives the same plan.
    keep_going
        Asked again and again; the best plan so far comes back when it says no.

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
    wish = Wish(floor, refuse_minor, plan.status == SERVED, threshold_minor)
    chosen = choose(problem, columns, wish, rng, nodes=nodes, keep_going=keep_going)
    found = _result(problem, plan, columns, chosen, floor, priced.bound_minor)
    worth = np.where(plan.single_minor >= 0, worth_at(problem, priced.prices), 0)
    return replace(found, plan=replace(found.plan, foregone_minor=worth))


def _contested(columns: Columns, prices: Prices, floor: Prices, unserved: Bools) -> Ints:
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


def _columns_of_plan(problem: OrderRoutingProblem, plan: OrderRoutingPlan) -> Columns:
    """Return the way in which each served order is served today."""
    served = np.flatnonzero(plan.status == SERVED)
    number = np.zeros(plan.status.size, np.int64)
    number[served] = np.arange(served.size)
    column = (problem.candidates[plan.order] == plan.site[:, None]).argmax(axis=1)
    return Columns(
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


def _with_today(pool: Pool, today: Columns) -> Columns:
    """Return the columns of a pool after those of today."""
    count, rows = int(pool.filled[0]), int(pool.filled[1])
    sizes = np.diff(pool.start[: count + 1])
    return Columns(
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


def _result(
    problem: OrderRoutingProblem,
    plan: OrderRoutingPlan,
    columns: Columns,
    chosen: Bools,
    floor: Prices,
    bound_minor: int,
) -> Reoptimised:
    """Return the plan of the chosen columns."""
    taken = np.flatnonzero(chosen)
    worth = columns.worth(floor)
    status, cost, priced = plan.status.copy(), np.zeros_like(plan.cost_minor), np.zeros_like(plan.cost_minor)
    order = columns.order[taken]
    status[order], cost[order], priced[order] = SERVED, columns.cost[taken], (worth - columns.cost)[taken]
    rows = np.flatnonzero(chosen[columns.of])
    by = rows[np.lexsort((columns.line[rows], columns.site[rows], columns.order[columns.of[rows]]))]
    left = columns.some(chosen).taken_from(problem)
    before = (plan.cost_minor + plan.priced_minor)[plan.status == SERVED].sum()
    kept = (cost + priced)[plan.status == SERVED].sum()
    changed = replace(
        plan, status=status, cost_minor=cost, priced_minor=priced, order=columns.order[columns.of[by]],
        line=columns.line[by], site=columns.site[by], quantity=columns.quantity[by],
        stock=left.stock, capacity=left.capacity,
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
