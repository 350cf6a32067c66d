"""What it is expected to cost that sites refuse what they are asked for, by the local hour of asking."""

import numpy as np

from doorstep.foundation.arrays import Ints
from doorstep.operations.corridor.world import World
from doorstep.order_routing.refusal import refusal_risk


def refusal_minor(world: World, rows: Ints, sites: Ints) -> Ints:
    """Return the expected cost of a refusal of some orders (R,) at sites (R, C), -1 for none; 0 if nothing is known."""
    if world.acceptance is None:
        return np.zeros_like(sites)
    moments = np.broadcast_to(world.asked_at[rows][:, None], sites.shape)
    hours = world.calendar.hour_of(np.maximum(sites, 0), moments)
    return refusal_risk(world.acceptance, sites, hours, world.retailer.policy_value("refusal_cost_minor"))
