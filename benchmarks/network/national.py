"""The whole US: how many live near a store, and the best of its stores as centres, with proof."""

import resource
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.table import Row
from doorstep.foundation import Seconds
from doorstep.foundation.arrays import Ints, ints
from doorstep.foundation.units import METRES_PER_MILE
from doorstep.geography import Places, great_circle_m
from doorstep.network import cover
from doorstep.network.siting import CostRows, choose_sites, p_median

COUNTS = (8, 31, 100, 400)
SECONDS = 45.0
"""CPU seconds of a search; building the costs and the end of the last programme come on top."""
GAP = 1e-5


def read_people(folder: Path, name: str) -> tuple[Places, Ints]:
    """Return where people live, and how many, of a file of the geo data."""
    table = pl.read_csv(folder / name)
    return Places.from_table(table), ints(table["pop"])


def read_stores(folder: Path) -> Places:
    """Return the US stores of the list of 2018."""
    stores = pl.read_csv(folder / "walmart_stores_2018.csv").filter(pl.col("country") == "US")
    return Places.from_table(stores.rename({"latitude": "lat", "longitude": "lon"}))


def coverage_rows(folder: Path) -> list[Row]:
    """Return the share of people within ten miles of a store."""
    people, count = read_people(folder, "us_blockgroups_2020.csv.gz")
    stores = read_stores(folder)
    begun = time.process_time()
    found = cover(people, count.astype(np.float64), stores, [10 * METRES_PER_MILE])
    return [
        {
            "instance": f"{len(people)} block groups, {len(stores)} stores",
            "solver": "doorstep",
            "covered_pct": 100 * float(found.share()[0]),
            "cpu_s": round(time.process_time() - begun, 3),
            "violations": 0,
        }
    ]


def national_rows(folder: Path, *, seed: int) -> list[Row]:
    """Return a row for each number of centres among the stores, each from a process of its own for its memory."""
    rows = []
    for count in COUNTS:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
            rows.append(alone.submit(_national_row, folder, count, seed).result())
    return rows


def _national_row(folder: Path, count: int, seed: int) -> Row:
    people, weight = read_people(folder, "us_h3r5_2020.csv.gz")
    stores = read_stores(folder)
    begun = time.process_time()
    problem = p_median(CostRows.of_places(people, stores), weight, count)
    plan = choose_sites(problem, rng=np.random.default_rng(seed), stop=Seconds(limit=SECONDS), gap=GAP)
    cpu_s = time.process_time() - begun
    people_miles = int(weight.sum()) * METRES_PER_MILE
    return {
        "instance": f"{len(people)} cells, {len(stores)} stores, p={count}",
        "solver": "doorstep",
        "cost": plan.cost / people_miles,
        "bound": plan.bound / people_miles,
        "gap_pct": 100 * plan.gap,
        "cpu_s": round(cpu_s, 1),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "violations": int(_again(people, stores.take(np.flatnonzero(plan.open)), weight) != plan.cost)
        + int(plan.open.sum() != count),
    }


def _again(people: Places, centres: Places, weight: Ints) -> int:
    """Return what serving everybody from the nearest centre costs, counted afresh."""
    nearest = np.full(len(people), np.inf)
    for lat, lon in zip(centres.lat, centres.lon, strict=True):
        nearest = np.minimum(nearest, great_circle_m(lat_a=people.lat, lon_a=people.lon, lat_b=lat, lon_b=lon))
    return int(weight @ np.rint(nearest).astype(np.int64))
