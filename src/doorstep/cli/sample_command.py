"""``doorstep sample DIR``: a plausible made-up retailer in a real city."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from cyclopts import Parameter

from doorstep.cli.seeds import Seed
from doorstep.connectors.retailer_folder import write_folder, write_table
from doorstep.simulation.sample import PLAN_DATE, find_city, sample_retailer
from doorstep.simulation.sample.history import sales_history


def sample(
    folder: Path,
    /,
    *,
    near: str = "Chicago, US",
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
    city = find_city(near)
    retailer = sample_retailer(city, stores, fcs, orders, np.random.default_rng(seed))
    write_folder(retailer, folder, file_format)
    if history_days:
        rng = np.random.default_rng([seed, 1])
        sales = sales_history(retailer, PLAN_DATE - timedelta(days=1), history_days, rng)
        write_table(folder, "sales", sales, file_format)
    lines = retailer.order_lines.height
    print(
        f"{folder}: a made-up retailer in {city} with {stores:,} stores, {fcs:,} FCs, "
        f"{retailer.products.height:,} products, {orders:,} orders and {lines:,} lines."
    )
    return 0
