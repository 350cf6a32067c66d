"""One store with a van, and a sample of forty orders, for decisions that are made while time passes."""

from functools import cache

import numpy as np
import polars as pl

from doorstep.domain import Retailer
from doorstep.operations.corridor.live import SiteDecision, decide_sites
from doorstep.simulation.sample import find_city, sample_retailer
from tests.small import at, retailer, table

VANS = table(
    "vehicle_id site_id count shift_starts shift_ends max_weight_g max_volume_ml",
    ("V1", "S1", 1, "08:00", "20:00", 500_000, 5_000_000),
)
ALLOCATED = table("order_id product_id site_id quantity", ("O1", "A", "S1", 1))
EVENING = (at("08:00"), at("20:00"))
"""What O1 is promised."""


def shop(**tables: pl.DataFrame) -> Retailer:
    """Return a store with one van and one order of 08:00, a kilometre away; it takes an hour to prepare."""
    return retailer(**{"vehicles": VANS, **tables})


@cache
def forty() -> Retailer:
    """Return a sample retailer of forty orders."""
    return sample_retailer(find_city("Lyon, FR"), 3, 1, 40, np.random.default_rng(5))


@cache
def decided() -> SiteDecision:
    """Return the sites of the forty orders."""
    return decide_sites(forty())
