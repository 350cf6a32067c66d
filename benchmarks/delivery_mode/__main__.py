"""``python3 run.py bench delivery_mode``: what choosing own fleet and third parties together saves."""

import argparse
import sys
from math import inf
from pathlib import Path

from benchmarks.delivery_mode.decision import decision_rows
from benchmarks.delivery_mode.gap import gap_rows, gap_summary
from benchmarks.delivery_mode.grid import cells_of, grid_rows, grid_summary
from benchmarks.delivery_mode.ladder import ladder_rows, steps_of
from benchmarks.delivery_mode.storm import storm_rows, storm_summary
from benchmarks.table import machine, print_table, write_json

PARTS = ("grid", "ladder", "gap", "decision")
STORM = "storm"
OPEN = 10_000
"""Orders that are open while one more is decided on."""


def main() -> int:
    """Run the benchmark; exit code 1 if any plan breaks a rule, or costs less than is possible."""
    asked = _arguments()
    seeds = range(asked.seed, asked.seed + asked.seeds)
    rows: list[dict[str, object]] = []
    summary: dict[str, object] = {"iterations": asked.iterations}
    print(machine())
    if "grid" in asked.only:
        found = grid_rows(orders=asked.orders, seeds=seeds, iterations=asked.iterations, say=_say)
        print_table(cells_of(found))
        rows, summary = rows + found, summary | grid_summary(found)
    if "ladder" in asked.only:
        found = ladder_rows(orders=asked.orders, seeds=seeds, iterations=asked.iterations, say=_say)
        steps = steps_of(found)
        print_table(steps)
        rows, summary = rows + found, summary | {"ladder_pct": {str(step["step"]): step["saving %"] for step in steps}}
    if "gap" in asked.only:
        found = gap_rows(seeds=seeds, iterations=asked.iterations, say=_say)
        print_table(found)
        rows, summary = rows + found, summary | gap_summary(found)
    if "decision" in asked.only:
        found = decision_rows(orders=OPEN, seeds=seeds, iterations=asked.iterations // 4)
        print_table(found)
        rows, summary = rows + found, summary | {"decision_p95_ms": found[0]["p95_ms"]}
    if STORM in asked.only:
        size = {"events": asked.events, "seconds": asked.seconds}
        found = storm_rows(**size, seed=asked.seed, database=asked.database, say=_say)
        print_table([{name: value for name, value in row.items() if name != "drawn"} for row in found])
        for row in found:
            print(f"drawn: {row['drawn']}")
        rows, summary = rows + found, summary | storm_summary(found)
    summary["violations"] = sum(int(str(row["violations"])) for row in rows)
    print(f"\nsummary: {summary}")
    if asked.json:
        write_json(asked.json, "delivery_mode", rows, summary)
    return 1 if summary["violations"] else 0


def _say(line: str) -> None:
    print(f"{line} ...", file=sys.stderr, flush=True)


def _arguments() -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="bench delivery_mode", description=__doc__)
    asked.add_argument("--orders", type=int, default=200, help="orders of a shift, default 200")
    asked.add_argument("--iterations", type=int, default=40_000, help="of the engine, for each policy; default 40,000")
    asked.add_argument("--seed", type=int, default=1, help="first seed, default 1")
    asked.add_argument("--seeds", type=int, default=3, help="how many, default 3; 20 for the full table")
    asked.add_argument("--only", choices=(*PARTS, STORM), action="append",
                       help="a part, repeatable; default all but the storm")  # fmt: skip
    asked.add_argument("--events", type=int, default=1_000_000, help="of carriers, for the storm; default 1,000,000")
    asked.add_argument("--seconds", type=float, default=inf, help="after which the storm begins no other wave")
    asked.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite", help="for the storm")
    asked.add_argument("--json", type=Path, help="also write one JSON object there")
    found = asked.parse_args()
    found.only = found.only or list(PARTS)
    return found


if __name__ == "__main__":
    raise SystemExit(main())
