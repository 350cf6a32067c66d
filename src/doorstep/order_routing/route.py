"""Decides the sites of all orders."""

from typing import NamedTuple

import numpy as np

from doorstep.foundation.arrays import Ints, one_layout
from doorstep.order_routing._kernels import decide_from
from doorstep.order_routing.plan import OrderRoutingPlan
from doorstep.order_routing.problem import OrderRoutingProblem, StockBook

FEWEST_SPLITS_MINOR = 10_000_000
"""Cost of a package under the rule of fewest splits: more than any distance in metres that follows it."""


class _Arrays(NamedTuple):
    """The problem as the kernels read it."""

    start: Ints
    product: Ints
    quantity: Ints
    weight_g: Ints
    volume_ml: Ints
    sequence: Ints
    candidates: Ints
    price: Ints
    why: Ints
    class_g: Ints
    dim_ml_per_kg: int
    pick_day: Ints
    package_minor: Ints
    line_minor: Ints
    unit_minor: Ints
    stock: StockBook


def route_orders(problem: OrderRoutingProblem) -> OrderRoutingPlan:
    """Return the site or sites of every order at least estimated cost, given what the orders before it left.

    A package costs its handling and the price of its drop. Up to eight distinct products the least cost over the best
    single site and every split is found exactly (a dynamic programme over subsets of lines, skipped where a lower bound
    shows that no split can pay); longer orders, and lines that no single site holds in full, are covered greedily and
    improved by moving lines and emptying sites.

    References
    ----------
    Xu, Allgor, Graves (2009), Benefits of reevaluating real-time order fulfillment decisions, MSOM 11(2).
    Chvatal (1979), A greedy heuristic for the set-covering problem, Mathematics of Operations Research 4(3).
    """
    orders, width = problem.candidates.shape
    longest = int(np.diff(problem.lines.start).max(initial=0))
    stock, capacity = problem.stock.copy(), problem.capacity.copy()
    arrays = _arrays(problem, stock)
    status, cost = np.zeros(orders, np.int64), np.zeros(orders, np.int64)
    single = np.zeros((orders, width), np.int64)
    lines_here = np.zeros((orders, width), np.int64)
    out = [np.empty(problem.lines.product.size + width * longest, np.int64) for _ in range(4)]
    turn = count = 0
    while turn < problem.sequence.size:
        turn, count = decide_from(arrays, turn, count, capacity, status, cost, single, lines_here, *out)
        if turn < problem.sequence.size:
            out = [np.concatenate([column, np.empty_like(column)]) for column in out]
    order, line, site, quantity = (column[:count] for column in out)
    by_order = np.lexsort((line, site, order))
    return OrderRoutingPlan(
        status=status,
        cost_minor=cost,
        order=order[by_order],
        line=line[by_order],
        site=site[by_order],
        quantity=quantity[by_order],
        single_minor=single,
        lines_here=lines_here,
        stock=stock,
        capacity=capacity,
    )


def _arrays(problem: OrderRoutingProblem, stock: StockBook) -> _Arrays:
    """Return the arrays of a problem, all of one layout."""
    lines = problem.lines
    return _Arrays(
        start=one_layout(lines.start),
        product=one_layout(lines.product),
        quantity=one_layout(lines.quantity),
        weight_g=one_layout(lines.weight_g),
        volume_ml=one_layout(lines.volume_ml),
        sequence=one_layout(problem.sequence),
        candidates=one_layout(problem.candidates),
        price=one_layout(problem.price),
        why=one_layout(problem.why),
        class_g=one_layout(problem.class_g),
        dim_ml_per_kg=problem.dim_ml_per_kg,
        pick_day=one_layout(problem.pick_day),
        package_minor=one_layout(problem.package_minor),
        line_minor=one_layout(problem.line_minor),
        unit_minor=one_layout(problem.unit_minor),
        stock=StockBook(*(one_layout(column) for column in stock)),
    )
