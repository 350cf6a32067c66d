"""Days of orders decided at prices of stock: those of the stock plan, of likely orders, of both, or none.

Stock is planned and prices are found from seven days of orders; three other days of the same shoppers are replayed.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from benchmarks.placement.shop_days import HISTORY_DAYS, ShopDays, draw_shop
from benchmarks.table import Row
from doorstep.delivery_mode.density_price import DropDensity
from doorstep.foundation.arrays import Ints, ints
from doorstep.foundation.units import SECONDS_PER_DAY
from doorstep.operations.corridor.own_price import drop_density, own_drop_price
from doorstep.operations.corridor.scarcity import PICK_PRICE, ScarcityPrices, foresee
from doorstep.operations.corridor.site_problem import site_problem
from doorstep.operations.corridor.strategy import DOORSTEP
from doorstep.operations.corridor.world import World, build_world
from doorstep.operations.planning.placing import StockWishes, retailer_with, valued
from doorstep.operations.planning.site_demand import SiteDemand, demand_of_orders
from doorstep.operations.planning.stock_prices import stock_prices
from doorstep.operations.planning.stock_problem import stock_problem, tiers_of
from doorstep.order_routing import OrderRoutingPlan, StockBook, route_orders
from doorstep.order_routing.candidates import holders_of_missing
from doorstep.order_routing.plan import OUT_OF_STOCK, SERVED
from doorstep.placement import place_stock

SHOPS = (("Lyon, FR", 4, 1, 200), ("Phoenix, US", 8, 1, 300))
DAYS = 3
"""Days replayed, and days that stock has to last; nothing comes in."""
FORESEEN_S = 7_200
"""Seconds until likely orders are priced again."""
PLACED_COVER = 4.0
"""Units of a product that are placed, as a multiple of what is expected of it; most products sell less than one."""

Source = Callable[["_Replay", int], ScarcityPrices | None]


def dual_price_rows(*, seed: int, seeds: int) -> list[Row]:
    """Return a row for each shop, stock and source of prices: means over seeds, money in minor units an order."""
    rows: list[Row] = []
    for city, stores, fcs, orders in SHOPS:
        drawn = [draw_shop(city, stores, fcs, orders, DAYS, number) for number in range(seed, seed + seeds)]
        for stock, units_of in (("as found", _found), ("as placed", _placed)):
            units = [units_of(shop) for shop in drawn]
            outcomes = {
                name: [_Replay(shop, there).run(source) for shop, there in zip(drawn, units, strict=True)]
                for name, source in SOURCES.items()
            }
            instance = f"{city}, {stores} + {fcs} sites, {orders} orders a day, stock {stock}"
            rows += [_row(instance, name, found, outcomes["none"]) for name, found in outcomes.items()]
    return rows


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    orders: int
    lost_unit_share: float
    lost_margin_share: float
    cost_minor: int
    served: int
    packages: int
    profit_minor: int
    violations: int
    cpu_s: float


class _Replay:
    """Orders of some days in the sequence of their placing, at prices that are looked up every ``FORESEEN_S``."""

    def __init__(self, shop: ShopDays, units: Ints) -> None:
        self.shop, self.units = shop, units
        self.world = build_world(retailer_with(shop.later, units))
        book = self.world.stock
        self.stock = book._replace(units=_on_hand(self.world, units))
        self.capacity = self.world.capacity
        self.plans: list[tuple[Ints, OrderRoutingPlan]] = []
        self.planned: tuple[int, ScarcityPrices] | None = None
        self.usual = _usual(shop)

    def run(self, source: Source) -> _Outcome:
        """Return what becomes of the orders."""
        world, began = self.world, time.process_time()
        own = own_drop_price(world, drop_density(world))
        turn = (world.placed_at - self.shop.midnight_at) // FORESEEN_S
        for number in np.unique(turn).tolist():
            found = source(self, self.shop.midnight_at + number * FORESEEN_S)
            prices = None if found is None else found.in_world(world)
            rows, sites = np.flatnonzero(turn == number), world.candidates[turn == number]
            for again in (False, True):
                problem, _ = site_problem(world, DOORSTEP, own, rows, sites, self.stock, self.capacity, prices)
                plan = route_orders(problem)
                self.plans.append((rows, plan))
                self.stock, self.capacity = plan.stock, plan.capacity
                rows = rows[plan.status == OUT_OF_STOCK]
                if again or not rows.size:
                    break
                sites = holders_of_missing(world.lines, rows, self.stock, world.sites, world.doors)
        return self._outcome(time.process_time() - began)

    def lying(self) -> Ints:
        """Return what lies where now (I, S)."""
        return _units(self.world, self.stock)

    def _outcome(self, cpu_s: float) -> _Outcome:
        world = self.world
        status, cost = np.full(world.orders, OUT_OF_STOCK), np.zeros(world.orders, np.int64)
        taken = packages = 0
        for rows, plan in self.plans:
            status[rows], cost[rows] = plan.status, plan.cost_minor
            taken += int(plan.quantity.sum())
            packages += np.unique(plan.order * len(world.sites) + plan.site).size
        served = status == SERVED
        of_line = np.repeat(served, np.diff(world.lines.start))
        quantity = world.lines.quantity
        margin = ints(world.tables["products"]["margin_minor"])[world.lines.product] * quantity
        left = self.lying()
        broken = (left < 0).any(), taken != quantity[of_line].sum(), taken != int((self.units - left).sum())
        return _Outcome(
            orders=world.orders,
            lost_unit_share=float(quantity[~of_line].sum() / quantity.sum()),
            lost_margin_share=float(margin[~of_line].sum() / margin.sum()),
            cost_minor=int(cost[served].sum()),
            served=int(served.sum()),
            packages=packages,
            profit_minor=int(margin[of_line].sum() - cost[served].sum()),
            violations=sum(map(int, broken)),
            cpu_s=cpu_s,
        )


def _nothing(_replay: _Replay, _now: int) -> None:
    return None


def _planned(replay: _Replay, now: int) -> ScarcityPrices:
    """Return the prices of the stock as it lay at the last midnight."""
    day = (now - replay.shop.midnight_at) // SECONDS_PER_DAY
    if replay.planned is None or replay.planned[0] != day:
        shop, units = replay.shop, replay.lying()
        problem = stock_problem(retailer_with(shop.past, units), _demand(shop), tiers_of(shop.past), StockWishes())
        table = stock_prices(shop.past, valued(problem, units, np.random.default_rng(0)))
        replay.planned = day, ScarcityPrices(units=table, picks=pl.DataFrame(schema=PICK_PRICE))
    return replay.planned[1]


def _foreseen(replay: _Replay, now: int) -> ScarcityPrices:
    """Return the prices that likely orders of a day pay, each like one of the last seven days."""
    shop = replay.shop
    orders = pl.concat([shop.past.orders, shop.later.orders.filter(pl.col("placed_at") < now)])
    orders = orders.filter(pl.col("placed_at") > now - HISTORY_DAYS * SECONDS_PER_DAY)
    lines = pl.concat([shop.past.order_lines, shop.later.order_lines]).join(orders, on="order_id", how="semi")
    recent = replace(retailer_with(shop.past, replay.lying()), orders=orders, order_lines=lines)
    recent = replace(recent, stock=recent.stock.with_columns(safety_stock=pl.lit(0, pl.Int64)))
    booked = replay.world.capacity - replay.capacity
    site, day = np.nonzero(booked)
    table = pl.DataFrame({
        "site_id": replay.world.tables["sites"]["site_id"].gather(site.tolist()),
        "at": replay.world.calendar.midnight_at[site, day],
        "lines": booked[site, day],
    })  # fmt: skip
    return foresee(recent, table, now=now, expected=float(shop.orders_a_day), density=replay.usual)


def _both(replay: _Replay, now: int) -> ScarcityPrices:
    return _foreseen(replay, now).averaged(_planned(replay, now).units)


def _higher(replay: _Replay, now: int) -> ScarcityPrices:
    """Return the higher of both prices."""
    foreseen, planned = _foreseen(replay, now), _planned(replay, now).units
    twice = planned.with_columns(pl.col("price_minor") * 2)
    units = pl.concat([foreseen.units, twice]).group_by("site_id", "product_id").agg(pl.col("price_minor").max())
    return replace(foreseen, units=units)


SOURCES: dict[str, Source] = {
    "none": _nothing,
    "likely orders": _foreseen,
    "stock plan": _planned,
    "both, mean": _both,
    "both, higher": _higher,
}


def _usual(shop: ShopDays) -> DropDensity:
    """Return own drops of the last day before those replayed."""
    last = shop.past.orders.tail(shop.orders_a_day)
    lines = shop.past.order_lines.join(last, on="order_id", how="semi")
    return drop_density(build_world(replace(shop.past, orders=last, order_lines=lines)))


def _demand(shop: ShopDays) -> SiteDemand:
    return demand_of_orders(shop.past, DAYS)


def _found(shop: ShopDays) -> Ints:
    """Return the stock that the sample has: deep in centres, shallow and with holes in stores."""
    world = build_world(shop.past)
    return _units(world, world.stock)


def _placed(shop: ShopDays) -> Ints:
    """Return a plan's stock of ``PLACED_COVER`` times what is expected of each product."""
    demand = _demand(shop)
    problem = stock_problem(shop.past, demand, tiers_of(shop.past), StockWishes())
    supply = np.ceil(PLACED_COVER * demand.mean.sum(axis=1)).astype(np.int64)
    nothing = np.zeros_like(problem.present)
    return place_stock(replace(problem, supply=supply, least=nothing, present=nothing)).units


