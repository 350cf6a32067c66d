"""Days of orders against some stock: what is lost, what comes from near, what it takes, by the real order routing.

A day's orders take what they need; in the evening something is sent on its way, which is there some mornings later.
What lies where is carried from day to day, and a check of its own follows every unit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from doorstep.demand import BasketModel
from doorstep.domain import Retailer
from doorstep.domain.retailer import completed
from doorstep.foundation import InputError, Interrupt, Progress, Silent
from doorstep.foundation.arrays import Ints, index_of, ints
from doorstep.foundation.units import SECONDS_PER_DAY
from doorstep.geography import TravelTimes, great_circle_m
from doorstep.operations.corridor.allocate import SiteChoice, choose_sites
from doorstep.operations.corridor.own_price import drop_density, own_drop_price
from doorstep.operations.corridor.ship import Shipment, form_shipment
from doorstep.operations.corridor.strategy import DOORSTEP
from doorstep.operations.corridor.world import World, build_world
from doorstep.operations.planning.site_demand import natural_sites
from doorstep.operations.planning.stock_evening import Evening, receipts_of, today_of
from doorstep.operations.planning.stock_ledger import DayLedger, LedgerCheck, Movements
from doorstep.operations.planning.stock_outcome import StockDay, StockOutcome
from doorstep.operations.planning.stock_problem import stock_of


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOfOrders:
    """A retailer with a day's orders; each would be served from ``natural`` (O,) if everything lay everywhere."""

    retailer: Retailer
    natural: Ints


