"""What a plan costs and how well it serves: the scoreboard that every comparison reads."""

from doorstep.measurement.check import check_costs
from doorstep.measurement.measure import MEASURES, measure

__all__ = ["MEASURES", "check_costs", "measure"]
