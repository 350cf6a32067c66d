"""``python3 run.py bench order_routing --data DIR``: regret against the clairvoyant bound, and speed.

``DIR`` is laid out like the orders data: basket lines as parquet, cities, stores. Without it only the speed at national
size is measured, on made-up sites.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from benchmarks.order_routing.instances import LARGE, SMALL, Country, Size
from benchmarks.order_routing.national import national_rows
from benchmarks.order_routing.regret import Row, hold_rows, policy_rows
from benchmarks.order_routing.shelves import shelves_rows
from benchmarks.order_routing.storm import storm_rows
from benchmarks.table import machine, print_table, write_json

SCARCITY = (1.05, 1.1, 1.5, 3.0)
JUDGED = (1.1, 1.5)
KEYS = {
    "regret_pct_order_time": "foresight",
    "regret_pct_reoptimised": "reoptimised",
    "regret_pct_fewest_splits": "fewest_splits",
    "regret_pct_myopic": "myopic",
    "regret_pct_sort_order": "sort_order",
    "regret_pct_nearest": "nearest",
}


def main() -> int:
    """Run the benchmark; exit code 1 if any plan breaks a rule."""
    asked = _arguments()
    rows: list[Row] = []
    if asked.data and not (asked.data / "us_cities_2014.csv.gz").exists():
        print(f"{asked.data} has no us_cities_2014.csv.gz: regret is skipped.", file=sys.stderr)
        asked.data = None
    if asked.data:
        rows = _regret(_tasks(asked.data, asked.seeds, small=asked.small, hold=asked.hold))
    print(f"stock of {4_731:,} sites ...", file=sys.stderr, flush=True)
    shelves = shelves_rows(seed=asked.seeds[0])
    print(f"deciding at {4_731:,} sites ...", file=sys.stderr, flush=True)
    speed = national_rows(seed=asked.seeds[0])
    storm = storm_rows(seed=asked.seeds[0], operations=asked.ledger) if asked.ledger else []
    print(machine())
    if rows:
        print_table(rows)
        print()
    print_table(speed)
    print()
    print_table(shelves)
    if storm:
        print()
        print_table(storm)
    summary = _summary(rows) | {
        "stock_index_mb": shelves[0]["memory_mb"],
        "stock_updates_per_cpu_s": shelves[1]["per_cpu_s"],
        "ledger_updates_per_cpu_s": shelves[2]["per_cpu_s"],
        "decisions_per_cpu_s": max(int(str(row["per_cpu_s"])) for row in speed[1:]),
        "violations": sum(int(str(row["violations"])) for row in [*rows, *storm, *shelves]),
    }
    if storm:
        summary |= {"ledger_operations": storm[0]["operations"], "oversold": storm[0]["oversold"]}
    print(f"\nsummary: {summary}")
    if asked.json:
        write_json(asked.json, "order_routing", [*rows, *speed, *shelves, *storm], summary)
    return 1 if summary["violations"] else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One instance to judge all policies on."""

    folder: Path
    size: Size
    seed: int
    rho: float
    shifted: bool
    hold: bool


def _tasks(folder: Path, seeds: Sequence[int], *, small: bool, hold: bool) -> list[Task]:
    tasks = []
    for seed in seeds:
        wanted = [(SMALL, rho, False) for rho in SCARCITY] + [(SMALL, rho, True) for rho in JUDGED]
        wanted += [] if small else [(LARGE, rho, False) for rho in JUDGED]
        for size, rho, shifted in wanted:
            curve = hold and size is SMALL and rho in JUDGED and not shifted
            tasks.append(Task(folder=folder, size=size, seed=seed, rho=rho, shifted=shifted, hold=curve))
    return tasks


def _regret(tasks: list[Task]) -> list[Row]:
    """Return the rows of all instances, worked out beside each other; CPU seconds are each process's own."""
    rows: list[Row] = []
    with ProcessPoolExecutor(max_workers=min(2, os.cpu_count() or 1)) as pool:
        for number, found in enumerate(pool.map(_judge, tasks), 1):
            rows += found
            print(f"{number} of {len(tasks)} instances", file=sys.stderr, flush=True)
    return rows


def _judge(task: Task) -> list[Row]:
    instance = Country(task.folder, task.size, task.seed).instance(task.rho, shifted=task.shifted)
    rows = policy_rows(instance, seed=task.seed)
    return rows + (hold_rows(instance, seed=task.seed) if task.hold else [])


def _summary(rows: list[Row]) -> dict[str, object]:
    """Return the mean regret of each policy at 1.1 and 1.5 with a forecast that is right, and what a shift does."""
    if not rows:
        return {}
    judged = [row for row in rows if row["rho"] in JUDGED and row["forecast"] == "right"]
    found: dict[str, object] = {
        key: round(mean(float(str(row["regret_pct"])) for row in judged if row["solver"] == name), 2)
        for key, name in KEYS.items()
    }
    shifted: dict[tuple[object, object], dict[object, float]] = {}
    for row in rows:
        if row["forecast"] == "shifted":
            shifted.setdefault((row["rho"], row["seed"]), {})[row["solver"]] = float(str(row["regret_pct"]))
    worst = {
        f"worst_shifted_{name}_less_myopic_points": max(
            (here[name] - here["myopic"] for here in shifted.values()), default=0.0
        )
        for name in ("foresight", "reoptimised")
    }
    return found | {name: round(points, 2) for name, points in worst.items()}


def _arguments() -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="bench order_routing", description=__doc__)
    asked.add_argument("--data", type=Path, help="folder of baskets, cities and stores")
    asked.add_argument("--seed", dest="seeds", type=int, action="append", help="repeatable; default 1")
    asked.add_argument("--small", action="store_true", help="leave the larger instances out")
    asked.add_argument(
        "--ledger", type=int, default=200_000, metavar="N", help="ledger operations with concurrent routing; 0 for none"
    )
    asked.add_argument("--hold", action="store_true", help="add the curve of waiting against regret")
    asked.add_argument("--peers", action="store_true", help="the rules of other systems are always in the table")
    asked.add_argument("--json", type=Path, help="also write one JSON object there")
    found = asked.parse_args()
    found.seeds = found.seeds or [1]
    return found


if __name__ == "__main__":
    raise SystemExit(main())
