"""Sites for all orders under one strategy: price list, then order routing, in pieces that bound the memory."""

from dataclasses import dataclass, replace

import numpy as np

from doorstep.delivery_mode import estimate_drop_prices
from doorstep.delivery_mode.estimate import OwnDropPrice, Reach
from doorstep.foundation import Interrupt, Progress
from doorstep.foundation.arrays import Bools, Ints, ints
from doorstep.operations.corridor.strategy import Strategy
from doorstep.operations.corridor.world import World
from doorstep.order_routing import OrderRoutingPlan, OrderRoutingProblem, StockBook, holders_of_missing, route_orders
from doorstep.order_routing.plan import NO_CAPACITY, OUT_OF_STOCK
from doorstep.order_routing.problem import IMPOSSIBLE
from doorstep.order_routing.route import FEWEST_SPLITS_MINOR

PIECE = 8_192
"""Orders priced at a time."""


@dataclass(slots=True, kw_only=True)
class SiteChoice:
    """Allocations (A,) of all orders, sorted by order and site; what was weighed for each (O, C); what is left."""

    status: Ints
    order: Ints
    product: Ints
    site: Ints
    quantity: Ints
    candidates: Ints
    single_minor: Ints
    lines_here: Ints
    stock: StockBook
    capacity: Ints


def choose_sites(
    world: World, strategy: Strategy, own: OwnDropPrice, progress: Progress, interrupt: Interrupt
) -> SiteChoice:
    """Return the site or sites of every order, oldest order first.

    Orders whose near sites lack stock get a second chance at the sites anywhere that hold their scarcest products.
    Orders not reached before an interrupt stay unserved for want of capacity.
    """
    sequence = np.lexsort((np.arange(world.orders), world.placed_at))
    progress.stage(f"{strategy.name}: sites", world.orders)
    pieces: list[tuple[Ints, Ints, OrderRoutingPlan, Ints]] = []
    stock, capacity = world.stock, world.capacity
    missing: list[int] = []
    for low in range(0, world.orders, PIECE):
        rows = np.sort(sequence[low : low + PIECE])
        plan, line_rows = _route_piece(world, strategy, own, rows, world.candidates[rows], stock, capacity)
        stock, capacity = plan.stock, plan.capacity
        pieces.append((rows, world.candidates[rows], plan, line_rows))
        missing += rows[plan.status == OUT_OF_STOCK].tolist()
        progress.advance(rows.size)
        if interrupt():
            break
    again = np.array(sorted(missing), dtype=np.int64)
    if again.size and strategy.sites != "nearest_fc" and not interrupt():
        holders = holders_of_missing(world.lines, again, stock, world.sites, world.doors)
        plan, line_rows = _route_piece(world, strategy, own, again, holders, stock, capacity)
        stock, capacity = plan.stock, plan.capacity
        plan.status[plan.status > 0] = OUT_OF_STOCK  # the near sites lacked stock, the far ones do not help
        pieces.append((again, holders, plan, line_rows))
    return _joined(world, pieces, stock, capacity)


def choose_again(world: World, strategy: Strategy, own: OwnDropPrice, choice: SiteChoice, orders: Ints) -> SiteChoice:
    """Return the choice with other sites for orders that no own vehicle had room for: only carriers count now.

    Their stock and pick capacity are given back first; all other orders keep what they have.
    """
    stock, capacity = choice.stock.copy(), choice.capacity.copy()
    lost = np.isin(choice.order, orders)
    key = np.repeat(np.arange(stock.start.size - 1), np.diff(stock.start)) * len(world.sites) + stock.site
    np.add.at(
        stock.units,
        np.searchsorted(key, choice.product[lost] * len(world.sites) + choice.site[lost]),
        choice.quantity[lost],
    )
    order, site = choice.order[lost], choice.site[lost]
    day = world.ready(order, site[:, None]).pick_day[:, 0]
    np.add.at(capacity, (site, day), 1)
    by_carrier = replace(strategy, fleet="none")
    sites = choice.candidates[orders]
    plan, line_rows = _route_piece(world, by_carrier, own, orders, sites, stock, capacity)
    plan.status[plan.status > 0] = NO_CAPACITY  # stock and a way were there, room on vans was not
    found = _joined(world, [(orders, sites, plan, line_rows)], plan.stock, plan.capacity)
    rows = np.lexsort(
        [np.concatenate(pair) for pair in (
            (choice.product[~lost], found.product), (choice.site[~lost], found.site), (choice.order[~lost], found.order)
        )]
    )  # fmt: skip

    def merged(kept: Ints, fresh: Ints) -> Ints:
        return np.concatenate([kept[~lost], fresh])[rows]

    def changed(before: Ints, after: Ints) -> Ints:
        copy = before.copy()
        copy[orders] = after[orders]
        return copy

    return SiteChoice(
        status=changed(choice.status, found.status),
        order=merged(choice.order, found.order),
        product=merged(choice.product, found.product),
        site=merged(choice.site, found.site),
        quantity=merged(choice.quantity, found.quantity),
        candidates=choice.candidates,
        single_minor=changed(choice.single_minor, found.single_minor),
        lines_here=changed(choice.lines_here, found.lines_here),
        stock=plan.stock,
        capacity=plan.capacity,
    )


