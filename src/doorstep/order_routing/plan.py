"""What order routing returns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from doorstep.foundation.arrays import Bools, Ints
from doorstep.order_routing.problem import StockBook

SERVED, OUT_OF_STOCK, NO_CAPACITY, NO_MODE, WINDOW = 0, 1, 2, 3, 4
REASONS = ("", "out_of_stock", "no_capacity", "no_admissible_mode", "window_cannot_be_met")
"""Reason of each status."""

LACKS_STOCK, CAPACITY_FULL, NO_WAY = -1, -2, -3
"""In ``single_minor``: why a candidate could not have served the whole order alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRoutingPlan:
    """The sites of O orders.

    Parameters
    ----------
    status : (O,)
        0 served, else the number of a reason in ``REASONS``.
    cost_minor : (O,)
        Estimated cost of served orders: handling, drop and risk.
    priced_minor : (O,)
        What the stock and capacity taken are worth to later orders; part of the decision, not of the cost.
    bound_minor : (O,)
        Lower bound on cost and prices together of any way to serve the order at its turn; 0 for unserved ones.
    order, line, site, quantity : (A,)
        Allocations: so many units of a merged line come from a site; sorted by order, then site.
    single_minor : (O, C)
        What each candidate would have cost alone when the order was decided, or a negative reason.
    foregone_minor : (O, C)
        Prices of all that the candidate would have given alone; 0 where it could not.
    lines_here : (O, C)
        How many of the order's lines the candidate could have picked in full.
    stock, capacity
        What is left.
    """

    status: Ints
    cost_minor: Ints
    priced_minor: Ints
    bound_minor: Ints
    order: Ints
    line: Ints
    site: Ints
    quantity: Ints
    single_minor: Ints
    foregone_minor: Ints
    lines_here: Ints
    stock: StockBook
    capacity: Ints

    def take(self, orders: Bools, line_start: Ints) -> Self:
        """Return the plan of some orders (O,) of a problem whose lines start at ``line_start`` (O + 1,)."""
        number = np.cumsum(orders) - 1
        rows = orders[self.order]
        order = self.order[rows]
        first_line = np.concatenate([[0], np.cumsum(np.diff(line_start)[orders])])
        return type(self)(
            **{name: getattr(self, name)[orders] for name in _BY_ORDER},
            order=number[order],
            line=self.line[rows] - line_start[order] + first_line[number[order]],
            site=self.site[rows],
            quantity=self.quantity[rows],
            stock=self.stock,
            capacity=self.capacity,
        )

    def renumbered(self, rows: Ints, line_rows: Ints) -> Self:
        """Return the plan of a problem that has these orders (O,) and lines (L,) at other rows, each row once."""
        order, line = rows[self.order], line_rows[self.line]
        by = np.lexsort((line, self.site, order))
        back = np.argsort(rows)
        return type(self)(
            **{name: getattr(self, name)[back] for name in _BY_ORDER},
            order=order[by],
            line=line[by],
            site=self.site[by],
            quantity=self.quantity[by],
            stock=self.stock,
            capacity=self.capacity,
        )

    @classmethod
    def joined(cls, plans: Sequence[Self], lines: Sequence[int]) -> Self:
        """Return the plans of problems of so many lines as one; stock and capacity are those of the last."""
        orders = np.cumsum([0, *(plan.status.size for plan in plans)])
        first = np.cumsum([0, *lines])
        return cls(
            **{name: np.concatenate([getattr(plan, name) for plan in plans]) for name in _BY_ORDER},
            order=np.concatenate([plan.order + n for plan, n in zip(plans, orders, strict=False)]),
            line=np.concatenate([plan.line + n for plan, n in zip(plans, first, strict=False)]),
            site=np.concatenate([plan.site for plan in plans]),
            quantity=np.concatenate([plan.quantity for plan in plans]),
            stock=plans[-1].stock,
            capacity=plans[-1].capacity,
        )


_BY_ORDER = ("status", "cost_minor", "priced_minor", "bound_minor", "single_minor", "foregone_minor", "lines_here")
