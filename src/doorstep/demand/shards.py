"""Forecasts of many products, a shard of them at a time: in this process, or on processes and machines of an executor.

Products are dealt to shards like cards, in the order of their attributes, so that each shard has some of every kind and
learns by itself. What is learnt from all products, trends of groups and the correction of totals, is then learnt from a
part of them; a shard of a few thousand series is enough for that.
"""

from concurrent.futures import Executor
from dataclasses import dataclass, replace

import numpy as np

from doorstep.demand.explain import PartedFactors
from doorstep.demand.features import BLOCK_DAYS
from doorstep.demand.forecast import forecast
from doorstep.demand.plan import DemandPlan
from doorstep.demand.problem import DemandHistory
from doorstep.demand.spread import Spread, relative_phi
from doorstep.foundation import InputError, Progress, Silent, Stop
from doorstep.foundation.arrays import Bools, Floats, Ints

MOST_SERIES = 200_000
"""Series of a shard at most: what their features need is some gigabytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shard:
    """What one shard is forecast from; it travels to the process that does it."""

    history: DemandHistory
    origin: int
    horizon_days: int
    rng: np.random.Generator

    def plan(self, stop: Stop | None = None, progress: Progress | None = None) -> DemandPlan:
        """Return the shard's forecast."""
        return forecast(self.history, self.origin, self.horizon_days, rng=self.rng, stop=stop, progress=progress)


def forecast_in_shards(
    history: DemandHistory,
    origin: int,
    horizon_days: int,
    *,
    rng: np.random.Generator,
    shards: int | None = None,
    executor: Executor | None = None,
    stop: Stop | None = None,
    progress: Progress | None = None,
) -> DemandPlan:
    """Return the forecast of all series, as ``forecast`` does for one shard.

    Parameters
    ----------
    shards
        Parts that the products are dealt to; without it as few as ``MOST_SERIES`` allow.
    executor
        Where shards are worked out, for example a ``ProcessPoolExecutor``; without it here, one after another. The plan
        is the same either way.
    stop
        Ends the growing of trees early; on an executor they are grown to the end.

    Raises
    ------
    InputError
        If the origin is no day of the history, or there are no days or no shards.
    """
    parts = _dealt(history, -(-history.series // MOST_SERIES) if shards is None else shards)
    lots = rng.spawn(len(parts)) if len(parts) > 1 else [rng]
    work = [
        _Shard(history=history.only(part) if len(parts) > 1 else history, origin=origin, horizon_days=horizon_days,
               rng=lot)
        for part, lot in zip(parts, lots, strict=True)
    ]  # fmt: skip
    if executor is None or len(work) == 1:
        plans = [shard.plan(stop, progress) for shard in work]
    else:
        plans = _elsewhere(work, executor, progress or Silent())
    return plans[0] if len(plans) == 1 else _joined(history, parts, plans)


def _elsewhere(work: list[_Shard], executor: Executor, progress: Progress) -> list[DemandPlan]:
    progress.stage("forecast", len(work))
    plans = []
    for plan in executor.map(_Shard.plan, work):
        plans.append(plan)
        progress.advance()
    return plans


def _dealt(history: DemandHistory, shards: int) -> list[Bools]:
    """Return which series (S,) each shard has: all zones of its products."""
    if shards < 1:
        raise InputError(f"shards {shards} must be at least 1.")
    products = len(history.product_ids)
    order = np.lexsort((np.arange(products), *history.attributes.T[::-1]))
    shard = np.empty(products, dtype=np.int64)
    shard[order] = np.arange(products) % shards
    mine = shard[history.product]
    return [part for number in range(shards) if (part := mine == number).any()]


def _joined(history: DemandHistory, parts: list[Bools], plans: list[DemandPlan]) -> DemandPlan:
    """Return the plans of shards as one, its series in the order of the history."""
    rows = [np.flatnonzero(part) for part in parts]
    mean = np.empty((history.series, plans[0].horizon_days))
    shard, row = np.empty(history.series, dtype=np.int64), np.empty(history.series, dtype=np.int64)
    for number, (mine, plan) in enumerate(zip(rows, plans, strict=True)):
        mean[mine], shard[mine], row[mine] = plan.mean, number, np.arange(mine.size)
    learnt = all(plan.method == "learnt" for plan in plans)
    told = dict.fromkeys(note for plan in plans for note in plan.notes)
    return replace(
        plans[0],
        product=history.product,
        zone=history.zone,
        mean=mean,
        spread=_joined_spread(rows, plans, mean[:, :BLOCK_DAYS].mean(axis=1) * BLOCK_DAYS),
        method="learnt" if learnt else "window",
        notes=(f"Products are forecast in {len(plans)} shards.", *told),
        factors=PartedFactors(parts=tuple(plan.factors for plan in plans), part=shard, row=row),
    )


def _joined_spread(rows: list[Ints], plans: list[DemandPlan], week: Floats) -> Spread:
    """Return one spread: the mean of a and b, what that changes taken up by phi, and the mean of the levels."""
    share = np.array([mine.size for mine in rows]) / week.size
    pooled = np.tensordot(share, np.stack([plan.spread.pooled for plan in plans]), axes=1)
    phi, plain = np.empty((week.size, pooled.shape[0])), np.empty(week.size, dtype=np.bool_)
    for mine, plan in zip(rows, plans, strict=True):
        phi[mine], plain[mine] = relative_phi(plan.spread, pooled, week[mine]), plan.spread.plain
    levels = np.tensordot(share, np.stack([plan.spread.levels for plan in plans]), axes=1)
    return Spread(pooled=pooled, phi=phi, levels=levels, plain=plain)
