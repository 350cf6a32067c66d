"""The corridor: one path from a retailer's tables to a day of deliveries, and the two baselines beside it."""

from doorstep.operations.corridor.plan_day import DEFAULT_ITERATIONS, DayResult, plan_day

__all__ = ["DEFAULT_ITERATIONS", "DayResult", "plan_day"]
