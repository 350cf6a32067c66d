"""The network by its true last-mile cost: from FCs through hubs, stores and stations to the door, tiers together."""

from doorstep.network.design.drop import VanDay
from doorstep.network.design.evaluate import OUTSIDE, UNSERVED, NetworkCost, evaluate
from doorstep.network.design.problem import NEVER, DesignProblem, SiteOptions, Tier
from doorstep.network.design.solve import DesignPlan, design_network
from doorstep.network.design.ways import Ways

__all__ = [
    "NEVER",
    "OUTSIDE",
    "UNSERVED",
    "DesignPlan",
    "DesignProblem",
    "NetworkCost",
    "SiteOptions",
    "Tier",
    "VanDay",
    "Ways",
]
__all__ += ["design_network", "evaluate"]
