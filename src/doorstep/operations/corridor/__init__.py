"""The corridor: one path from a retailer's tables to a day of deliveries, and the two baselines beside it.

``plan_day`` walks it at once for a whole day; ``decide_sites`` and ``plan_deliveries`` are its two halves for live
operation, between which time passes.
"""

from doorstep.operations.corridor.live import SiteDecision, decide_sites, plan_deliveries, usual_drops
from doorstep.operations.corridor.plan_day import DayResult, plan_day

__all__ = ["DayResult", "SiteDecision", "decide_sites", "plan_day", "plan_deliveries", "usual_drops"]
