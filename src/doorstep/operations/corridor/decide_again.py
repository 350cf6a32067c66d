"""Orders that have sites but are not yet picked, decided once more, all together."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from doorstep.delivery_mode.density_price import DropDensity
from doorstep.domain import Retailer
from doorstep.foundation.arrays import Floats, Ints
from doorstep.geography import TravelTimes
from doorstep.operations.corridor.allocate import TOGETHER_ITERATIONS, SiteChoice
from doorstep.operations.corridor.assemble import allocation_table
from doorstep.operations.corridor.decisions import site_decisions
from doorstep.operations.corridor.live import fixed_choice, live_world, sound_allocations
from doorstep.operations.corridor.scarcity import ScarcityPrices
from doorstep.operations.corridor.site_problem import site_problem
from doorstep.operations.corridor.strategy import DOORSTEP
from doorstep.operations.corridor.world import World
from doorstep.order_routing import OrderRoutingPlan, OrderRoutingProblem, reoptimise, route_orders
from doorstep.order_routing.problem import IMPOSSIBLE, UNLIMITED
from doorstep.order_routing.rules import priced_again


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Orders that change sites all or none, because some take what others leave.

    ``gain_minor`` is what each saves, prices included; negative for one that makes room.
    """

    order_ids: tuple[str, ...]
    gain_minor: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Redecision:
    """What to move, with the new ``allocations`` and ``decisions`` of the orders moved, as in a plan."""

    moves: tuple[Move, ...]
    allocations: pl.DataFrame
    decisions: pl.DataFrame


def decide_again(
    retailer: Retailer,
    allocations: pl.DataFrame,
    *,
    now: int,
    threshold_minor: int,
    density: DropDensity | None = None,
    acceptance: Floats | None = None,
    punctuality: Floats | None = None,
    scarcity: ScarcityPrices | None = None,
    travel: TravelTimes | None = None,
) -> Redecision:
    """Return which orders should change sites: those where that saves more than a threshold for each order moved.

    Only sites from which the promise can still be kept are looked at. An order whose own sites can no longer keep it,
    by the sites' clocks, stays where it is: they may know better.

    Parameters
    ----------
    retailer
        The orders, and as stock what is free and what they hold themselves.
    allocations
        Where the units of every order come from today: ``order_id``, ``product_id``, ``site_id``, ``quantity``.
    now, density, acceptance, punctuality, scarcity, travel
        As in ``decide_sites``.
    """
    record = {"acceptance": acceptance, "punctuality": punctuality}
    world, own = live_world(retailer, now=now, density=density, travel=travel, **record)
    today = fixed_choice(world, sound_allocations(allocations))
    rows, sites = np.arange(world.orders), with_sites(world.candidates, today.order, today.site)
    worth = None if scarcity is None else scarcity.in_world(world)
    problem, _ = site_problem(world, DOORSTEP, own, rows, sites, world.stock, world.capacity, worth)
    problem, plan = _as_today(world, problem, today)
    found = reoptimise(
        problem, plan, world.unserved_minor, np.random.default_rng(world.orders), threshold_minor=threshold_minor,
        iterations=TOGETHER_ITERATIONS,
    )  # fmt: skip
    gain = plan.cost_minor + plan.priced_minor - found.plan.cost_minor - found.plan.priced_minor
    ids = world.tables["orders"]["order_id"].to_list()
    moves = tuple(
        Move(order_ids=tuple(ids[order] for order in group), gain_minor=tuple(gain[group].tolist()))
        for group in _groups(problem, plan, found.plan, found.moved)
        if gain[group].sum() > threshold_minor * group.size
    )
    choice = _choice(world, problem, found.plan)
    moved = [order_id for move in moves for order_id in move.order_ids]
    return Redecision(
        moves=moves,
        allocations=allocation_table(world, choice, choice.status).filter(pl.col("order_id").is_in(moved)),
        decisions=site_decisions(world, choice).filter(pl.col("order_id").is_in(moved)),
    )


def with_sites(candidates: Ints, order: Ints, site: Ints) -> Ints:
    """Return the candidates (O, C) with further columns for sites (A,) of orders that are not among them."""
    used = np.unique(np.column_stack([order, site]), axis=0)
    order, site = used[~(candidates[used[:, 0]] == used[:, 1:]).any(axis=1)].T
    place = np.arange(order.size) - np.searchsorted(order, order)
    more = np.full((candidates.shape[0], int(place.max(initial=-1)) + 1), -1, dtype=np.int64)
    more[order, place] = site
    return np.concatenate([candidates, more], axis=1)


