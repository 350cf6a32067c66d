"""Which sites to open: medians, centres, coverage and fixed charges, with a proved bound."""

from doorstep.network.siting.centre import CentrePlan, p_centre
from doorstep.network.siting.plan import SitingPlan
from doorstep.network.siting.problem import SitingProblem, fixed_charge, maximal_covering, p_median
from doorstep.network.siting.rows import FAR, CostRows
from doorstep.network.siting.solve import choose_sites

__all__ = [
    "FAR",
    "CentrePlan",
    "CostRows",
    "SitingPlan",
    "SitingProblem",
    "choose_sites",
    "fixed_charge",
    "maximal_covering",
    "p_centre",
    "p_median",
]
