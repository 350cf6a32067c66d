"""Rows of the contest's days, beside the published costs."""

import argparse
import csv
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.dispatch.contest import read_static
from benchmarks.dispatch.play import OURS, POLICIES, Budget, Played, play

PUBLISHED = "configs_and_published_costs.csv"
WINNER, GREEDY = "Kleopatra", "baseline_greedy"
Row = dict[str, object]


def contest_rows(asked: argparse.Namespace) -> Iterator[Row]:
    """Yield a row for each day, policy and seed."""
    days = _days(asked.data)
    policies = POLICIES if asked.peers else (OURS,)
    for number, day in enumerate(days, start=1):
        static = read_static(asked.data / day["instance"])
        for policy in policies:
            for seed in range(asked.seed, asked.seed + asked.seeds):
                print(f"[{number}/{len(days)}] {static.name}, {policy}, seed {seed} ...", file=sys.stderr, flush=True)
                budget = Budget(seconds=asked.seconds, iterations=asked.iterations)
                played = play(static, int(day["instance_seed"]), policy, budget, engine_seed=seed)
                yield _row(day, policy, seed, played)


def contest_summary(rows: list[Row]) -> Row:
    """Return the mean and the worst ratio to the winner of each policy, ours without a name."""
    found: Row = {}
    for policy in dict.fromkeys(str(row["solver"]) for row in rows):
        ratios = [float(str(row["to_winner"])) for row in rows if row["solver"] == policy]
        prefix = "" if policy == OURS else f"{policy}_"
        found[f"{prefix}mean_ratio_to_winner"] = round(sum(ratios) / len(ratios), 4)
        found[f"{prefix}worst_ratio_to_winner"] = max(ratios)
    found["violations"] = sum(int(str(row["violations"])) for row in rows)
    return found


def _row(day: dict[str, str], policy: str, seed: int, played: Played) -> Row:
    for fault in played.faults:
        print(fault, file=sys.stderr)
    winner, greedy = int(day[WINNER]), int(day[GREEDY])
    return {
        "instance": day["instance"].removesuffix(".txt").removeprefix("ORTEC-VRPTW-ASYM-"),
        "seed": seed,
        "solver": policy,
        "cost": played.driven_s,
        "requests": played.requests,
        "best_known": winner,
        "to_winner": round(played.driven_s / winner, 4),
        "to_published_greedy": round(played.driven_s / greedy, 4),
        "longest_epoch_cpu_s": round(played.longest_cpu_s, 1),
        "cpu_s": round(played.cpu_s, 1),
        "violations": len(played.faults),
    }


def _days(data: Path) -> list[dict[str, str]]:
    """Return the dynamic days of a folder: those of the table of published costs."""
    table = data / PUBLISHED
    if not table.exists():
        sys.exit(f"{table} is not there: --data needs the contest's instances with {PUBLISHED}.")
    with table.open(newline="", encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["static"] == "False" and (data / row["instance"]).exists()]
