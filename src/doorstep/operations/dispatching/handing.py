"""Deliveries at risk that a carrier could bring instead of an own van, and one handed over."""

import json
from collections.abc import Collection

import polars as pl
from sqlalchemy import select

from doorstep.foundation import ConflictError
from doorstep.operations.bring.follow_up import BEFORE_PICKUP
from doorstep.operations.caller import Caller
from doorstep.operations.carriers.fallback import QUESTION, Alternative, give_to, untried, weighed_for
from doorstep.operations.dispatching.rewriting import has_left
from doorstep.operations.dispatching.running import SiteRun
from doorstep.operations.dispatching.weighing import Offer
from doorstep.operations.fulfil.explain import keep_decision
from doorstep.operations.fulfil.hand_over import lock_delivery
from doorstep.storage import Connection
from doorstep.storage.schema.fulfilment import deliveries

SUNK = ("pick", "carton", "line_haul")
"""Parts of a delivery's cost that stay whoever brings it."""
WHY = "dispatch"


def offers_for(connection: Connection, run: SiteRun, stops: Collection[int]) -> list[Offer]:
    """Return for each stop that has not left the site the cheapest carrier on demand that its last decision weighed."""
    on_demand = run.retailer.carriers.filter(pl.col("kind").cast(pl.String) == "on_demand")
    lead_s = dict(on_demand.select("carrier_id", "lead_s").iter_rows())
    found = []
    for stop in sorted(set(stops) - run.aboard) if lead_s else ():
        name, order_id = run.names[stop], run.order_ids[stop]
        weighed = weighed_for(connection, order_id, name)
        left = [one for one in untried(connection, name, "", weighed) if one["carrier_id"] in lead_s]
        if left:
            best = min(left, key=lambda one: (one["cost_minor"], one["carrier_id"]))
            arrive_at = run.now + lead_s[best["carrier_id"]] + run.way_s(stop)
            fee = best["cost_minor"] - _sunk(connection, name)
            found.append(Offer(delivery_id=name, carrier_id=best["carrier_id"], fee_minor=fee, arrive_at=arrive_at))
    return found


def hand_to_carrier(connection: Connection, caller: Caller, delivery_id: str, carrier_id: str, *, now: int) -> None:
    """Give a delivery, which is on no route any more, from the own fleet to a carrier that its decision weighed.

    Raises
    ------
    ConflictError
        If it has left the site, has ended, or the carrier was asked before.
    """
    order_id, _ = lock_delivery(connection, caller, delivery_id)
    row = connection.execute(select(deliveries).where(deliveries.c.delivery_id == delivery_id)).one()
    if row.state not in BEFORE_PICKUP or row.carrier_id or has_left(connection, delivery_id):
        raise ConflictError(f"delivery {delivery_id} is {row.state} and not at its site.")
    if row.route_id is not None:
        raise ConflictError(f"delivery {delivery_id} rides on route {row.route_id} by now.")
    weighed = weighed_for(connection, order_id, delivery_id)
    chosen = [one for one in untried(connection, delivery_id, "", weighed) if one["carrier_id"] == carrier_id]
    if not chosen:
        raise ConflictError(f"carrier {carrier_id} was not weighed for delivery {delivery_id}, or asked before.")
    best = min(chosen, key=lambda one: one["cost_minor"])
    parts = {name: minor for name, minor in json.loads(row.cost_parts).items() if name in SUNK}
    fee = best["cost_minor"] - sum(parts.values())
    give_to(connection, caller, row, best, parts | {"carrier_fee": max(0, fee)}, WHY, now=now)
    told = [_told(one, delivery_id, best) for one in weighed]
    keep_decision(connection, caller, order_id, QUESTION, told, now=now)


def _sunk(connection: Connection, delivery_id: str) -> int:
    query = select(deliveries.c.cost_parts).where(deliveries.c.delivery_id == delivery_id)
    parts = json.loads(connection.execute(query).scalar_one())
    return sum(minor for name, minor in parts.items() if name in SUNK)


def _told(one: Alternative, delivery_id: str, chosen: Alternative) -> dict[str, object]:
    if one["delivery_id"] != delivery_id:
        return dict(one)
    if one is chosen:
        return {**one, "chosen": True, "why": "the own van would be late"}
    return {**one, "chosen": False, "why": "would be late" if one["chosen"] else one["why"]}
