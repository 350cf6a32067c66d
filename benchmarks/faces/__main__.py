"""``python3 run.py bench faces``: how old maps are with thousands of viewers, how they move, when pages are there.

Viewers, phones and ``doorstep serve`` share the machine; CPU seconds are those of the server alone. ``age`` is how long
there had been a newer position of some van than an answer showed, ``before_next`` the same at the viewer's next answer,
when what is on the screen is oldest. Pages are drawn by Chromium without a graphics card (SwiftShader): frames a second
say how the map is without one, and how it stands to a plain page; nothing of a desktop's card. ``violations`` counts
requests that were refused, answers without vans, viewers who were not answered, pages that paint after a second or are
too large, and one for more than two seconds of ``age`` at the 99th percentile. Slow frames are none.
"""

import argparse
import sys
from pathlib import Path

from benchmarks.faces import moving, paint, viewers
from benchmarks.faces.day import Row
from benchmarks.table import machine, print_table, write_json

PARTS = ("viewers", "map", "paint")
MOST_AGE_S = 2.0


def main() -> int:
    """Run the benchmark; exit code 1 if anything was refused, too late, too old or too large."""
    asked = _arguments()
    rows: list[Row] = []
    summary: Row = {}
    print(machine())
    for part in asked.only:
        print(f"{part} ...", file=sys.stderr, flush=True)
        found = _measured(part, asked)
        if not found:
            print(f"{part} needs chromium on the path: skipped.", file=sys.stderr)
            continue
        print_table(found)
        rows += found
        summary |= _summed(part, found)
    summary["violations"] = sum(int(str(row["violations"])) for row in rows)
    print(f"\nsummary: {summary}")
    if asked.json:
        write_json(asked.json, "faces", rows, summary)
    return 1 if summary["violations"] else 0


def _measured(part: str, asked: argparse.Namespace) -> list[Row]:
    if part == "map":
        return moving.measure(asked.vehicles, asked.seconds / 2)
    if part == "paint":
        return paint.measure(asked.vans)
    found = [viewers.measure(asked.vans, asked.viewers, asked.seconds, shoppers=each) for each in (False, True)]
    for row, age in zip(found, ("before_next_p99_s", "age_p99_s"), strict=True):  # dispatchers are told, shoppers ask
        late = float(str(row[age])) > MOST_AGE_S
        row["violations"] = int(str(row["violations"])) + int(str(row["viewers_unanswered"])) + late
    return found


def _summed(part: str, found: list[Row]) -> Row:
    """Return what a part comes to."""
    if part == "viewers":
        return {"age_p99_s": max(float(str(row["age_p99_s"])) for row in found),
                "age_max_s": max(float(str(row["age_max_s"])) for row in found)}  # fmt: skip
    if part == "paint":
        return {"slowest_paint_s": max(float(str(row["paint_best_s"])) for row in found),
                "shopper_bytes": found[-1]["bytes_before_map"]}  # fmt: skip
    names = ("fps_pan", "fps_zoom", "fps_vehicles")
    return {name: found[0][name] for name in names} | {
        f"{name}_times_plain": round(float(str(found[0][name])) / float(str(found[1][name])), 2)
        for name in names
        if len(found) > 1
    }


def _arguments() -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="bench faces", description=__doc__)
    asked.add_argument("--only", choices=PARTS, action="append", help="a part, repeatable; default all")
    asked.add_argument("--seed", type=int, default=1, help="has no effect: nothing here is random")
    asked.add_argument("--viewers", type=int, default=2_000, help="dispatchers, and as many shoppers (2,000)")
    asked.add_argument("--vans", type=int, default=300, help="that tell where they are while people look (300)")
    asked.add_argument("--vehicles", type=int, default=2_000, help="on the map, each with ten stops (2,000)")
    asked.add_argument("--seconds", type=float, default=20, help="of looking (20)")
    asked.add_argument("--json", type=Path, help="also write one JSON object there")
    found = asked.parse_args()
    found.only = found.only or list(PARTS)
    return found


if __name__ == "__main__":
    raise SystemExit(main())