def _units(world: World, book: StockBook) -> Ints:
    units = np.zeros((book.start.size - 1, len(world.sites)), np.int64)
    units[np.repeat(np.arange(book.start.size - 1), np.diff(book.start)), book.site] = book.units
    return units


def _on_hand(world: World, units: Ints) -> Ints:
    """Return all units in the rows of the stock book, those kept back too."""
    book = world.stock
    return units[np.repeat(np.arange(book.start.size - 1), np.diff(book.start)), book.site]


def _row(instance: str, name: str, found: Sequence[_Outcome], before: Sequence[_Outcome]) -> Row:
    gain = np.array([(a.profit_minor - b.profit_minor) / a.orders for a, b in zip(found, before, strict=True)])
    return {
        "instance": instance,
        "prices": name,
        "seeds": len(found),
        "lost_units_pct": 100 * float(np.mean([one.lost_unit_share for one in found])),
        "lost_margin_pct": 100 * float(np.mean([one.lost_margin_share for one in found])),
        "cost_an_order": float(np.mean([one.cost_minor / one.served for one in found])),
        "packages": float(np.mean([one.packages / one.served for one in found])),
        "profit_an_order": float(np.mean([one.profit_minor / one.orders for one in found])),
        "gain": float(gain.mean()),
        "gain_error": float(gain.std(ddof=1) / np.sqrt(gain.size)) if gain.size > 1 else 0.0,
        "better": int((gain > 0).sum()),
        "cpu_s": float(np.mean([one.cpu_s for one in found])),
        "violations": sum(one.violations for one in found),
    }
