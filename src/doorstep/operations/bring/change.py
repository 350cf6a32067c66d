"""What people decide about a delivery: cancelled before it is picked up, or tried again after a failed attempt."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from doorstep.operations.bring.follow_up import follow_up
from doorstep.operations.caller import Caller
from doorstep.operations.fulfil.hand_over import lock_delivery
from doorstep.operations.transitions import Change, advance
from doorstep.storage import Connection
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.fulfilment import tracking_events

DECIDED_HERE = "doorstep"
"""The source of decisions among the facts that others tell."""


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

    The decision is kept among the facts about the delivery.

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
    fact = {"tenant_id": caller.tenant_id, "source": DECIDED_HERE, "source_event_id": connection.new_id("dec", now),
            "kind": "delivery", "object_id": delivery_id, "event": decided.event, "occurred_at": now,
            "recorded_at": now, "outcome": "applied", "reason": decided.reason,
            "details": decided.details}  # fmt: skip
    connection.run(inserting(tracking_events), [fact])
    follow_up(connection, caller, order_id, delivery_id, reason=decided.reason, now=now)
    return change
