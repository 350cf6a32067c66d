"""``python3 run.py bench network --data DIR``: sites, capacities, regions, each with its proof.

``DIR`` holds ``geo`` and ``network``, or is one of the two; every instance that is found there is run.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.network.capacitated import capacitated_rows
from benchmarks.network.medians import median_rows
from benchmarks.network.national import block_group_rows, coverage_rows, national_rows
from benchmarks.network.regions import region_rows
from benchmarks.network.verified import verified_rows
from benchmarks.table import Row, machine, print_table, write_json

EIGHT = "counties 8 regions +-5%"
"""The division that the summary is about."""
OTHERS = "fitted to other metros"
"""Predictions by coefficients of metros other than the one that is judged."""
PARTS = ("coverage", "national", "block-groups", "medians", "capacitated", "regions", "verified")


def main() -> int:
    """Run the benchmark; exit code 1 if any plan breaks a rule."""
    asked = _arguments()
    geo, network = _folders(asked.data)
    parts: dict[str, tuple[Path | None, Callable[[Path], list[Row]]]] = {
        "coverage": (geo, lambda folder: coverage_rows(folder, seed=asked.seed)),
        "national": (geo, lambda folder: national_rows(folder, seed=asked.seed)),
        "block-groups": (geo, lambda folder: block_group_rows(folder, seed=asked.seed)),
        "medians": (network, lambda folder: median_rows(folder, seed=asked.seed, peers=asked.peers)),
        "regions": (geo, lambda folder: region_rows(folder, seed=asked.seed)),
        "verified": (Path(), lambda _: verified_rows(seed=asked.seed)),
        "capacitated": (network, lambda folder: capacitated_rows(folder, seed=asked.seed, peers=asked.peers)),
    }
    print(machine())
    tables: dict[str, list[Row]] = {}
    for name in asked.only or PARTS:
        folder, made = parts[name]
        if folder is None:
            print(f"{name}: no data in {asked.data}, skipped.", file=sys.stderr)
            continue
        print(f"{name} ...", file=sys.stderr, flush=True)
        tables[name] = made(folder)
        print_table(tables[name])
        print(flush=True)
    summary = _summary(tables)
    print(f"summary: {summary}")
    if asked.json:
        write_json(asked.json, "network", [row for rows in tables.values() for row in rows], summary)
    return 1 if summary["violations"] else 0


def _folders(data: Path | None) -> tuple[Path | None, Path | None]:
    """Return the folders of the geo and of the network data, None where they are not."""
    if data is None:
        return None, None
    places = [data, data / "geo", data / "network", data.parent / "geo"]
    geo = next((place for place in places if (place / "us_h3r5_2020.csv.gz").exists()), None)
    network = next((place for place in places if any(place.glob("pmed*")) or any(place.glob("sscflp*"))), None)
    return geo, network


def _summary(tables: dict[str, list[Row]]) -> dict[str, object]:
    rows = [row for table in tables.values() for row in table]
    summary: dict[str, object] = {"violations": sum(int(str(row["violations"])) for row in rows)}
    if "coverage" in tables:
        summary["within_10_miles_pct"] = tables["coverage"][0]["covered_pct"]
    for part, prefix in (("national", "national"), ("block-groups", "block_groups")):
        if part in tables:
            for column in ("gap_pct", "cpu_s", "peak_mb"):
                summary[f"{prefix}_{column}"] = max(_float(row[column]) for row in tables[part])
    ours = [row for row in tables.get("medians", []) if row["solver"] == "doorstep"]
    if ours:
        summary["pmed"] = len(ours)
        summary["pmed_proved"] = sum(row["cost"] == row["bound"] for row in ours)
        summary["pmed_cpu_s"] = max(_float(row["cpu_s"]) for row in ours)
        summary["pmed_peer_ratio"] = _peer_ratio(tables["medians"])
    if "regions" in tables:
        eight = next(row for row in tables["regions"] if str(row["instance"]).endswith(EIGHT))
        summary |= {
            "regions_mean_miles": eight["cost"],
            "regions_gap_pct": eight["gap_pct"],
            "regions_cpu_s": eight["cpu_s"],
        }
    summary |= _capacitated([row for row in tables.get("capacitated", []) if row["solver"] == "doorstep"])
    judged = [row for row in tables.get("verified", []) if row["solver"] == OTHERS]
    if judged:
        summary["routed_error_pct"] = max(abs(_float(row["error_pct"])) for row in judged)
    return {key: value for key, value in summary.items() if value is not None}


def _capacitated(rows: Sequence[Row]) -> dict[str, object]:
    """Return the worst of what was reached for whole customers, by family; split ones are counted with the proved."""
    summary: dict[str, object] = {}
    for family, prefix in (("sscflp", "orlib"), ("pmedcap", "pmedcap"), ("tbed1", "tbed1")):
        mine = [row for row in rows if str(row["instance"]).startswith(prefix)]
        whole = [row for row in mine if not str(row["instance"]).endswith("split")]
        if not whole:
            continue
        over = [_float(row["over_best_pct"]) for row in whole if row["over_best_pct"] is not None]
        if over and family != "tbed1":  # its best values are split optima, which no plan of whole customers meets
            summary[f"{family}_over_best_pct"] = max(over)
        summary[family] = len(mine)
        summary[f"{family}_proved"] = sum(_gap(row) <= 1.01e-4 for row in mine)
        summary[f"{family}_gap_pct"] = max(_gap(row) for row in whole)
        summary[f"{family}_cpu_s"] = max(_float(row["cpu_s"]) for row in whole)
    return summary


def _gap(row: Row) -> float:
    """Return the proved gap [%], infinite without a plan."""
    return float("inf") if row["gap_pct"] is None else _float(row["gap_pct"])


def _peer_ratio(rows: Sequence[Row]) -> float | None:
    """Return how many times our CPU seconds spopt needs on the instances of 200 that both ran, the least of them."""
    by = {(row["instance"], row["solver"]): _float(row["cpu_s"]) for row in rows if row["n"] == 200}
    ratios = [cpu_s / max(by[(name, "doorstep")], 1e-3) for (name, solver), cpu_s in by.items() if solver == "spopt"]
    return round(min(ratios), 1) if ratios else None


def _float(value: object) -> float:
    return float(str(value))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run.py bench network", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with geo and network, or one of them")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--peers", action="store_true", help="run spopt beside, where it is installed")
    parser.add_argument("--only", nargs="+", choices=PARTS, help="run only these parts")
    parser.add_argument("--json", type=Path, help="write the rows and the summary here")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
