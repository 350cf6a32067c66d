"""Which sites to open: medians, coverage and fixed charges, with a proved bound."""

from doorstep.network.siting.plan import Limit, SitingPlan
from doorstep.network.siting.problem import SitingProblem, fixed_charge, maximal_covering, p_median
from doorstep.network.siting.rows import FAR, CostRows
from doorstep.network.siting.solve import choose_sites

__all__ = [
    "FAR",
    "CostRows",
    "Limit",
    "SitingPlan",
    "SitingProblem",
    "choose_sites",
    "fixed_charge",
    "maximal_covering",
    "p_median",
]
