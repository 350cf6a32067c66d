"""Rules of thumb that other systems route by, as baselines and for shadow runs."""

from dataclasses import replace

import numpy as np

from doorstep.foundation.arrays import Ints
from doorstep.foundation.kernels import kernel
from doorstep.order_routing._kernels import new_view
from doorstep.order_routing._view import IMPOSSIBLE, class_of, look
from doorstep.order_routing.plan import OUT_OF_STOCK, SERVED, OrderRoutingPlan
from doorstep.order_routing.problem import OrderRoutingProblem
from doorstep.order_routing.route import arrays_of, route_orders

FEWEST_SPLITS_MINOR = 10_000_000
"""Cost of a package under the rule of fewest splits: more than any distance in metres that follows it."""


def route_by_fewest_splits(problem: OrderRoutingProblem, metres: Ints) -> OrderRoutingPlan:
    """Return the sites of every order by the rule "fewest splits, then nearest", at their real cost.

    Parameters
    ----------
    metres : (O, C)
        From each candidate to the door.
    """
    ranked = replace(
        problem,
        price=np.where(problem.price < IMPOSSIBLE, metres[:, :, None], IMPOSSIBLE),
        package_minor=np.full_like(problem.package_minor, FEWEST_SPLITS_MINOR),
        line_minor=np.zeros_like(problem.line_minor),
        unit_minor=np.zeros_like(problem.unit_minor),
        risk_minor=None,
    )
    return priced_again(problem, route_orders(ranked))


def route_by_rank(problem: OrderRoutingProblem, rank: Ints) -> OrderRoutingPlan:
    """Return the sites of every order if each line goes to the first site in a ranking that has it, at real cost.

    A site counts only if it could bring the whole order. A line that no site has in full is filled from the first sites
    that have some. With a fixed ranking this is the sort order of most commerce engines, with distances the nearest
    site for each line.

    Parameters
    ----------
    rank : (O, C)
        Lower comes first.
    """
    orders, width = problem.candidates.shape
    stock, capacity = problem.stock.copy(), problem.capacity.copy()
    rows = problem.lines.product.size * 2 + 16 * width
    out = np.zeros((4, rows + width * int(np.diff(problem.lines.start).max(initial=1))), np.int64)
    status = np.zeros(orders, np.int64)
    first = np.argsort(rank, axis=1, kind="stable")
    count = _by_rank(arrays_of(problem, stock), first, capacity, status, out)
    by = np.lexsort((out[1, :count], out[2, :count], out[0, :count]))
    order, line, site, quantity = (np.ascontiguousarray(column[:count][by]) for column in out)
    nothing = np.zeros((orders, width), np.int64)
    return priced_again(
        problem,
        OrderRoutingPlan(
            status=status, cost_minor=np.zeros(orders, np.int64), priced_minor=np.zeros(orders, np.int64),
            bound_minor=np.zeros(orders, np.int64), order=order, line=line, site=site, quantity=quantity,
            single_minor=nothing, foregone_minor=nothing, lines_here=nothing, stock=stock, capacity=capacity,
        ),
    )  # fmt: skip


@kernel
def _by_rank(p, first, capacity, status, out):  # type: ignore[no-untyped-def]
    """Fill allocations (4, A) and status (O,); return the number of allocations."""
    width, longest, count = p.candidates.shape[1], 0, 0
    for o in p.sequence:
        longest = max(longest, p.start[o + 1] - p.start[o])
    v = new_view(width, longest)
    for o in p.sequence:
        look(p, o, capacity, v)
        begun, low = count, p.start[o]
        weight, volume = p.weight_g[low : p.start[o + 1]].sum(), p.volume_ml[low : p.start[o + 1]].sum()
        k = class_of(p.class_g, p.dim_ml_per_kg, weight, volume)
        for n in range(p.start[o + 1] - low):
            left = p.quantity[low + n]
            for whole in (True, False):
                for c in first[o]:
                    site = p.candidates[o, c]
                    can = site >= 0 and p.price[o, c, k] < IMPOSSIBLE and v.room[c] > 0 and v.free[c, n] > 0
                    if left == 0 or not can or (whole and v.free[c, n] < left) or count == out.shape[1]:
                        continue
                    given = min(left, v.free[c, n])
                    out[0, count], out[1, count], out[2, count], out[3, count] = o, low + n, site, given
                    v.free[c, n] -= given
                    p.stock.units[v.row[c, n]] -= given
                    v.room[c] -= 1
                    capacity[site, p.pick_day[o, c]] -= 1
                    left -= given
                    count += 1
            if left > 0:
                status[o] = OUT_OF_STOCK
        if status[o] != SERVED:
            for a in range(begun, count):
                _give_back(p, o, out[:, a], capacity, v)
            count = begun
    return count


@kernel
def _give_back(p, o, row, capacity, v):  # type: ignore[no-untyped-def]
    """Return what an allocation took."""
    for c in range(p.candidates.shape[1]):
        if p.candidates[o, c] == row[2]:
            p.stock.units[v.row[c, row[1] - p.start[o]]] += row[3]
            capacity[row[2], p.pick_day[o, c]] += 1
            return


def priced_again(problem: OrderRoutingProblem, plan: OrderRoutingPlan) -> OrderRoutingPlan:
    """Return the plan with the costs that a problem gives its allocations."""
    return replace(plan, cost_minor=sum(cost_components(problem, plan).values(), np.zeros_like(plan.cost_minor)))


def cost_components(problem: OrderRoutingProblem, plan: OrderRoutingPlan) -> dict[str, Ints]:
    """Return what each order costs (O,) by component: package, lines, units, delivery, risk [minor]."""
    orders, size = plan.status.size, problem.candidates.shape[1]
    column = (problem.candidates[plan.order] == plan.site[:, None]).argmax(axis=1)
    package, of = np.unique(plan.order * size + column, return_inverse=True)
    order, c = package // size, package % size
    site = problem.candidates[order, c]
    whole = problem.lines.quantity[plan.line]
    weight, volume = (
        np.bincount(of, weights=total[plan.line] * plan.quantity // whole, minlength=package.size).astype(np.int64)
        for total in (problem.lines.weight_g, problem.lines.volume_ml)
    )
    measure = np.maximum(weight, -(-volume * 1000 // problem.dim_ml_per_kg))
    heaviness = np.minimum(np.searchsorted(problem.class_g, measure), problem.class_g.size - 1)
    lines = np.bincount(of, minlength=package.size)
    units = np.bincount(of, weights=plan.quantity, minlength=package.size).astype(np.int64)
    risk = np.zeros(package.size, np.int64) if problem.risk_minor is None else problem.risk_minor[order, c]
    parts = {
        "package": problem.package_minor[site],
        "lines": lines * problem.line_minor[site],
        "units": units * problem.unit_minor[site],
        "delivery": problem.price[order, c, heaviness],
        "risk": risk,
    }
    return {name: np.bincount(order, weights=part, minlength=orders).astype(np.int64) for name, part in parts.items()}
