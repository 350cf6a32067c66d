"""Which site serves which places in time: store areas under capacity, with what overlaps, what is missed, and proof."""

from doorstep.network.catchments.outline import Outlines, outline
from doorstep.network.catchments.plan import CatchmentPlan, Left, Shortage
from doorstep.network.catchments.problem import CatchmentProblem, catchment_problem
from doorstep.network.catchments.solve import draw_catchments

__all__ = [
    "CatchmentPlan",
    "CatchmentProblem",
    "Left",
    "Outlines",
    "Shortage",
    "catchment_problem",
    "draw_catchments",
    "outline",
]
