"""``python3 run.py bench promising``: probabilities stated for a month of promises, beside what was kept."""

import argparse
from pathlib import Path

from benchmarks.promising.calibration import Row, calibration_rows
from benchmarks.promising.month import month, read_month
from benchmarks.table import machine, print_table, write_json

GOAL_POINTS = 2.0


def main() -> int:
    """Run the benchmark; exit code 1 if doorstep misses the goal in any of ten groups."""
    asked = _arguments()
    rows: list[Row] = []
    groups: list[Row] = []
    for seed in asked.seeds:
        found, shown = calibration_rows(read_month(asked.data) if asked.data else month(seed), seed=seed)
        rows, groups = rows + found, groups + shown
    rows = [row for row in rows if asked.peers or row["solver"] == "doorstep"]
    print(machine())
    print_table(groups)
    print()
    print_table(rows)
    summary: Row = {"calibration_worst_bin_points": _worst(rows, "doorstep", "worst_bin_points")}
    if asked.peers:
        summary["calibration_worst_bin_points_level_average"] = _worst(rows, "level_average", "worst_bin_points")
        summary["calibration_worst_own_bin_points_level_average"] = _worst(
            rows, "level_average", "worst_own_bin_points"
        )
    print(f"\nsummary: {summary}")
    if asked.json:
        write_json(asked.json, "promising", rows + groups, summary)
    return 1 if float(str(summary["calibration_worst_bin_points"])) > GOAL_POINTS else 0


def _worst(rows: list[Row], solver: str, column: str) -> float:
    return max(float(str(row[column])) for row in rows if row["solver"] == solver)


def _arguments() -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="bench promising", description=__doc__)
    asked.add_argument("--data", type=Path, help="folder with outcomes.csv; without it, a month is made up")
    asked.add_argument("--seed", dest="seeds", type=int, action="append", help="repeatable; default 1, 2 and 3")
    asked.add_argument("--seconds", type=float, help="not used: learning takes as long as it takes")
    asked.add_argument("--peers", action="store_true", help="add rows for the average of the service level")
    asked.add_argument("--json", type=Path, help="also write one JSON object there")
    found = asked.parse_args()
    found.seeds = found.seeds or [1, 2, 3]
    return found


if __name__ == "__main__":
    raise SystemExit(main())
