"""Which packages stay in the region of their door, and what it counts against a site that they would not."""

import numpy as np

from doorstep.foundation.arrays import Bools, Ints
from doorstep.operations.corridor.world import World


def crosses(world: World, orders: Ints, sites: Ints) -> Bools:
    """Return which packages of orders from sites (any one shape), -1 for none, come from another region.

    An order without a region, because the site nearest to its door has none, never crosses a border.
    """
    home = world.region[world.clock_site[orders]]
    found: Bools = (home >= 0) & (sites >= 0) & (world.region[sites] != home)
    return found


def out_of_region_minor(world: World, rows: Ints, sites: Ints) -> Ints:
    """Return what counts against some orders (R,) at sites (R, C), -1 for none, for leaving their region [minor]."""
    cost = world.retailer.policy_value("out_of_region_cost_minor")
    if not cost:
        return np.zeros_like(sites)
    return np.where(crosses(world, rows[:, None], sites), cost, 0)
