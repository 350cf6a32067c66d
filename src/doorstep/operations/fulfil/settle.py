"""An order follows its parts: what becomes of its shipments and deliveries decides what it is itself."""

from sqlalchemy import func, select

from doorstep.domain.lifecycles import LIFECYCLES
from doorstep.operations.caller import Caller
from doorstep.operations.fulfil.keeping import begin_keeping
from doorstep.operations.fulfil.parts import BACK, DONE, LEFT, PACKED, STARTED, OrderNow, Parts, lock_orders, parts_of
from doorstep.operations.intake.compartments import let_go
from doorstep.operations.intake.holds import consume_hold
from doorstep.operations.transitions import advance
from doorstep.storage import Connection, ledger
from doorstep.storage.schema.errands import errands
from doorstep.storage.schema.ledger import STOCK
from doorstep.storage.schema.orders import order_lines


def settle_order(connection: Connection, caller: Caller, order_id: str, *, now: int) -> str:
    """Move an order as far as its parts have come, and return its state; the caller holds its row.

    Nothing happens to an order that is not under way: on hold, waiting for sites, or at its end.
    """
    state = lock_orders(connection, caller, [order_id])[order_id].state
    parts = parts_of(connection, [order_id])[order_id]
    _offer_collections(connection, caller, parts, now=now)
    while (event := _next_event(connection, order_id, state, parts)) is not None:
        state = advance(connection, caller, "order", order_id, event, now=now).to_state
        if state == "completed":
            consume_hold(connection, caller, order_id, now=now)
            let_go(connection, caller.tenant_id, order_id, now=now)
    return state


def hold_if_possible(connection: Connection, caller: Caller, order_id: str, *, now: int, reason: str) -> None:
    """Put an order on hold if its state allows that, so that somebody decides."""
    order = lock_orders(connection, caller, [order_id])[order_id]
    if "hold" in LIFECYCLES["order"].allowed(order.state):
        advance(connection, caller, "order", order_id, "hold", now=now, reason=reason)


def tell_aside(connection: Connection, caller: Caller, order: OrderNow, type_: str, *, now: int, reason: str) -> None:
    """Publish something about an order that does not change it."""
    connection.journal.publish(
        event_id=connection.new_id("evt", now),
        tenant_id=caller.tenant_id,
        type=type_,
        kind="order",
        object_id=order.order_id,
        sequence=order.version,
        at=now,
        data={"order_id": order.order_id, "state": order.state, "reason": reason},
    )


def _next_event(connection: Connection, order_id: str, state: str, parts: Parts) -> str | None:
    """Return the step that an order is behind its parts, None if there is none."""
    live = parts.live()
    done = [parts.state_of(shipment) in DONE for shipment in parts.shipments if parts.state_of(shipment) not in BACK]
    if not live:
        return None
    if state == "allocated" and any(shipment.state in STARTED for shipment in live):
        return "release"
    if state == "preparing" and all(shipment.state in PACKED for shipment in live):
        return "make_ready"
    if state == "ready" and any(shipment.state in LEFT for shipment in live):
        return "start_fulfilment"
    arrived = state in ("fulfilling", "partially_completed") and all(done) and _all_gone(connection, order_id)
    if arrived and not _has_errands(connection, order_id):
        return "complete"
    if state == "fulfilling" and any(done):
        return "complete_part"
    return None


def _has_errands(connection: Connection, order_id: str) -> bool:
    """Return whether an order has errands that are still to be seen to."""
    query = select(errands.c.errand_id).where(errands.c.order_id == order_id, errands.c.state == "open")
    return connection.execute(query.limit(1)).first() is not None


def _all_gone(connection: Connection, order_id: str) -> bool:
    """Return whether every unit of an order has left its shelf for good: what comes back is taken off its account."""
    ordered = select(func.sum(order_lines.c.quantity)).where(order_lines.c.order_id == order_id)
    gone = ledger.holdings(connection, [order_id], ledger.CLAIMED)
    units = sum(holding.quantity for holding in gone if holding.place.kind == STOCK)
    return bool(units >= connection.execute(ordered).scalar_one())


def _offer_collections(connection: Connection, caller: Caller, parts: Parts, *, now: int) -> None:
    """Offer what is collected where it was packed; what comes by a lane is offered when it is reported there."""
    for delivery in parts.deliveries.values():
        mine = [s for s in parts.shipments if s.delivery_id == delivery.delivery_id]
        here = all(s.state in PACKED and s.site_id == delivery.site_id for s in mine)
        if delivery.lifecycle == "collection" and delivery.state == "preparing" and mine and here:
            advance(connection, caller, "collection", delivery.delivery_id, "make_ready", now=now)
            begin_keeping(connection, caller, delivery.delivery_id, now=now)
