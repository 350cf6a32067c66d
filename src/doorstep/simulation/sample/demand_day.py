"""One day of orders: who orders what, when, and how it shall arrive."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from doorstep.domain.tables import COLLECTED
from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.simulation.sample.assortment import THEMES, Assortment
from doorstep.simulation.sample.metro import draw_homes, nearest_few, nearest_of
from doorstep.simulation.sample.sites import Sites, postal_codes

NIGHT, MORNING = (9, 5, 3, 2, 2, 4), (10, 20, 33, 44, 51, 55)
AFTERNOON, EVENING = (56, 53, 51, 50, 51, 54), (60, 69, 74, 68, 46, 24)
HOURS = np.array([*NIGHT, *MORNING, *AFTERNOON, *EVENING], dtype=np.float64)
"""Orders by hour of the day: a hump over midday and a higher one in the evening."""

GROCERY_LINES = (1.25, 0.75)
GENERAL_LINES = (0.10, 0.70)
"""Mean and deviation of the logarithm of basket sizes."""
MOST_LINES = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A delivery option: share of orders, share of grocery baskets among them, and until when shoppers choose it."""

    name: str
    share: float
    grocery: float
    last_hour: int = 24


LEVELS = (
    Level(name="same_day", share=0.30, grocery=0.60, last_hour=14),
    Level(name="next_day", share=0.35, grocery=0.25),
    Level(name="two_day", share=0.10, grocery=0.05),
    Level(name="scheduled", share=0.10, grocery=0.80),
    Level(name="click_and_collect", share=0.10, grocery=0.40),
    Level(name="curbside", share=0.05, grocery=0.85, last_hour=17),
)
LEVEL_NAMES = [level.name for level in LEVELS]
LATE_CHOOSERS = 0.05
"""Share of orders that choose an option after the hour at which most stop to; they are promised a day later."""
STORES_NEARBY = 3
SLOT_STARTS = np.array([8, 10, 12, 14, 16, 18])
SLOT_APPEAL = np.array([0.12, 0.18, 0.13, 0.12, 0.22, 0.23])


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandDay:
    """Orders as arrays, N of them in the order of their placing, with L lines.

    ``homes`` (N, 2) [m]; ``level`` (N,) row in LEVELS; ``second`` (N,) of the local day; per line (L,), sorted by
    order: ``line_order``, ``line_product`` row of the assortment, ``quantity``.
    """

    homes: Floats
    level: Ints
    second: Ints
    line_order: Ints
    line_product: Ints
    quantity: Ints


def draw_day(sites: Sites, assortment: Assortment, carried: Ints, orders: int, rng: np.random.Generator) -> DemandDay:
    """Return a day of orders.

    Shoppers who collect choose from what their store carries, those who want it the same day from what one of the
    three stores nearby does, all others from everything.

    Parameters
    ----------
    carried : (S,)
        How many of the most popular products each store carries.
    """
    level = rng.choice(len(LEVELS), orders, p=np.array([lv.share for lv in LEVELS]))
    second = _seconds(level, rng)
    by_time = np.argsort(second, kind="stable")
    level, second = level[by_time], second[by_time]
    homes = draw_homes(sites.metro, orders, rng)
    grocery = rng.uniform(size=orders) < np.array([lv.grocery for lv in LEVELS])[level]
    near = carried[nearest_few(homes, sites.stores, STORES_NEARBY)]
    choice = np.where(is_collected(level), near[:, 0], len(assortment.appeal))
    choice = np.where(level == LEVEL_NAMES.index("same_day"), near.max(axis=1), choice)
    line_order = _basket_lines(grocery, rng)
    return DemandDay(
        homes=homes,
        level=level,
        second=second,
        line_order=line_order,
        line_product=_choose(assortment, grocery[line_order], choice[line_order], rng),
        quantity=np.minimum(rng.geometric(np.where(grocery[line_order], 0.68, 0.92)), 12).astype(np.int64),
    )


