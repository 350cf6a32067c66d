"""Which site or sites serve each order: at least cost, splitting or consolidating, under stock and pick capacity.

Orders are decided one after the other in the order of the day; each takes its stock before the next one is looked at.
Up to eight distinct products the choice among all sites and all splits is exact; above that a greedy cover improved by
local search decides. Prices of scarcity (``shadow_prices``) tell an early order what a unit is worth to later ones,
and orders that wait for their release are decided again together (``reoptimise``). ``replay_orders`` runs any policy
over recorded orders. Sites that refuse (``refusal.py``) are dearer by what that is expected to cost.
"""

from doorstep.order_routing.candidates import candidate_sites
from doorstep.order_routing.check import check_allocations
from doorstep.order_routing.foresight import shadow_prices
from doorstep.order_routing.plan import OrderRoutingPlan
from doorstep.order_routing.problem import OrderRoutingProblem, Prices, StockBook
from doorstep.order_routing.reoptimise import reoptimise
from doorstep.order_routing.replay import replay_orders
from doorstep.order_routing.route import route_orders

__all__ = [
    "OrderRoutingPlan",
    "OrderRoutingProblem",
    "Prices",
    "StockBook",
    "candidate_sites",
    "check_allocations",
    "reoptimise",
    "replay_orders",
    "route_orders",
    "shadow_prices",
]
