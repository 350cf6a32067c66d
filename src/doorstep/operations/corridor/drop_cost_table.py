"""The table of what own drops were expected to cost before routes existed, beside what they cost."""

import h3
import numpy as np
import polars as pl

from doorstep.delivery_mode.fit import TEXTBOOK, unseen_prices
from doorstep.domain.tables import PLAN_TABLES, WINDOW_BANDS
from doorstep.foundation.arrays import Ints
from doorstep.operations.corridor.deliver import Draft
from doorstep.operations.corridor.learn_drops import FEWEST_STOPS, DrivenDrops, door_density, driven_drops, windows_of
from doorstep.operations.corridor.world import World

BAND_ENDS_S = (7_200, 14_400, 28_800)
"""Longest window of each band but the last [s]."""


def drop_cost_table(world: World, draft: Draft, routes: pl.DataFrame, stops: pl.DataFrame) -> pl.DataFrame:
    """Return expected and realised cost of a draft's own drops by site, cell and window.

    What was expected of a drop is its price by a fit on the routes of other sites, or of other days where one site has
    all routes; the textbook's price where there are too few stops for a fit.
    """
    if not routes.height:
        return PLAN_TABLES["drop_costs"].create_empty()
    windows, around = windows_of(world, draft), door_density(world)
    driven = driven_drops(world.retailer, routes, stops, windows, world.travel, around)
    by_drop = _by_drop(world.tables["sites"]["site_id"], driven)
    return (
        by_drop.group_by("site_id", "cell", "window_band")
        .agg(
            pl.len().cast(pl.Int64).alias("drops"),
            pl.col("density_per_km2").mean(),
            pl.col("expected_minor", "realised_minor").sum(),
            (pl.col("expected_minor") - pl.col("realised_minor")).sum().alias("error_minor"),
            pl.col("error_pct").mean(),
        )
        .sort("site_id", "cell", "window_band")
    )


def _by_drop(site_ids: pl.Series, driven: DrivenDrops) -> pl.DataFrame:
    sample = driven.sample
    known = len(sample.expected) >= FEWEST_STOPS
    expected = unseen_prices(sample) if known else TEXTBOOK.price(sample.expected)
    off = np.abs(expected - sample.cost_minor) / np.maximum(sample.cost_minor, 1)
    return pl.DataFrame(
        {
            "site_id": site_ids.gather(sample.site.tolist()),
            "cell": pl.Series([h3.int_to_str(cell) for cell in sample.cell.tolist()], dtype=pl.String),
            "window_band": _bands(driven.window_s),
            "density_per_km2": sample.expected.density_per_km2,
            "expected_minor": expected,
            "realised_minor": sample.cost_minor,
            "error_pct": 100.0 * off,
        }
    )


def _bands(window_s: Ints) -> pl.Series:
    place = np.searchsorted(np.array(BAND_ENDS_S), window_s)
    return pl.Series([WINDOW_BANDS[band] for band in place.tolist()], dtype=pl.Enum(WINDOW_BANDS))
