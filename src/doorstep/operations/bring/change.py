"""What people decide about a delivery: cancelled before it is picked up, or tried again after a failed attempt."""

from collections.abc import Mapping
from typing import Literal

from doorstep.operations.bring.follow_up import follow_up
from doorstep.operations.caller import Caller
from doorstep.operations.fulfil.hand_over import lock_delivery
from doorstep.operations.transitions import Change, advance
from doorstep.storage import Connection


def change_delivery(
    connection: Connection,
    caller: Caller,
    delivery_id: str,
    event: Literal["cancel", "reschedule", "redirect"],
    *,
    now: int,
    reason: str,
    data: Mapping[str, object] | None = None,
) -> Change:
    """Move a delivery by a command and bring everything else in line: its parcels wait again, its route closes up.

    Raises
    ------
    NotFoundError
        If the tenant has no such delivery.
    IllegalTransitionError
        If its state does not allow the event.
    """
    order_id, kind = lock_delivery(connection, caller, delivery_id)
    change = advance(connection, caller, kind, delivery_id, event, now=now, reason=reason, data=data)
    follow_up(connection, caller, order_id, delivery_id, reason=reason, now=now)
    return change
