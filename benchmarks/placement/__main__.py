"""``python3 run.py bench placement --data DIR``: stock at sites with proof, assortments of small sites.

``DIR`` holds ``demand`` or is it; what is absent is skipped. Fresh scenarios and later orders judge every plan.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.placement.dual_prices import dual_price_rows
from benchmarks.placement.orders import order_rows
from benchmarks.placement.stock import COSTLY, sales_rows, separable_rows, spill_rows
from benchmarks.table import Row, machine, print_table, write_json

PARTS = ("separable", "spill", "sales", "orders")
SLOW = ("prices",)
"""Run only if they are named."""


def main() -> int:
    """Run the benchmark; exit code 1 if any plan breaks a rule."""
    asked = _arguments()
    parts: dict[str, tuple[str | None, Callable[[Path], list[Row]]]] = {
        "separable": (None, lambda _: separable_rows(seed=asked.seed)),
        "spill": (None, lambda _: spill_rows(seed=asked.seed, seeds=asked.seeds, peers=asked.peers)),
        "sales": ("m5_d1914_1941.parquet", sales_rows),
        "orders": ("cj_lines.parquet", lambda folder: order_rows(folder, peers=asked.peers)),
        "prices": (None, lambda _: dual_price_rows(seed=asked.seed, seeds=asked.seeds)),
    }
    print(machine())
    tables: dict[str, list[Row]] = {}
    for name in asked.only or PARTS:
        needed, made = parts[name]
        folder = _folder(asked.data, needed)
        if folder is None:
            print(f"{name}: no {needed} in {asked.data}, skipped.", file=sys.stderr)
            continue
        print(f"{name} ...", file=sys.stderr, flush=True)
        tables[name] = made(folder)
        print_table(tables[name])
        print(flush=True)
    summary = _summary(tables)
    print(f"summary: {summary}")
    if asked.json:
        write_json(asked.json, "placement", [row for rows in tables.values() for row in rows], summary)
    return 1 if summary["violations"] else 0


def _folder(data: Path | None, needed: str | None) -> Path | None:
    """Return the folder that holds a file, any where none is needed, None where it is not."""
    if needed is None:
        return Path()
    places = [] if data is None else [data, data / "demand"]
    return next((place for place in places if (place / needed).exists()), None)


def _summary(tables: dict[str, list[Row]]) -> dict[str, object]:
    rows = [row for table in tables.values() for row in table]
    summary: dict[str, object] = {"violations": sum(int(str(row["violations"])) for row in rows)}
    gaps = [_float(row["gap_pct"]) for row in rows if "gap_pct" in row]
    if gaps:
        summary["gap_pct"] = max(gaps)
    for part in ("separable", "orders"):
        if part in tables:
            summary[f"{part}_cpu_s"] = max(_float(row["cpu_s"]) for row in tables[part])
    for solver, prefix in (("doorstep", ""), (COSTLY, f"{COSTLY}: ")):
        ours = [row for row in tables.get("spill", []) if row["solver"] == solver]
        if ours:
            for key in ("own", "in_region", "unserved"):
                summary[f"{prefix}{key}_share"] = float(np.mean([_float(row[f"{key}_pct"]) for row in ours])) / 100
            summary[f"{prefix}value"] = float(np.mean([_float(row["fresh_value"]) for row in ours]))
    if "spill" in tables:
        limits = [_float(row["in_region_most_pct"]) for row in tables["spill"] if "in_region_most_pct" in row]
        summary["in_region_ceiling"] = float(np.mean(limits)) / 100
    for row in tables.get("orders", []):
        if "only" not in str(row["instance"]):
            summary[f"over_top_k_pct: {row['instance']}"] = round(_float(row["over_top_k_pct"]), 1)
    return summary


def _float(value: object) -> float:
    return float(str(value))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run.py bench placement", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with demand, or it")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=10, help="seeds of the spill-over instance and of prices")
    parser.add_argument("--peers", action="store_true", help="scenario plans for every seed, and peeling")
    parser.add_argument("--only", nargs="+", choices=PARTS + SLOW, help="run only these parts")
    parser.add_argument("--json", type=Path, help="write all rows here")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
