"""Deliveries stored as a plan has them: who brings each, at what cost, and why."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import polars as pl
from sqlalchemy import update

from doorstep.domain import DayPlan, Retailer
from doorstep.operations.bring.problem import Problem
from doorstep.operations.bring.timing import TimedRoute
from doorstep.operations.caller import Caller
from doorstep.operations.fulfil.explain import keep_decision
from doorstep.operations.stations.expecting import expect_units
from doorstep.operations.transitions import advance, tell_created
from doorstep.storage import Connection
from doorstep.storage.journal import canonical
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.fulfilment import deliveries, shipments

FROM_PLAN = {"line_haul_minor": "line_haul", "carrier_fee_minor": "carrier_fee", "failure_risk_minor": "failure_risk"}


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPlan:
    """A plan, the orders of it that are stored, its routes as timed, and the ids under which routes are stored."""

    plan: DayPlan
    orders: Collection[str]
    routes: Mapping[str, TimedRoute]
    route_ids: Mapping[str, str]


def book_deliveries(
    connection: Connection, caller: Caller, problem: Problem, kept: KeptPlan, *, now: int
) -> dict[str, str]:
    """Store the deliveries of a plan with the shipments they bring, and return their ids by those of the plan.

    Which mode brings an order is decided by the plan as a whole: a van that drives anyway is cheap for the next door.
    So there is no choice of mode for an order alone; this stores the joint choice. A carrier's delivery is created,
    quoted and booked, an own van's created and booked; what is collected is created and prepared.
    """
    rows = kept.plan.deliveries.filter(pl.col("order_id").is_in(list(kept.orders))).to_dicts()
    ids = {row["delivery_id"]: connection.new_id("dlv", now) for row in rows}
    parts = _cost_parts(kept, problem.retailer)
    arrivals = {
        stop.delivery_id: stop.service_at for route in kept.routes.values() for stop in route.stops if stop.delivery_id
    }
    stored = [_row(caller, row, ids, kept, parts[row["delivery_id"]], arrivals, now) for row in rows]
    connection.run(inserting(deliveries), stored)
    for row in stored:
        _begin(connection, caller, row, now)
    _give_shipments(connection, caller, problem, kept, ids, now)
    _explain(connection, caller, kept, ids, now)
    return ids


def _row(
    caller: Caller,
    row: Mapping[str, object],
    ids: Mapping[str, str],
    kept: KeptPlan,
    parts: Mapping[str, int],
    arrivals: Mapping[str, int],
    now: int,
) -> dict[str, object]:
    name = str(row["delivery_id"])
    return {
        "delivery_id": ids[name],
        "tenant_id": caller.tenant_id,
        "order_id": row["order_id"],
        "kind": "collection" if row["mode"] == "pickup" else "door",
        "state": "created",
        "version": 1,
        "event_at": None,
        "site_id": row["dispatch_site_id"],
        "mode": row["mode"],
        "carrier_id": row["carrier_id"],
        "route_id": kept.route_ids.get(str(row["route_id"])),
        "attempts": 0,
        "pin_tries": 0,
        "ready_at": row["ready_at"],
        "arrive_at": arrivals.get(name, row["arrive_at"]),
        "parcels": row["parcels"],
        "weight_g": row["weight_g"],
        "volume_ml": row["volume_ml"],
        "cost_minor": sum(parts.values()),
        "cost_parts": canonical(parts),
        "created_at": now,
    }


def _begin(connection: Connection, caller: Caller, row: Mapping[str, object], now: int) -> None:
    name, order_id = str(row["delivery_id"]), str(row["order_id"])
    known = {"order_id": order_id, "mode": row["mode"], "carrier_id": row["carrier_id"]}
    kind = "collection" if row["kind"] == "collection" else "delivery"
    tell_created(connection, caller, kind, name, "created", now=now, data=known)
    events = ("prepare",) if kind == "collection" else ("quote", "book") if row["carrier_id"] else ("book",)
    for event in events:
        advance(connection, caller, kind, name, event, now=now, data=known)


def _cost_parts(kept: KeptPlan, retailer: Retailer) -> dict[str, dict[str, int]]:
    """Return what each delivery costs, part by part; parts of nothing are left out."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    plan = kept.plan
    for row in plan.deliveries.iter_rows(named=True):
        found[row["delivery_id"]] += Counter({part: row[name] for name, part in FROM_PLAN.items()})
    for route in kept.routes.values():
        for part, shares in (("stem", route.stem_minor), ("drop", route.drop_minor)):
            for name, minor in shares.items():
                found[name][part] += minor
    bringing = {}
    for row in plan.parcels.iter_rows(named=True):
        bringing[row["order_id"], row["site_id"]] = row["delivery_id"]
        found[row["delivery_id"]]["carton"] += row["carton_minor"]
    sites = {row["site_id"]: row for row in retailer.sites.iter_rows(named=True)}
    packages = plan.allocations.group_by("order_id", "site_id").agg(lines=pl.len(), units=pl.col("quantity").sum())
    for order_id, site_id, lines, units in packages.iter_rows():
        site = sites[site_id]
        pick = site["package_cost_minor"] + site["line_cost_minor"] * lines + site["unit_cost_minor"] * units
        found[bringing[order_id, site_id]]["pick"] += pick
    for row in plan.deliveries.filter(pl.col("mode").cast(pl.String) == "pickup").iter_rows(named=True):
        found[row["delivery_id"]]["pick"] += sites[row["dispatch_site_id"]]["staging_cost_minor"]
    return {name: {part: minor for part, minor in parts.items() if minor} for name, parts in found.items()}


def _give_shipments(
    connection: Connection, caller: Caller, problem: Problem, kept: KeptPlan, ids: Mapping[str, str], now: int
) -> None:
    """Give shipments to their deliveries, with the lanes they take; what is packed of them is expected there."""
    columns = ("order_id", "site_id", "delivery_id", "lane_departs_at")
    bringing = kept.plan.parcels.select(*columns).unique(maintain_order=True)
    to = dict(kept.plan.deliveries.select("delivery_id", "dispatch_site_id").iter_rows())
    lanes = problem.retailer.lanes.select("from_site_id", "to_site_id", "duration_s")
    takes_s = {(a, b): duration_s for a, b, duration_s in lanes.iter_rows()}
    given = []
    for order_id, site_id, name, departs_at in bringing.iter_rows():
        if name in ids:
            given.append(dict(problem.bundles[order_id].shipments)[site_id])
            arrives_at = None if departs_at is None else departs_at + takes_s[site_id, to[name]]
            way = {"delivery_id": ids[name], "lane_departs_at": departs_at, "lane_arrives_at": arrives_at}
            connection.execute(update(shipments).where(shipments.c.shipment_id == given[-1]).values(way))
    if any(departs_at is not None for departs_at in bringing["lane_departs_at"]):
        expect_units(connection, caller, given, now=now)


def _explain(connection: Connection, caller: Caller, kept: KeptPlan, ids: Mapping[str, str], now: int) -> None:
    weighed: dict[str, list[dict[str, object]]] = defaultdict(list)
    names = ("delivery_id", "option", "site_id", "mode", "carrier_id", "cost_minor", "chosen", "code", "why")
    for row in kept.plan.decisions.select("order_id", *names).iter_rows(named=True):
        if row["delivery_id"] in ids:
            weighed[row["order_id"]].append({n: row[n] for n in names} | {"delivery_id": ids[row["delivery_id"]]})
    for order_id, alternatives in weighed.items():
        keep_decision(connection, caller, order_id, "mode", alternatives, now=now)
