"""Who brings each parcel: own fleet, courier, parcel carrier or the shopper, with the price of every alternative.

The choice between own fleet and third parties falls on whole routes: each drop carries its cheapest outside price as a
prize into ``vehicle_routing``, and what stays out is settled here. ``fit`` learns from routes what own drops cost.
"""

from doorstep.delivery_mode.check import check_deliveries
from doorstep.delivery_mode.density_price import estimate_own_drops
from doorstep.delivery_mode.drops import choose_ways
from doorstep.delivery_mode.estimate import Reach, estimate_drop_prices
from doorstep.delivery_mode.merge import Packages
from doorstep.delivery_mode.problem import ModeProblem
from doorstep.delivery_mode.quotes import Drops, quote_drops
from doorstep.delivery_mode.settle import settle_carriers

__all__ = [
    "Drops",
    "ModeProblem",
    "Packages",
    "Reach",
    "check_deliveries",
    "choose_ways",
    "estimate_drop_prices",
    "estimate_own_drops",
    "quote_drops",
    "settle_carriers",
]
