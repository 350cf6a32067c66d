"""Days of orders against some stock: what is lost, what comes from near, what it takes, by the real order routing."""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from doorstep.domain import Retailer
from doorstep.domain.retailer import completed
from doorstep.foundation import InputError, Interrupt, Progress, Silent
from doorstep.foundation.arrays import Bools, index_of, ints
from doorstep.foundation.units import METRES_PER_KM, SECONDS_PER_DAY
from doorstep.geography import great_circle_m
from doorstep.operations.corridor.allocate import SiteChoice, choose_sites
from doorstep.operations.corridor.own_price import drop_density, own_drop_price
from doorstep.operations.corridor.strategy import DOORSTEP
from doorstep.operations.corridor.world import World, build_world


@dataclass(frozen=True, slots=True, kw_only=True)
class StockOutcome:
    """What orders found in a stock.

    Parameters
    ----------
    orders, served
        Orders, and those served whole; the others are lost.
    units, lost_units
        Units asked for, and those of lost orders.
    own_zone_share, in_region_share
        Of the units served, those from the site nearest to the door, or where they are collected, and those from its
        region; sites without a region are a region of their own.
    one_site_share
        Of the orders served, those that one site served whole.
    packages
        Packages of the orders served.
    km_per_unit
        Great-circle kilometres from site to door, mean over the units served.
    lost_margin_minor
        Margin of the units of lost orders.
    stock_units, stock_value_minor
        The stock at the beginning, valued at price less margin.
    """

    orders: int
    served: int
    units: int
    lost_units: int
    own_zone_share: float
    in_region_share: float
    one_site_share: float
    packages: int
    km_per_unit: float
    lost_margin_minor: int
    stock_units: int
    stock_value_minor: int

    @property
    def lost_share(self) -> float:
        """Share of the units asked for that are lost."""
        return self.lost_units / self.units if self.units else 0.0


def replay_stock(
    retailer: Retailer,
    stock: pl.DataFrame,
    *,
    progress: Progress | None = None,
    interrupt: Interrupt | None = None,
) -> StockOutcome:
    """Return what the retailer's orders find in a stock, decided in the sequence in which they were placed.

    Every order gets its sites by the cost of the corridor, split if it must be, or is lost; what it takes is gone for
    those after it, and nothing comes in. All units of the stock may be sold, whatever the folder keeps back.

    Parameters
    ----------
    stock
        ``site_id``, ``product_id`` and ``on_hand``.
    """
    whole = completed("stock", stock.select("site_id", "product_id", "on_hand"))
    shop = replace(retailer, stock=whole)
    world = build_world(shop)
    own = own_drop_price(world, drop_density(world))
    choice = choose_sites(world, DOORSTEP, own, progress or Silent(), interrupt or Interrupt())
    return _outcome(world, choice)


def several_days(retailer: Retailer, days: int, rng: np.random.Generator) -> Retailer:
    """Return the retailer with the orders of some days, as many on each as it has, drawn from its own.

    Each is a copy of one of its orders, at the same time of another day, with windows moved along.

    Raises
    ------
    InputError
        If there is no day or no order.
    """
    orders, lines = retailer.orders, retailer.order_lines
    if days < 1 or not orders.height:
        raise InputError(f"{days} days of {orders.height} orders: there must be one of each.")
    drawn = rng.integers(orders.height, size=days * orders.height)
    day = np.repeat(np.arange(days), orders.height)
    names = pl.Series([f"{day_no}-{number}" for day_no, number in zip(day, range(drawn.size), strict=True)])
    later = pl.Series(day * SECONDS_PER_DAY)
    copies = orders[drawn.tolist()].with_columns(
        names.alias("order_id"), *(pl.col(name) + later for name in ("placed_at", "window_start_at", "window_end_at"))
    )
    first = pl.DataFrame({"order_id": orders["order_id"].gather(drawn.tolist()), "copy": names})
    joined = first.join(lines, on="order_id", maintain_order="left_right")
    copied = joined.with_columns(order_id="copy").select(lines.columns)
    by_time = copies.sort("placed_at", maintain_order=True)
    return replace(retailer, orders=by_time, order_lines=copied)


def _outcome(world: World, choice: SiteChoice) -> StockOutcome:
    lost = choice.status != 0
    kept = ~lost[choice.order]
    order, site, quantity = choice.order[kept], choice.site[kept], choice.quantity[kept]
    home = world.clock_site[order]
    metres = great_circle_m(
        lat_a=world.sites.lat[site],
        lon_a=world.sites.lon[site],
        lat_b=world.doors.lat[order],
        lon_b=world.doors.lon[order],
    )
    region = np.where(world.region >= 0, world.region, world.region.size + np.arange(world.region.size))
    units = max(int(quantity.sum()), 1)
    packages = np.unique(order * len(world.sites) + site) // len(world.sites)
    each = np.bincount(packages, minlength=world.orders)
    of_line = np.repeat(np.arange(world.orders), np.diff(world.lines.start))
    lost_line = lost[of_line]
    products, table = world.tables["products"], world.tables["stock"]
    margin = ints(products["margin_minor"])
    row = index_of(table["product_id"], products["product_id"], what="product_id")
    value = ints(products["price_minor"]) - margin
    return StockOutcome(
        orders=world.orders,
        served=int((~lost).sum()),
        units=int(world.lines.quantity.sum()),
        lost_units=int(world.lines.quantity[lost_line].sum()),
        own_zone_share=float(quantity[site == home].sum()) / units,
        in_region_share=float(quantity[region[site] == region[home]].sum()) / units,
        one_site_share=_share(each[~lost] == 1),
        packages=int(packages.size),
        km_per_unit=float(metres @ quantity) / METRES_PER_KM / units,
        lost_margin_minor=int((margin[world.lines.product] * world.lines.quantity)[lost_line].sum()),
        stock_units=int(table["on_hand"].sum()),
        stock_value_minor=int((value[row] * ints(table["on_hand"])).sum()),
    )


def _share(hits: Bools) -> float:
    return float(hits.mean()) if hits.size else 0.0
