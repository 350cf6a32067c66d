"""What will be ordered where and when: a distribution for every product, zone and day."""

from doorstep.demand.distribution import NegativeBinomial
from doorstep.demand.forecast import forecast
from doorstep.demand.plan import DemandPlan
from doorstep.demand.problem import DemandHistory

__all__ = ["DemandHistory", "DemandPlan", "NegativeBinomial", "forecast"]
