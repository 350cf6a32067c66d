"""The corridor: one path from a retailer's tables to a day of deliveries, and the two baselines beside it."""

from doorstep.operations.corridor.plan_day import DayResult, plan_day

__all__ = ["DayResult", "plan_day"]
