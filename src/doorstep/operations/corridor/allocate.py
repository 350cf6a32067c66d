"""Sites for all orders under one strategy: price list, then order routing, in pieces that bound the memory."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from doorstep.delivery_mode.estimate import OwnDropPrice
from doorstep.foundation import Interrupt, Progress
from doorstep.foundation.arrays import Bools, Ints, ints
from doorstep.operations.corridor.site_problem import site_problem
from doorstep.operations.corridor.strategy import Strategy
from doorstep.operations.corridor.world import World
from doorstep.order_routing import OrderRoutingPlan, OrderRoutingProblem, Prices, StockBook, reoptimise, route_orders
from doorstep.order_routing.candidates import holders_of_missing
from doorstep.order_routing.plan import NO_CAPACITY, OUT_OF_STOCK
from doorstep.order_routing.problem import IMPOSSIBLE
from doorstep.order_routing.rules import route_by_fewest_splits

PIECE = 8_192
"""Orders priced at a time."""
TOGETHER_ITERATIONS = 40


@dataclass(slots=True, kw_only=True)
class SiteChoice:
    """Allocations (A,) of all orders, sorted by order and site; what was weighed for each (O, C); what is left.

    ``estimate_minor`` is what the sites of all orders cost by the estimates that they were chosen by, an order that is
    not served at its cost of not serving it; ``bound_minor`` is proved to be no more than what any choice costs, 0 if
    nothing was proved.
    """

    status: Ints
    order: Ints
    product: Ints
    site: Ints
    quantity: Ints
    candidates: Ints
    single_minor: Ints
    lines_here: Ints
    foregone_minor: Ints
    stock: StockBook
    capacity: Ints
    estimate_minor: int = 0
    bound_minor: int = 0

    def above_bound_share(self) -> float | None:
        """Return how far the estimate lies above what is proved, None if nothing is."""
        return self.estimate_minor / self.bound_minor - 1 if self.bound_minor > 0 else None


def choose_sites(
    world: World,
    strategy: Strategy,
    own: OwnDropPrice,
    progress: Progress,
    interrupt: Interrupt,
    *,
    together: bool = False,
    scarcity: Prices | None = None,
) -> SiteChoice:
    """Return the site or sites of every order, oldest order first, and then, if ``together``, all once more together.

    Orders whose near sites lack stock get a second chance at the sites anywhere that hold their scarcest products.
    Orders not reached before an interrupt stay unserved for want of capacity. ``scarcity`` is what stock and capacity
    are worth to later orders; nothing if None.
    """
    sequence = np.lexsort((np.arange(world.orders), world.placed_at))
    progress.stage(f"{strategy.name}: sites", world.orders)
    pieces: list[_Piece] = []
    stock, capacity = world.stock, world.capacity
    missing: list[int] = []
    for low in range(0, world.orders, PIECE):
        rows = np.sort(sequence[low : low + PIECE])
        sites = world.candidates[rows]
        piece = _route_piece(world, strategy, own, rows, sites, stock, capacity, together=together, scarcity=scarcity)
        stock, capacity = piece.plan.stock, piece.plan.capacity
        pieces.append(piece)
        missing += rows[piece.plan.status == OUT_OF_STOCK].tolist()
        progress.advance(rows.size)
        if interrupt():
            break
    again = np.array(sorted(missing), dtype=np.int64)
    if again.size and strategy.sites != "nearest_fc" and not interrupt():
        holders = holders_of_missing(world.lines, again, stock, world.sites, world.doors)
        piece = _route_piece(world, strategy, own, again, holders, stock, capacity, scarcity=scarcity)
        stock, capacity = piece.plan.stock, piece.plan.capacity
        piece.plan.status[piece.plan.status > 0] = OUT_OF_STOCK  # the near sites lacked stock, the far do not help
        pieces.append(piece)
    choice = _joined(world, pieces, stock, capacity)
    if together and len(pieces) == 1:  # of several, each is bounded only given what those before it left
        served = piece.plan.status == 0
        choice.estimate_minor = int(np.where(served, piece.plan.cost_minor, world.unserved_minor[piece.rows]).sum())
        choice.bound_minor = piece.bound_minor if scarcity is None else 0  # it would bound prices too
    return choice


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
    piece = _route_piece(world, by_carrier, own, orders, sites, stock, capacity)
    plan = piece.plan
    plan.status[plan.status > 0] = NO_CAPACITY  # stock and a way were there, room on vans was not
    found = _joined(world, [piece], plan.stock, plan.capacity)
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
        foregone_minor=changed(choice.foregone_minor, found.foregone_minor),
        stock=plan.stock,
        capacity=plan.capacity,
    )


class _Piece(NamedTuple):
    """Some orders (R,), their candidates (R, C), their plan, which lines of the world its lines are, and a bound."""

    rows: Ints
    sites: Ints
    plan: OrderRoutingPlan
    line_rows: Ints
    bound_minor: int = 0


def _route_piece(
    world: World,
    strategy: Strategy,
    own: OwnDropPrice,
    rows: Ints,
    sites: Ints,
    stock: StockBook,
    capacity: Ints,
    *,
    together: bool = False,
    scarcity: Prices | None = None,
) -> _Piece:
    problem, metres = site_problem(world, strategy, own, rows, sites, stock, capacity, scarcity)
    line_rows = world.lines.take(rows)[1]
    if strategy.sites == "least_cost":
        plan = route_orders(problem)
        if not together:
            return _Piece(rows, sites, plan, line_rows)
        rng = np.random.default_rng(rows.size)
        found = reoptimise(problem, plan, world.unserved_minor[rows], rng, iterations=TOGETHER_ITERATIONS)
        return _Piece(rows, sites, found.plan, line_rows, found.bound_minor)
    if strategy.sites == "nearest_fc":
        allowed = _allowed_by_nearest_fc(world, rows, sites)
        problem = replace(problem, price=np.where(allowed[:, :, None], problem.price, IMPOSSIBLE))
    plan = route_by_fewest_splits(problem, metres)
    _show_real_costs(world, problem, plan, problem.price)
    return _Piece(rows, sites, plan, line_rows)


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


def _joined(world: World, pieces: list[_Piece], stock: StockBook, capacity: Ints) -> SiteChoice:
    width = max((piece.sites.shape[1] for piece in pieces), default=1)
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
        foregone_minor=np.zeros(shape, dtype=np.int64),
        stock=stock,
        capacity=capacity,
    )
    columns: list[tuple[Ints, Ints, Ints, Ints]] = []
    for rows, sites, plan, line_rows, _ in pieces:
        choice.status[rows] = plan.status
        here = sites.shape[1]
        choice.candidates[rows] = -1
        choice.candidates[rows, :here] = sites
        choice.single_minor[rows, :here] = plan.single_minor
        choice.lines_here[rows, :here] = plan.lines_here
        choice.foregone_minor[rows, :here] = plan.foregone_minor
        columns.append((rows[plan.order], world.lines.product[line_rows[plan.line]], plan.site, plan.quantity))
    if columns:
        order, product, site, quantity = (np.concatenate(c) for c in zip(*columns, strict=True))
        by = np.lexsort((product, site, order))
        choice.order, choice.product, choice.site, choice.quantity = order[by], product[by], site[by], quantity[by]
    return choice
