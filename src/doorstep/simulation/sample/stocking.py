"""What lies where: FCs hold everything in depth, stores hold what sells, with the holes that real shelves have."""

import numpy as np
import polars as pl

from doorstep.foundation.arrays import Ints
from doorstep.simulation.sample.assortment import Assortment
from doorstep.simulation.sample.demand_day import LEVEL_NAMES, DemandDay
from doorstep.simulation.sample.metro import nearest_of
from doorstep.simulation.sample.sites import Sites

SHELF_UNITS = 3.5
"""Units of a carried product that a store has on average beside what the day demands."""
EMPTY_SHELVES = 0.04
"""Share of a store's carried products of which it has none on the day."""
SAFETY_STOCK = 1
"""Units that a store keeps back for the shoppers on its floor."""
STORE_COVER, FC_COVER = 1.6, 1.5
"""Stock as a multiple of the day's demand nearby, and of the whole day's demand over all FCs."""


def carried_by(sites: Sites, products: int, rng: np.random.Generator) -> Ints:
    """Return how many of the most popular products each store carries (S,): a quarter to four fifths, by its size."""
    share = np.clip(0.50 * sites.size * np.exp(rng.normal(0.0, 0.10, len(sites.size))), 0.25, 0.80)
    return np.maximum(np.rint(share * products), 1).astype(np.int64)


def stock_table(
    sites: Sites, assortment: Assortment, carried: Ints, day: DemandDay, rng: np.random.Generator
) -> pl.DataFrame:
    """Return stock sized by the day's demand: enough in all, scarce at single stores.

    What is collected on the same day was on the shelf when it was ordered, so the store has at least that.
    """
    count = len(assortment.appeal)
    demand = np.bincount(day.line_product, day.quantity, count)
    ids = assortment.products["product_id"]
    store_of = nearest_of(day.homes, sites.stores)
    near = np.bincount(store_of, minlength=len(sites.stores)) / max(len(day.homes), 1)
    seen = day.level[day.line_order] == LEVEL_NAMES.index("curbside")
    cell = store_of[day.line_order[seen]] * count + day.line_product[seen]
    on_shelf = np.bincount(cell, day.quantity[seen], len(sites.stores) * count).astype(np.int64).reshape(-1, count)
    on_shelf += SAFETY_STOCK * (on_shelf > 0)
    smooth = 0.5 * demand + 0.5 * demand.sum() * assortment.appeal
    site_rows, product_rows, units = [], [], []
    for store in range(len(sites.stores)):
        upto = int(carried[store])
        mean = STORE_COVER * near[store] * smooth[:upto] + SHELF_UNITS
        on_hand = rng.poisson(mean)
        on_hand[rng.uniform(size=upto) < EMPTY_SHELVES] = 0
        site_rows.append(np.full(upto, store))
        product_rows.append(np.arange(upto))
        units.append(np.maximum(on_hand, on_shelf[store, :upto]))
    for fc in range(len(sites.fcs)):
        mean = FC_COVER * np.maximum(demand, smooth) / len(sites.fcs)
        site_rows.append(np.full(count, len(sites.stores) + fc))
        product_rows.append(np.arange(count))
        units.append(rng.poisson(mean) + 12)
    site_row = np.concatenate(site_rows)
    names = pl.Series([*sites.store_ids, *sites.fc_ids], dtype=pl.String)
    return pl.DataFrame(
        {
            "site_id": names.gather(site_row),
            "product_id": ids.gather(np.concatenate(product_rows)),
            "on_hand": np.concatenate(units).astype(np.int64),
            "safety_stock": np.where(site_row < len(sites.stores), SAFETY_STOCK, 0),
        }
    )
