"""Regions: a country divided into contiguous parts of even weight, near their centres, with a proved bound.

``adjacency`` finds which areas touch where nobody says it, ``divide`` makes the plan, ``advise`` says how many regions,
``check_regions`` recomputes a plan from scratch.
"""

from doorstep.network.regions.adjacency import adjacency
from doorstep.network.regions.advise import Advice, advise
from doorstep.network.regions.check import check_regions
from doorstep.network.regions.divide import divide
from doorstep.network.regions.lanes import Lanes, LaneTerms
from doorstep.network.regions.plan import Binding, RegionPlan
from doorstep.network.regions.problem import RegionsProblem

__all__ = [
    "Advice",
    "Binding",
    "LaneTerms",
    "Lanes",
    "RegionPlan",
    "RegionsProblem",
    "adjacency",
    "advise",
    "check_regions",
    "divide",
]
