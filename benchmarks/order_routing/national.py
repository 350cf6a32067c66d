"""Decisions per CPU second at the size of a national retailer: 4,700 stores, 31 FCs, 100,000 products.

Capacity, cut-offs and prices of scarcity are on; the stock of every product at every site is in memory. All is drawn at
random with long tails.
"""

import resource
import time

import numpy as np
import polars as pl

from doorstep.foundation.arrays import Ints
from doorstep.geography import GreatCircleTimes, Places
from doorstep.order_routing import OrderRoutingProblem, Prices, StockBook, candidate_sites, route_orders
from doorstep.order_routing.problem import MergedLines

STORES, FCS, PRODUCTS, ORDERS = 4_700, 31, 100_000, 50_000
SITES = STORES + FCS
CLASS_G = np.array([2_000, 5_000, 10_000, 20_000, 40_000], dtype=np.int64)
SCARCE = 20_000
"""Products that have prices of scarcity: the most popular ones."""
MOST_LINES = 5


def national_rows(*, seed: int) -> list[dict[str, object]]:
    """Return rows with decisions per CPU second, each of several passes over the same stock, which depletes."""
    rng = np.random.default_rng(seed)
    sites = _sites(rng)
    doors = _near(rng, Places.from_table(sites))
    started = time.process_time()
    candidates = candidate_sites(sites, doors, np.full(ORDERS, -1))
    finding = time.process_time() - started
    problem = _problem(rng, sites, doors, candidates)
    instance = f"{SITES:,} sites, {PRODUCTS:,} products"
    rows: list[dict[str, object]] = [
        {"instance": instance, "solver": "candidates of orders", "cpu_s": finding, "per_cpu_s": round(ORDERS / finding)}
    ]
    route_orders(problem.take(np.arange(100)), in_place=True)  # compiles
    for number in range(3):
        started = time.process_time()
        plan = route_orders(problem, in_place=True)
        cpu_s = time.process_time() - started
        packages = np.unique(plan.order * SITES + plan.site).size
        rows.append(
            {
                "instance": instance, "solver": f"decisions, pass {number + 1}", "cpu_s": cpu_s,
                "per_cpu_s": round(ORDERS / cpu_s), "served": int((plan.status == 0).sum()),
                "packages": round(packages / ORDERS, 3),
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
        )  # fmt: skip
    return rows


def _sites(rng: np.random.Generator) -> pl.DataFrame:
    """Return sites around 300 towns of very different size, numbered from west to east."""
    towns = np.column_stack([rng.uniform(30, 48, 300), rng.uniform(-120, -75, 300)])
    weight = 1.0 / np.arange(1, 301)
    town = rng.choice(300, SITES, p=weight / weight.sum())
    place = towns[town] + rng.normal(0, 0.25, (SITES, 2))
    place[:STORES] = place[:STORES][np.lexsort((place[:STORES, 0], town[:STORES]))]
    return pl.DataFrame({"lat": place[:, 0], "lon": place[:, 1], "kind": ["store"] * STORES + ["fc"] * FCS})


def _near(rng: np.random.Generator, sites: Places) -> Places:
    row = rng.integers(0, STORES, ORDERS)
    return Places(lat=sites.lat[row] + rng.normal(0, 0.06, ORDERS), lon=sites.lon[row] + rng.normal(0, 0.06, ORDERS))


def _problem(rng: np.random.Generator, sites: pl.DataFrame, doors: Places, candidates: Ints) -> OrderRoutingProblem:
    places = Places.from_table(sites)
    metres, _ = GreatCircleTimes().between(
        places.take(candidates.reshape(-1)), doors.take(np.repeat(np.arange(ORDERS), candidates.shape[1]))
    )
    by_distance = 450 + metres.reshape(candidates.shape) // 100
    cutoff_s = rng.integers(10, 18, SITES) * 3_600
    placed_s = rng.integers(0, 86_400, ORDERS)
    is_fc = np.arange(SITES) >= STORES
    stock = _stock(rng)
    return OrderRoutingProblem(
        lines=_lines(rng),
        sequence=np.arange(ORDERS),
        candidates=candidates,
        price=(by_distance[:, :, None] + 60 * np.arange(CLASS_G.size)).astype(np.int64),
        why=np.zeros(candidates.shape, dtype=np.int64),
        class_g=CLASS_G,
        dim_ml_per_kg=5_000,
        pick_day=(placed_s[:, None] > cutoff_s[candidates]).astype(np.int64),
        capacity=np.column_stack([np.where(is_fc, 3_000, 60)] * 2),
        package_minor=np.where(is_fc, 40, 60),
        line_minor=np.where(is_fc, 60, 180),
        unit_minor=np.where(is_fc, 5, 15),
        stock=stock,
        prices=_prices(rng),
    )


def _lines(rng: np.random.Generator) -> MergedLines:
    """Return baskets of 1.9 lines in the mean, products by a long-tailed popularity."""
    count = np.minimum(rng.geometric(1 / 1.9, ORDERS), MOST_LINES)
    weight = 1.0 / np.arange(1, PRODUCTS + 1) ** 0.9
    order = np.repeat(np.arange(ORDERS), count)
    product = rng.choice(PRODUCTS, order.size, p=weight / weight.sum())
    pairs = np.unique(np.column_stack([order, product]), axis=0)
    start = np.searchsorted(pairs[:, 0], np.arange(ORDERS + 1)).astype(np.int64)
    quantity = rng.choice([1, 2, 3], len(pairs), p=[0.8, 0.15, 0.05]).astype(np.int64)
    grams = rng.lognormal(6.3, 0.8, PRODUCTS).astype(np.int64)[pairs[:, 1]] * quantity
    return MergedLines(start, pairs[:, 1].astype(np.int64), quantity, grams, grams * 3)


def _stock(rng: np.random.Generator) -> StockBook:
    """Return stock of every product at every site: 60 units at each FC, one to four at one store in four."""
    book = StockBook.dense(SITES, PRODUCTS)
    table = book.units.reshape(PRODUCTS, SITES)
    for low in range(0, PRODUCTS, 5_000):  # in pieces: the draws need more memory than the book
        here = table[low : low + 5_000]
        drawn = rng.integers(1, 17, here.shape, dtype=np.int16)
        np.multiply(drawn, drawn <= 4, out=here)
    table[:, STORES:] = 60
    return book


def _prices(rng: np.random.Generator) -> Prices:
    """Return prices of the scarce products at every site, and of picking."""
    offset = np.where(np.arange(PRODUCTS) < SCARCE, np.arange(PRODUCTS) * SITES, -1)
    unit = rng.integers(0, 300, SCARCE * SITES, dtype=np.int16)
    return Prices(offset, unit, rng.integers(0, 40, (SITES, 2)))
