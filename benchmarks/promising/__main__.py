"""``python3 run.py bench promising``: probabilities stated for a month of promises, beside what was kept.

With ``--load SECONDS`` also the options of a retailer with 4,731 sites through HTTP: latencies at a rate, and the
largest rate at which 99 of 100 are answered within 20 ms. The database is a new SQLite file, or the one that the
setting ``DOORSTEP_DATABASE_URL`` names, which gets one tenant more.
"""

import argparse
from pathlib import Path

from benchmarks.promising.calibration import Row, calibration_rows
from benchmarks.promising.load import Asked, load_rows
from benchmarks.promising.month import month, read_month
from benchmarks.table import machine, print_table, write_json

GOAL_POINTS = 2.0


def main() -> int:
    """Run the benchmark; exit code 1 if doorstep misses the goal in any of ten groups."""
    asked = _arguments()
    rows: list[Row] = []
    groups: list[Row] = []
    for seed in asked.seeds:
        known = asked.data and (asked.data / "outcomes.csv").exists()
        found, shown = calibration_rows(read_month(asked.data) if known else month(seed), seed=seed)
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
    load: list[Row] = []
    if asked.load:
        wanted = Asked(seconds=asked.load, rate=asked.rate, servers=asked.servers, data=asked.data, seed=asked.seeds[0])
        load, reached = load_rows(wanted)
        summary |= reached
        print()
        print_table(load)
    print(f"\nsummary: {summary}")
    if asked.json:
        write_json(asked.json, "promising", rows + groups + load, summary)
    return 1 if float(str(summary["calibration_worst_bin_points"])) > GOAL_POINTS else 0


def _worst(rows: list[Row], solver: str, column: str) -> float:
    return max(float(str(row[column])) for row in rows if row["solver"] == solver)


def _arguments() -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="bench promising", description=__doc__)
    asked.add_argument(
        "--data", type=Path, help="folder with outcomes.csv, or stores for --load; what lacks is made up"
    )
    asked.add_argument("--load", type=float, metavar="SECONDS", help="also ask for options, so long at each rate")
    asked.add_argument("--rate", type=float, default=500.0, help="requests a second that are tried first (500)")
    asked.add_argument("--servers", type=int, default=2, help="servers that share the database (2)")
    asked.add_argument("--seed", dest="seeds", type=int, action="append", help="repeatable; default 1, 2 and 3")
    asked.add_argument("--seconds", type=float, help="not used: learning takes as long as it takes")
    asked.add_argument("--peers", action="store_true", help="add rows for the average of the service level")
    asked.add_argument("--json", type=Path, help="also write one JSON object there")
    found = asked.parse_args()
    found.seeds = found.seeds or [1, 2, 3]
    return found


if __name__ == "__main__":
    raise SystemExit(main())