def drawn_days(
    retailer: Retailer,
    days: int,
    rng: np.random.Generator,
    *,
    model: BasketModel | None = None,
    travel: TravelTimes | None = None,
) -> tuple[DayOfOrders, ...]:
    """Return days of orders, as many on each as the retailer has in a day, drawn from its own.

    Each is a copy of one of its orders, at the same time of another day, with windows moved along. With a ``model`` of
    what is bought together, products that stand in an order by chance are drawn anew by what is expected to be wanted:
    otherwise a stock that happens to suit the retailer's own orders would suit every day.

    Raises
    ------
    InputError
        If there is no day or no order.
    """
    orders, lines = retailer.orders, retailer.order_lines
    if days < 1 or not orders.height:
        raise InputError(f"{days} days of {orders.height} orders: there must be one of each.")
    placed_at, natural = ints(orders["placed_at"]), natural_sites(retailer, travel)
    own_day = (placed_at - placed_at.min()) // SECONDS_PER_DAY
    count = -(-orders.height // (int(own_day.max()) + 1))
    drawn = rng.integers(orders.height, size=(days, count))
    copied = (
        _day(retailer, orders, lines, rows, number, (number - own_day[rows]) * SECONDS_PER_DAY, natural[rows])
        for number, rows in enumerate(drawn)
    )
    return tuple(copied if model is None else (_renewed(day, lines, model, rng) for day in copied))


def _renewed(day: DayOfOrders, known: pl.DataFrame, model: BasketModel, rng: np.random.Generator) -> DayOfOrders:
    """Return a day in which what stands in orders by chance is drawn anew, in quantities of known order lines.

    Of a product that nobody ordered one unit is wanted.
    """
    lines, ids = day.retailer.order_lines, day.retailer.products["product_id"]
    product = index_of(lines["product_id"], ids, what="product_id")
    asked = index_of(known["product_id"], ids, what="product_id")
    quantity = ints(known["quantity"])[np.argsort(asked, kind="stable")]
    count = np.bincount(asked, minlength=ids.len())
    usual = np.bincount(asked, ints(known["quantity"]), ids.len()) / np.maximum(count, 1)
    share = model.popularity / np.maximum(usual, 1.0)
    drawn = rng.choice(share.size, size=product.size, p=share / share.sum())
    row = (np.cumsum(count) - count)[drawn] + (rng.random(product.size) * count[drawn]).astype(np.int64)
    of_it = np.where(count[drawn] > 0, quantity[np.minimum(row, quantity.size - 1)], 1)
    anew = rng.random(product.size) < model.by_chance
    renewed = lines.with_columns(
        product_id=ids.gather(np.where(anew, drawn, product).tolist()),
        quantity=pl.Series(np.where(anew, of_it, ints(lines["quantity"]))),
    )
    return replace(day, retailer=replace(day.retailer, order_lines=renewed))


def _day(
    retailer: Retailer, orders: pl.DataFrame, lines: pl.DataFrame, rows: Ints, number: int, later: Ints, natural: Ints
) -> DayOfOrders:
    names = pl.Series([f"{number}-{copy}" for copy in range(rows.size)], dtype=pl.String)
    moved = [pl.col(name) + pl.Series(later) for name in ("placed_at", "window_start_at", "window_end_at")]
    copies = orders[rows.tolist()].with_columns(names.alias("order_id"), *moved)
    first = pl.DataFrame({"order_id": orders["order_id"].gather(rows.tolist()), "copy": names})
    joined = first.join(lines, on="order_id", maintain_order="left_right")
    by_time = np.argsort(ints(copies["placed_at"]), kind="stable")
    return DayOfOrders(
        retailer=replace(
            retailer,
            orders=copies[by_time.tolist()],
            order_lines=joined.with_columns(order_id="copy").select(lines.columns),
        ),
        natural=natural[by_time],
    )


def replay_stock(
    days: Sequence[DayOfOrders],
    units: Ints,
    *,
    evening: Evening | None = None,
    travel: TravelTimes | None = None,
    progress: Progress | None = None,
    interrupt: Interrupt | None = None,
) -> StockOutcome | None:
    """Return what days of orders find in a stock (I, S), decided in the sequence in which they were placed.

    Every order gets its sites by the cost of the corridor, split if it must be, or is lost; what it takes is gone for
    those after it. What is sent in an ``evening``, and what the retailer expects, comes in the morning of its day; on
    the first day nothing does, and without an evening nothing is sent. All units of the stock may be sold, whatever
    the folder keeps back. None if somebody interrupts. ``travel`` is by default the estimate of the policy.
    """
    listen, stop = progress or Silent(), interrupt or Interrupt()
    on_hand, coming = units, receipts_of(days[0].retailer, today_of(days[0].retailer))
    check, told, faults = LedgerCheck(before=units, coming=coming), list[StockDay](), list[str]()
    used: Used | None = None
    listen.stage("replaying days of orders", len(days))
    for number, day in enumerate(days):
        begin, arrived = on_hand, coming.arriving(units.shape, within=0)
        coming = coming.take(coming.days > 0)
        routed = _routed(day.retailer, begin + arrived, used, travel, stop)
        if stop():
            return None
        left, used = routed.left(units.shape), routed.used
        sent = evening(left, coming) if evening is not None and number < len(days) - 1 else Movements.of([])
        on_hand, coming = left - sent.leaving(units.shape), coming.plus(sent).nearer()
        ledger = DayLedger(begin=begin, arrived=arrived, shipped=routed.shipped(units.shape), sent=sent, end=on_hand)
        faults += check.faults(ledger)
        told.append(_counted(day, routed, begin + arrived, sent))
        listen.advance()
    return StockOutcome(days=tuple(told), faults=tuple(faults))


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """Lines that sites (S, D) pick of orders so far, on the days from ``first_day`` (ordinal) on."""

    first_day: int
    lines: Ints

    def on(self, world: World) -> Ints:
        """Return the lines (S, D) on the days of a world."""
        found = np.zeros_like(world.capacity)
        late = world.calendar.first_day.toordinal() - self.first_day
        kept = self.lines[:, max(late, 0) :][:, : found.shape[1]]
        found[:, : kept.shape[1]] = kept
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutedDay:
    """A day's orders with their sites and their ways."""

    world: World
    choice: SiteChoice
    shipment: Shipment
    used: Used

    def shipped(self, shape: tuple[int, ...]) -> Ints:
        """Return the units that go out (I, S)."""
        found = np.zeros(shape, np.int64)
        np.add.at(found, (self.choice.product, self.choice.site), self.choice.quantity)
        return found

    def left(self, shape: tuple[int, ...]) -> Ints:
        """Return the units that order routing's book has left (I, S)."""
        book, found = self.choice.stock, np.zeros(shape, np.int64)
        found[np.repeat(np.arange(shape[0]), np.diff(book.start)), book.site] = book.units
        return found


def _routed(
    retailer: Retailer, units: Ints, used: Used | None, travel: TravelTimes | None, interrupt: Interrupt
) -> RoutedDay:
    """Return a day's orders routed from units (I, S), where sites pick so many lines already."""
    world = build_world(replace(retailer, stock=completed("stock", stock_of(retailer, units))), travel)
    before = used.on(world) if used is not None else np.zeros_like(world.capacity)
    capacity = np.maximum(world.capacity - before, 0)
    world = replace(world, capacity=capacity)
    own = own_drop_price(world, drop_density(world))
    choice = choose_sites(world, DOORSTEP, own, Silent(), interrupt)
    lines = before + capacity - choice.capacity
    return RoutedDay(
        world=world,
        choice=choice,
        shipment=form_shipment(world, DOORSTEP, choice, own),
        used=Used(first_day=world.calendar.first_day.toordinal(), lines=lines),
    )


def _counted(day: DayOfOrders, routed: RoutedDay, there: Ints, sent: Movements) -> StockDay:
    world, choice, ship = routed.world, routed.choice, routed.shipment
    order, site, quantity = choice.order, choice.site, choice.quantity
    home, region, lost = world.clock_site[order], _regions(world), choice.status != 0
    metres = great_circle_m(
        lat_a=world.sites.lat[site],
        lon_a=world.sites.lon[site],
        lat_b=world.doors.lat[order],
        lon_b=world.doors.lon[order],
    )
    hauled = ship.ways.lane[ship.parcels.package] >= 0
    hands = 1 + hauled - ship.collected[ship.drop_of_parcel].astype(np.int64)
    lines = world.lines
    lost_line = np.repeat(lost, np.diff(lines.start))
    margin = ints(world.tables["products"]["margin_minor"])
    value = ints(world.tables["products"]["price_minor"]) - margin
    wanted, short = _shelves(day, world, there)
    return StockDay(
        orders=world.orders,
        served=int((~lost).sum()),
        one_site_orders=int((np.bincount(ship.packages.order, minlength=world.orders) == 1).sum()),
        units=int(lines.quantity.sum()),
        lost_units=int(lines.quantity[lost_line].sum()),
        own_zone_units=int(quantity[site == home].sum()),
        in_region_units=int(quantity[region[site] == region[home]].sum()),
        unit_m=round(float(metres @ quantity)),
        packages=ship.packages.order.size,
        parcels=hands.size,
        hand_offs=int(hands.sum()),
        wanted_shelves=wanted,
        short_shelves=short,
        lost_margin_minor=int((margin[lines.product] * lines.quantity)[lost_line].sum()),
        bought_units=int(sent.units[sent.source < 0].sum()),
        moved_units=int(sent.units[(sent.source >= 0) & (sent.site >= 0)].sum()),
        marked_down_units=int(sent.units[sent.site < 0].sum()),
        stock_units=int(there.sum()),
        stock_value_minor=int(value @ there.sum(axis=1)),
    )


def _regions(world: World) -> Ints:
    """Return the region of each site (S,); a site without one is a region of its own."""
    return np.where(world.region >= 0, world.region, world.region.size + np.arange(world.region.size))


def _shelves(day: DayOfOrders, world: World, there: Ints) -> tuple[int, int]:
    """Return how many shelves something is wanted from, and from how many more than lies there (I, S)."""
    site = np.repeat(day.natural, np.diff(world.lines.start))
    key, row = np.unique(world.lines.product * there.shape[1] + site, return_inverse=True)
    asked = np.bincount(row.reshape(-1), weights=world.lines.quantity, minlength=key.size)
    return key.size, int((asked > there.reshape(-1)[key]).sum())
