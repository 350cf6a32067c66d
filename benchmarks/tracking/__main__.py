"""``python3 run.py bench tracking``: positions that are on disk before their devices are answered.

The server is ``doorstep serve`` on loopback; server and phones share the machine. CPU seconds are those of the server
alone. SQLite waits for the disk at each commit, so the figures go with its fsync rate, which is measured too.
"""

import argparse
from pathlib import Path

from benchmarks.operations.__main__ import fsync_per_s
from benchmarks.table import machine, print_table, write_json
from benchmarks.tracking.positions import measure

PARTS = ("positions",)


def main() -> int:
    """Run the benchmark; exit code 1 if anything that was answered is not there."""
    asked = _arguments()
    fsync = fsync_per_s()
    rows = [measure(asked.phones // 4, 100, asked.requests // 10), measure(asked.phones, 1, asked.requests)]
    print(f"{machine()}; the disk does {fsync:.0f} fsync/s")
    print_table(rows)
    in_batches, single = rows
    summary = {
        "fsync_per_s": round(fsync),
        "positions_per_s": in_batches["positions_per_s"],
        "single_per_s": single["requests_per_s"],
        "positions_per_cpu_s": in_batches["positions_per_cpu_s"],
        "single_per_cpu_s": single["requests_per_cpu_s"],
        "p99_ms": max(float(str(row["p99_ms"])) for row in rows),
        "violations": sum(abs(int(str(row["violations"]))) for row in rows),
    }
    print(f"\nsummary: {summary}")
    if asked.json:
        write_json(asked.json, "tracking", rows, summary)
    return 1 if summary["violations"] else 0


def _arguments() -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="bench tracking", description=__doc__)
    asked.add_argument("--only", choices=PARTS, help="one part alone")
    asked.add_argument(
        "--phones",
        type=int,
        default=64,
        help="open connections of single posts, each a device; a fourth of them send batches",
    )
    asked.add_argument("--requests", type=int, default=20_000, help="single posts in all; a tenth as many batches")
    asked.add_argument("--json", type=Path, help="also write one JSON object there")
    return asked.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
