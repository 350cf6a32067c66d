"""What order routing returns."""

from dataclasses import dataclass

from doorstep.foundation.arrays import Ints
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
        Estimated cost of served orders: handling and drop.
    order, line, site, quantity : (A,)
        Allocations: so many units of a merged line come from a site; sorted by order, then site.
    single_minor : (O, C)
        What each candidate would have cost alone when the order was decided, or a negative reason.
    lines_here : (O, C)
        How many of the order's lines the candidate could have picked in full.
    stock, capacity
        What is left.
    """

    status: Ints
    cost_minor: Ints
    order: Ints
    line: Ints
    site: Ints
    quantity: Ints
    single_minor: Ints
    lines_here: Ints
    stock: StockBook
    capacity: Ints
