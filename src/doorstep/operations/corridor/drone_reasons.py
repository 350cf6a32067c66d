"""Why no drone comes to orders that nobody brings."""

import numpy as np

from doorstep.delivery_mode.drones import CODES, WORDS, Wishes, earliest
from doorstep.delivery_mode.tariff import NO_MODE
from doorstep.foundation.arrays import Ints, ints
from doorstep.operations.corridor.world import World


def drone_reasons(world: World, orders: Ints) -> dict[int, str]:
    """Return the code of what stops drones with it in words, by order; those that drones could bring are left out."""
    drones, told = world.modes.drones, np.zeros(orders.size, dtype=np.int64)
    for carrier, site in sorted(set(zip(drones.carrier.tolist(), drones.site.tolist(), strict=True))):
        able = (world.modes.doors.requirements[orders] & ~world.modes.cards.skills[carrier]) == 0
        able &= world.modes.doors.collected[orders] == 0
        rows = np.flatnonzero(able)
        told[rows] = np.maximum(told[rows], earliest(drones, carrier, _wishes(world, orders[rows], site))[1])
    return {
        order: f"{CODES[why]}: {WORDS[CODES[why]]}"
        for order, why in zip(orders.tolist(), told.tolist(), strict=True)
        if why > NO_MODE
    }


def _wishes(world: World, orders: Ints, site: int) -> Wishes:
    """Return whole orders as drones of a site see them, cartons left aside."""
    doors, products = world.modes.doors, world.tables["products"]
    sites, size = np.full((orders.size, 1), site, dtype=np.int64), world.orders
    line_order = np.repeat(np.arange(size), np.diff(world.lines.start))
    grams = ints(products["weight_g"])[world.lines.product] * world.lines.quantity
    side, longest = products.select("length_mm", "width_mm", "height_mm").max_horizontal(), np.zeros(size, np.int64)
    np.maximum.at(longest, line_order, ints(side)[world.lines.product])
    return Wishes(
        site=sites[:, 0],
        lat=doors.lat[orders],
        lon=doors.lon[orders],
        landing=doors.landing[orders],
        road_m=world.reach(orders, sites).metres[:, 0],
        weight_g=np.bincount(line_order, weights=grams, minlength=size).astype(np.int64)[orders],
        side_mm=longest[orders],
        ready_at=world.ready(orders, sites).ready_at[:, 0],
        start_at=doors.start_at[orders],
        end_at=doors.end_at[orders],
    )
