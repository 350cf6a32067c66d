"""``python3 run.py bench drop_cost``: how wrong prices of own drops are, and what the plans made with them cost."""

import argparse
import sys
from pathlib import Path

from benchmarks.drop_cost.days import PlannedDay, plan_days
from benchmarks.drop_cost.errors import error_rows
from benchmarks.table import machine, print_table, write_json

LEARNT = "learnt (default)"


def main() -> int:
    """Run the benchmark; exit code 1 if any plan breaks a rule."""
    asked = _arguments()
    days: list[PlannedDay] = []
    for seed in asked.seeds:
        days += plan_days(seed=seed, iterations=asked.iterations, say=lambda line: print(line, file=sys.stderr))
    wrong = error_rows(days)
    costs = [row for day in days for row in day.cost_rows]
    print(machine())
    print_table(wrong)
    print()
    print_table(costs)
    summary = _summary(wrong, costs)
    print(f"\nsummary: {summary}")
    if asked.json:
        write_json(asked.json, "drop_cost", [*wrong, *costs], summary)
    return 1 if summary["violations"] else 0


def _summary(wrong: list[dict[str, object]], costs: list[dict[str, object]]) -> dict[str, object]:
    """Return the mean error of each price, and how much less plans cost that are priced by what routes teach."""
    names = dict.fromkeys(str(row["solver"]) for row in wrong)
    mape = {name: _mean([row["mape_pct"] for row in wrong if row["solver"] == name]) for name in names}
    changes = [float(str(row["vs_formula_pct"])) for row in costs if row["solver"] == LEARNT]
    return {
        "days": len(changes),
        "mean_mape_pct": mape,
        "mean_vs_formula_pct": _mean(changes),
        "worst_vs_formula_pct": max(changes, default=None),
        "violations": sum(int(str(row["violations"])) for row in costs),
    }


def _mean(values: list[object] | list[float]) -> float:
    numbers = [float(str(value)) for value in values]
    return round(sum(numbers) / max(len(numbers), 1), 2)


def _arguments() -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="bench drop_cost", description=__doc__)
    asked.add_argument("--iterations", type=int, default=10_000, help="routing engine's patience, site and day")
    asked.add_argument("--seed", dest="seeds", type=int, action="append", help="repeatable; default 1 and 2")
    asked.add_argument("--json", type=Path, help="also write one JSON object there")
    found = asked.parse_args()
    found.seeds = found.seeds or [1, 2]
    return found


if __name__ == "__main__":
    raise SystemExit(main())
