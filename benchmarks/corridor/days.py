"""Whole days: each planned by the command line in a process of its own, so that its memory is its own."""

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from doorstep.foundation import InputError

PEERS = {"nearest_fc": "nearest_fc_cheapest_carrier", "fewest_splits": "fewest_splits_own_fleet"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day to plan: a retailer folder, or the arguments of ``doorstep sample``."""

    name: str
    folder: Path | None = None
    sample: tuple[str, ...] = ()
    stock_pct: int = 100


def samples(*, large: bool, stock_pct: int = 100) -> list[Day]:
    """Return the sample days of the benchmark: three cities and sizes, and the large one if asked for.

    ``stock_pct`` is the share of the rows of the stock table that is kept: the fewer, the more orders are split.
    """
    sizes = [("Chicago, US", 40, 2, 5_000), ("Dallas, US", 24, 1, 2_000), ("Lyon, FR", 12, 1, 1_000)]
    if large:
        sizes.append(("Chicago, US", 400, 4, 100_000))
    return [
        Day(
            name=f"{near.split(',')[0]} {stores} stores, {orders:,} orders",
            sample=("--near", near, "--stores", str(stores), "--fcs", str(fcs), "--orders", str(orders)),
            stock_pct=stock_pct,
        )
        for near, stores, fcs, orders in sizes
    ]


def folders_of(data: Path) -> list[Day]:
    """Return the retailer folders in ``data``, or ``data`` itself if it is one."""
    places = [data, *sorted(place for place in data.iterdir() if place.is_dir())] if data.is_dir() else []
    found = [Day(name=place.name, folder=place) for place in places if any(place.glob("orders.*"))]
    if not found:
        raise InputError(f"{data} holds no retailer folder.", hint="Maybe the tables lie one folder deeper.")
    return found


def day_rows(day: Day, *, iterations: int | None, seed: int, peers: bool) -> list[dict[str, object]]:
    """Return the row of a day and, if asked for, those of its baselines, which every plan makes in the same run."""
    with tempfile.TemporaryDirectory() as space:
        folder = day.folder or Path(space) / "retailer"
        if day.folder is None:
            _doorstep("sample", str(folder), *day.sample, "--seed", str(seed), "--format", "parquet")
            if day.stock_pct < 100:
                _thin(folder / "stock.parquet", day.stock_pct, seed)
        started = time.perf_counter()
        options = ("--out", str(Path(space) / "plan"), "--seed", str(seed), "--json")
        patience = ("--iterations", str(iterations)) if iterations else ()
        said = json.loads(_doorstep("plan", str(folder), *options, *patience))
        wall_s = time.perf_counter() - started
    common = {"instance": day.name, "seed": seed}
    own = common | _row("doorstep", said) | {"cpu_s": said["cpu_s"], "wall_s": round(wall_s, 1)}
    rows = [own]
    for short, name in PEERS.items():
        peer = said["baselines"][name]
        if peer["cost_per_order_minor"]:
            own[f"vs_{short}_pct"] = round(100 * (said["cost_per_order_minor"] / peer["cost_per_order_minor"] - 1), 2)
        if peers:
            rows.append(common | _row(name, peer) | {"cpu_s": peer["cpu_s"]})
    return rows


def _thin(stock: Path, percent: int, seed: int) -> None:
    """Keep a share of the rows of a stock table, drawn at random."""
    table = pl.read_parquet(stock)
    kept = np.random.default_rng(seed).random(table.height) < percent / 100
    table.filter(pl.Series(kept)).write_parquet(stock)


def _row(solver: str, said: dict[str, object]) -> dict[str, object]:
    return {
        "solver": solver,
        "orders": said["orders"],
        "served": said["served"],
        "cost": said["cost_per_order_minor"],
        "on_time": said["on_time_share"],
        "parcels_per_route": said["parcels_per_route"],
        "peak_mb": said["peak_mb"],
        "violations": said["violations"],
    }


def _doorstep(*arguments: str) -> str:
    """Run a command of doorstep and return what it prints."""
    done = subprocess.run([sys.executable, "-m", "doorstep", *arguments], check=True, capture_output=True, text=True)
    return done.stdout