def is_collected(level: Ints) -> Bools:
    """Return which orders the shopper collects, (N,)."""
    return np.isin(level, [LEVEL_NAMES.index(name) for name in COLLECTED if name in LEVEL_NAMES])


def _seconds(level: Ints, rng: np.random.Generator) -> Ints:
    """Return the second of the local day at which each order is placed."""
    last = np.array([lv.last_hour for lv in LEVELS])[level]
    last = np.where(rng.uniform(size=len(level)) < LATE_CHOOSERS, 24, last)
    edges = np.concatenate([[0.0], np.cumsum(HOURS)])
    spot = rng.uniform(size=len(level)) * edges[last]
    return np.asarray(np.interp(spot, edges, np.arange(25) * 3600.0), dtype=np.int64).clip(0, 86_399)


def _basket_lines(grocery: Bools, rng: np.random.Generator) -> Ints:
    """Return the order of each line; sizes are log-normal, at least one."""
    mean = np.where(grocery, GROCERY_LINES[0], GENERAL_LINES[0])
    spread = np.where(grocery, GROCERY_LINES[1], GENERAL_LINES[1])
    size = np.clip(np.rint(np.exp(rng.normal(mean, spread))), 1, MOST_LINES).astype(np.int64)
    return np.repeat(np.arange(len(size)), size)


def _choose(
    assortment: Assortment,
    grocery: Bools,
    choice: Ints,
    rng: np.random.Generator,
) -> Ints:
    """Return a product row per line, drawn by appeal within the basket's theme among the ``choice`` most popular."""
    chance = rng.uniform(size=len(grocery))
    product = np.zeros(len(grocery), dtype=np.int64)
    for row, theme in enumerate(THEMES):
        of_theme = grocery if theme == "grocery" else ~grocery
        upto = np.concatenate([[0.0], np.cumsum(assortment.appeal * assortment.in_theme[row])])
        spot = chance[of_theme] * upto[choice[of_theme]]
        drawn = np.searchsorted(upto, spot, side="right") - 1
        product[of_theme] = np.minimum(drawn, choice[of_theme] - 1)
    return product


def orders_table(day: DemandDay, sites: Sites, midnight_at: int, rng: np.random.Generator) -> pl.DataFrame:
    """Return the table of orders; collected ones name the nearest store, scheduled ones draw a window of two hours.

    Parameters
    ----------
    midnight_at
        Start of the local day [epoch s].
    """
    lat, lon = sites.metro.degrees(day.homes)
    starts = midnight_at + 86_400 + 3_600 * rng.choice(SLOT_STARTS, len(day.level), p=SLOT_APPEAL)
    store = np.where(is_collected(day.level), nearest_of(day.homes, sites.stores), len(sites.store_ids))
    table = pl.DataFrame(
        {
            "order_id": _order_ids(len(day.level)),
            "placed_at": midnight_at + day.second,
            "lat": lat,
            "lon": lon,
            "postal_code": postal_codes(sites.metro, day.homes),
            "service_level_id": pl.Series(LEVEL_NAMES).gather(day.level),
            "pickup_site_id": pl.Series([*sites.store_ids, ""]).gather(store),
            "window_start_at": starts,
            "window_end_at": starts + 7_200,
        }
    )
    scheduled = pl.col("service_level_id") == "scheduled"
    return table.with_columns(pl.when(scheduled).then(pl.col("window_start_at", "window_end_at")))


def lines_table(day: DemandDay, assortment: Assortment) -> pl.DataFrame:
    """Return the table of order lines, numbered within each order."""
    first = np.searchsorted(day.line_order, day.line_order)
    return pl.DataFrame(
        {
            "order_id": _order_ids(len(day.level)).gather(day.line_order),
            "line_no": np.arange(len(day.line_order)) - first + 1,
            "product_id": assortment.products["product_id"].gather(day.line_product),
            "quantity": day.quantity,
        }
    )


def _order_ids(count: int) -> pl.Series:
    """Return order numbers with leading zeros."""
    return pl.int_range(1, count + 1, eager=True).cast(pl.String).str.zfill(7)
