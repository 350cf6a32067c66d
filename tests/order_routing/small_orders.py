"""Order routing problems of a few sites written by hand, and the brute force that judges them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product as every

import numpy as np

from doorstep.foundation.arrays import Ints
from doorstep.order_routing import OrderRoutingPlan, OrderRoutingProblem, StockBook
from doorstep.order_routing.problem import IMPOSSIBLE, UNLIMITED, MergedLines

CLASS_G = (2_000, 5_000, 20_000)
"""Every unit weighs a kilogram, so packages of up to 2, up to 5 and more units are priced apart."""

Lines = Sequence[tuple[int, int]]
"""Products and quantities of an order."""


def routing(
    orders: Sequence[Lines],
    stock: Sequence[Sequence[int]],
    price: Sequence[Sequence[int | Sequence[int]]],
    *,
    capacity: Sequence[int] | None = None,
    package: Sequence[int] | None = None,
    line: Sequence[int] | None = None,
    unit: Sequence[int] | None = None,
    candidates: Sequence[Sequence[int]] | None = None,
    why: Sequence[Sequence[int]] | None = None,
    sequence: Sequence[int] | None = None,
) -> OrderRoutingProblem:
    """Return the problem of orders over sites; ``stock[site][product]``, ``price[order][candidate]``."""
    sites, products = len(stock), len(stock[0])
    flat = [pair for lines in orders for pair in lines]
    quantity = array([pair[1] for pair in flat])
    book = [(p, s, stock[s][p]) for p in range(products) for s in range(sites) if stock[s][p]]
    classes = [[[p] * 3 if isinstance(p, int) else list(p) for p in row] for row in price]
    width = len(price[0])
    return OrderRoutingProblem(
        lines=MergedLines(
            start=array(np.cumsum([0, *(len(lines) for lines in orders)])),
            product=array([pair[0] for pair in flat]),
            quantity=quantity,
            weight_g=1_000 * quantity,
            volume_ml=quantity.copy(),
        ),
        sequence=array(sequence if sequence is not None else range(len(orders))),
        candidates=array(candidates or [list(range(width))] * len(orders)).reshape(len(orders), width),
        price=array(classes),
        why=array(why or [[0] * width] * len(orders)),
        class_g=array(CLASS_G),
        dim_ml_per_kg=5_000,
        pick_day=array(np.zeros((len(orders), width))),
        capacity=array([[c] for c in (capacity or [UNLIMITED] * sites)]),
        package_minor=array(package or [0] * sites),
        line_minor=array(line or [0] * sites),
        unit_minor=array(unit or [0] * sites),
        stock=StockBook(
            array(np.searchsorted([row[0] for row in book], range(products + 1))),
            array([row[1] for row in book]),
            array([row[2] for row in book]),
        ),
    )


def array(values: object) -> Ints:
    """Return whole numbers as the kernels want them."""
    return np.array(values, dtype=np.int64)


def allocations(plan: OrderRoutingPlan, problem: OrderRoutingProblem) -> list[tuple[int, int, int, int]]:
    """Return order, product, site and quantity of every allocation."""
    products = problem.lines.product[plan.line]
    return list(zip(*(c.tolist() for c in (plan.order, products, plan.site, plan.quantity)), strict=True))


@dataclass(slots=True)
class Book:
    """What is left while orders are decided one after the other, by plain dictionaries."""

    problem: OrderRoutingProblem
    units: dict[tuple[int, int], int]
    room: list[int]

    @classmethod
    def of(cls, problem: OrderRoutingProblem) -> "Book":
        """Return the book before the first order."""
        stock = problem.stock
        units = {
            (int(stock.site[row]), p): int(stock.units[row])
            for p in range(stock.start.size - 1)
            for row in range(stock.start[p], stock.start[p + 1])
        }
        return cls(problem, units, problem.capacity[:, 0].tolist())

    def lines(self, order: int) -> list[tuple[int, int]]:
        """Return products and quantities of an order."""
        rows = range(self.problem.lines.start[order], self.problem.lines.start[order + 1])
        return [(int(self.problem.lines.product[r]), int(self.problem.lines.quantity[r])) for r in rows]

    def cost(self, order: int, given: dict[int, dict[int, int]]) -> int | None:
        """Return what the amounts by candidate and product cost; None if stock, room or price forbids them."""
        p, total = self.problem, 0
        for c, amounts in given.items():
            site, units = int(p.candidates[order, c]), sum(amounts.values())
            grade = next((k for k, bound in enumerate(CLASS_G) if 1_000 * units <= bound), len(CLASS_G) - 1)
            price = int(p.price[order, c, grade])
            short = any(self.units.get((site, n), 0) < q for n, q in amounts.items())
            if site < 0 or short or len(amounts) > self.room[site] or price >= IMPOSSIBLE:
                return None
            total += int(p.package_minor[site] + len(amounts) * p.line_minor[site] + units * p.unit_minor[site]) + price
        return total

    def best(self, order: int) -> int | None:
        """Return the least cost over all assignments of whole lines to candidates, None if there is none."""
        lines, width = self.lines(order), self.problem.candidates.shape[1]
        costs = []
        for sites in every(range(width), repeat=len(lines)):
            given: dict[int, dict[int, int]] = {}
            for c, (n, quantity) in zip(sites, lines, strict=True):
                given.setdefault(c, {})[n] = quantity
            costs.append(self.cost(order, given))
        return min((cost for cost in costs if cost is not None), default=None)

    def take(self, order: int, plan: OrderRoutingPlan) -> dict[int, dict[int, int]]:
        """Take what a plan allocates to an order; return it by candidate and product."""
        where = {int(s): c for c, s in enumerate(self.problem.candidates[order])}
        given: dict[int, dict[int, int]] = {}
        for row in np.flatnonzero(plan.order == order):
            site, n = int(plan.site[row]), int(self.problem.lines.product[plan.line[row]])
            given.setdefault(where[site], {})[n] = int(plan.quantity[row])
        return given

    def book(self, order: int, given: dict[int, dict[int, int]]) -> None:
        """Lower stock and room by what was given."""
        for c, amounts in given.items():
            site = int(self.problem.candidates[order, c])
            self.room[site] -= len(amounts)
            for n, quantity in amounts.items():
                self.units[site, n] -= quantity
