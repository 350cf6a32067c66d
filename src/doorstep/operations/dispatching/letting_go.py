"""Deliveries that ride with nobody and for which there is no way left: planned anew, or taken back."""

from collections.abc import Sequence

from sqlalchemy import select

from doorstep.operations.bring.change import Decided, change_delivery
from doorstep.operations.bring.follow_up import BEFORE_PICKUP, follow_up
from doorstep.operations.caller import Caller
from doorstep.operations.dispatching.halting import turn_round
from doorstep.operations.dispatching.running import SiteRun
from doorstep.operations.dispatching.weighing import Draft
from doorstep.operations.fulfil.hand_over import lock_delivery
from doorstep.operations.transitions import advance
from doorstep.storage import Connection
from doorstep.storage.schema.fulfilment import deliveries

REASON = "no_vehicle"
LAST_CALL_S = 2 * 3_600
"""So long before its promise ends, what waits for a van in vain is given back: somebody may still find a way."""


def let_go(
    connection: Connection, caller: Caller, run: SiteRun, drafts: Sequence[Draft], *, now: int
) -> tuple[str, ...]:
    """Give up what rides with nobody and what no draft would bring; return the deliveries.

    What has not left the site is planned anew, by vans that are back or by carriers. What has, and is there again,
    waits for a van until ``LAST_CALL_S`` before its promise ends; then it goes back on the shelf and its order on hold.
    """
    helped = {name for draft in drafts for change in draft.changes for trip in change.after for name in trip}
    helped |= {draft.delivery_id or "" for draft in drafts}
    gone = []
    for stop in sorted(run.open):
        name = run.names[stop]
        if name in helped or (stop in run.aboard and now <= run.due_at[stop] - LAST_CALL_S):
            continue
        order_id, _ = lock_delivery(connection, caller, name)
        mine = select(deliveries.c.state, deliveries.c.route_id).where(deliveries.c.delivery_id == name)
        row = connection.execute(mine).one()
        if row.route_id is not None:
            continue
        if stop not in run.aboard and row.state in BEFORE_PICKUP:
            change_delivery(connection, caller, name, Decided(event="cancel", reason=REASON), now=now)
        else:
            turn_round(connection, caller, name, row.state, order_id, REASON, now)
            for event in ("arrive_at_return", "take_back"):
                advance(connection, caller, "delivery", name, event, now=now, reason=REASON)
            follow_up(connection, caller, order_id, name, reason=REASON, now=now)
        gone.append(name)
    return tuple(gone)
