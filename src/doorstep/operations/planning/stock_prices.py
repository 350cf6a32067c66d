"""What stock is worth to the orders of the days ahead, as prices that order routing decides between sites by."""

import numpy as np
import polars as pl

from doorstep.domain import Retailer
from doorstep.placement import PlacementPlan
from doorstep.placement.plan import marginal_prices

PRICES = "prices"
"""The table of a plan of the running system's stock that holds them."""
TRUST_SHARE = 0.5
"""Share of a price that is believed: it was found at night and for an average order."""
MOST_PRICES = 20_000
"""Prices that are kept, the highest."""


def stock_prices(retailer: Retailer, lying: PlacementPlan) -> pl.DataFrame:
    """Return what taking a unit costs later orders: ``site_id``, ``product_id`` and ``price_minor``, the highest first.

    ``lying`` values the stock as it lies, like ``StockStudy.today``: an order takes from what is there now, and what a
    plan's units are worth holds only once they have been moved and bought.

    What a unit is worth wherever it lies is left out (``marginal_prices``), most of all what an order is worth that
    would find none: the site where a unit of a product is least worth has no price. ``MOST_PRICES`` rows are kept.
    """
    price = marginal_prices(lying, scale=TRUST_SHARE)
    product, site = np.nonzero(price)
    return (
        pl.DataFrame({
            "site_id": retailer.sites["site_id"].gather(site.tolist()),
            "product_id": retailer.products["product_id"].gather(product.tolist()),
            "price_minor": price[product, site],
        })
        .sort("price_minor", "site_id", "product_id", descending=[True, False, False])
        .head(MOST_PRICES)
    )  # fmt: skip
