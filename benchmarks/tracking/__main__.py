"""``python3 run.py bench tracking``: arrivals predicted on simulated days, and positions on disk before answers.

Arrivals are compared with those that came. Positions go to ``doorstep serve`` on loopback; server and phones share the
machine, and CPU seconds are those of the server alone. SQLite waits for the disk at each commit, so the figures go with
its fsync rate, which is measured too.
"""

import argparse
from pathlib import Path

from benchmarks.operations.__main__ import fsync_per_s
from benchmarks.table import machine, print_table, write_json
from benchmarks.tracking.eta import TRAINED_DAYS, Row, eta_rows
from benchmarks.tracking.positions import measure

PARTS = ("eta", "positions")
LEAST_PCT, MOST_PCT = 88.0, 92.0


def main() -> int:
    """Run the benchmark; exit code 1 if what is stated with 90 % comes true too seldom or too often, or any is lost."""
    asked = _arguments()
    rows: list[Row] = []
    summary: Row = {"violations": 0}
    print(machine())
    if "eta" in asked.only:
        found = [row for seed in asked.seeds for row in eta_rows(seed, trained=asked.days)]
        whole = [float(str(row["within_90_pct"])) for row in found if row["horizon"] == "all"]
        print_table(found)
        rows += found
        summary |= {"eta_coverage_least_pct": min(whole), "eta_coverage_most_pct": max(whole)}
        summary["violations"] = sum(not LEAST_PCT <= pct <= MOST_PCT for pct in whole)
    if "positions" in asked.only:
        found = _positions(asked, summary)
        print_table(found)
        rows += found
    print(f"\nsummary: {summary}")
    if asked.json:
        write_json(asked.json, "tracking", rows, summary)
    return 1 if summary["violations"] else 0


def _positions(asked: argparse.Namespace, summary: Row) -> list[Row]:
    """Return a row for batches and one for single posts; what they come to is added to the summary."""
    fsync = fsync_per_s()
    in_batches = measure(asked.phones // 4, 100, asked.requests // 10)
    single = measure(asked.phones, 1, asked.requests)
    lost = sum(abs(int(str(row["violations"]))) for row in (in_batches, single))
    summary |= {
        "fsync_per_s": round(fsync),
        "positions_per_s": in_batches["positions_per_s"],
        "single_per_s": single["requests_per_s"],
        "positions_per_cpu_s": in_batches["positions_per_cpu_s"],
        "single_per_cpu_s": single["requests_per_cpu_s"],
        "p99_ms": max(float(str(row["p99_ms"])) for row in (in_batches, single)),
        "violations": int(str(summary["violations"])) + lost,
    }
    return [dict(in_batches), dict(single)]


def _arguments() -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="bench tracking", description=__doc__)
    asked.add_argument("--only", choices=PARTS, action="append", help="a part, repeatable; default both")
    asked.add_argument("--seed", dest="seeds", type=int, action="append", help="repeatable; default 1, 2 and 3")
    asked.add_argument("--days", type=int, default=TRAINED_DAYS, help=f"days to learn from ({TRAINED_DAYS})")
    asked.add_argument(
        "--phones",
        type=int,
        default=64,
        help="open connections of single posts, each a device; a fourth of them send batches",
    )
    asked.add_argument("--requests", type=int, default=20_000, help="single posts in all; a tenth as many batches")
    asked.add_argument("--json", type=Path, help="also write one JSON object there")
    found = asked.parse_args()
    found.only = found.only or list(PARTS)
    found.seeds = found.seeds or [1, 2, 3]
    return found


if __name__ == "__main__":
    raise SystemExit(main())
