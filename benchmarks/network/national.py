"""The whole US: how many live near a store, and the best of its stores as centres, with proof."""

import resource
import time
from collections.abc import Callable
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
from doorstep.network.fewest import fewest_sites
from doorstep.network.siting import CostRows, SitingPlan, choose_sites, p_median
from doorstep.network.siting.many import p_median_of_places

COUNTS = (8, 31, 100, 400)
SECONDS = 45.0
"""CPU seconds of a search; building the costs and the end of the last programme come on top."""
GAP = 1e-5
BLOCK_GROUP_SECONDS, BLOCK_GROUP_GAP = 90.0, 1e-4
"""CPU seconds and gap of a search where every block group is a customer."""
SHARES = (0.90, 0.91, 0.95)
FEWEST_SECONDS = 120.0
"""CPU seconds for the fewest further sites of a share."""


def read_people(folder: Path, name: str) -> tuple[Places, Ints]:
    """Return where people live, and how many, of a file of the geo data."""
    table = pl.read_csv(folder / name)
    return Places.from_table(table), ints(table["pop"])


def read_stores(folder: Path) -> Places:
    """Return the US stores of the list of 2018."""
    stores = pl.read_csv(folder / "walmart_stores_2018.csv").filter(pl.col("country") == "US")
    return Places.from_table(stores.rename({"latitude": "lat", "longitude": "lon"}))


def coverage_rows(folder: Path, *, seed: int) -> list[Row]:
    """Return the share of people within ten miles of a store, and how few more sites reach larger shares."""
    people, count = read_people(folder, "us_blockgroups_2020.csv.gz")
    stores, cells = read_stores(folder), read_people(folder, "us_h3r5_2020.csv.gz")[0]
    size, reach = f"{len(people)} block groups, {len(stores)} stores", 10 * METRES_PER_MILE
    begun = time.process_time()
    share = float(cover(people, count.astype(np.float64), stores, [reach]).share()[0])
    rows: list[Row] = [_covered(size, 100 * share, begun, violations=0)]
    for wanted in SHARES:
        begun = time.process_time()
        found = fewest_sites(
            people, count, stores, cells, within_m=reach, share=wanted,
            rng=np.random.default_rng(seed), stop=Seconds(limit=FEWEST_SECONDS),
        )  # fmt: skip
        row = _covered(f"{size}, fewest cells for {wanted:.0%}", 100 * found.after, begun, violations=0)
        sites = Places(
            lat=np.concatenate([stores.lat, cells.lat[found.chosen]]),
            lon=np.concatenate([stores.lon, cells.lon[found.chosen]]),
        )
        again = float(cover(people, count.astype(np.float64), sites, [reach]).share()[0])
        wrong = int(again < wanted) + int(found.fewest > found.chosen.size)
        rows.append({**row, "cost": found.chosen.size, "bound": found.fewest, "violations": wrong})
    return rows


def _covered(instance: str, share_pct: float, begun: float, *, violations: int) -> Row:
    return {
        "instance": instance,
        "solver": "doorstep",
        "covered_pct": share_pct,
        "cpu_s": round(time.process_time() - begun, 2),
        "violations": violations,
    }


def national_rows(folder: Path, *, seed: int) -> list[Row]:
    """Return a row for each number of centres among the stores."""
    return _alone(_national_row, folder, seed)


def block_group_rows(folder: Path, *, seed: int) -> list[Row]:
    """Return a row for each number of centres among the stores, every block group a customer of its own."""
    return _alone(_block_group_row, folder, seed)


def _alone(made: Callable[[Path, int, int], Row], folder: Path, seed: int) -> list[Row]:
    """Return a row for each number of centres, each from a process of its own for its memory."""
    rows = []
    for count in COUNTS:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
            rows.append(alone.submit(made, folder, count, seed).result())
    return rows


def _national_row(folder: Path, count: int, seed: int) -> Row:
    people, weight = read_people(folder, "us_h3r5_2020.csv.gz")
    stores = read_stores(folder)
    begun = time.process_time()
    problem = p_median(CostRows.of_places(people, stores), weight, count)
    plan = choose_sites(problem, rng=np.random.default_rng(seed), stop=Seconds(limit=SECONDS), gap=GAP)
    return _judged("cells", people, weight, stores, count, plan, begun)


def _block_group_row(folder: Path, count: int, seed: int) -> Row:
    people, weight = read_people(folder, "us_blockgroups_2020.csv.gz")
    stores = read_stores(folder)
    begun = time.process_time()
    plan = p_median_of_places(
        people, weight, stores, count,
        rng=np.random.default_rng(seed), stop=Seconds(limit=BLOCK_GROUP_SECONDS), gap=BLOCK_GROUP_GAP,
    )  # fmt: skip
    return _judged("block groups", people, weight, stores, count, plan, begun)


def _judged(what: str, people: Places, weight: Ints, stores: Places, count: int, plan: SitingPlan, begun: float) -> Row:
    cpu_s = time.process_time() - begun
    people_miles = int(weight.sum()) * METRES_PER_MILE
    return {
        "instance": f"{len(people)} {what}, {len(stores)} stores, p={count}",
        "solver": "doorstep",
        "cost": plan.cost / people_miles,
        "bound": plan.bound / people_miles,
        "gap_pct": 100 * plan.gap,
        "cpu_s": round(cpu_s, 1),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "violations": int(_again(people, stores.take(np.flatnonzero(plan.open)), weight) != plan.cost)
        + int(plan.open.sum() != count)
        + int(plan.bound > plan.cost),
    }


def _again(people: Places, centres: Places, weight: Ints) -> int:
    """Return what serving everybody from the nearest centre costs, counted afresh."""
    nearest = np.full(len(people), np.inf)
    for lat, lon in zip(centres.lat, centres.lon, strict=True):
        nearest = np.minimum(nearest, great_circle_m(lat_a=people.lat, lon_a=people.lon, lat_b=lat, lon_b=lon))
    return int(weight @ np.rint(nearest).astype(np.int64))
