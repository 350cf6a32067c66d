"""What counts against sites beside their cost: that they refuse, are late, or lie in another region than the door."""

import numpy as np

from doorstep.foundation.arrays import Floats, Ints
from doorstep.operations.corridor.regions import out_of_region_minor
from doorstep.operations.corridor.world import World
from doorstep.order_routing.refusal import refusal_risk


def risk_minor(world: World, rows: Ints, sites: Ints) -> Ints | None:
    """Return what counts against some orders (R,) at sites (R, C), -1 for none; None if nothing does anywhere.

    That is what refusals and late packages are expected to cost, and the policy's weight on leaving a region.
    """
    known = world.acceptance is not None or world.punctuality is not None
    if not known and not world.retailer.policy_value("out_of_region_cost_minor"):
        return None
    risks = (risk(world, rows, sites) for risk in (refusal_minor, lateness_minor, out_of_region_minor))
    return sum(risks, np.zeros_like(sites))


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
