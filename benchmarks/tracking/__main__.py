"""``python3 run.py bench tracking --only eta``: arrivals predicted on simulated days, beside those that came."""

import argparse
from pathlib import Path

from benchmarks.table import machine, print_table, write_json
from benchmarks.tracking.eta import TRAINED_DAYS, Row, eta_rows

LEAST_PCT, MOST_PCT = 88.0, 92.0


def main() -> int:
    """Run the benchmark; exit code 1 if what is stated with 90 % comes true too seldom or too often."""
    asked = _arguments()
    rows: list[Row] = [row for seed in asked.seeds for row in eta_rows(seed, trained=asked.days)]
    whole = [float(str(row["within_90_pct"])) for row in rows if row["horizon"] == "all"]
    summary: Row = {"eta_coverage_least_pct": min(whole), "eta_coverage_most_pct": max(whole)}
    print(machine())
    print_table(rows)
    print(f"\nsummary: {summary}")
    if asked.json:
        write_json(asked.json, "tracking", rows, summary)
    return 0 if min(whole) >= LEAST_PCT and max(whole) <= MOST_PCT else 1


def _arguments() -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="bench tracking", description=__doc__)
    asked.add_argument("--only", choices=["eta"], help="this part alone")
    asked.add_argument("--seed", dest="seeds", type=int, action="append", help="repeatable; default 1, 2 and 3")
    asked.add_argument("--days", type=int, default=TRAINED_DAYS, help=f"days to learn from ({TRAINED_DAYS})")
    asked.add_argument("--seconds", type=float, help="not used: learning takes as long as it takes")
    asked.add_argument("--json", type=Path, help="also write one JSON object there")
    found = asked.parse_args()
    found.seeds = found.seeds or [1, 2, 3]
    return found


if __name__ == "__main__":
    raise SystemExit(main())
