"""Demand of products at sites over some days, as placement needs it: from the orders, or from a forecast by zone.

A unit is wanted at the site that order routing would take its order from if everything lay everywhere: by cost, pick
capacity and promise. So baskets are wanted whole at one site, and a centre that is cheap to ship from has its share.
"""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from doorstep.domain import Retailer
from doorstep.domain.retailer import completed
from doorstep.foundation import InputError, Interrupt, Silent
from doorstep.foundation.arrays import Floats, Ints, index_of, ints
from doorstep.foundation.units import SECONDS_PER_DAY
from doorstep.geography import Places, TravelTimes, nearest_places
from doorstep.operations.corridor.allocate import choose_sites
from doorstep.operations.corridor.own_price import drop_density, own_drop_price
from doorstep.operations.corridor.strategy import DOORSTEP
from doorstep.operations.corridor.world import build_world

PRIOR_UNITS = 20.0
"""Units after which what a product sold at a site counts as much as its share of everything sold there."""
FLOOR_UNITS = 0.5
"""Units that a product counts with on top of what was ordered of it: nobody knows that it never sells."""
USUAL_K = 1.5
"""Dispersion where there is no history to measure it."""
PLENTY = 1_000_000
"""Units on a shelf that is never empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteDemand:
    """Negative binomial demand of I products at S sites over ``days``: ``mean`` and dispersion ``k`` (I, S).

    ``notes`` say in sentences where it comes from.
    """

    mean: Floats
    k: Floats
    days: int
    notes: tuple[str, ...]


def demand_of_orders(retailer: Retailer, days: int, travel: TravelTimes | None = None) -> SiteDemand:
    """Return the demand that the folder's own orders suggest: for a retailer without a history of sales.

    What a product sold at a site is drawn towards its share of all that is sold there, the more the less it sold.

    Raises
    ------
    InputError
        If there is no day or no order line.
    """
    lines, orders = retailer.order_lines, retailer.orders
    if days < 1 or not lines.height:
        raise InputError(f"{days} days of {lines.height} order lines: there must be one of each.")
    product = index_of(lines["product_id"], retailer.products["product_id"], what="product_id")
    order = index_of(lines["order_id"], orders["order_id"], what="order_id")
    site, count = natural_sites(retailer, travel), retailer.sites.height
    sold = np.zeros((retailer.products.height, count))
    np.add.at(sold, (product, site[order]), ints(lines["quantity"]))
    placed_at = ints(orders["placed_at"])
    span = max(1, round(float(np.ptp(placed_at)) / SECONDS_PER_DAY))
    total, share = sold.sum(axis=1), sold.sum(axis=0) / max(sold.sum(), 1.0)
    own = (total / (total + PRIOR_UNITS))[:, None]
    mean = (own * sold + (1 - own) * (total + FLOOR_UNITS)[:, None] * share) * days / span
    note = f"Demand is guessed from {orders.height:,} orders of {span} days: there is no history of sales."
    return SiteDemand(mean=mean, k=np.full(mean.shape, USUAL_K), days=days, notes=(note,))


def at_natural_sites(
    retailer: Retailer, mean: Floats, k: Floats, travel: TravelTimes | None = None
) -> tuple[Floats, Floats]:
    """Return the demand of zones around sites (I, S) where it would be served from if everything lay everywhere.

    Each zone's units go to sites as its orders would. A share of a negative binomial demand has its dispersion; sums
    over zones have the mean and the variance of independent ones.
    """
    units = _flows(retailer, travel)
    share = units / np.maximum(units.sum(axis=1, keepdims=True), 1.0)
    nothing = units.sum(axis=1) == 0
    share[nothing, nothing] = 1.0
    found = mean @ share
    excess = np.where(mean > 0, mean**2 / k, 0.0) @ share**2
    spread = np.divide(found**2, excess, out=np.full(found.shape, np.inf), where=excess > 0)
    return found, spread


def _flows(retailer: Retailer, travel: TravelTimes | None) -> Floats:
    """Return the units that go from the orders of each zone to each site (S, S)."""
    lines = retailer.order_lines
    order = index_of(lines["order_id"], retailer.orders["order_id"], what="order_id")
    units = np.bincount(order, weights=ints(lines["quantity"]), minlength=retailer.orders.height)
    flows = np.zeros((retailer.sites.height, retailer.sites.height))
    np.add.at(flows, (home_sites(retailer.orders, retailer.sites), natural_sites(retailer, travel)), units)
    return flows


def natural_sites(retailer: Retailer, travel: TravelTimes | None = None) -> Ints:
    """Return where order routing would take each order from if everything lay everywhere (O,).

    The nearest site stands for one that nobody could serve. ``travel`` is by default the estimate of the policy.
    """
    shelves = retailer.sites.filter(pl.col("kind").cast(pl.String) != "parcel_station").select("site_id")
    full = shelves.join(retailer.products.select("product_id"), how="cross").with_columns(on_hand=pl.lit(PLENTY))
    world = build_world(replace(retailer, stock=completed("stock", full)), travel)
    own = own_drop_price(world, drop_density(world))
    choice = choose_sites(world, DOORSTEP, own, Silent(), Interrupt())
    site = home_sites(retailer.orders, retailer.sites)
    site[choice.order] = choice.site
    return site


def home_sites(orders: pl.DataFrame, sites: pl.DataFrame) -> Ints:
    """Return the site of each order (O,): where it is collected, else the nearest to its door."""
    home = nearest_places(Places.from_table(orders), Places.from_table(sites), count=1)[:, 0]
    pickup = orders["pickup_site_id"]
    come = np.flatnonzero((pickup != "").to_numpy())
    home[come] = index_of(pickup[come], sites["site_id"], what="pickup_site_id")
    return home
