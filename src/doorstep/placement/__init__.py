"""Which product, how much of it, at which site: placement, assortment, replenishment.

``place_stock`` says how many units of each product belong at each site, ``choose_assortment`` which products a small
site has, ``propose`` what to buy, move, ship from elsewhere or mark down today.
"""

from doorstep.placement.assortment import AssortmentPlan, choose_assortment
from doorstep.placement.baskets import Baskets
from doorstep.placement.place import place_stock
from doorstep.placement.plan import PlacementPlan
from doorstep.placement.problem import PlacementProblem, placement_problem
from doorstep.placement.replenish import propose
from doorstep.placement.replenishment import ReplenishmentPlan, ReplenishmentProblem

__all__ = [
    "AssortmentPlan",
    "Baskets",
    "PlacementPlan",
    "PlacementProblem",
    "ReplenishmentPlan",
    "ReplenishmentProblem",
    "choose_assortment",
    "place_stock",
    "placement_problem",
    "propose",
]
