"""What order routing needs: merged order lines, stock by product, and the price list of candidate sites."""

from dataclasses import dataclass, replace
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt
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
    """Free units by product, sites ascending: ``start`` (N + 1,), ``site`` and ``units`` (M,), which routing takes.

    A dense book has a row for every product at every site, and ``site`` is empty; ``units`` may then be of a smaller
    type: 4,731 sites x 100,000 products in int16 are 0.95 GB.
    """

    start: Ints
    site: Ints
    units: npt.NDArray[np.signedinteger]

    @classmethod
    def dense(cls, sites: int, products: int) -> Self:
        """Return an empty book with a row of two bytes for every product at every site."""
        start = np.arange(products + 1, dtype=np.int64) * sites
        return cls(start, np.empty(0, np.int64), np.zeros(sites * products, np.int16))

    def rows(self, product: Ints, site: Ints) -> Ints:
        """Return where the book keeps each product at each site (L,), -1 where it has no row for them."""
        if not self.site.size:
            return self.start[product] + site
        if not self.units.size:
            return np.full(np.broadcast_shapes(product.shape, site.shape), -1)
        sites = int(self.site.max()) + 1
        key = np.repeat(np.arange(self.start.size - 1), np.diff(self.start)) * sites + self.site
        wanted = product * sites + site
        found = np.minimum(np.searchsorted(key, wanted), key.size - 1)
        return np.where((site < sites) & (key[found] == wanted), found, -1)

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


class Prices(NamedTuple):
    """What a unit of stock, and a line that is picked, are worth to orders to come [minor].

    They decide between sites and splits and are no cost: nobody pays them, and no order that can be served is refused
    for them.

    ``unit`` (Q,) are prices of rows of the stock book, of any integer type; those of a product start at ``offset``
    (N,), in the order of its rows, -1 for products without prices. ``pick`` (S, D) are prices of a line by site and
    day.
    """

    offset: Ints
    unit: npt.NDArray[np.signedinteger]
    pick: Ints

    @classmethod
    def none(cls, stock: StockBook, capacity: Ints) -> Self:
        """Return prices of nothing, for a stock book and a capacity (S, D)."""
        return cls(np.full(stock.start.size - 1, -1), np.empty(0, np.int64), np.zeros_like(capacity))

    @classmethod
    def zero(cls, stock: StockBook, capacity: Ints) -> Self:
        """Return prices of nothing that have a place for every row of the stock book."""
        return cls(stock.start[:-1].copy(), np.zeros(stock.units.size, np.int64), np.zeros_like(capacity))

    def plus(self, other: "Prices") -> "Prices":
        """Return the sum of prices that have the same places."""
        return Prices(self.offset, self.unit + other.unit, self.pick + other.pick)

    def scaled(self, share: float) -> "Prices":
        """Return a share of the prices, in whole minor units."""
        return Prices(
            self.offset,
            np.rint(self.unit * share).astype(np.int64),
            np.rint(self.pick * share).astype(np.int64),
        )


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
    prices
        What stock and capacity are worth to later orders; nothing if None.
    risk_minor : (O, C)
        What counts against a package from a candidate beside its cost [minor]: that the site may refuse it, that it may
        come late, that it leaves its region; nothing if None.
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
    prices: Prices | None = None
    risk_minor: Ints | None = None

    def __post_init__(self) -> None:
        orders = self.lines.start.size - 1
        if self.candidates.shape[0] != orders or self.price.shape[:2] != self.candidates.shape:
            raise InputError(
                f"{orders} orders, candidates {self.candidates.shape} and price {self.price.shape} do not fit together."
            )
        if self.risk_minor is not None and self.risk_minor.shape != self.candidates.shape:
            raise InputError(f"risk_minor {self.risk_minor.shape} must be {self.candidates.shape}.")

    def take(self, orders: Ints, *, stock: StockBook | None = None, capacity: Ints | None = None) -> Self:
        """Return the problem of some orders, any of them more than once, decided in the sequence in which they stand.

        Parameters
        ----------
        orders : (T,)
            Rows of orders.
        stock, capacity
            What there is for them; by default what this problem has.
        """
        return replace(
            self,
            lines=self.lines.take(orders)[0],
            sequence=np.arange(orders.size),
            candidates=self.candidates[orders],
            price=self.price[orders],
            why=self.why[orders],
            pick_day=self.pick_day[orders],
            risk_minor=None if self.risk_minor is None else self.risk_minor[orders],
            stock=self.stock if stock is None else stock,
            capacity=self.capacity if capacity is None else capacity,
        )

    def joined(self, other: Self) -> Self:
        """Return the problem of these orders and then those of another with as many candidates; the rest stays."""
        lines = [np.concatenate(pair) for pair in zip(self.lines[1:], other.lines[1:], strict=True)]
        risks = [
            np.zeros_like(each.candidates) if each.risk_minor is None else each.risk_minor for each in (self, other)
        ]
        return replace(
            self,
            lines=MergedLines(np.concatenate([self.lines.start, self.lines.start[-1] + other.lines.start[1:]]), *lines),
            sequence=np.concatenate([self.sequence, self.sequence.size + other.sequence]),
            candidates=np.concatenate([self.candidates, other.candidates]),
            price=np.concatenate([self.price, other.price]),
            why=np.concatenate([self.why, other.why]),
            pick_day=np.concatenate([self.pick_day, other.pick_day]),
            risk_minor=np.concatenate(risks),
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