def _route_piece(
    world: World,
    strategy: Strategy,
    own: OwnDropPrice,
    rows: Ints,
    sites: Ints,
    stock: StockBook,
    capacity: Ints,
) -> tuple[OrderRoutingPlan, Ints]:
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
    lines, line_rows = world.lines.take(rows)
    price = prices.price
    handling = [ints(table[name]) for name in ("package_cost_minor", "line_cost_minor", "unit_cost_minor")]
    if strategy.sites != "least_cost":
        possible = price < IMPOSSIBLE
        if strategy.sites == "nearest_fc":
            possible &= _allowed_by_nearest_fc(world, rows, sites)[:, :, None]
        price = np.where(possible, reach.metres[:, :, None], IMPOSSIBLE)
        handling = [np.full(table.height, FEWEST_SPLITS_MINOR), *(np.zeros(table.height, np.int64) for _ in range(2))]
    problem = OrderRoutingProblem(
        lines=lines,
        sequence=np.lexsort((rows, world.placed_at[rows])),
        candidates=sites,
        price=price,
        why=prices.why,
        class_g=world.classes.class_g,
        dim_ml_per_kg=world.classes.dim_ml_per_kg,
        pick_day=np.maximum(ready.pick_day, 0),
        capacity=capacity,
        package_minor=handling[0],
        line_minor=handling[1],
        unit_minor=handling[2],
        stock=stock,
    )
    plan = route_orders(problem)
    if strategy.sites != "least_cost":
        _show_real_costs(world, problem, plan, prices.price)
    return plan, line_rows


def _show_real_costs(world: World, problem: OrderRoutingProblem, plan: OrderRoutingPlan, price: Ints) -> None:
    """Replace a rule's ranks in ``single_minor`` by what each candidate would have cost alone."""
    table, lines = world.tables["sites"], problem.lines
    site = np.maximum(problem.candidates, 0)
    package, line, unit = (
        ints(table[name])[site] for name in ("package_cost_minor", "line_cost_minor", "unit_cost_minor")
    )
    totals = [
        np.add.reduceat(np.append(column, 0), lines.start[:-1])
        for column in (lines.quantity, lines.weight_g, lines.volume_ml)
    ]
    units, weight, volume = (np.where(np.diff(lines.start) > 0, total, 0) for total in totals)
    measure = np.maximum(weight, -(-volume * 1000 // problem.dim_ml_per_kg))
    heaviness = np.minimum(np.searchsorted(problem.class_g, measure), problem.class_g.size - 1)
    drop = price[np.arange(heaviness.size), :, heaviness]
    cost = package + line * np.diff(lines.start)[:, None] + unit * units[:, None] + drop
    plan.single_minor[:] = np.where(plan.single_minor >= 0, cost, plan.single_minor)


def _allowed_by_nearest_fc(world: World, rows: Ints, sites: Ints) -> Bools:
    """Return where the first baseline may pick: fulfilment centres, and the place of collection of collected orders."""
    fc = (world.tables["sites"]["kind"].cast(str) == "fc").to_numpy()[np.maximum(sites, 0)]
    here = sites == world.modes.doors.pickup_site[rows][:, None]
    allowed: Bools = fc | here
    return allowed


def _joined(
    world: World, pieces: list[tuple[Ints, Ints, OrderRoutingPlan, Ints]], stock: StockBook, capacity: Ints
) -> SiteChoice:
    width = max((sites.shape[1] for _, sites, _, _ in pieces), default=1)
    shape = (world.orders, width)
    choice = SiteChoice(
        status=np.full(world.orders, 2, dtype=np.int64),
        order=np.empty(0, np.int64),
        product=np.empty(0, np.int64),
        site=np.empty(0, np.int64),
        quantity=np.empty(0, np.int64),
        candidates=np.full(shape, -1, dtype=np.int64),
        single_minor=np.full(shape, -3, dtype=np.int64),
        lines_here=np.zeros(shape, dtype=np.int64),
        stock=stock,
        capacity=capacity,
    )
    columns: list[tuple[Ints, Ints, Ints, Ints]] = []
    for rows, sites, plan, line_rows in pieces:
        choice.status[rows] = plan.status
        here = sites.shape[1]
        choice.candidates[rows] = -1
        choice.candidates[rows, :here] = sites
        choice.single_minor[rows, :here] = plan.single_minor
        choice.lines_here[rows, :here] = plan.lines_here
        columns.append((rows[plan.order], world.lines.product[line_rows[plan.line]], plan.site, plan.quantity))
    if columns:
        order, product, site, quantity = (np.concatenate(c) for c in zip(*columns, strict=True))
        by = np.lexsort((product, site, order))
        choice.order, choice.product, choice.site, choice.quantity = order[by], product[by], site[by], quantity[by]
    return choice
