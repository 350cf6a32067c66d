"""``python3 run.py bench dispatch``: days on which plans meet what nobody knew when they were made.

Without ``--only`` the days of the EURO Meets NeurIPS 2022 contest in ``--data``, beside the published costs and simple
rules; ``--only waves`` same-day stores with few vans, under three rules; ``--only disturbed`` a made-up city's day on
which much goes wrong, live beside static; ``--only grubhub`` meal delivery days in ``--data``, beside the nearest free
courier.
"""

import argparse
import sys
from pathlib import Path

from benchmarks.dispatch.contest_days import Row, contest_rows, contest_summary
from benchmarks.dispatch.disturbed_days import disturbed_rows, disturbed_summary
from benchmarks.dispatch.meal_days import meal_rows, meal_summary
from benchmarks.dispatch.wave_days import wave_rows, wave_summary
from benchmarks.table import machine, print_table, write_json

PARTS = {
    "contest": (contest_rows, contest_summary),
    "disturbed": (disturbed_rows, disturbed_summary),
    "grubhub": (meal_rows, meal_summary),
    "waves": (wave_rows, wave_summary),
}


def main() -> int:
    """Run the benchmark; exit code 1 if a plan breaks a rule."""
    asked = _arguments()
    print(f"{machine()}; {asked.seconds:g} CPU seconds an epoch" if asked.only == "contest" else machine())
    rows_of, summary_of = PARTS[asked.only]
    rows: list[Row] = []
    for row in rows_of(asked):
        rows.append(row)
        print(row, file=sys.stderr, flush=True)
        if asked.json:
            write_json(asked.json, "dispatch", rows, summary_of(rows))
    print_table(rows)
    print(f"\nsummary: {summary_of(rows)}")
    return 1 if any(row["violations"] for row in rows) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench dispatch", description=__doc__)
    parser.add_argument("--only", choices=PARTS, default="contest", help="another part than the contest's days")
    parser.add_argument("--data", type=Path, help="folder of the contest's instances, or of meal delivery days")
    parser.add_argument("--seconds", type=float, default=10.0, help="CPU seconds for each epoch; default 10")
    parser.add_argument("--iterations", type=int, help="of the engine for each epoch, in the place of seconds")
    parser.add_argument("--seed", type=int, default=1, help="first seed of the search, or of made-up days")
    parser.add_argument("--seeds", type=int, default=1, help="how many")
    parser.add_argument("--stops", type=int, default=1_000, help="of a disturbed day; default 1000")
    parser.add_argument("--peers", action="store_true", help="also simpler rules: greedy and lazy, nothing reassigned")
    parser.add_argument("--json", type=Path, help="also write one JSON object there")
    asked = parser.parse_args()
    if asked.only in ("contest", "grubhub") and asked.data is None:
        parser.error(f"--data must be given for {asked.only}")
    return asked


if __name__ == "__main__":
    sys.exit(main())
