"""Whether a plan of demand is whole, counted afresh."""

import numpy as np

from doorstep.demand.plan import DemandPlan
from doorstep.demand.problem import DemandHistory

LEVELS = (0.05, 0.5, 0.8, 0.9, 0.95, 0.98, 0.995)
DAYS = (1, 7, 28)


def check_forecast(history: DemandHistory, plan: DemandPlan) -> list[str]:
    """Return every fault of a plan as a sentence; none if it is right.

    Each series of the history is there, means are numbers and not negative, quantiles rise with their level, spans
    add up, and sums by product and by zone come to the same total.
    """
    faults = []
    pairs = list(zip(plan.product.tolist(), plan.zone.tolist(), strict=True))
    if pairs != list(zip(history.product.tolist(), history.zone.tolist(), strict=True)):
        faults.append("the series of the plan are not those of the history.")
    if len(set(pairs)) != len(pairs):
        faults.append("a product and zone is there more than once.")
    if plan.mean.shape[0] != len(pairs):
        return [*faults, f"mean has {plan.mean.shape[0]} rows for {len(pairs)} series."]
    wrong = ~(np.isfinite(plan.mean) & (plan.mean >= 0))
    if wrong.any():
        series, day = np.argwhere(wrong)[0].tolist()
        return [*faults, f"mean of series {series} on day {day} is {plan.mean[series, day]}."]
    for days in (n for n in DAYS if n <= plan.horizon_days):
        demand = plan.lead_time(days)
        by_hand = np.zeros(len(pairs))
        for day in range(days):
            by_hand += plan.mean[:, day]
        if not np.allclose(demand.mean, by_hand):
            faults.append(f"the mean of {days} days is not the sum of its days.")
        faults += _order_faults(plan, days)
    total = float(plan.mean.sum())
    for name, codes in (("products", plan.product), ("zones", plan.zone)):
        sums: dict[int, float] = {}
        for code, units in zip(codes.tolist(), plan.mean.sum(axis=1).tolist(), strict=True):
            sums[code] = sums.get(code, 0.0) + units
        if not np.isclose(sum(sums.values()), total):
            faults.append(f"{name} sum to {sum(sums.values())}, not {total}.")
    return faults


def _order_faults(plan: DemandPlan, days: int) -> list[str]:
    faults = []
    demand = plan.lead_time(days)
    for name, find in (("quantile", demand.quantile), ("stock", lambda q: plan.stock(q, days))):
        below = np.zeros(plan.mean.shape[0], dtype=np.int64)
        for q in LEVELS:
            units = find(q)
            if (units < below).any():
                faults.append(
                    f"{name} {q} of {days} days lies below a lower one for {int((units < below).sum())} series."
                )
            below = units
    reached = demand.cdf(demand.quantile(0.9))
    if (reached < 0.9 - 1e-9).any():
        faults.append(f"the 0.9 quantile of {days} days covers {float(reached.min())} of the distribution.")
    return faults
