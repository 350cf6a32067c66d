"""What order routing needs: merged order lines, stock by product, and the price list of candidate sites."""

from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
import polars as pl

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Ints, index_of, ints, starts_of

IMPOSSIBLE = 1 << 40
"""Prices at or above this one mean that the way does not exist."""

UNLIMITED = np.iinfo(np.int64).max // 4


class MergedLines(NamedTuple):
    """Lines of O orders with each product once per order, sorted by order: ``start`` (O + 1,), then (L,) arrays.

    ``product`` and ``quantity`` of the line, ``weight_g`` and ``volume_ml`` of all its units.
    """

    start: Ints
    product: Ints
    quantity: Ints
    weight_g: Ints
    volume_ml: Ints

    def take(self, orders: Ints) -> tuple["MergedLines", Ints]:
        """Return the lines of some orders, and which line of this table each one is."""
        counts = self.start[orders + 1] - self.start[orders]
        start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        rows = np.repeat(self.start[orders] - start[:-1], counts) + np.arange(start[-1])
        taken = MergedLines(
            start, *(column[rows] for column in (self.product, self.quantity, self.weight_g, self.volume_ml))
        )
        return taken, rows


class StockBook(NamedTuple):
    """Free units by product, sites ascending: ``start`` (N + 1,), ``site`` and ``units`` (M,), which routing takes."""

    start: Ints
    site: Ints
    units: Ints

    @classmethod
    def from_tables(cls, stock: pl.DataFrame, sites: pl.DataFrame, products: pl.DataFrame) -> Self:
        """Return what is on hand less the safety stock, never below zero."""
        book = pl.DataFrame(
            {
                "product": index_of(stock["product_id"], products["product_id"], what="stock product_id"),
                "site": index_of(stock["site_id"], sites["site_id"], what="stock site_id"),
                "units": np.maximum(ints(stock["on_hand"]) - ints(stock["safety_stock"]), 0),
            }
        ).sort("product", "site")
        return cls(starts_of(ints(book["product"]), products.height), ints(book["site"]), ints(book["units"]))

    def copy(self) -> "StockBook":
        """Return a book whose units can be taken without touching this one."""
        return StockBook(self.start, self.site, self.units.copy())


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRoutingProblem:
    """O orders with up to C candidate sites each, of S sites in all.

    Parameters
    ----------
    lines
        The orders' merged lines.
    sequence : (O,)
        Orders in the sequence in which they are decided.
    candidates : (O, C)
        Sites that may serve the order, -1 for none.
    price : (O, C, K)
        Price of a drop from the candidate by weight class [minor]; at least ``IMPOSSIBLE`` where there is no way.
    why : (O, C)
        Why there is no way: 1 the window cannot be met, 2 nobody may bring it; 0 where there is one.
    class_g : (K,)
        Upper bound of each weight class, ascending [g]; heavier packages cost a multiple of the last class.
    dim_ml_per_kg
        Millilitres that count as a kilogram when a package is classed.
    pick_day : (O, C)
        Day whose pick capacity a candidate would use.
    capacity : (S, D)
        Order lines that each site can still pick on each day.
    package_minor, line_minor, unit_minor : (S,)
        Handling cost of a package, a line, a unit.
    stock
        Free units; copied, not changed.
    """

    lines: MergedLines
    sequence: Ints
    candidates: Ints
    price: Ints
    why: Ints
    class_g: Ints
    dim_ml_per_kg: int
    pick_day: Ints
    capacity: Ints
    package_minor: Ints
    line_minor: Ints
    unit_minor: Ints
    stock: StockBook

    def __post_init__(self) -> None:
        orders = self.lines.start.size - 1
        if self.candidates.shape[0] != orders or self.price.shape[:2] != self.candidates.shape:
            raise InputError(
                f"{orders} orders, candidates {self.candidates.shape} and price {self.price.shape} do not fit together."
            )


def merged_lines(
    order_lines: pl.DataFrame, orders: pl.DataFrame, products: pl.DataFrame, volume_ml: Ints
) -> MergedLines:
    """Return the lines of all orders, the same product on several lines of one order merged into one.

    Parameters
    ----------
    volume_ml : (N,)
        Volume of each product [ml].
    """
    lines = (
        pl.DataFrame(
            {
                "order": index_of(order_lines["order_id"], orders["order_id"], what="order_lines order_id"),
                "product": index_of(order_lines["product_id"], products["product_id"], what="order_lines product_id"),
                "quantity": order_lines["quantity"],
            }
        )
        .group_by("order", "product")
        .agg(pl.col("quantity").sum())
        .sort("order", "product")
    )
    product, quantity = ints(lines["product"]), ints(lines["quantity"])
    return MergedLines(
        start=starts_of(ints(lines["order"]), orders.height),
        product=product,
        quantity=quantity,
        weight_g=ints(products["weight_g"])[product] * quantity,
        volume_ml=volume_ml[product] * quantity,
    )
