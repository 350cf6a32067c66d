"""Orders allocated per CPU second at the size of a national retailer: 4,700 stores, 31 FCs, 100,000 products.

Baskets, stock and places are drawn at random with long tails; prices are those of a courier card by distance.
"""

import time

import numpy as np
import polars as pl

from doorstep.foundation.arrays import Ints
from doorstep.geography import GreatCircleTimes, Places
from doorstep.order_routing import OrderRoutingProblem, StockBook, candidate_sites, route_orders
from doorstep.order_routing.problem import MergedLines

STORES, FCS, PRODUCTS, ORDERS = 4_700, 31, 100_000, 50_000
CLASS_G = np.array([2_000, 5_000, 10_000, 20_000, 40_000], dtype=np.int64)


def allocation_rows(*, seed: int) -> list[dict[str, object]]:
    """Return rows with orders per CPU second: finding candidates, deciding, and both."""
    rng = np.random.default_rng(seed)
    sites = _sites(rng)
    doors = _near(rng, Places.from_table(sites), ORDERS)
    problem_s, decide_s = [], []
    problem = None
    for _ in range(2):  # the first round compiles
        started = time.process_time()
        candidates = candidate_sites(sites, doors, np.full(ORDERS, -1))
        problem_s.append(time.process_time() - started)
        problem = problem or _problem(np.random.default_rng(seed), sites, doors, candidates)
        started = time.process_time()
        plan = route_orders(problem)
        decide_s.append(time.process_time() - started)
    assert problem is not None
    served = int((plan.status == 0).sum())
    split = int((np.bincount(plan.order, minlength=ORDERS) > 0).sum())
    sites_used = len({(int(o), int(s)) for o, s in zip(plan.order, plan.site, strict=True)})
    common = {"instance": f"allocation, {STORES + FCS:,} sites, {PRODUCTS:,} products", "seed": seed, "orders": ORDERS}
    return [
        common | {"solver": name, "cpu_s": round(seconds, 3), "orders_per_cpu_s": round(ORDERS / seconds)} | extra
        for name, seconds, extra in (
            (
                "order_routing: decide",
                decide_s[1],
                {"served": served, "packages_per_order": sites_used / max(1, split)},
            ),
            ("order_routing: candidates", problem_s[1], {}),
            ("order_routing: candidates and decide", decide_s[1] + problem_s[1], {}),
        )
    ]


def _sites(rng: np.random.Generator) -> pl.DataFrame:
    """Return sites around 300 towns of very different size."""
    towns = np.column_stack([rng.uniform(30, 48, 300), rng.uniform(-120, -75, 300)])
    weight = 1.0 / np.arange(1, 301)
    town = rng.choice(300, STORES + FCS, p=weight / weight.sum())
    place = towns[town] + rng.normal(0, 0.25, (STORES + FCS, 2))
    return pl.DataFrame({"lat": place[:, 0], "lon": place[:, 1], "kind": ["store"] * STORES + ["fc"] * FCS})


def _near(rng: np.random.Generator, sites: Places, count: int) -> Places:
    row = rng.integers(0, STORES, count)
    return Places(lat=sites.lat[row] + rng.normal(0, 0.06, count), lon=sites.lon[row] + rng.normal(0, 0.06, count))


def _problem(rng: np.random.Generator, sites: pl.DataFrame, doors: Places, candidates: Ints) -> OrderRoutingProblem:
    lines = _lines(rng)
    places = Places.from_table(sites)
    flat = candidates.reshape(-1)
    metres, _ = GreatCircleTimes().between(
        places.take(flat), doors.take(np.repeat(np.arange(ORDERS), candidates.shape[1]))
    )
    by_distance = 450 + metres.reshape(candidates.shape) // 100
    price = by_distance[:, :, None] + 60 * np.arange(CLASS_G.size)
    total = STORES + FCS
    is_fc = np.arange(total) >= STORES
    return OrderRoutingProblem(
        lines=lines,
        sequence=np.arange(ORDERS),
        candidates=candidates,
        price=price.astype(np.int64),
        why=np.zeros(candidates.shape, dtype=np.int64),
        class_g=CLASS_G,
        dim_ml_per_kg=5_000,
        pick_day=np.zeros(candidates.shape, dtype=np.int64),
        capacity=np.full((total, 1), 100_000),
        package_minor=np.where(is_fc, 40, 60),
        line_minor=np.where(is_fc, 60, 180),
        unit_minor=np.where(is_fc, 5, 15),
        stock=_stock(rng, lines),
    )


def _lines(rng: np.random.Generator) -> MergedLines:
    """Return baskets of 1.9 lines in the mean, products by a long-tailed popularity."""
    count = np.minimum(rng.geometric(1 / 1.9, ORDERS), 12)
    weight = 1.0 / np.arange(1, PRODUCTS + 1) ** 0.9
    order = np.repeat(np.arange(ORDERS), count)
    product = rng.choice(PRODUCTS, order.size, p=weight / weight.sum())
    pairs = np.unique(np.column_stack([order, product]), axis=0)
    start = np.searchsorted(pairs[:, 0], np.arange(ORDERS + 1)).astype(np.int64)
    quantity = rng.choice([1, 2, 3], len(pairs), p=[0.8, 0.15, 0.05]).astype(np.int64)
    grams = rng.lognormal(6.3, 0.8, PRODUCTS).astype(np.int64)[pairs[:, 1]] * quantity
    return MergedLines(start, pairs[:, 1].astype(np.int64), quantity, grams, grams * 3)


def _stock(rng: np.random.Generator, lines: MergedLines) -> StockBook:
    """Return stock of the products that were ordered: FCs hold most, a store one in four."""
    products = np.unique(lines.product)
    site = [
        np.concatenate([np.flatnonzero(rng.random(STORES) < 0.25), np.arange(STORES, STORES + FCS)]) for _ in products
    ]
    held = np.zeros(PRODUCTS, dtype=np.int64)
    held[products] = [len(s) for s in site]
    start = np.concatenate([[0], np.cumsum(held)]).astype(np.int64)
    sites = np.concatenate(site).astype(np.int64)
    return StockBook(start, sites, np.where(sites >= STORES, 60, rng.integers(1, 5, sites.size)).astype(np.int64))
