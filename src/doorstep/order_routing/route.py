"""Decides the sites of all orders."""

from typing import NamedTuple

import numpy as np

from doorstep.foundation.arrays import Ints, one_layout
from doorstep.order_routing._kernels import decide_from
from doorstep.order_routing.plan import OrderRoutingPlan
from doorstep.order_routing.problem import OrderRoutingProblem, Prices, StockBook


class Arrays(NamedTuple):
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
    risk_minor: Ints
    stock: StockBook
    prices: Prices


def route_orders(problem: OrderRoutingProblem, *, in_place: bool = False) -> OrderRoutingPlan:
    """Return the site or sites of every order at least estimated cost, given what the orders before it left.

    A package costs its handling and the price of its drop. Up to eight distinct products the least cost over the best
    single site and every split is found exactly (a dynamic programme over subsets of lines, skipped where a lower bound
    shows that no split can pay); longer orders, and lines that no single site holds in full, are covered greedily and
    improved by moving lines and emptying sites.

    Parameters
    ----------
    in_place
        Take from the problem's own stock and capacity instead of copies, as a live index of a gigabyte must.

    References
    ----------
    Xu, Allgor, Graves (2009), Benefits of reevaluating real-time order fulfillment decisions, MSOM 11(2).
    Chvatal (1979), A greedy heuristic for the set-covering problem, Mathematics of Operations Research 4(3).
    """
    orders, width = problem.candidates.shape
    longest = int(np.diff(problem.lines.start).max(initial=0))
    stock, capacity = problem.stock, problem.capacity
    if not in_place:
        stock, capacity = stock.copy(), capacity.copy()
    arrays = arrays_of(problem, stock)
    status, cost, priced, bound = np.zeros((4, orders), np.int64)
    single, foregone, lines_here = np.zeros((3, orders, width), np.int64)
    out = [np.empty(problem.lines.product.size + width * longest, np.int64) for _ in range(4)]
    turn = count = 0
    while turn < problem.sequence.size:
        turn, count = decide_from(
            arrays, turn, count, capacity, status, cost, priced, bound, single, foregone, lines_here, *out
        )
        if turn < problem.sequence.size:
            out = [np.concatenate([column, np.empty_like(column)]) for column in out]
    order, line, site, quantity = (column[:count] for column in out)
    by_order = np.lexsort((line, site, order))
    return OrderRoutingPlan(
        status=status,
        cost_minor=cost,
        priced_minor=priced,
        bound_minor=bound,
        order=order[by_order],
        line=line[by_order],
        site=site[by_order],
        quantity=quantity[by_order],
        single_minor=single,
        foregone_minor=foregone,
        lines_here=lines_here,
        stock=stock,
        capacity=capacity,
    )


def arrays_of(problem: OrderRoutingProblem, stock: StockBook, prices: Prices | None = None) -> Arrays:
    """Return the arrays of a problem, all of one layout, over a stock book that routing may take from."""
    lines = problem.lines
    risk = np.zeros_like(problem.candidates) if problem.risk_minor is None else problem.risk_minor
    prices = prices or problem.prices or Prices.none(stock, problem.capacity)
    return Arrays(
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
        risk_minor=one_layout(risk),
        stock=StockBook(
            one_layout(stock.start), one_layout(stock.site), np.require(stock.units, requirements=["C", "W"])
        ),
        prices=Prices(
            one_layout(prices.offset), np.require(prices.unit, requirements=["C", "W"]), one_layout(prices.pick)
        ),
    )
