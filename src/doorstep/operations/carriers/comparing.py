"""Quotes of connected carriers held against one another before a delivery is booked: the cheapest in time has it."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from doorstep.operations.caller import Caller
from doorstep.operations.carriers.calling import Call, state_of
from doorstep.operations.carriers.fallback import DEARER, QUESTION, give_to, untried, weighed_for
from doorstep.operations.fulfil.explain import keep_decision
from doorstep.operations.fulfil.hand_over import lock_delivery
from doorstep.operations.transitions import advance
from doorstep.storage import Connection
from doorstep.storage.schema.carriers import carrier_bookings
from doorstep.storage.schema.fulfilment import deliveries


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """What a carrier says before it is booked: a price and when it is there [epoch s, 0: not said], or why not."""

    carrier_id: str
    price_minor: int = 0
    dropoff_at: int = 0
    refusal: str = ""

    def in_time(self, call: Call) -> bool:
        """Return whether it brings a delivery by the end of its window."""
        return not self.refusal and self.dropoff_at <= call.shipping.arrive_by


def rivals_of(connection: Connection, call: Call, connected: Collection[str]) -> list[str]:
    """Return the connected carriers that the plan weighed beside the one that a delivery is to be booked with.

    There are none where another has tried it before: then the order of the decision holds.
    """
    query = select(func.count()).where(carrier_bookings.c.delivery_id == call.delivery_id)
    if connection.execute(query).scalar_one() > 1:
        return []
    order = select(deliveries.c.order_id).where(deliveries.c.delivery_id == call.delivery_id)
    weighed = weighed_for(connection, connection.execute(order).scalar_one(), call.delivery_id)
    found = untried(connection, call.delivery_id, call.carrier_id, weighed)
    return sorted({str(one["carrier_id"]) for one in found} & set(connected))


def store_comparison(connection: Connection, caller: Caller, call: Call, quotes: Sequence[Quoted], *, now: int) -> str:
    """Keep what carriers quoted as a decision, and give the delivery to the cheapest that is there in time.

    Returns whose it is by then. The planned carrier keeps it where nobody is cheaper, or nobody says a price.
    """
    lock_delivery(connection, caller, call.delivery_id)
    if state_of(connection, call.booking_id) != "asked":
        return call.carrier_id
    row = connection.execute(select(deliveries).where(deliveries.c.delivery_id == call.delivery_id)).one()
    good = [one for one in quotes if one.in_time(call)]
    if row.state != "booked" or row.carrier_id != call.carrier_id or not good:
        return str(row.carrier_id)
    best = min(good, key=lambda one: (one.price_minor, one.carrier_id != call.carrier_id, one.carrier_id))
    weighed = weighed_for(connection, row.order_id, call.delivery_id)
    said = {one.carrier_id: _said(one, call) for one in quotes}
    told = []
    for one in weighed:
        mine = one["delivery_id"] == call.delivery_id
        chosen = mine and one["carrier_id"] == best.carrier_id
        words = said.get(one["carrier_id"], "") if mine else ""
        told.append({**one, "chosen": chosen if mine else one["chosen"], "why": words or one["why"]})
    if best.carrier_id != call.carrier_id:
        why = f"{best.carrier_id} quoted {best.price_minor}"
        advance(connection, caller, "carrier_booking", call.booking_id, "call_off", now=now, reason=DEARER,
                changes={"reason": DEARER, "heard_at": now}, data={"carrier_id": call.carrier_id})  # fmt: skip
        to = next(one for one in weighed if one["carrier_id"] == best.carrier_id)
        parts = json.loads(row.cost_parts) | {"carrier_fee": best.price_minor}
        give_to(connection, caller, row, to, parts, why, now=now)
    keep_decision(connection, caller, row.order_id, QUESTION, told, now=now)
    return best.carrier_id


def _said(one: Quoted, call: Call) -> str:
    if one.refusal:
        return f"quotes nothing: {one.refusal}"
    return f"quoted {one.price_minor}" + ("" if one.in_time(call) else ", but is there too late")
