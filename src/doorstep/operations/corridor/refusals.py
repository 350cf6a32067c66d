"""What it is expected to cost that sites refuse what they are asked for, or are late with it, by hour of asking."""

import numpy as np

from doorstep.foundation.arrays import Floats, Ints
from doorstep.operations.corridor.world import World
from doorstep.order_routing.refusal import refusal_risk


def risk_minor(world: World, rows: Ints, sites: Ints) -> Ints:
    """Return what refusals and late packages are expected to cost of some orders (R,) at sites (R, C), -1 for none."""
    return refusal_minor(world, rows, sites) + lateness_minor(world, rows, sites)


def refusal_minor(world: World, rows: Ints, sites: Ints) -> Ints:
    """Return the expected cost of a refusal of some orders (R,) at sites (R, C), -1 for none; 0 if nothing is known."""
    return _expected(world, world.acceptance, "refusal_cost_minor", rows, sites)


def lateness_minor(world: World, rows: Ints, sites: Ints) -> Ints:
    """Return the expected cost of a late package, shaped as that of a refusal; 0 if nothing is known."""
    return _expected(world, world.punctuality, "late_cost_minor", rows, sites)


def _expected(world: World, good: Floats | None, cost: str, rows: Ints, sites: Ints) -> Ints:
    """Return the expected cost of what happens unless all is good, with that probability by site and hour (S, 24)."""
    if good is None:
        return np.zeros_like(sites)
    moments = np.broadcast_to(world.asked_at[rows][:, None], sites.shape)
    hours = world.calendar.hour_of(np.maximum(sites, 0), moments)
    return refusal_risk(good, sites, hours, world.retailer.policy_value(cost))
