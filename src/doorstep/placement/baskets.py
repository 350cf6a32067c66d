"""Past orders as arrays, and what they say of an assortment."""

from dataclasses import dataclass

import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.placement._basket_kernels import complete_weight

HALF_LIFE_DAYS = 120.0
OTHERS = 0.05
"""Weight of an order of another site beside one of the site's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Baskets:
    """O orders over N products, each product once an order.

    Parameters
    ----------
    start : (O + 1,)
        Where the lines of each order begin.
    item : (L,)
        Product of each line, -1 for one outside the N products.
    weight : (O,)
        What an order counts.
    products
        N.

    Raises
    ------
    InputError
        If the arrays do not fit together, an order has no line, or a product twice; the message lists every fault.
    """

    start: Ints
    item: Ints
    weight: Floats
    products: int

    def __post_init__(self) -> None:
        faults = _faults(self)
        if faults:
            raise InputError(" ".join(faults))

    @property
    def size(self) -> Ints:
        """Number of products of each order (O,)."""
        return np.diff(self.start)

    def popularity(self) -> Floats:
        """Return the weight of each product's orders (N,), that of an order shared equally among its products.

        A product of large orders alone completes few: sharing favours those that make up small ones.
        """
        shared = np.repeat(self.weight / self.size, self.size)
        known = self.item >= 0
        return np.bincount(self.item[known], shared[known], minlength=self.products).astype(np.float64)

    def complete_share(self, chosen: Bools) -> float:
        """Return the share of the orders' weight that is complete from the chosen products (N,)."""
        complete = complete_weight(self.start, self.item, self.weight, chosen)
        return complete / max(float(self.weight.sum()), 1e-300)

    def known(self) -> "Baskets":
        """Return the orders that want nothing outside the N products."""
        outside = np.add.reduceat(self.item < 0, self.start[:-1]) > 0 if self.weight.size else np.zeros(0, np.bool_)
        keep = ~outside
        size = self.size[keep]
        return Baskets(
            start=np.concatenate([[0], np.cumsum(size)]).astype(np.int64),
            item=self.item[np.repeat(keep, self.size)],
            weight=self.weight[keep],
            products=self.products,
        )


def basket_weights(
    age_days: Floats, own: Bools, *, half_life_days: float = HALF_LIFE_DAYS, others: float = OTHERS
) -> Floats:
    """Return what past orders count for a site (O,): less with age, and little if not the site's ``own`` (O,).

    A small site has seen too few orders to know its rare products; others' orders, at a small weight, tell.
    """
    return np.where(own, 1.0, others) * 0.5 ** (np.asarray(age_days, np.float64) / half_life_days)


def _faults(baskets: Baskets) -> list[str]:
    start, item, weight = baskets.start, baskets.item, baskets.weight
    if start.shape != (weight.size + 1,) or item.ndim != 1 or weight.ndim != 1:
        return [f"start {start.shape}, item {item.shape} and weight {weight.shape} must be (O + 1,), (L,) and (O,)."]
    faults = []
    if start[0] != 0 or start[-1] != item.size or (np.diff(start) < 1).any():
        faults.append(f"start must rise by one or more each order, from 0 to the {item.size} lines.")
    if not ((weight >= 0) & np.isfinite(weight)).all():
        row = int(np.flatnonzero(~((weight >= 0) & np.isfinite(weight)))[0])
        faults.append(f"weight must be finite and not negative: order {row} has {weight[row]}.")
    outside = np.flatnonzero((item < -1) | (item >= baskets.products))
    if outside.size:
        faults.append(f"item must lie between -1 and {baskets.products - 1}: line {outside[0]} is {item[outside[0]]}.")
    if not faults:
        order = np.repeat(np.arange(weight.size), np.diff(start))
        by = np.lexsort((item, order))
        twice = (np.diff(order[by]) == 0) & (np.diff(item[by]) == 0) & (item[by][1:] >= 0)
        if twice.any():
            line = int(by[np.flatnonzero(twice)[0]])
            faults.append(f"an order must have a product once: order {order[line]} has product {item[line]} twice.")
    return faults
