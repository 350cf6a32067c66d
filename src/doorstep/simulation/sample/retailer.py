"""A whole sample retailer from a city and five numbers."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from doorstep.domain import Retailer
from doorstep.domain.tables.goods import DEFAULT_CARTONS
from doorstep.foundation import InputError
from doorstep.foundation.arrays import Ints
from doorstep.simulation.sample.assortment import Assortment, invent_assortment
from doorstep.simulation.sample.cities import City, minor_per_us_cent
from doorstep.simulation.sample.demand_day import DemandDay, draw_day, lines_table, orders_table
from doorstep.simulation.sample.fleet import vehicles_table
from doorstep.simulation.sample.metro import shape_metro
from doorstep.simulation.sample.rates import carrier_rates, carrier_surcharges, carrier_zones, carriers
from doorstep.simulation.sample.sites import OUTER_PREFIXES, Sites, lanes_table, place_sites, sites_table
from doorstep.simulation.sample.stocking import carried_by, stock_table

PLAN_DATE = date(2026, 3, 2)
"""The Monday on which every sample's orders are placed."""
PARCEL_CARRIER_SHARE = 0.5
"""Parcels that the parcel carrier takes on a day, as a share of the orders."""


def sample_retailer(city: City, stores: int, fcs: int, orders: int, rng: np.random.Generator) -> Retailer:
    """Return a plausible retailer in a city's metro with one day of orders; equal seeds give equal retailers.

    Prices are at US level, converted at a rounded rate into the city's currency.

    Raises
    ------
    InputError
        If there is no store or no order.
    """
    for name, count, low in (("stores", stores, 1), ("fcs", fcs, 0), ("orders", orders, 1)):
        if count < low:
            raise InputError(f"{name} {count} must be at least {low}.")
    scale = minor_per_us_cent(city.currency)
    midnight = datetime.combine(PLAN_DATE, time(), tzinfo=ZoneInfo(city.time_zone))
    sites = place_sites(shape_metro(city, rng), stores, fcs, rng)
    assortment = invent_assortment(products_for(orders), scale, rng)
    carried = carried_by(sites, assortment.products.height, rng)
    day = draw_day(sites, assortment, carried, orders, rng)
    return build_retailer(sites, assortment, carried, day, int(midnight.timestamp()), rng)


def build_retailer(
    sites: Sites, assortment: Assortment, carried: Ints, day: DemandDay, midnight_at: int, rng: np.random.Generator
) -> Retailer:
    """Return the retailer of given sites, goods and orders, with stock, lanes, vans and carriers that suit them.

    Parameters
    ----------
    carried : (S,)
        How many of the most popular products each store carries.
    midnight_at
        Start of the local day on which the orders are placed [epoch s].
    """
    city = sites.metro.city
    scale = minor_per_us_cent(city.currency)
    return Retailer.complete(
        {
            "sites": sites_table(sites, lines=len(day.line_order), homes=day.homes, minor_per_cent=scale),
            "products": assortment.products.sort("product_id"),
            "stock": stock_table(sites, assortment, carried, day, rng),
            "cartons": DEFAULT_CARTONS.with_columns((pl.col("cost_minor") * scale).round().cast(pl.Int64)),
            "lanes": lanes_table(sites, minor_per_cent=scale),
            "vehicles": vehicles_table(sites, day, scale, rng),
            "carriers": carriers(daily_parcels=max(20, round(PARCEL_CARRIER_SHARE * len(day.level)))),
            "carrier_rates": carrier_rates(scale),
            "carrier_zones": carrier_zones(OUTER_PREFIXES),
            "carrier_surcharges": carrier_surcharges(scale),
            "service_levels": service_levels(scale),
            "orders": orders_table(day, sites, midnight_at, rng),
            "order_lines": lines_table(day, assortment),
            "policy": policy(city.currency, scale),
        }
    )


def products_for(orders: int) -> int:
    """Return how many products a retailer of this size sells: 1,200 to 3,000, fewer only for toy sizes."""
    return int(np.clip(600 + 12 * orders**0.5 + orders / 10, 60 if orders < 50 else 1_200, 3_000))


def service_levels(minor_per_cent: float) -> pl.DataFrame:
    """Return the delivery options of the sample."""
    rows = [
        ("same_day", "same_day", "14:00", 0, "10:00", "21:00", True, 799),
        ("next_day", "next_day", "22:00", 1, "08:00", "20:00", True, 399),
        ("two_day", "two_day", "24:00", 2, "08:00", "20:00", True, 0),
        ("scheduled", "scheduled", "24:00", 1, "08:00", "20:00", False, 599),
        ("click_and_collect", "click_and_collect", "20:00", 1, "09:00", "22:00", True, 0),
        ("curbside", "curbside", "17:00", 0, "08:00", "22:00", True, 0),
    ]
    columns = ["service_level_id", "method", "cutoff", "promise_days", "window_starts", "window_ends", "early_allowed",
               "fee_minor"]  # fmt: skip
    table = pl.DataFrame(rows, schema=columns, orient="row")
    return table.with_columns((pl.col("fee_minor") * minor_per_cent).round().cast(pl.Int64))


def policy(currency: str, minor_per_cent: float) -> pl.DataFrame:
    """Return the sample's policy: the defaults, with amounts in its currency."""
    return pl.DataFrame(
        {
            "currency": [currency],
            "failed_delivery_cost_minor": [round(1_400 * minor_per_cent)],
            "own_failure_bp": [150],
            "unserved_cost_minor": [round(20_000 * minor_per_cent)],
            "refusal_cost_minor": [round(500 * minor_per_cent)],
            "late_cost_minor": [round(800 * minor_per_cent)],
        }
    )
