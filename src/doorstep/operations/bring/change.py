"""What people decide about a delivery: cancelled before it is picked up, tried again, sent elsewhere, or next door."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy import select, update

from doorstep.domain.lifecycles import LIFECYCLES
from doorstep.foundation import ConflictError
from doorstep.operations.bring.at_the_door import check_not_in_person
from doorstep.operations.bring.follow_up import follow_up
from doorstep.operations.caller import Caller
from doorstep.operations.exceptions import open_about_delivery
from doorstep.operations.fulfil.hand_over import lock_delivery
from doorstep.operations.fulfil.parts import lock_orders
from doorstep.operations.fulfil.settle import tell_aside
from doorstep.operations.shoppers.links import SHOPPER
from doorstep.operations.transitions import Change, advance
from doorstep.storage import Connection
from doorstep.storage.journal import canonical
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.fulfilment import deliveries, tracking_events
from doorstep.storage.schema.orders import orders

DECIDED_HERE = "doorstep"
"""The source of decisions among the facts that others tell."""
ASKS = {"reschedule": "another time", "redirect": "another place"}
"""What a shopper may ask for that somebody has to arrange."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A decision about a delivery.

    Parameters
    ----------
    reason
        A code: like ``told`` it is published and audited, and stays when the person is forgotten.
    details
        JSON text: a note, another door, and whatever else is about a person; kept where it can be erased.
    """

    event: Literal["cancel", "reschedule", "redirect", "restock"]
    reason: str
    told: Mapping[str, object] = field(default_factory=dict)
    details: str = "{}"


def change_delivery(connection: Connection, caller: Caller, delivery_id: str, decided: Decided, *, now: int) -> Change:
    """Move a delivery by a command and bring everything else in line: its parcels wait again, its route closes up.

    The decision is kept among the facts about the delivery. What a shopper asks for after an attempt in vain becomes an
    exception: its parcels are on a van or somewhere after it, and nothing plans them by itself.

    Raises
    ------
    NotFoundError
        If the tenant has no such delivery.
    IllegalTransitionError
        If its state does not allow the event.
    """
    order_id, kind = lock_delivery(connection, caller, delivery_id)
    change = advance(connection, caller, kind, delivery_id, decided.event, now=now, reason=decided.reason,
                     data=decided.told)  # fmt: skip
    name = _keep(connection, caller, delivery_id, decided.event, decided, now)
    follow_up(connection, caller, order_id, delivery_id, reason=decided.reason, now=now)
    if caller.actor == SHOPPER and decided.event in ASKS:
        says = f"The shopper of order {{code}} asks for {ASKS[decided.event]} after an attempt in vain: arrange it."
        told = (DECIDED_HERE, name)
        open_about_delivery(connection, caller, "shopper_asked", delivery_id, told, says, now=now)
    return change


def send_next_door(connection: Connection, caller: Caller, delivery_id: str, decided: Decided, *, now: int) -> None:
    """Let a delivery be left with a neighbour from now on, as its shopper allows; one attempted in vain goes there.

    Raises
    ------
    NotFoundError
        If the tenant has no such delivery.
    ConflictError
        If it has ended, is collected, or only the shopper themself may take the goods.
    """
    order_id, kind = lock_delivery(connection, caller, delivery_id)
    mine = select(deliveries.c.state).where(deliveries.c.delivery_id == delivery_id)
    state = connection.execute(mine).scalar_one()
    if kind == "collection" or state in LIFECYCLES["delivery"].terminal:
        raise ConflictError(f"delivery {delivery_id} is {state}: no neighbour takes it.")
    check_not_in_person(connection, order_id)
    connection.execute(update(orders).where(orders.c.order_id == order_id).values(neighbour_ok=1))
    connection.journal.audit(tenant_id=caller.tenant_id, at=now, actor=caller.actor, kind="consent", object_id=order_id,
                             event="allow_neighbour", reason=decided.reason)  # fmt: skip
    if state == "attempted":
        change_delivery(connection, caller, delivery_id, decided, now=now)
        return
    _keep(connection, caller, delivery_id, "allow_neighbour", decided, now)
    order = lock_orders(connection, caller, [order_id])[order_id]
    tell_aside(connection, caller, order, "order.neighbour_allowed", now=now, reason=decided.reason)


def _keep(connection: Connection, caller: Caller, delivery_id: str, event: str, decided: Decided, now: int) -> str:
    """Keep a decision among the facts, and return its name there."""
    fact = {"tenant_id": caller.tenant_id, "source": DECIDED_HERE, "source_event_id": connection.new_id("dec", now),
            "kind": "delivery", "object_id": delivery_id, "event": event, "occurred_at": now,
            "recorded_at": now, "outcome": "applied", "reason": decided.reason,
            "details": canonical(dict(decided.told) | json.loads(decided.details))}  # fmt: skip
    connection.run(inserting(tracking_events), [fact])
    return str(fact["source_event_id"])
