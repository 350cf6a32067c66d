"""``python3 run.py bench corridor``: plan samples (or the folders of --data), beside the baselines of every report."""

import argparse
import sys
from pathlib import Path

from benchmarks.corridor.days import Day, day_rows, folders_of, samples
from benchmarks.table import machine, print_table, write_json

OWN = "doorstep"


def main() -> int:
    """Run the benchmark; exit code 1 if any plan breaks a rule."""
    asked = _arguments()
    days: list[Day] = folders_of(asked.data) if asked.data else samples(large=asked.large, stock_pct=asked.stock)
    rows: list[dict[str, object]] = []
    for seed in asked.seeds:
        for day in days:
            print(f"planning {day.name}, seed {seed} ...", file=sys.stderr, flush=True)
            rows += day_rows(day, iterations=asked.iterations, seed=seed, peers=asked.peers)
    print(machine())
    print_table(rows)
    own = [row for row in rows if row["solver"] == OWN]
    summary: dict[str, object] = {
        "days": len(own),
        "violations": sum(int(str(row.get("violations", 0))) for row in rows),
        "worst_saving_pct": {
            peer: max((float(str(row[f"vs_{peer}_pct"])) for row in own if f"vs_{peer}_pct" in row), default=None)
            for peer in ("nearest_fc", "fewest_splits")
        },
    }
    print(f"\nsummary: {summary}")
    if asked.json:
        write_json(asked.json, "corridor", rows, summary)
    return 1 if summary["violations"] else 0


def _arguments() -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="bench corridor", description=__doc__)
    asked.add_argument("--data", type=Path, help="folder of retailer folders; without it, samples are made")
    asked.add_argument("--large", action="store_true", help="add the sample of 100,000 orders and 400 stores")
    asked.add_argument(
        "--stock", type=int, default=100, help="percentage of the samples' stock rows that is kept; default 100"
    )
    asked.add_argument("--iterations", type=int, help="routing engine's patience for each site and day")
    asked.add_argument("--seed", dest="seeds", type=int, action="append", help="repeatable; default 1")
    asked.add_argument("--peers", action="store_true", help="add rows for the baselines, made in the same run")
    asked.add_argument("--json", type=Path, help="also write one JSON object there")
    found = asked.parse_args()
    found.seeds = found.seeds or [1]
    return found


if __name__ == "__main__":
    raise SystemExit(main())
