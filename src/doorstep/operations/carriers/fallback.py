"""A delivery that its carrier does not bring goes to the next one that the plan weighed, until none is left."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, select

from doorstep.operations.bring.follow_up import follow_up
from doorstep.operations.caller import Caller
from doorstep.operations.fulfil.explain import keep_decision
from doorstep.operations.fulfil.settle import hold_if_possible
from doorstep.operations.transitions import advance
from doorstep.storage import Connection
from doorstep.storage.journal import canonical
from doorstep.storage.schema.carriers import carrier_bookings
from doorstep.storage.schema.fulfilment import decisions, deliveries

QUESTION = "mode"
NOBODY_LEFT = "no_carrier"
DEARER = "dearer"
"""Why a booking is called off that was never asked for: another carrier quoted less. Its carrier may still follow."""
WITH_CARRIER = ("booked", "assigned", "en_route_to_pickup", "at_pickup")
"""States in which a delivery can still change hands."""

Alternative = Mapping[str, Any]


def give_to_next(connection: Connection, caller: Caller, delivery_id: str, why: str, *, now: int) -> str:
    """Give a delivery, whose order is locked, to the cheapest carrier of its last decision that was not tried yet.

    Returns the carrier; "" if none is left: then nobody brings it, and its order waits for somebody to decide.
    """
    row = connection.execute(select(deliveries).where(deliveries.c.delivery_id == delivery_id)).one()
    if row.state not in WITH_CARRIER:
        return str(row.carrier_id)
    weighed = weighed_for(connection, row.order_id, delivery_id)
    left = untried(connection, delivery_id, row.carrier_id, weighed)
    if not left:
        advance(connection, caller, "delivery", delivery_id, "reject", now=now, reason=NOBODY_LEFT)
        follow_up(connection, caller, row.order_id, delivery_id, reason=NOBODY_LEFT, now=now)
        hold_if_possible(connection, caller, row.order_id, now=now, reason=NOBODY_LEFT)
        return ""
    chosen = min(left, key=lambda one: (one["cost_minor"], one["carrier_id"]))
    parts = _parts_of(json.loads(row.cost_parts), chosen, weighed, delivery_id)
    give_to(connection, caller, row, chosen, parts, why, now=now)
    told = [_told(one, delivery_id, chosen, str(row.carrier_id), why) for one in weighed]
    keep_decision(connection, caller, row.order_id, QUESTION, told, now=now)
    return str(chosen["carrier_id"])


def give_to(
    connection: Connection, caller: Caller, row: "Row[Any]", chosen: Alternative, parts: Mapping[str, int], why: str, *,
    now: int,
) -> None:  # fmt: skip
    """Give a delivery that its carrier does not have yet to another one, at what its parts cost then."""
    known = {"carrier_id": chosen["carrier_id"], "mode": chosen["mode"], "was": row.carrier_id}
    changes = {"carrier_id": chosen["carrier_id"], "mode": chosen["mode"], "cost_minor": sum(parts.values()),
               "cost_parts": canonical(parts)}  # fmt: skip
    advance(connection, caller, "delivery", row.delivery_id, "reassign", now=now, reason=why, data=known)
    advance(connection, caller, "delivery", row.delivery_id, "book", now=now, reason=why, changes=changes, data=known)


def weighed_for(connection: Connection, order_id: str, delivery_id: str) -> list[Alternative]:
    """Return what the last decision weighed that is about a delivery; later ones may be about the rest of its order."""
    query = (
        select(decisions.c.alternatives)
        .where(decisions.c.order_id == order_id, decisions.c.question == QUESTION)
        .order_by(decisions.c.decision_id.desc())
    )
    for text in connection.execute(query).scalars():
        weighed: list[Alternative] = json.loads(text)
        if any(one.get("delivery_id") == delivery_id for one in weighed):
            return weighed
    return []


def untried(connection: Connection, delivery_id: str, carrier_id: str, weighed: list[Alternative]) -> list[Alternative]:
    """Return the carriers of a decision that have not been asked for a delivery."""
    mine = (carrier_bookings.c.delivery_id == delivery_id) & (carrier_bookings.c.reason != DEARER)
    query = select(carrier_bookings.c.carrier_id).where(mine)
    tried = {carrier_id, *connection.execute(query).scalars()}
    return [
        one
        for one in weighed
        if one["delivery_id"] == delivery_id
        and one["carrier_id"]
        and one["carrier_id"] not in tried
        and one["cost_minor"] is not None
    ]


def _parts_of(
    parts: dict[str, int], chosen: Alternative, weighed: list[Alternative], delivery_id: str
) -> dict[str, int]:
    """Return the parts of the delivery's cost with what the next carrier costs more, or less, in its fee."""
    before = next((one for one in weighed if one["chosen"] and one["delivery_id"] == delivery_id), None)
    more = chosen["cost_minor"] - before["cost_minor"] if before and before["cost_minor"] is not None else 0
    return parts | {"carrier_fee": max(0, parts.get("carrier_fee", 0) + more)}


def _told(one: Alternative, delivery_id: str, chosen: Alternative, was: str, why: str) -> dict[str, object]:
    """Return an alternative as the new decision tells it."""
    if one["delivery_id"] != delivery_id:
        return dict(one)
    if one["carrier_id"] == was:
        return {**one, "chosen": False, "why": why}
    mine = one["carrier_id"] == chosen["carrier_id"] and one["mode"] == chosen["mode"]
    return {**one, "chosen": mine, "why": f"next after {was}" if mine else one["why"]}
