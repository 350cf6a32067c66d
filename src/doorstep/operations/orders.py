"""What people decide about an order after it was accepted: paid, cancelled, held back, looking for other sites."""

from sqlalchemy import select

from doorstep.domain.lifecycles import LIFECYCLES
from doorstep.foundation import ConflictError, NotFoundError
from doorstep.operations.caller import Caller
from doorstep.operations.concierge import cancel_errands
from doorstep.operations.fulfil.keeping import tidy
from doorstep.operations.fulfil.parts import DONE, LEFT, lock_orders, parts_of
from doorstep.operations.intake.compartments import let_go
from doorstep.operations.intake.holds import consume_hold, release_hold
from doorstep.operations.replanning import replan_soon
from doorstep.operations.stations.expecting import withdraw_units
from doorstep.operations.transitions import Change, advance
from doorstep.storage import Connection, ledger
from doorstep.storage.schema.fulfilment import deliveries, shipments
from doorstep.storage.schema.ledger import STOCK
from doorstep.storage.schema.orders import orders


def place_order(connection: Connection, caller: Caller, order_id: str, *, now: int) -> Change:
    """Place an order whose payment has come; what it holds no longer expires.

    A payment that comes late still finds the stock, unless the draft has been swept away already.

    Raises
    ------
    IllegalTransitionError
        If the draft has expired or was placed before.
    """
    change = advance(connection, caller, "order", order_id, "place", now=now, changes={"payment": "settled"})
    ledger.keep(connection, order_id)
    return change


def cancel_order(
    connection: Connection,
    caller: Caller,
    order_id: str,
    *,
    now: int,
    reason: str,
    if_version: int | None = None,
    expired: bool = False,
) -> Change:
    """Cancel an order with its shipments and deliveries, and give back everything that it holds.

    Raises
    ------
    IllegalTransitionError
        If it is on its way or has arrived: a return is the way then.
    """
    event = "expire" if expired else "cancel"
    change = advance(connection, caller, "order", order_id, event, now=now, reason=reason, if_version=if_version)
    gone = [h for h in ledger.holdings(connection, [order_id], ledger.CLAIMED) if h.place.kind == STOCK]
    if gone:
        raise ConflictError(
            f"{sum(h.quantity for h in gone)} units of order {order_id} have left {gone[0].place.site_id}.",
            hint="Maybe ask for a return once they have arrived.",
        )
    cancel_parts(connection, caller, order_id, now=now, reason=reason)
    cancel_errands(connection, caller, order_id, now=now, reason=reason)
    ledger.end_all(connection, caller.tenant_id, order_id, "expire" if expired else "release", now=now)
    let_go(connection, caller.tenant_id, order_id, now=now)
    hold_id = connection.execute(select(orders.c.hold_id).where(orders.c.order_id == order_id)).scalar_one()
    if hold_id is not None:
        release_hold(connection, caller, hold_id, now=now, order_id=order_id)
    return change


def complete_short(connection: Connection, caller: Caller, order_id: str, *, now: int, reason: str) -> Change:
    """Complete an order of which a part has arrived, without the rest; what it still holds is free again.

    Raises
    ------
    NotFoundError
        If the tenant has no such order.
    IllegalTransitionError
        If it neither waits for somebody's decision nor for its rest.
    ConflictError
        If nothing of it has arrived, or something is still on its way.
    """
    if order_id not in lock_orders(connection, caller, [order_id]):
        raise NotFoundError(f"order {order_id} does not exist.")
    parts = parts_of(connection, [order_id])
    left = [s for s in parts[order_id].live() if s.state in LEFT]
    going = [s.shipment_id for s in left if parts[order_id].state_of(s) not in DONE]
    if going or not left:
        what = f"shipment {going[0]} is still on its way" if going else "nothing of it has arrived"
        raise ConflictError(f"order {order_id} cannot be completed: {what}.", hint="Maybe cancel it.")
    change = advance(connection, caller, "order", order_id, "complete_short", now=now, reason=reason)
    cancel_parts(connection, caller, order_id, now=now, reason=reason)
    cancel_errands(connection, caller, order_id, now=now, reason=reason)
    ledger.end_all(connection, caller.tenant_id, order_id, now=now)
    let_go(connection, caller.tenant_id, order_id, now=now)
    consume_hold(connection, caller, order_id, now=now)
    return change


def hold_order(connection: Connection, caller: Caller, order_id: str, *, now: int, reason: str) -> Change:
    """Stop an order where it is; it keeps what it holds."""
    return advance(connection, caller, "order", order_id, "hold", now=now, reason=reason)


def resume_order(connection: Connection, caller: Caller, order_id: str, *, now: int, reason: str = "") -> Change:
    """Let a held order go on; it is routed anew."""
    return advance(connection, caller, "order", order_id, "resume", now=now, reason=reason)


def reroute_order(connection: Connection, caller: Caller, order_id: str, *, now: int, reason: str) -> Change:
    """Take an allocated order from its sites: it gives back its stock and looks for other sites."""
    change = advance(connection, caller, "order", order_id, "reroute", now=now, reason=reason)
    cancel_parts(connection, caller, order_id, now=now, reason=reason)
    ledger.end_all(connection, caller.tenant_id, order_id, now=now)
    return change


def cancel_parts(connection: Connection, caller: Caller, order_id: str, *, now: int, reason: str) -> None:
    """Cancel the shipments and deliveries of an order that have not left; its routes close up."""
    going = select(shipments.c.shipment_id, shipments.c.state).where(shipments.c.order_id == order_id)
    rows = connection.execute(going).all()
    withdraw_units(connection, caller, [row.shipment_id for row in rows], now=now)
    for row in rows:
        if "cancel" in LIFECYCLES["shipment"].allowed(row.state):
            advance(connection, caller, "shipment", row.shipment_id, "cancel", now=now, reason=reason)
    columns = (deliveries.c.delivery_id, deliveries.c.kind, deliveries.c.state, deliveries.c.route_id)
    booked = connection.execute(select(*columns).where(deliveries.c.order_id == order_id)).all()
    left = []
    for row in booked:
        name = "collection" if row.kind == "collection" else "delivery"
        for event in ("cancel", "lapse"):  # what waits to be collected lapses
            if event in LIFECYCLES[name].allowed(row.state):
                advance(connection, caller, name, row.delivery_id, event, now=now, reason=reason)
                left.append(row.route_id)
                if name == "collection":
                    tidy(connection, caller, order_id, row.delivery_id, now=now)
                break
    replan_soon(connection, caller, left, now=now)
