"""``doorstep sample DIR``: a plausible made-up retailer in a real city."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from cyclopts import Parameter

from doorstep.cli.roads_command import roads_home
from doorstep.cli.seeds import Seed
from doorstep.connectors.osm.roads_folder import load_roads
from doorstep.connectors.retailer_folder import write_folder, write_table
from doorstep.domain import Retailer
from doorstep.simulation.sample import PLAN_DATE, find_city, sample_retailer
from doorstep.simulation.sample.history import sales_history
from doorstep.simulation.sample.on_streets import sample_on_streets


def make_sample(near: str, roads: str, stores: int, fcs: int, orders: int, seed: int) -> tuple[str, Retailer]:
    """Return where a sample retailer is, and itself: in a large city, or on the streets of built roads."""
    rng = np.random.default_rng(seed)
    if roads:
        return roads, sample_on_streets(load_roads(roads_home(), roads), roads, stores, fcs, orders, rng)
    city = find_city(near)
    return str(city), sample_retailer(city, stores, fcs, orders, rng)


def sample(
    folder: Path,
    /,
    *,
    near: str = "Chicago, US",
    roads: str = "",
    stores: int = 40,
    fcs: int = 2,
    orders: int = 5000,
    seed: Seed = 1,
    history_days: int = 0,
    file_format: Annotated[Literal["csv", "parquet"], Parameter(name="--format")] = "csv",
) -> int:
    """Write a sample retailer with one day of orders; the same numbers always give the same retailer.

    Parameters
    ----------
    folder
        Where to write it; tables of the same names are replaced.
    near
        A large city, like "Chicago, US" or "paris".
    roads
        Put it on these streets (``doorstep roads list``) instead of into a city.
    stores
        How many stores.
    fcs
        How many fulfilment centres.
    orders
        How many orders.
    seed
        Which of the possible retailers.
    history_days
        Days of sales before the orders, in the table sales: what a forecast learns from; 0: no such table.
    file_format
        Of the tables.
    """
    place, retailer = make_sample(near, roads, stores, fcs, orders, seed)
    write_folder(retailer, folder, file_format)
    if history_days:
        rng = np.random.default_rng([seed, 1])
        sales = sales_history(retailer, PLAN_DATE - timedelta(days=1), history_days, rng)
        write_table(folder, "sales", sales, file_format)
    lines = retailer.order_lines.height
    print(
        f"{folder}: a made-up retailer in {place} with {stores:,} stores, {fcs:,} FCs, "
        f"{retailer.products.height:,} products, {orders:,} orders and {lines:,} lines."
    )
    return 0
