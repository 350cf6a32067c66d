"""Stated probabilities against kept shares, in ten groups of equal count."""

import time

import numpy as np

from benchmarks.promising.month import WARM_UP_DAYS, Month
from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.promising import Outcomes, learn
from doorstep.promising.keeping import PRIOR

BINS = 10
Row = dict[str, object]


def stated_daily(month: Month) -> tuple[Floats, Floats, float]:
    """Return what was stated for each promise after the warm-up by doorstep and by the average of its level.

    Both learn every night from all promises of the days before. The third is doorstep's CPU time a night [s].
    """
    own, average, used, days = [], [], 0.0, range(WARM_UP_DAYS, int(month.day.max()) + 1)
    for today in days:
        before, now = month.day < today, month.day == today
        started = time.process_time()
        keeping = learn(_outcomes(month, before, today), levels=month.levels)
        used += time.process_time() - started
        own.append(
            keeping.probability(
                level=month.level[now], splits=month.splits[now], slack_min=month.slack_min[now], hour=month.hour[now]
            )
        )
        average.append(_averages(month, before)[month.level[now]])
    return np.concatenate(own), np.concatenate(average), used / max(len(days), 1)


def calibration_rows(month: Month, *, seed: int) -> tuple[list[Row], list[Row]]:
    """Return one row for each solver, and ten rows that show doorstep's groups."""
    own, average, night_s = stated_daily(month)
    kept = month.kept[month.day >= WARM_UP_DAYS]
    groups = _groups(own)
    rows: list[Row] = [
        {
            "instance": month.name,
            "seed": seed,
            "solver": name,
            "worst_bin_points": _worst(stated, kept, groups),
            "worst_own_bin_points": _worst(stated, kept, _groups(stated)),
            "brier_e4": round(10_000 * float(((stated - kept) ** 2).mean())),
            "learning_ms": round(1_000 * cpu, 1) if cpu else None,
        }
        for name, stated, cpu in (("doorstep", own, night_s), ("level_average", average, 0.0))
    ]
    shown: list[Row] = [
        {
            "instance": month.name,
            "seed": seed,
            "solver": "doorstep",
            "bin": group + 1,
            "orders": int((groups == group).sum()),
            "stated_pct": _pct(own, groups == group),
            "kept_pct": _pct(kept, groups == group),
            "level_average_pct": _pct(average, groups == group),
        }
        for group in range(BINS)
    ]
    return rows, shown


def _outcomes(month: Month, chosen: Bools, today: int) -> Outcomes:
    return Outcomes(
        level=month.level[chosen],
        splits=month.splits[chosen],
        slack_min=month.slack_min[chosen],
        hour=month.hour[chosen],
        age_days=today - 1 - month.day[chosen],
        kept=month.kept[chosen],
    )


def _averages(month: Month, chosen: Bools) -> Floats:
    """Return the kept share of each level, (L,); the prior where there is none."""
    count = np.bincount(month.level[chosen], minlength=month.levels)
    kept = np.bincount(month.level[chosen], month.kept[chosen].astype(np.float64), month.levels)
    return np.where(count > 0, kept / np.maximum(count, 1), PRIOR.kept)


def _groups(stated: Floats) -> Ints:
    """Return the group of each promise, by its stated probability, in ten groups of equal count."""
    groups = np.empty(stated.size, dtype=np.int64)
    groups[np.argsort(stated, kind="stable")] = np.arange(stated.size) * BINS // stated.size
    return groups


def _worst(stated: Floats, kept: Bools, groups: Ints) -> float:
    off = [abs(_pct(stated, groups == group) - _pct(kept, groups == group)) for group in range(BINS)]
    return round(max(off), 2)


def _pct(values: Floats | Bools, chosen: Bools) -> float:
    return round(100 * float(values[chosen].mean()), 2) if chosen.any() else 0.0
