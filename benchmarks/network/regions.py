"""Balanced contiguous regions of the lower 48 states: mean miles, proved gap and speed."""

import json
import resource
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from doorstep.foundation.arrays import Ints
from doorstep.geography import Places
from doorstep.network.regions import RegionPlan, RegionsProblem, adjacency, check_regions, divide

MILE_M = 1_609.344
OUTSIDE = ("02", "15")
"""Alaska and Hawaii, as the first digits of county codes."""
LOWER_48 = ((24.3, 49.5), (-125.0, -66.0))
CHANGED = {"46102": ("46113",), "51019": ("51019", "51515")}
"""Counties of the map that the table still has under older codes: one renamed, one that took in a city."""
NUMBERS = (4, 8, 12, 31)
TOLERANCES = (0.01, 0.05, 0.2)
IMPOSSIBLE = ((31, 0.01),)
"""Los Angeles is too light for a region by itself and every county beside it too heavy to be added."""
FEW = ((8, 0.05), (31, 0.05), (31, 0.01))
"""What the finer cells are divided into."""
MOST_MOVED = 0.05


def region_rows(data: Path, *, seed: int) -> list[dict[str, object]]:
    """Return rows for counties at several numbers and tolerances, for cells, and for a present map that moves little.

    Costs and bounds are mean miles to the centre of the region. Compiling is not counted.
    """
    geo = data if (data / "us_counties_2020.csv").exists() else data / "geo"
    counties = county_problem(geo)
    cells = cell_problem(geo)
    divide(_asked(counties, 4, 0.2), rng=np.random.default_rng(seed))  # compiles
    rows = [
        _row("counties", _asked(counties, k, tolerance), seed)[0]
        for k in NUMBERS
        for tolerance in TOLERANCES
        if (k, tolerance) not in IMPOSSIBLE
    ]
    rows += [_row("cells", _asked(cells, k, tolerance), seed)[0] for k, tolerance in FEW]
    _, today = _row("counties", _asked(counties, 8, 0.2), seed)
    sticky = replace(_asked(counties, 8, 0.15), present=today.region, most_moved=MOST_MOVED)
    rows.append(_row(f"counties, <= {MOST_MOVED:.0%} moved,", sticky, seed)[0])
    return rows


def county_problem(geo: Path) -> RegionsProblem:
    """Return the counties of the lower 48 states, which touch where the map's borders do; 8 regions within 5 %."""
    table = pl.read_csv(geo / "us_counties_2020.csv", schema_overrides={"county_fips": pl.String})
    table = table.filter(~pl.col("county_fips").str.slice(0, 2).is_in(OUTSIDE))
    return RegionsProblem(
        areas=Places.from_table(table),
        weights=table["pop"].cast(pl.Float64).to_numpy()[None],
        edges=_borders(geo / "us-atlas-counties-10m.json", table["county_fips"].to_list()),
        regions=8,
        tolerance=np.array([0.05]),
    )


def cell_problem(geo: Path) -> RegionsProblem:
    """Return the H3 cells of the lower 48 states, which touch as Delaunay's triangles do; 8 regions within 5 %."""
    (south, north), (west, east) = LOWER_48
    table = pl.read_csv(geo / "us_h3r5_2020.csv.gz")
    table = table.filter(pl.col("lat").is_between(south, north) & pl.col("lon").is_between(west, east))
    areas = Places.from_table(table)
    return RegionsProblem(
        areas=areas,
        weights=table["pop"].cast(pl.Float64).to_numpy()[None],
        edges=adjacency(areas),
        regions=8,
        tolerance=np.array([0.05]),
    )


def _asked(problem: RegionsProblem, k: int, tolerance: float) -> RegionsProblem:
    return replace(problem, regions=k, tolerance=np.array([tolerance]))


def _row(what: str, problem: RegionsProblem, seed: int) -> tuple[dict[str, object], RegionPlan]:
    started = time.process_time()
    plan = divide(problem, rng=np.random.default_rng(seed))
    spent = time.process_time() - started
    broken = check_regions(problem, plan)
    row: dict[str, object] = {
        "instance": f"{len(problem.areas):,} {what} {problem.regions} regions +-{problem.tolerance[0]:.0%}",
        "solver": "doorstep",
        "cost": round(plan.cost_m / MILE_M, 3),
        "bound": round(plan.bound_m / MILE_M, 3),
        "gap_pct": round(100 * plan.gap, 3),
        "cpu_s": round(spent, 2),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "violations": len(broken),
        "detached": int(plan.detached.sum()),
        "moved_pct": round(100 * plan.moved_share, 2),
    }
    return row, plan


def _borders(atlas: Path, codes: list[str]) -> Ints:
    """Return the pairs of counties that share an arc of the map, and those that the map has as one (E, 2)."""
    rows = {code: row for row, code in enumerate(codes)}
    owner: dict[int, int] = {}
    pairs = set[tuple[int, int]]()
    for shape in json.loads(atlas.read_text(encoding="utf-8"))["objects"]["counties"]["geometries"]:
        known = [rows[code] for code in CHANGED.get(shape["id"], (shape["id"],)) if code in rows]
        pairs |= {(known[0], other) for other in known[1:]}
        for arc in _numbers(shape.get("arcs", [])) if known else ():
            beside = owner.setdefault(arc if arc >= 0 else ~arc, known[0])
            if beside != known[0]:
                pairs.add((beside, known[0]))
    return np.array(sorted(pairs), dtype=np.int64)


def _numbers(nested: list[object]) -> Iterator[int]:
    for item in nested:
        if isinstance(item, list):
            yield from _numbers(item)
        elif isinstance(item, int):
            yield item
