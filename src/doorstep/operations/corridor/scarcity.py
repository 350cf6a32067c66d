"""What stock and pickers are worth to orders that are likely to come: foresight for live decisions."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import polars as pl

from doorstep.delivery_mode.density_price import DropDensity
from doorstep.domain import Retailer
from doorstep.foundation import Interrupt
from doorstep.foundation.arrays import Ints, ints
from doorstep.geography import TravelTimes
from doorstep.operations.corridor.own_price import drop_density, own_drop_price
from doorstep.operations.corridor.present import Present, at_present
from doorstep.operations.corridor.site_problem import site_problem
from doorstep.operations.corridor.strategy import DOORSTEP
from doorstep.operations.corridor.world import World, build_world
from doorstep.order_routing import OrderRoutingProblem, Prices, shadow_prices
from doorstep.order_routing.foresight import mean_prices
from doorstep.order_routing.replay import Forecast, dearest_way

SAMPLES = 8
ITERATIONS, FURTHER_ITERATIONS = 60, 30
"""Times that all orders of the first draw are asked, and of a draw that begins where the one before it ended."""
TRUST_SHARE = 0.6
"""Share of the prices found that is believed: what comes is never quite what came."""
DAY_S = 86_400
UNIT_PRICE = {"site_id": pl.String, "product_id": pl.String, "price_minor": pl.Int64}
PICK_PRICE = {"site_id": pl.String, "midnight_at": pl.Int64, "price_minor": pl.Int64}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScarcityPrices:
    """What things are worth to orders to come, by ids, so that other orders can be decided with them later.

    ``units`` has the price of a unit by ``site_id`` and ``product_id``, ``picks`` that of a line picked by ``site_id``
    and the local midnight at which the day begins, ``midnight_at`` [epoch s]; both in ``price_minor``. What is not
    listed is worth nothing.
    """

    units: pl.DataFrame
    picks: pl.DataFrame

    @classmethod
    def of_world(cls, world: World, prices: Prices) -> Self:
        """Return the prices of a world that has a place for every row of its stock, by ids."""
        product = np.repeat(np.arange(world.stock.start.size - 1), np.diff(world.stock.start))
        dear = np.flatnonzero(prices.unit > 0)
        site, day = np.nonzero(prices.pick > 0)
        site_ids, product_ids = world.tables["sites"]["site_id"], world.tables["products"]["product_id"]
        return cls(
            units=pl.DataFrame(
                {
                    "site_id": site_ids.gather(world.stock.site[dear]),
                    "product_id": product_ids.gather(product[dear]),
                    "price_minor": prices.unit[dear],
                }
            ),
            picks=pl.DataFrame(
                {
                    "site_id": site_ids.gather(site),
                    "midnight_at": world.calendar.midnight_at[site, day],
                    "price_minor": prices.pick[site, day],
                }
            ),
        )

    def averaged(self, planned: pl.DataFrame) -> Self:
        """Return the mean of the unit prices and those of a stock plan, rows like ``units``; pickers' prices stay.

        Both say what a unit is worth to later orders: one by the costs of likely orders of a day, one by the demand of
        all days until stock comes, of which a few orders tell little. Half of a plan's price is believed already.
        """
        halved = self.units.with_columns(pl.col("price_minor") // 2)
        both = pl.concat([halved, planned]).group_by("site_id", "product_id").agg(pl.col("price_minor").sum())
        return replace(self, units=both.sort("site_id", "product_id"))

    def in_world(self, world: World) -> Prices | None:
        """Return the prices of what a world has, None if nothing in it is worth anything."""
        sites, products = _numbered(world, "site"), _numbered(world, "product")
        units = self.units.join(sites, on="site_id").join(products, on="product_id")
        picks = self.picks.join(sites, on="site_id")
        found = Prices.zero(world.stock, world.capacity)
        rows = world.stock.rows(ints(units["product"]), ints(units["site"]))
        found.unit[rows[rows >= 0]] = ints(units["price_minor"])[rows >= 0]
        site = ints(picks["site"])
        day = world.calendar.day_of(site, ints(picks["midnight_at"]))
        here = (day >= 0) & (day < world.calendar.days)
        found.pick[site[here], day[here]] = ints(picks["price_minor"])[here]
        return found if found.unit.any() or found.pick.any() else None


def foresee(
    recent: Retailer,
    booked: pl.DataFrame,
    *,
    now: int,
    expected: float,
    density: DropDensity | None = None,
    travel: TravelTimes | None = None,
    seed: int = 1,
    interrupt: Interrupt | None = None,
) -> ScarcityPrices:
    """Return what stock and pickers are worth to the orders that may come, each like one of the recent ones.

    Several draws of orders are priced against what is free now, and a share of their mean prices is believed.

    Parameters
    ----------
    recent
        Orders that came, at least one, and as stock what is free now of their products.
    booked
        Lines that pickers are to pick already: ``site_id``, ``at`` [epoch s], ``lines``.
    expected
        Orders to come, as many on each draw in the mean.
    density
        Own drops of a usual day; by default estimated as if the recent orders were all of their day.
    travel
        What orders are brought by; by default the estimate of the retailer's policy.
    """
    world = build_world(_as_if_to_come(recent, now), travel, until=now)
    usual = drop_density(world) if density is None else density
    world = replace(at_present(world, Present(now=now)), asked_at=np.maximum(world.placed_at, now))
    rows = np.arange(world.orders)
    own = own_drop_price(world, usual)
    like = site_problem(world, DOORSTEP, own, rows, world.candidates, world.stock, _left(world, booked))[0]
    forecast = Forecast(like=like, weight=np.ones(world.orders), expected=expected)
    return ScarcityPrices.of_world(
        world, _mean_of_draws(like, forecast, np.random.default_rng(seed), interrupt or Interrupt())
    )


def _mean_of_draws(
    like: OrderRoutingProblem, forecast: Forecast, rng: np.random.Generator, interrupt: Interrupt
) -> Prices:
    found: list[Prices] = []
    start = Prices.zero(like.stock, like.capacity)
    for _ in range(SAMPLES):
        drawn = like.take(forecast.sample(rng, 1.0))
        priced = shadow_prices(
            drawn, dearest_way(drawn), iterations=FURTHER_ITERATIONS if found else ITERATIONS, start=start,
            keep_going=lambda: not interrupt(),
        )  # fmt: skip
        start = priced.last
        found.append(priced.prices)
    return mean_prices(found).scaled(TRUST_SHARE)


def _as_if_to_come(recent: Retailer, now: int) -> Retailer:
    """Return the retailer with its orders placed at the same time of day within the day that begins now."""
    shift_s = -((pl.col("placed_at") - now) // DAY_S) * DAY_S
    moments = [pl.col(name) + shift_s for name in ("placed_at", "window_start_at", "window_end_at")]
    return replace(recent, orders=recent.orders.with_columns(moments))


def _left(world: World, booked: pl.DataFrame) -> Ints:
    """Return the lines that each site can still pick on each day (S, D)."""
    known = booked.join(_numbered(world, "site"), on="site_id")
    site = ints(known["site"])
    day = world.calendar.day_of(site, ints(known["at"]))
    here = (day >= 0) & (day < world.calendar.days)
    left = world.capacity.copy()
    np.subtract.at(left, (site[here], day[here]), ints(known["lines"])[here])
    return np.maximum(left, 0)


def _numbered(world: World, name: str) -> pl.DataFrame:
    """Return the ids of sites or products with their rows."""
    ids = world.tables[f"{name}s"][f"{name}_id"]
    return pl.DataFrame({f"{name}_id": ids, name: np.arange(len(ids))})
