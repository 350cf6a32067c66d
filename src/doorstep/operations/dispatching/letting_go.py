"""Deliveries that ride with nobody and for which there is no way left: planned anew, or taken back."""

from collections.abc import Sequence

from sqlalchemy import select

from doorstep.operations.bring.change import Decided, change_delivery
from doorstep.operations.bring.course import course_of
from doorstep.operations.bring.follow_up import BEEN_THERE, BEFORE_PICKUP, follow_up
from doorstep.operations.caller import Caller
from doorstep.operations.dispatching.halting import turn_round
from doorstep.operations.dispatching.rewriting import STILL_OURS, CourseChange, has_left, rewrite
from doorstep.operations.dispatching.running import OWN, SiteRun
from doorstep.operations.dispatching.weighing import Draft
from doorstep.operations.fulfil.hand_over import lock_delivery
from doorstep.operations.fulfil.parts import DONE
from doorstep.operations.transitions import advance
from doorstep.storage import Connection
from doorstep.storage.schema.fulfilment import deliveries, shipments

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
        row = connection.execute(select(deliveries).where(deliveries.c.delivery_id == name)).one()
        if row.route_id is not None or row.mode != OWN or row.state not in STILL_OURS:
            continue  # somebody was faster
        aboard = has_left(connection, name)
        if aboard and _by_lane(connection, name, row.site_id):
            continue  # where it lies is another's to say
        if not aboard and row.state in BEFORE_PICKUP:
            change_delivery(connection, caller, name, Decided(event="cancel", reason=REASON), now=now)
        elif aboard and stop in run.aboard:
            turn_round(connection, caller, name, row.state, order_id, REASON, now)
            for event in ("arrive_at_return", "take_back"):
                advance(connection, caller, "delivery", name, event, now=now, reason=REASON)
            follow_up(connection, caller, order_id, name, reason=REASON, now=now)
        else:
            continue
        gone.append(name)
    return tuple(gone)


def take_off(connection: Connection, caller: Caller, run: SiteRun, *, now: int) -> tuple[str, ...]:
    """Take off their routes what still lies at the site although its van has set out; it looks for another van."""
    found = []
    for route_id in sorted({route_id for route_id, _ in run.left_behind}):
        names = {name for of, name in run.left_behind if of == route_id and not has_left(connection, name)}
        states = select(deliveries.c.delivery_id, deliveries.c.state).where(deliveries.c.route_id == route_id)
        here = {row.delivery_id: row.state for row in connection.execute(states)}
        names &= {name for name, state in here.items() if state in BEFORE_PICKUP}
        course = course_of(connection, route_id)
        ahead = [[s.delivery_id for s in trip if here.get(s.delivery_id, DONE[0]) not in BEEN_THERE]
                 for trip in course.trips]  # fmt: skip
        kept = tuple(tuple(name for name in trip if name not in names) for trip in ahead)
        change = CourseChange(route_id=route_id, vehicle_id=course.vehicle_id, before=tuple(map(tuple, ahead)),
                              after=tuple(trip for trip in kept if trip))  # fmt: skip
        if names:
            rewrite(connection, caller, run.site_id, [change], now=now, reason="left_behind")
            found += sorted(names)
    return tuple(found)


def _by_lane(connection: Connection, delivery_id: str, site_id: str) -> bool:
    """Return whether something of a delivery was packed at another site than the one from which it leaves."""
    query = select(shipments.c.shipment_id).where(
        shipments.c.delivery_id == delivery_id, shipments.c.site_id != site_id
    )
    return connection.execute(query.limit(1)).first() is not None
