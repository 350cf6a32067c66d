"""Which site or sites serve each order: at least cost, splitting or consolidating, under stock and pick capacity.

Orders are decided one after the other in the order of the day; each takes its stock before the next one is looked at.
Up to eight distinct products the choice among all sites and all splits is exact; above that a greedy cover improved by
local search decides.
"""

from doorstep.order_routing.candidates import candidate_sites, holders_of_missing
from doorstep.order_routing.check import check_allocations
from doorstep.order_routing.plan import OrderRoutingPlan
from doorstep.order_routing.problem import OrderRoutingProblem, StockBook, merged_lines
from doorstep.order_routing.route import route_orders

__all__ = [
    "OrderRoutingPlan",
    "OrderRoutingProblem",
    "StockBook",
    "candidate_sites",
    "check_allocations",
    "holders_of_missing",
    "merged_lines",
    "route_orders",
]