def as_plan(world: World, problem: OrderRoutingProblem, today: SiteChoice) -> OrderRoutingPlan:
    """Return a choice of sites for all orders of a world as a plan of a problem of them, at the problem's costs."""
    products = world.stock.start.size
    key = np.repeat(np.arange(world.orders), np.diff(problem.lines.start)) * products + problem.lines.product
    plan = replace(
        route_orders(problem), status=today.status, order=today.order, site=today.site, quantity=today.quantity,
        line=np.searchsorted(key, today.order * products + today.product),
    )  # fmt: skip
    return priced_again(problem, plan)


def with_room_for(problem: OrderRoutingProblem, plan: OrderRoutingPlan) -> OrderRoutingProblem:
    """Return the problem with at least the pick capacity that a plan takes."""
    used = np.zeros_like(problem.capacity)
    np.add.at(used, (plan.site, _days(problem, plan)), 1)
    return replace(problem, capacity=np.maximum(problem.capacity, used))


def _as_today(
    world: World, problem: OrderRoutingProblem, today: SiteChoice
) -> tuple[OrderRoutingProblem, OrderRoutingPlan]:
    """Return the plan of today, and the problem with room for it and no other way where it is late by now."""
    plan = as_plan(world, problem, today)
    cost, day = plan.cost_minor, _days(problem, plan)
    late = cost >= IMPOSSIBLE
    problem = with_room_for(problem, plan)
    problem = replace(problem, price=np.where(late[:, None, None], IMPOSSIBLE, problem.price))
    priced = np.zeros_like(cost)
    if problem.prices is not None:
        unit_rows = problem.stock.rows(problem.lines.product[plan.line], plan.site)
        each = problem.prices.unit[unit_rows] * plan.quantity + problem.prices.pick[plan.site, day]
        np.add.at(priced, plan.order, each)
    return problem, replace(plan, cost_minor=np.where(late, world.unserved_minor, cost), priced_minor=priced)


def _days(problem: OrderRoutingProblem, plan: OrderRoutingPlan) -> Ints:
    column = (problem.candidates[plan.order] == plan.site[:, None]).argmax(axis=1)
    days: Ints = problem.pick_day[plan.order, column]
    return days


def _groups(
    problem: OrderRoutingProblem, today: OrderRoutingPlan, then: OrderRoutingPlan, moved: Ints
) -> Iterator[Ints]:
    """Yield the orders moved in groups: two are together if there is not enough of something unless one leaves it."""
    if not moved.size:
        return
    things: list[tuple[Ints, Ints]] = []
    before, after = (_taken(problem, plan, moved) for plan in (today, then))
    left = problem.stock.units - np.bincount(
        problem.stock.rows(problem.lines.product[today.line], today.site), weights=today.quantity,
        minlength=problem.stock.units.size,
    )  # fmt: skip
    wanted = np.bincount(after[1], weights=after[2], minlength=left.size)
    tight = wanted > left
    limited = problem.capacity.min(axis=1) < UNLIMITED
    for order, row, _, site in (before, after):
        things.append((order[tight[row]], row[tight[row]]))
        things.append((order[limited[site]], left.size + site[limited[site]]))
    order, thing = (np.concatenate(column) for column in zip(*things, strict=True))
    number = np.searchsorted(moved, order)
    size = moved.size + left.size + limited.size
    links = sp.coo_matrix((np.ones(order.size), (number, moved.size + thing)), shape=(size, size))
    label = connected_components(links, directed=False)[1][: moved.size]
    for group in np.unique(label):
        yield moved[label == group]


def _taken(problem: OrderRoutingProblem, plan: OrderRoutingPlan, moved: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Return what orders moved take: order, row of the stock book, units and site."""
    mine = np.isin(plan.order, moved)
    row = problem.stock.rows(problem.lines.product[plan.line[mine]], plan.site[mine])
    return plan.order[mine], row, plan.quantity[mine], plan.site[mine]


def _choice(world: World, problem: OrderRoutingProblem, plan: OrderRoutingPlan) -> SiteChoice:
    """Return a plan as a choice of the world; what an order costs where it is served alone is what it costs now."""
    single = plan.single_minor.copy()
    here = (problem.candidates[plan.order] == plan.site[:, None]).argmax(axis=1)
    single[plan.order, here] = plan.cost_minor[plan.order]
    return SiteChoice(
        status=plan.status,
        order=plan.order,
        product=world.lines.product[plan.line],
        site=plan.site,
        quantity=plan.quantity,
        candidates=problem.candidates,
        single_minor=single,
        lines_here=plan.lines_here,
        foregone_minor=plan.foregone_minor,
        stock=plan.stock,
        capacity=plan.capacity,
    )
