"""``python3 run.py bench demand --data DIR``: means, quantiles, promotions and new products on rolling origins.

``DIR`` holds the Complete Journey's tables, see the data's own page.
"""

import argparse
import datetime
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.demand.cold import cold_rows
from benchmarks.demand.origins import origin_rows
from benchmarks.demand.prices import price_rows
from benchmarks.table import Row, machine, print_table, write_json

OWN = "doorstep"
UNTUNED = "lightgbm_untuned"
ORIGINS = ("2017-10-08", "2017-11-05")
PARTS = ("origins", "cold", "prices")


def main() -> int:
    """Run the benchmark; exit code 1 if any plan breaks a rule."""
    asked = _arguments()
    data = asked.data / "demand" if (asked.data / "demand").is_dir() else asked.data
    origins = [datetime.date.fromisoformat(day) for day in asked.origins]
    print(machine())
    tables: dict[str, list[dict[str, object]]] = {}
    spent = time.process_time()
    makers = {
        "origins": ("cj_lines.parquet", lambda: origin_rows(data, origins, seed=asked.seed, peers=not asked.alone)),
        "cold": ("cj_lines.parquet", lambda: cold_rows(data, origins, seed=asked.seed)),
        "prices": ("dominicks_oj.parquet", lambda: price_rows(data, seed=asked.seed)),
    }
    for part in asked.only or PARTS:
        needed, make = makers[part]
        if not (data / needed).exists():
            print(f"{part}: no {needed} in {data.name}, skipped.", file=sys.stderr)
            continue
        print(f"{part} ...", file=sys.stderr, flush=True)
        tables[part] = make()
        for columns in (("wrmsse",), ("pinball",), ("wape",)):
            chosen = [row for row in tables[part] if columns[0] in row]
            if chosen:
                print_table([_shown(row, columns[0]) for row in chosen])
                print(flush=True)
    summary = _summary(tables) | {"cpu_s": round(time.process_time() - spent, 1)}
    print(f"summary: {summary}")
    if asked.json:
        write_json(asked.json, "demand", [row for rows in tables.values() for row in rows], summary)
    return 1 if summary["violations"] else 0


STOCK = ("pinball", "coverage", "stock_over_demand", "fill")


def _shown(row: Row, column: str) -> dict[str, object]:
    """Return the columns of a table: those of stock apart from those of means."""
    return {
        key: f"{value:.4f}" if isinstance(value, float) and key != "cpu_s" else value
        for key, value in row.items()
        if (key in STOCK) == (column == "pinball") or key in ("instance", "solver", "cpu_s")
    }


def _summary(tables: dict[str, list[dict[str, object]]]) -> dict[str, object]:
    rows = [row for table in tables.values() for row in table]
    summary: dict[str, object] = {"violations": sum(int(str(row["violations"])) for row in rows)}
    origins = tables.get("origins", [])
    for key, column in (("wrmsse", "wrmsse"), ("pinball_7d", "pinball"), ("coverage_q95", "coverage")):
        mine = [row[column] for row in origins if row["solver"] == OWN]
        if mine:
            summary[key] = _mean(mine)
            summary[f"{key}_by_origin"] = mine
    peers = sorted(
        {solver for row in origins if "wrmsse" in row and not (solver := str(row["solver"])).startswith(OWN)}
    )
    scores = {name: _mean([row["wrmsse"] for row in origins if row["solver"] == name]) for name in peers}
    if UNTUNED in scores:
        summary["wrmsse_untuned"] = scores.pop(UNTUNED)
    if scores:
        summary["wrmsse_best_statsforecast"] = min(scores.values())
    for kind in ("with", "without"):
        found = [row["rmse"] for row in origins if row["solver"] == f"{kind} promotions"]
        if found:
            summary[f"promoted_rmse_{kind}"] = _mean(found)
    for name, key in (("neg. binomial", "cold_vs_category"), ("Poisson", "cold_vs_category_poisson")):
        cold = tables.get("cold", [])
        if cold:
            own = _mean([row["pinball"] for row in cold if row["solver"] == f"cold start, {OWN}"])
            summary[key] = round(own / _mean([r["pinball"] for r in cold if str(r["solver"]).endswith(name)]), 4)
    return summary


def _mean(values: Sequence[object]) -> float:
    return round(sum(float(str(value)) for value in values) / len(values), 4)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run.py bench demand", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the Complete Journey's tables")
    parser.add_argument("--origins", nargs="+", default=ORIGINS, help="days at whose end forecasts are made")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--alone", action="store_true", help="without statsforecast, LightGBM untuned and the textbook")
    parser.add_argument("--peers", action="store_true", help="as without it: the peers always run beside")
    parser.add_argument("--only", nargs="+", choices=PARTS, help="run only these parts")
    parser.add_argument("--json", type=Path, help="write the rows and the summary here")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
