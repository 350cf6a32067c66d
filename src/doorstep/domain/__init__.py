"""The nouns of the corridor and the tables they travel in."""

from doorstep.domain.day_plan import DayPlan
from doorstep.domain.retailer import Retailer

__all__ = ["DayPlan", "Retailer"]
