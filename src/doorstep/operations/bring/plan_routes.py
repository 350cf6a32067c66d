"""Routes and deliveries for all that is at the dock or on its way there: read, solve, store."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import polars as pl
from sqlalchemy import select, update

from doorstep.domain import DayPlan
from doorstep.domain.lifecycles.route import BOOKED
from doorstep.foundation import Interrupt
from doorstep.operations.bring.book import KeptPlan, book_deliveries
from doorstep.operations.bring.cutting import cut_plan, planned_routes, served_orders
from doorstep.operations.bring.new_routes import new_route, route_row
from doorstep.operations.bring.problem import Problem, bundles_of, load_problem, solve, vehicles_taken
from doorstep.operations.bring.replan import replan
from doorstep.operations.bring.rides import Rides, ride_along
from doorstep.operations.bring.timing import Timer
from doorstep.operations.caller import Caller
from doorstep.operations.fulfil.explain import keep_news
from doorstep.operations.fulfil.hand_over import GOING
from doorstep.operations.fulfil.parts import OrderNow, lock_orders
from doorstep.operations.fulfil.settle import settle_order, tell_aside
from doorstep.operations.transitions import advance
from doorstep.storage import Connection
from doorstep.storage.schema.access import tenants
from doorstep.storage.schema.fulfilment import deliveries, routes
from doorstep.vehicle_routing import Solver

WITHIN_S = 12 * 3600
"""Routes that start later are not kept, nor what carriers get later: by then more orders will share them."""
ITERATIONS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPlan:
    """What was stored of a plan, and what was not.

    ``joined`` are the routes of before on which deliveries ride along. ``unserved`` are orders with the reason why
    nobody brings them; ``left_out`` changed meanwhile, or their route did: they are planned another time.
    """

    routes: tuple[str, ...]
    joined: tuple[str, ...]
    deliveries: tuple[str, ...]
    unserved: tuple[tuple[str, str], ...]
    left_out: tuple[str, ...]


def plan_routes(
    connection: Connection,
    caller: Caller,
    *,
    now: int,
    site_id: str | None = None,
    iterations: int = ITERATIONS,
    seed: int = 1,
    solver: Solver | None = None,
    interrupt: Interrupt | None = None,
) -> StoredPlan:
    """Plan who brings what is ready or soon will be, and store it, in one transaction.

    Solving takes its time: where others want to write meanwhile, call ``load_problem`` in a reading transaction,
    ``solve`` and ``ride_along`` in none, and ``store_plan`` in a writing one.
    """
    problem = load_problem(connection, caller.tenant_id, now=now, site_id=site_id)
    plan = solve(problem, iterations=iterations, seed=seed, solver=solver, interrupt=interrupt)
    rides = ride_along(problem, plan, seed=seed, interrupt=interrupt)
    return store_plan(connection, caller, problem, rides, now=now)


def store_plan(
    connection: Connection, caller: Caller, problem: Problem, rides: Rides, *, now: int, within_s: int = WITHIN_S
) -> StoredPlan:
    """Store the deliveries and routes of a plan whose orders are still as it found them.

    Orders that changed while it was made are left out, and the routes that had them are timed anew; a route that no
    longer keeps its windows, or whose vehicle is gone, is left out whole. So are those that were to ride along on a
    route that has changed or left.
    """
    plan = rides.plan
    mine = select(tenants.c.tenant_id).where(tenants.c.tenant_id == caller.tenant_id)
    connection.execute(mine.with_for_update()).one()  # two plans may not give away one vehicle
    locked = lock_orders(connection, caller, {*problem.bundles, *_orders_on(connection, rides.versions)})
    locked = {order_id: order for order_id, order in locked.items() if order_id in problem.bundles}
    still = bundles_of(connection, [o for o, order in locked.items() if order.state in GOING])
    gone = {order_id for order_id, bundle in problem.bundles.items() if still.get(order_id) != bundle}
    gone |= _not_yet_due(plan, now + within_s) | _missed(connection, rides)
    riding = rides.route_of.keys() - gone
    taken = vehicles_taken(connection, caller.tenant_id, now)
    free = {name: count - taken[name] for name, count in problem.retailer.vehicles.select("vehicle_id", "count").rows()}
    timer = Timer(problem.retailer.tables(), problem.travel)
    timed, left = cut_plan(plan, timer, gone | riding, free=free, now=now, until=now + within_s)
    left -= riding
    served = [order_id for order_id in served_orders(plan) if order_id not in left]
    ids = {name: connection.new_id("rte", now) for name in timed}
    joined = sorted({rides.route_of[order_id] for order_id in riding})
    kept = KeptPlan(plan=plan, orders=served, routes=timed, route_ids=ids | {name: name for name in joined})
    booked = book_deliveries(connection, caller, problem, kept, now=now)
    _store_routes(connection, caller, kept, booked, now)
    for route_id in joined:
        _let_join(connection, caller, route_id, now)
    for order_id in served:  # some of it may lie ready to be collected
        settle_order(connection, caller, order_id, now=now)
    return StoredPlan(
        routes=tuple(ids.values()),
        joined=tuple(joined),
        deliveries=tuple(booked.values()),
        unserved=_tell_unserved(connection, caller, plan, locked, left, now),
        left_out=tuple(sorted(left)),
    )


def _store_routes(connection: Connection, caller: Caller, kept: KeptPlan, booked: Mapping[str, str], now: int) -> None:
    parcels = dict(kept.plan.deliveries.select("delivery_id", "parcels").iter_rows())
    for route in planned_routes(kept.plan):
        if route.route_id not in kept.routes:
            continue
        timed, route_id = kept.routes[route.route_id], kept.route_ids[route.route_id]
        load = sum(parcels[stop.delivery_id] for stop in timed.stops if stop.delivery_id)
        row = route_row(caller, route_id, (route.site_id, route.vehicle_id), timed, load, now)
        new_route(connection, caller, row, timed, now=now, ids=booked)


def _orders_on(connection: Connection, route_ids: Collection[str]) -> list[str]:
    query = select(deliveries.c.order_id).where(deliveries.c.route_id.in_(sorted(route_ids)))
    return list(connection.execute(query).scalars())


def _missed(connection: Connection, rides: Rides) -> set[str]:
    """Return the riders whose route is not as it was when they found their place."""
    names = sorted(rides.versions)
    query = select(routes.c.route_id, routes.c.version).where(routes.c.route_id.in_(names), routes.c.state.in_(BOOKED))
    rows = connection.execute(query.order_by(routes.c.route_id).with_for_update()).all()
    stands = {row.route_id: row.version for row in rows}
    return {order_id for order_id, name in rides.route_of.items() if stands.get(name) != rides.versions[name]}


def _let_join(connection: Connection, caller: Caller, route_id: str, now: int) -> None:
    """Plan a route again with the deliveries that were given to it; what finds no place after all is on no route."""
    again = replan(connection, caller, route_id, now=now)
    refused = deliveries.c.delivery_id.in_(again.refused)
    connection.execute(update(deliveries).where(refused).values(route_id=None))
    if again.state == "assigned":
        for name in again.added:
            advance(connection, caller, "delivery", name, "assign", now=now)


def _not_yet_due(plan: DayPlan, until: int) -> set[str]:
    """Return the orders of which a carrier would get something later than that."""
    later = plan.deliveries.filter((pl.col("carrier_id") != "") & (pl.col("ready_at") > until))
    return set(later["order_id"])


def _tell_unserved(
    connection: Connection, caller: Caller, plan: DayPlan, locked: Mapping[str, OrderNow], left: set[str], now: int
) -> tuple[tuple[str, str], ...]:
    """Publish once for each order that nobody can bring it for now, and why; its state does not change by that."""
    gone = plan.order_outcomes.filter(pl.col("status").cast(pl.String) == "unserved")
    found = []
    for order_id, reason, detail in gone.select("order_id", "reason", "detail").iter_rows():
        if order_id in left:
            continue
        found.append((order_id, reason))
        nobody = {"option": "nobody", "mode": "", "cost_minor": None, "chosen": True, "reason": reason, "why": detail}
        if keep_news(connection, caller, order_id, "mode", [nobody], now=now):
            tell_aside(connection, caller, locked[order_id], "order.delayed", now=now, reason=reason)
    return tuple(found)


def weigh_modes(problem: Problem, *, iterations: int = ITERATIONS, seed: int = 1) -> dict[str, list[dict[str, object]]]:
    """Return, by order, the modes that a plan of a problem's orders alone weighs, the chosen ones marked; dry."""
    plan = ride_along(problem, solve(problem, iterations=iterations, seed=seed), seed=seed).plan
    found: dict[str, list[dict[str, object]]] = {order_id: [] for order_id in problem.bundles}
    for row in plan.decisions.to_dicts():
        found[row["order_id"]].append({name: row[name] for name in row if name not in ("order_id", "question")})
    return found
