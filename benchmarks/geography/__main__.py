"""``python3 run.py bench geography --data DIR``: roads of every extract (.osm.pbf) in a folder."""

import argparse
import sys
from pathlib import Path

from benchmarks.geography import against_osrm, geocoding, learning, matching, streets, tables
from benchmarks.geography.osrm import OsrmMissingError
from benchmarks.table import Row, machine, print_table, write_json

PARTS = ("streets", "tables", "matching", "learning", "geocoding", "osrm")
MOST_CUSTOMISE_S = 0.1


def main() -> int:
    """Run the benchmark; exit code 1 if a time or a way is not exact."""
    asked = _arguments()
    extracts = sorted(asked.data.rglob("*.osm.pbf")) if asked.data.is_dir() else []
    extracts = [each for each in extracts if not asked.extract or each.name.split(".")[0] in asked.extract]
    if not extracts:
        print(f"no extract (.osm.pbf) in {asked.data}: skipped.", file=sys.stderr)
        return 0
    rows: list[Row] = []
    print(machine())
    for part in (part for part in asked.only or PARTS if part != "osrm"):
        found: list[Row] = []
        for extract in extracts:
            print(f"{part} {extract.name} ...", file=sys.stderr, flush=True)
            found += _measured(part, extract, asked)
        print_table(found)
        rows += found
    if asked.peers and (not asked.only or "osrm" in asked.only):
        rows += _beside_osrm(extracts, asked)
    summary = {
        "violations": sum(int(str(row["violations"])) for row in rows),
        "customise_most_cpu_s": max((float(str(row.get("customise_cpu_s", 0))) for row in rows), default=0.0),
    }
    print(f"\nsummary: {summary}")
    if asked.json:
        write_json(asked.json, "geography", rows, summary)
    return 1 if summary["violations"] else 0


def _beside_osrm(extracts: list[Path], asked: argparse.Namespace) -> list[Row]:
    print("OSRM ...", file=sys.stderr, flush=True)
    try:
        found = against_osrm.rows_of(extracts, asked.points, asked.seed, asked.osrm)
    except OsrmMissingError as missing:
        print(f"OSRM is left out: {missing}", file=sys.stderr)
        return []
    print_table(found)
    return found


def _measured(part: str, extract: Path, asked: argparse.Namespace) -> list[Row]:
    if part == "streets":
        return streets.rows_of(extract, asked.seed)
    if part == "matching":
        return matching.rows_of(extract, asked.seed)
    if part == "learning":
        return learning.rows_of(extract, asked.seed)
    if part == "geocoding":
        return [geocoding.measure(extract, asked.addresses, asked.seed)]
    return tables.rows_of(extract, asked.points, asked.seed, peers=asked.peers)


def _arguments() -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="bench geography", description=__doc__)
    asked.add_argument("--data", type=Path, default=Path("../shared/data/geo/osm"), help="a folder of extracts")
    asked.add_argument("--extract", action="append", help="only this one, repeatable")
    asked.add_argument("--only", choices=PARTS, action="append", help="a part, repeatable; default all")
    asked.add_argument("--points", type=int, default=3_000, help="of a table (3,000)")
    asked.add_argument("--addresses", type=int, default=1_000, help="with slips, of each extract (1,000)")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--peers", action="store_true", help="also run the peers that are installed")
    asked.add_argument("--osrm", type=Path, default=Path(".bench-osrm"), help="folder that keeps OSRM (.bench-osrm)")
    asked.add_argument("--json", type=Path, help="also write one JSON object there")
    return asked.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
