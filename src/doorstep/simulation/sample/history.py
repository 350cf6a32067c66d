"""Weeks of sales before the day of a sample: what was sold of each product near each site, day by day."""

from datetime import date, timedelta

import numpy as np
import polars as pl

from doorstep.domain import Retailer
from doorstep.foundation import InputError
from doorstep.foundation.arrays import Floats, index_of, ints
from doorstep.geography import Places, nearest_places

WEEKDAYS = np.array([0.94, 0.90, 0.92, 0.97, 1.08, 1.16, 1.03])
"""Demand by weekday, from Monday."""
WAVE, WAVE_DAYS = 0.08, 91.0
"""Height and length of the slow wave that all demand follows."""
SMOOTHING, LOCAL = 0.15, 0.35
"""Share of a product's demand that the day's orders do not decide; spread of its popularity from site to site."""
DISPERSION = 1.5
"""Of the negative binomial that sales are drawn from."""
PROMOTED, LIFT, REDUCTION = 0.04, 2.0, 0.2
"""Share of products on promotion in a week, what that does to demand, and by how much their price is lower."""
FALLS_OUT, COMES_BACK = 0.012, 0.45
"""Chances that a product runs out at a site on a day, and that it comes back on the next."""


def sales_history(retailer: Retailer, last: date, days: int, rng: np.random.Generator) -> pl.DataFrame:
    """Return made-up sales of the ``days`` that end with ``last``, in the pattern of the retailer's orders.

    A zone is the surroundings of a site and has its id. Rows without units are left out where the product was there.
    Columns: ``product_id``, ``zone_id``, ``day``, ``units``, ``price_minor``, ``promotion`` (0 or 1) and
    ``in_stock_share``, the share of the day on which it was there.

    Raises
    ------
    InputError
        If there is not one day, or no order line.
    """
    if days < 1 or not retailer.order_lines.height:
        raise InputError(f"{days} days of {retailer.order_lines.height} order lines: there must be one of each.")
    mean = _means(retailer, rng)
    price = ints(retailer.products["price_minor"])
    out = np.zeros(mean.shape, np.bool_)
    frames, promoted = [], np.zeros(price.size, np.bool_)
    for number in range(days):
        day = last - timedelta(days=days - 1 - number)
        if number == 0 or day.weekday() == 0:
            promoted = rng.uniform(size=price.size) < PROMOTED
        chance = rng.uniform(size=mean.shape)
        out = np.where(out, chance >= COMES_BACK, chance < FALLS_OUT)
        share = np.where(out, rng.choice([0.0, 0.5], size=mean.shape, p=[0.7, 0.3]), 1.0)
        level = WEEKDAYS[day.weekday()] * (1 + WAVE * np.sin(2 * np.pi * day.toordinal() / WAVE_DAYS))
        rate = mean * level * np.where(promoted, LIFT, 1.0)[:, None] * share
        units = rng.poisson(rng.gamma(DISPERSION, rate / DISPERSION))
        product, zone = np.nonzero((units > 0) | (share < 1))
        paid = np.where(promoted, np.rint(price * (1 - REDUCTION)).astype(np.int64), price)
        frames.append(
            pl.DataFrame({
                "product": product,
                "zone": zone,
                "day": pl.repeat(day, product.size, dtype=pl.Date, eager=True),
                "units": units[product, zone].astype(np.int64),
                "price_minor": paid[product],
                "promotion": promoted[product].astype(np.float64),
                "in_stock_share": share[product, zone],
            })
        )  # fmt: skip
    rows = pl.concat(frames)
    return rows.select(
        retailer.products["product_id"].gather(rows["product"]),
        retailer.sites["site_id"].gather(rows["zone"]).alias("zone_id"),
        *rows.columns[2:],
    )


def _means(retailer: Retailer, rng: np.random.Generator) -> Floats:
    """Return the units that each product sells near each site on an average day (P, Z)."""
    lines = retailer.order_lines
    product = index_of(lines["product_id"], retailer.products["product_id"], what="product_id")
    units = np.bincount(product, weights=ints(lines["quantity"]), minlength=retailer.products.height)
    smooth = (1 - SMOOTHING) * units + SMOOTHING * units.mean()
    sites = Places.from_table(retailer.sites)
    nearest = nearest_places(Places.from_table(retailer.orders), sites, count=1)[:, 0]
    share = np.bincount(nearest, minlength=len(sites)) / max(nearest.size, 1)
    local = np.exp(rng.normal(-(LOCAL**2) / 2, LOCAL, (units.size, len(sites))))
    means: Floats = smooth[:, None] * share * local
    return means
