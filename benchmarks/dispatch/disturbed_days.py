"""Rows of disturbed days: live beside static, on the same truth."""

import argparse
import sys
from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks.dispatch.contest_days import Row
from benchmarks.dispatch.disturbed import LIVE, STATIC, Played, play, policies
from benchmarks.dispatch.troubled import Day, troubled_day
from doorstep.foundation import Iterations, Seconds

PLAN_S = 30.0
"""CPU seconds for the morning's plan of 1,000 stops."""


def disturbed_rows(asked: argparse.Namespace) -> Iterator[Row]:
    """Yield a row for each seed and policy."""
    play(troubled_day(120, 1, Iterations(limit=20_000)), policies(120)[0], 1)  # compiles what is measured
    for seed in range(asked.seed, asked.seed + asked.seeds):
        day = troubled_day(asked.stops, seed, Seconds(limit=PLAN_S * asked.stops / 1_000))
        for policy in policies(asked.stops)[: 3 if asked.peers else 2]:
            print(f"seed {seed}, {policy.name} ...", file=sys.stderr, flush=True)
            yield _row(day, seed, policy.name, play(day, policy, seed))


def disturbed_summary(rows: list[Row]) -> Row:
    """Return how many are late by each policy, live's share of static's, and what its repairs moved and took."""
    late = {name: [int(str(row["late"])) for row in rows if row["solver"] == name] for name in (LIVE, STATIC)}
    live = [row for row in rows if row["solver"] == LIVE]
    ratios = [one / other for one, other in zip(late[LIVE], late[STATIC], strict=False)]
    return {
        "mean_late_live": _mean(late[LIVE]),
        "mean_late_static": _mean(late[STATIC]),
        "late_ratio": round(sum(late[LIVE][: len(ratios)]) / max(1, sum(late[STATIC])), 3),
        "worst_late_ratio": round(max(ratios, default=0.0), 3),
        "worst_moved_pct": max((float(str(row["moved_pct_max"])) for row in live), default=0.0),
        "worst_repair_cpu_s": max((float(str(row["repair_cpu_max_s"])) for row in live), default=0.0),
        "violations": sum(int(str(row["violations"])) for row in rows),
    }


def _row(day: Day, seed: int, policy: str, played: Played) -> Row:
    for fault in played.faults:
        print(fault, file=sys.stderr)
    return {
        "instance": f"{len(day.problem.stops):,} stops",
        "seed": seed,
        "solver": policy,
        "late": played.late,
        "never_served": played.unserved,
        "late_minutes": played.late_s // 60,
        "served": played.served,
        "cost_per_parcel": round(played.cost_minor / max(1, played.units), 1),
        "repairs": played.mends,
        "moved_pct_mean": _mean(played.moved_pct),
        "moved_pct_p95": _percentile(played.moved_pct, 95),
        "moved_pct_max": _percentile(played.moved_pct, 100),
        "of_lost_vans": played.displaced,
        "repair_cpu_mean_s": _mean(played.cpu_s),
        "repair_cpu_p95_s": _percentile(played.cpu_s, 95),
        "repair_cpu_max_s": _percentile(played.cpu_s, 100),
        "violations": len(played.faults),
    }


def _mean(values: Sequence[float]) -> float:
    return round(sum(values) / max(1, len(values)), 2)


def _percentile(values: Sequence[float], share: int) -> float:
    return round(float(np.percentile(values, share)), 2) if values else 0.0
