"""Demand of products near sites over some days, as placement needs it: from the orders, or from a forecast."""

from dataclasses import dataclass

import numpy as np

from doorstep.domain import Retailer
from doorstep.foundation import InputError
from doorstep.foundation.arrays import Floats, Ints, index_of, ints
from doorstep.foundation.units import SECONDS_PER_DAY
from doorstep.geography import Places, nearest_places

PRIOR_UNITS = 20.0
"""Units after which what a product sold near a site counts as much as its share of everything sold there."""
FLOOR_UNITS = 0.5
"""Units that a product counts with on top of what was ordered of it: nobody knows that it never sells."""
USUAL_K = 1.5
"""Dispersion where there is no history to measure it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteDemand:
    """Negative binomial demand of I products near S sites over ``days``: ``mean`` and dispersion ``k`` (I, S).

    ``notes`` say in sentences where it comes from.
    """

    mean: Floats
    k: Floats
    days: int
    notes: tuple[str, ...]


def demand_of_orders(retailer: Retailer, days: int) -> SiteDemand:
    """Return the demand that the folder's own orders suggest: for a retailer without a history of sales.

    What a product sold near a site is drawn towards its share of all that is sold, the more the less it sold.

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
    site, count = home_sites(retailer), retailer.sites.height
    sold = np.zeros((retailer.products.height, count))
    np.add.at(sold, (product, site[order]), ints(lines["quantity"]))
    placed_at = ints(orders["placed_at"])
    span = max(1, round(float(np.ptp(placed_at)) / SECONDS_PER_DAY))
    total, near = sold.sum(axis=1), sold.sum(axis=0) / max(sold.sum(), 1.0)
    own = (total / (total + PRIOR_UNITS))[:, None]
    mean = (own * sold + (1 - own) * (total + FLOOR_UNITS)[:, None] * near) * days / span
    note = f"Demand is guessed from {orders.height:,} orders of {span} days: the folder has no history of sales."
    return SiteDemand(mean=mean, k=np.full(mean.shape, USUAL_K), days=days, notes=(note,))


def home_sites(retailer: Retailer) -> Ints:
    """Return the site of each order (O,): where it is collected, else the nearest to its door."""
    sites = Places.from_table(retailer.sites)
    home = nearest_places(Places.from_table(retailer.orders), sites, count=1)[:, 0]
    pickup = retailer.orders["pickup_site_id"]
    come = np.flatnonzero((pickup != "").to_numpy())
    home[come] = index_of(pickup[come], retailer.sites["site_id"], what="pickup_site_id")
    return home
