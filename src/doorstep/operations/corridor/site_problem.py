"""Order routing as the corridor needs it: some orders, their candidate sites, and what a drop from each would cost."""

import numpy as np

from doorstep.delivery_mode import estimate_drop_prices
from doorstep.delivery_mode.estimate import OwnDropPrice, Reach
from doorstep.foundation.arrays import Ints, ints
from doorstep.operations.corridor.refusals import risk_minor
from doorstep.operations.corridor.strategy import Strategy
from doorstep.operations.corridor.world import World
from doorstep.order_routing import OrderRoutingProblem, Prices, StockBook


def site_problem(
    world: World,
    strategy: Strategy,
    own: OwnDropPrice,
    rows: Ints,
    sites: Ints,
    stock: StockBook,
    capacity: Ints,
    scarcity: Prices | None = None,
) -> tuple[OrderRoutingProblem, Ints]:
    """Return the problem of some orders, oldest first, and the metres from each of their candidates to the door.

    Parameters
    ----------
    rows : (R,)
        The orders.
    sites : (R, C)
        Their candidate sites.
    scarcity
        What stock and capacity are worth to later orders; nothing if None.
    """
    table = world.tables["sites"]
    reach = world.reach(rows, sites)
    ready = world.ready(rows, sites)
    modes = world.modes._replace(doors=world.modes.doors.take(rows))
    if strategy.fleet == "none":
        modes = modes._replace(fleet=modes.fleet._replace(vehicle_start=np.zeros_like(modes.fleet.vehicle_start)))
    prices = estimate_drop_prices(
        modes,
        reach,
        Reach(*(column[rows] for column in world.stations)),
        ready.ready_at,
        own.take(rows),
        world.classes,
        use_lanes_to_door=int(strategy.lanes_to_door),
    )
    package, line, unit = (ints(table[name]) for name in ("package_cost_minor", "line_cost_minor", "unit_cost_minor"))
    problem = OrderRoutingProblem(
        lines=world.lines.take(rows)[0],
        sequence=np.lexsort((rows, world.placed_at[rows])),
        candidates=sites,
        price=prices.price,
        why=prices.why,
        class_g=world.classes.class_g,
        dim_ml_per_kg=world.classes.dim_ml_per_kg,
        pick_day=np.maximum(ready.pick_day, 0),
        capacity=capacity,
        package_minor=package,
        line_minor=line,
        unit_minor=unit,
        stock=stock,
        prices=scarcity,
        risk_minor=risk_minor(world, rows, sites),
    )
    return problem, reach.metres
