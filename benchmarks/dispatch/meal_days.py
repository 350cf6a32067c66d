"""Rows of meal delivery days: ``repair`` at every tick beside the nearest free courier."""

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.dispatch.contest_days import Row
from benchmarks.dispatch.meal_check import judge
from benchmarks.dispatch.meals import LIVE, NEAREST, play_meals, read_meals


def meal_rows(asked: argparse.Namespace) -> Iterator[Row]:
    """Yield a row for each day of a folder and each rule."""
    for folder in sorted(path.parent for path in asked.data.glob("*/orders.txt")):
        for rule in (LIVE, NEAREST):
            print(f"{folder.name}, {rule} ...", file=sys.stderr, flush=True)
            yield _row(folder, rule)


def meal_summary(rows: list[Row]) -> Row:
    """Return what all days come to by each rule, each order counting the same."""
    found: Row = {"violations": sum(int(str(row["violations"])) for row in rows)}
    for rule, name in ((LIVE, "live"), (NEAREST, "nearest")):
        mine = [row for row in rows if row["solver"] == rule]
        brought = sum(int(str(row["brought"])) for row in mine)
        minutes = sum(float(str(row["click_to_door_min"])) * int(str(row["brought"])) for row in mine)
        found[f"{name}_undelivered"] = sum(int(str(row["orders"])) - int(str(row["delivered"])) for row in mine)
        found[f"{name}_click_to_door_min"] = round(minutes / max(1, brought), 2)
    return found


def _row(folder: Path, rule: str) -> Row:
    meals, began = read_meals(folder), time.process_time()
    jobs = play_meals(meals, rule)
    cpu_s = time.process_time() - began
    found = judge(folder, jobs)
    for fault in found.faults:
        print(fault, file=sys.stderr)
    return {
        "instance": folder.name,
        "solver": rule,
        "orders": found.orders,
        "delivered": found.delivered,
        "brought": len(found.minutes),
        "click_to_door_min": round(found.mean_minutes, 2),
        "in_target_pct": round(100.0 * found.in_target, 1),
        "over_longest": found.over_longest,
        "orders_per_courier_hour": round(found.delivered / float(found.hours), 2),
        "pay_per_order": round(float(found.pay) / max(1, found.delivered), 2),
        "orders_per_bundle": round(len(found.minutes) / max(1, len(jobs)), 2),
        "cpu_s": round(cpu_s, 1),
        "violations": len(found.faults),
    }
