"""Routes and deliveries for all that is at the dock or on its way there: read, solve, store."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl
from sqlalchemy import select

from doorstep.domain import DayPlan
from doorstep.foundation import Interrupt
from doorstep.operations.bring.book import KeptPlan, book_deliveries
from doorstep.operations.bring.cutting import cut_plan, planned_routes, served_orders
from doorstep.operations.bring.problem import Problem, bundles_of, load_problem, solve, vehicles_taken
from doorstep.operations.bring.timing import TimedRoute, Timer
from doorstep.operations.caller import Caller
from doorstep.operations.fulfil.explain import keep_news
from doorstep.operations.fulfil.hand_over import GOING
from doorstep.operations.fulfil.parts import OrderNow, lock_orders
from doorstep.operations.fulfil.settle import settle_order, tell_aside
from doorstep.operations.transitions import advance, tell_created
from doorstep.storage import Connection
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.access import tenants
from doorstep.storage.schema.fulfilment import routes, stops
from doorstep.vehicle_routing import Solver

WITHIN_S = 12 * 3600
"""Routes that start later are not kept, nor what carriers get later: by then more orders will share them."""
ITERATIONS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPlan:
    """What was stored of a plan, and what was not.

    ``unserved`` are orders with the reason why nobody brings them; ``left_out`` changed meanwhile, or their route did:
    they are planned another time.
    """

    routes: tuple[str, ...]
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
    ``solve`` in none, and ``store_plan`` in a writing one.
    """
    problem = load_problem(connection, caller.tenant_id, now=now, site_id=site_id)
    plan = solve(problem, iterations=iterations, seed=seed, solver=solver, interrupt=interrupt)
    return store_plan(connection, caller, problem, plan, now=now)


def store_plan(
    connection: Connection, caller: Caller, problem: Problem, plan: DayPlan, *, now: int, within_s: int = WITHIN_S
) -> StoredPlan:
    """Store the deliveries and routes of a plan whose orders are still as it found them.

    Orders that changed while it was made are left out, and the routes that had them are timed anew; a route that no
    longer keeps its windows, or whose vehicle is gone, is left out whole.
    """
    mine = select(tenants.c.tenant_id).where(tenants.c.tenant_id == caller.tenant_id)
    connection.execute(mine.with_for_update()).one()  # two plans may not give away one vehicle
    locked = lock_orders(connection, caller, problem.bundles)
    still = bundles_of(connection, [o for o, order in locked.items() if order.state in GOING])
    gone = {order_id for order_id, bundle in problem.bundles.items() if still.get(order_id) != bundle}
    gone |= _not_yet_due(plan, now + within_s)
    taken = vehicles_taken(connection, caller.tenant_id, now)
    free = {name: count - taken[name] for name, count in problem.retailer.vehicles.select("vehicle_id", "count").rows()}
    timer = Timer(problem.retailer.tables(), problem.travel)
    timed, left = cut_plan(plan, timer, gone, free=free, now=now, until=now + within_s)
    served = [order_id for order_id in served_orders(plan) if order_id not in left]
    ids = {name: connection.new_id("rte", now) for name in timed}
    kept = KeptPlan(plan=plan, orders=served, routes=timed, route_ids=ids)
    booked = book_deliveries(connection, caller, problem, kept, now=now)
    _store_routes(connection, caller, kept, booked, now)
    for order_id in served:  # some of it may lie ready to be collected
        settle_order(connection, caller, order_id, now=now)
    return StoredPlan(
        routes=tuple(ids.values()),
        deliveries=tuple(booked.values()),
        unserved=_tell_unserved(connection, caller, plan, locked, left, now),
        left_out=tuple(sorted(left)),
    )


def stop_rows(
    caller: Caller, route_id: str, timed: TimedRoute, ids: Mapping[str, str] | None = None
) -> list[dict[str, object]]:
    """Return the rows of a route's stops; ``ids`` are those of deliveries by the ones in the route."""
    return [
        {
            **stop._asdict(),
            "delivery_id": ids[stop.delivery_id] if ids and stop.delivery_id else stop.delivery_id,
            "route_id": route_id,
            "sequence": sequence,
            "tenant_id": caller.tenant_id,
        }
        for sequence, stop in enumerate(timed.stops)
    ]


def _store_routes(connection: Connection, caller: Caller, kept: KeptPlan, booked: Mapping[str, str], now: int) -> None:
    parcels = dict(kept.plan.deliveries.select("delivery_id", "parcels").iter_rows())
    for route in planned_routes(kept.plan):
        if route.route_id not in kept.routes:
            continue
        timed, route_id = kept.routes[route.route_id], kept.route_ids[route.route_id]
        load = sum(parcels[stop.delivery_id] for stop in timed.stops if stop.delivery_id)
        row = route_row(caller, route_id, (route.site_id, route.vehicle_id), timed, load, now)
        new_route(connection, caller, row, timed, now=now, ids=booked)


def route_row(
    caller: Caller, route_id: str, of: tuple[str, str], timed: TimedRoute, parcels: int, now: int
) -> dict[str, object]:
    """Return the row of a new route; ``of`` are its site and vehicle."""
    site_id, vehicle_id = of
    return {
        "route_id": route_id, "tenant_id": caller.tenant_id, "site_id": site_id, "vehicle_id": vehicle_id,
        "driver": "", "state": "draft", "version": 1, "event_at": None, "starts_at": timed.starts_at,
        "ends_at": timed.ends_at, "distance_m": timed.distance_m,
        "stops": sum(bool(stop.delivery_id) for stop in timed.stops), "parcels": parcels, "trips": timed.trips,
        "cost_minor": timed.cost_minor, "driver_minor": timed.driver_minor, "created_at": now,
    }  # fmt: skip


def new_route(
    connection: Connection,
    caller: Caller,
    row: Mapping[str, object],
    timed: TimedRoute,
    *,
    now: int,
    ids: Mapping[str, str] | None = None,
) -> None:
    """Store a new route with its stops, planned; ``ids`` as in ``stop_rows``."""
    route_id, known = str(row["route_id"]), {"site_id": row["site_id"], "stops": row["stops"]}
    connection.run(inserting(routes), [dict(row)])
    connection.run(inserting(stops), stop_rows(caller, route_id, timed, ids))
    tell_created(connection, caller, "route", route_id, "draft", now=now, data=known)
    advance(connection, caller, "route", route_id, "plan", now=now, data=known)


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
    plan = solve(problem, iterations=iterations, seed=seed)
    found: dict[str, list[dict[str, object]]] = {order_id: [] for order_id in problem.bundles}
    for row in plan.decisions.to_dicts():
        found[row["order_id"]].append({name: row[name] for name in row if name not in ("order_id", "question")})
    return found
