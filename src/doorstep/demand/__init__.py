"""What will be ordered where and when: a distribution for every product, zone and day.

``DemandHistory`` is what was sold, ``forecast`` makes a ``DemandPlan`` of it, ``backtest`` says how good such plans
were, ``explain`` why a forecast is what it is, ``watch`` where forecasts go wrong. ``forecast_orders`` counts orders by
the hour, ``learn_baskets`` tells what is bought together.
"""

from doorstep.demand.backtest import backtest
from doorstep.demand.baskets import BasketModel, learn_baskets
from doorstep.demand.distribution import NegativeBinomial
from doorstep.demand.explain import explain
from doorstep.demand.forecast import forecast
from doorstep.demand.orders import forecast_orders
from doorstep.demand.plan import DemandPlan
from doorstep.demand.problem import DemandHistory
from doorstep.demand.watch import watch

__all__ = [
    "BasketModel",
    "DemandHistory",
    "DemandPlan",
    "NegativeBinomial",
    "backtest",
    "explain",
    "forecast",
    "forecast_orders",
    "learn_baskets",
    "watch",
]
