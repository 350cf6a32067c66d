"""What many rows say: by family and solver, and engine against engine on the made-up city."""

from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean

from benchmarks.vehicle_routing.job import CITY

Row = Mapping[str, object]
LATE_SHARE, LATE_S = 1.02, 1.0
"""A run is over time beyond this share of its budget and these seconds."""


def summary_rows(rows: Sequence[Row]) -> list[dict[str, object]]:
    """Return a row for each family and solver: gaps, vehicles too many, violations, runs over time.

    Where vehicles come first, gaps are of the runs that have as many as the best known plan.
    """
    found = []
    for family, solver in dict.fromkeys((row["family"], row["solver"]) for row in rows):
        runs = [row for row in rows if (row["family"], row["solver"]) == (family, solver)]
        done = [row for row in runs if "cost" in row]
        counted = [row for row in done if not row.get("more_vehicles")]  # else distances cannot be compared
        gaps = list(numbers(counted, "gap_pct"))
        over = [cpu - budget for cpu, budget in _spent(done) if cpu > LATE_SHARE * budget + LATE_S]
        found.append(
            {
                "family": family,
                "solver": solver,
                "runs": len(done),
                "skipped": sum(str(row.get("note")).startswith("skipped") for row in runs),
                "failed": sum(str(row.get("note")).startswith("failed") for row in runs),
                "compared": len(gaps),
                "mean_gap_pct": round(fmean(gaps), 3) if gaps else None,
                "worst_gap_pct": max(gaps, default=None),
                "more_vehicles": sum(int(value) for value in numbers(done, "more_vehicles"))
                if any("more_vehicles" in row for row in done)
                else None,
                "violations": sum(int(value) for value in numbers(done, "violations")),
                "over_time": len(over),
                "most_over_s": round(max(over, default=0.0), 1),
                "peak_mb": max(numbers(done, "peak_mb"), default=None),
            }
        )
    return found


def against_peers(rows: Sequence[Row], own: str) -> dict[str, object]:
    """Return our cost, and our memory, as a share of each peer's on the city, mean over what both have solved."""
    found: dict[str, object] = {}
    mine = {key(row): row for row in rows if row["family"] == CITY and row["solver"] == own and sound(row)}
    for peer in dict.fromkeys(str(row["solver"]) for row in rows if row["family"] == CITY and row["solver"] != own):
        theirs = {key(row): row for row in rows if row["solver"] == peer and row["family"] == CITY and sound(row)}
        both = sorted(set(mine) & set(theirs))
        for what in ("cost", "peak_mb"):
            ratios = [number(mine[k], what) / number(theirs[k], what) for k in both]
            found[f"{what}_ratio_to_{peer}"] = round(fmean(ratios), 4) if ratios else None
    return found


def key(row: Row) -> tuple[str, int]:
    """Return instance and seed."""
    return str(row["instance"]), int(number(row, "seed"))


def sound(row: Row) -> bool:
    """Return whether a row has a plan without violations."""
    return "cost" in row and not row["violations"]


def number(row: Row, column: str) -> float:
    """Return a number of a row."""
    return float(str(row[column]))


def numbers(rows: Iterable[Row], column: str) -> Iterable[float]:
    """Yield the numbers of a column where they are."""
    yield from (number(row, column) for row in rows if row.get(column) is not None)


def _spent(rows: Iterable[Row]) -> Iterable[tuple[float, float]]:
    yield from ((number(row, "cpu_s"), number(row, "budget_cpu_s")) for row in rows if row.get("budget_cpu_s"))
