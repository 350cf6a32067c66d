"""The copy of the stock that quotes look at, at the size of a national retailer: its memory, how fast it follows."""

import os
import time
from array import array
from pathlib import Path

import numpy as np

from benchmarks.operations.shop import sqlite_url
from doorstep.operations.access import create_tenant
from doorstep.operations.intake.shelves import Shelves
from doorstep.operations.intake.stock_index import StockIndex
from doorstep.storage import Database, ledger
from doorstep.storage.ledger import Place, Want
from doorstep.storage.migrations import upgrade
from doorstep.storage.schema.ledger import STOCK

SITES, PRODUCTS = 4_731, 100_000
UPDATES = 1_000_000
LEDGER_SITES, LEDGER_PRODUCTS, BATCHES, BATCH = 200, 250, 400, 64
"""Positions of the ledger that is followed, and how many commits of how many reservations it takes."""
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
Row = dict[str, object]


def shelves_rows(*, seed: int) -> list[Row]:
    """Return rows: every shelf of the country in memory, updates of single shelves, and what a ledger has changed."""
    rng = np.random.default_rng(seed)
    return [*_national(rng), _followed(rng)]


def _national(rng: np.random.Generator) -> list[Row]:
    instance = f"{SITES:,} sites, {PRODUCTS:,} products"
    site_ids, product_ids = [f"S{n:04d}" for n in range(SITES)], [f"{n:06d}" for n in range(PRODUCTS)]
    before, started = _resident_mb(), time.process_time()
    shelves = Shelves(site_ids)
    for product in product_ids:
        shelves.put_everywhere(product, array("h", rng.integers(0, 60, SITES, dtype=np.int16).tobytes()))
    filling, memory_mb = time.process_time() - started, _resident_mb() - before
    places = [
        (site_ids[site], product_ids[product], units)
        for site, product, units in zip(
            rng.integers(0, SITES, UPDATES).tolist(), rng.integers(0, PRODUCTS, UPDATES).tolist(),
            rng.integers(0, 60, UPDATES).tolist(), strict=True,
        )
    ]  # fmt: skip
    started = time.process_time()
    for site, product_id, units in places:
        shelves.put(site, product_id, units)
    putting = time.process_time() - started
    wanted = {(site, product): units for site, product, units in places}
    wrong = sum(shelves.get(site, product) != units for (site, product), units in wanted.items())
    return [
        {
            "instance": instance, "solver": "all shelves in memory", "shelves": SITES * PRODUCTS, "cpu_s": filling,
            "per_cpu_s": round(SITES * PRODUCTS / filling), "memory_mb": round(memory_mb), "violations": 0,
        },
        {
            "instance": instance, "solver": "shelves changed one by one", "shelves": UPDATES, "cpu_s": putting,
            "per_cpu_s": round(UPDATES / putting), "violations": wrong,
        },
    ]  # fmt: skip


def _followed(rng: np.random.Generator) -> Row:
    """Return the row of a copy that follows commits of reservations; it must agree with the ledger in the end."""
    places = [Place(STOCK, f"S{s}", f"P{p}") for s in range(LEDGER_SITES) for p in range(LEDGER_PRODUCTS)]
    with sqlite_url() as url:
        database = Database(url)
        upgrade(database)
        with database.writing() as connection:
            tenant_id = create_tenant(connection, "shelves", now=0)
            found = ledger.open_positions(connection, tenant_id, dict.fromkeys(places, 1_000), now=0)
        index, following = StockIndex(tenant_id, [f"S{s}" for s in range(LEDGER_SITES)]), 0.0
        for batch in range(BATCHES + 1):
            with database.reading() as connection:
                started = time.process_time()
                index.follow(connection)
                following += time.process_time() - started if batch else 0.0  # the first makes the copy
            rows = rng.choice(len(places), BATCH, replace=False).tolist()
            wants = [Want(f"o{batch}", n, found[places[row]].position_id, 1) for n, row in enumerate(rows)]
            with database.writing() as connection:
                assert ledger.reserve(connection, tenant_id, wants, now=0)
        with database.reading() as connection:
            index.follow(connection)
            truth = ledger.find(connection, tenant_id, places)
        copied = index.free(places)
        wrong = sum(copied[place] != position.free for place, position in truth.items())
        database.close()
    return {
        "instance": f"ledger of {len(places):,} positions, {BATCH} entries a commit", "solver": "following the ledger",
        "shelves": BATCHES * BATCH, "cpu_s": following, "per_cpu_s": round(BATCHES * BATCH / following),
        "violations": wrong,
    }  # fmt: skip


def _resident_mb() -> float:
    """Return the memory that this process holds [MB]."""
    return int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1]) * PAGE_BYTES / 1e6
