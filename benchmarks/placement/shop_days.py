"""A made-up retailer with several days of orders of the same shoppers, each drawn anew."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from doorstep.domain import Retailer
from doorstep.domain.retailer import completed
from doorstep.foundation.units import SECONDS_PER_DAY
from doorstep.simulation.sample import PLAN_DATE, build_retailer, find_city
from doorstep.simulation.sample.assortment import invent_assortment
from doorstep.simulation.sample.cities import minor_per_us_cent
from doorstep.simulation.sample.demand_day import draw_day, lines_table, orders_table
from doorstep.simulation.sample.metro import shape_metro
from doorstep.simulation.sample.retailer import products_for
from doorstep.simulation.sample.sites import place_sites
from doorstep.simulation.sample.stocking import carried_by

HISTORY_DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopDays:
    """A retailer with the orders of the days before ``midnight_at`` [epoch s], and with those of the days after."""

    past: Retailer
    later: Retailer
    midnight_at: int
    orders_a_day: int


def draw_shop(city: str, stores: int, fcs: int, orders: int, days: int, seed: int) -> ShopDays:
    """Return a retailer in a city with ``HISTORY_DAYS`` and some later days of orders; its stock fits another day."""
    rng, place = np.random.default_rng(seed), find_city(city)
    midnight = dt.datetime.combine(PLAN_DATE, dt.time(), tzinfo=ZoneInfo(place.time_zone))
    midnight_at = int(midnight.timestamp())
    sites = place_sites(shape_metro(place, rng), stores, fcs, rng)
    assortment = invent_assortment(products_for(orders), minor_per_us_cent(place.currency), rng)
    carried = carried_by(sites, assortment.products.height, rng)
    first = draw_day(sites, assortment, carried, orders, rng)
    shop = build_retailer(sites, assortment, carried, first, midnight_at, rng)

    def with_days(numbers: Iterable[int]) -> Retailer:
        placed, lines = [], []
        for number in numbers:
            drawn = draw_day(sites, assortment, carried, orders, rng)
            name = pl.format("{}/{}", pl.lit(number), "order_id").alias("order_id")
            starts_at = midnight_at + number * SECONDS_PER_DAY
            placed.append(orders_table(drawn, sites, starts_at, rng).with_columns(name))
            lines.append(lines_table(drawn, assortment).with_columns(name))
        table = completed("orders", pl.concat(placed).sort("placed_at", maintain_order=True))
        return replace(shop, orders=table, order_lines=completed("order_lines", pl.concat(lines)))

    past, later = with_days(range(-HISTORY_DAYS, 0)), with_days(range(days))
    return ShopDays(past=past, later=later, midnight_at=midnight_at, orders_a_day=orders)
