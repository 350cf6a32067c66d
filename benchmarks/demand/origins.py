"""Rolling origins on the Complete Journey panel: means and stock quantiles beside the textbook and untuned LightGBM."""

import datetime
import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from benchmarks.demand.panel import Panel, day_number, read_panel
from benchmarks.demand.peers import lightgbm_untuned, statsforecast_means, stock_rules
from doorstep.demand import DemandPlan, forecast
from doorstep.demand.check import check_forecast
from doorstep.demand.scores import LEVELS, QUANTILES, stock_scores, weekly_step, weighted_rmsse
from doorstep.demand.shards import forecast_in_shards
from doorstep.foundation.arrays import Floats, Ints

HORIZON_DAYS, LEAD_DAYS = 28, 7
SHARDS = 4
Row = dict[str, object]


def origin_rows(data: Path, origins: Sequence[datetime.date], *, seed: int, peers: bool) -> list[Row]:
    """Return a row for each origin and solver; the panel is chosen by what sold up to the first origin."""
    panel = read_panel(data, min(origins))
    rows: list[Row] = []
    for origin in origins:
        began = time.process_time()
        plan = forecast(panel.history, day_number(origin), HORIZON_DAYS, rng=np.random.default_rng(seed))
        spent = time.process_time() - began
        rows.append(
            _row(panel, origin, "doorstep", spent, mean=plan.mean, stock=lambda q, plan=plan: plan.stock(q, LEAD_DAYS))
            | {"violations": len(check_forecast(panel.history, plan)), "method": plan.method}
        )
        rows.append(_row(panel, origin, "doorstep raw quantiles", spent, stock=plan.lead_time(LEAD_DAYS).quantile))
        rows.append(_sharded_row(panel, origin, seed))
        if peers:
            rows += _peer_rows(panel, origin)
        rows += _promotion_rows(panel, origin, plan, seed)
    return rows


def _sharded_row(panel: Panel, origin: datetime.date, seed: int) -> Row:
    began = time.process_time()
    rng = np.random.default_rng(seed)
    plan = forecast_in_shards(panel.history, day_number(origin), HORIZON_DAYS, rng=rng, shards=SHARDS)
    spent, name = time.process_time() - began, f"doorstep in {SHARDS} shards"
    row = _row(panel, origin, name, spent, mean=plan.mean, stock=lambda q: plan.stock(q, LEAD_DAYS))
    return row | {"violations": len(check_forecast(panel.history, plan)), "method": plan.method}


def _peer_rows(panel: Panel, origin: datetime.date) -> list[Row]:
    history = panel.history
    known = history.units[:, : day_number(origin) - history.first_day + 1]
    began = time.process_time()
    mean = lightgbm_untuned(history, known, HORIZON_DAYS)
    rows = [_row(panel, origin, "lightgbm_untuned", time.process_time() - began, mean=mean)]
    rows += [
        _row(panel, origin, name, spent, mean=found)
        for name, (found, spent) in statsforecast_means(known, HORIZON_DAYS).items()
    ]
    return rows + [_row(panel, origin, name, 0.0, stock=rule) for name, rule in stock_rules(known).items()]


def _row(
    panel: Panel,
    origin: datetime.date,
    solver: str,
    spent: float,
    *,
    mean: Floats | None = None,
    stock: Callable[[float], Ints] | None = None,
) -> Row:
    history, day = panel.history, day_number(origin)
    row: Row = {"instance": f"{history.series:,} series {origin}", "solver": solver, "cpu_s": round(spent, 1)}
    if mean is not None:
        levels = weighted_rmsse(history, day, mean, panel.dollars)
        row["wrmsse"] = round(float(levels.mean()), 4)
        row |= {name: round(level, 3) for name, level in zip(LEVELS, levels.tolist(), strict=True)}
    if stock is not None:
        last = day - history.first_day
        came = history.units[:, last + 1 : last + 1 + LEAD_DAYS].sum(axis=1)
        found = stock_scores(came, np.stack([stock(q) for q in QUANTILES]), weekly_step(history.units[:, : last + 1]))
        row |= {name: round(score, 4) for name, score in asdict(found).items()}
    row["violations"] = 0
    row["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return row


def _promotion_rows(panel: Panel, origin: datetime.date, plan: DemandPlan, seed: int) -> list[Row]:
    """Return the error on weeks of series that are promoted unusually, with promotions learnt and without."""
    history, day = panel.history, day_number(origin)
    without = forecast(history, day, HORIZON_DAYS, rng=np.random.default_rng(seed), offers=False)
    last = day - history.first_day
    usual = history.promotion[:, last - 55 : last + 1].mean(axis=1)
    weeks = [slice(last + 1 + 7 * k, last + 8 + 7 * k) for k in range(HORIZON_DAYS // 7)]
    more = np.stack([history.promotion[:, week].mean(axis=1) - usual > 0.1 for week in weeks])
    came = np.stack([history.units[:, week].sum(axis=1) for week in weeks])
    rows = []
    for name, made in (("with promotions", plan), ("without promotions", without)):
        mean = made.mean.reshape(history.series, -1, 7).sum(axis=2).T
        error = np.abs(came - mean)[more].sum() / came[more].sum()
        rows.append(
            {
                "instance": f"{int(more.sum()):,} promoted weeks {origin}",
                "solver": name,
                "wape": round(float(error), 4),
                "rmse": round(float(np.sqrt(((came - mean)[more] ** 2).mean())), 3),
                "bias": round(float(mean[more].sum() / came[more].sum() - 1), 4),
                "violations": 0,
            }
        )
    return rows
