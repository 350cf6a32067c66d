"""How long an order can wait before its sites must hear of it."""

from dataclasses import replace

import numpy as np

from doorstep.delivery_mode.estimate import OwnDropPrice
from doorstep.foundation.arrays import Ints
from doorstep.operations.corridor.site_problem import site_problem
from doorstep.operations.corridor.strategy import DOORSTEP
from doorstep.operations.corridor.world import World
from doorstep.order_routing.replay import Waits

WAITS_H = (1, 2, 3, 4, 6, 8, 12, 18, 24, 36)
"""Hours that are tried; an order waits no longer than the last of them."""
HOUR_S = 3_600


def waits_of(world: World, own: OwnDropPrice, rows: Ints, sites: Ints, price: Ints) -> Waits:
    """Return until when some orders can wait at each site at no higher price, by the site's and all later clocks.

    A site that hears of an order later has it ready later: after some cut-off the promise is broken, or only a dearer
    way keeps it. So whatever keeps the price keeps the promise.

    Parameters
    ----------
    rows : (R,)
        The orders.
    sites : (R, C)
        Their candidate sites, -1 for none.
    price : (R, C, K)
        What a drop costs if they are asked when the orders are placed.
    """
    placed_at = world.placed_at[rows]
    latest = np.broadcast_to(placed_at[:, None], sites.shape).copy()
    good = np.ones(sites.shape, dtype=np.bool_)
    for hours in WAITS_H:
        later = replace(world, asked_at=world.asked_at + hours * HOUR_S)
        asked, _ = site_problem(later, DOORSTEP, own, rows, sites, world.stock, world.capacity)
        good &= (asked.price <= price).all(axis=2)
        latest = np.where(good, placed_at[:, None] + hours * HOUR_S, latest)
        if not good.any():
            break
    return Waits(placed_at=placed_at, latest_at=latest)
