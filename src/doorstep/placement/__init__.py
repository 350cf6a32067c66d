"""Which product, how much of it, at which site: placement, assortment, replenishment."""

from doorstep.placement.assortment import AssortmentPlan, choose_assortment
from doorstep.placement.baskets import Baskets
from doorstep.placement.place import place_stock
from doorstep.placement.plan import PlacementPlan, explain
from doorstep.placement.problem import PlacementProblem, demand_of_sites, placement_problem

__all__ = [
    "AssortmentPlan",
    "Baskets",
    "PlacementPlan",
    "PlacementProblem",
    "choose_assortment",
    "demand_of_sites",
    "explain",
    "place_stock",
    "placement_problem",
]
