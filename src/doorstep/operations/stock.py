"""Stock received, counted and corrected at a site."""

from typing import Literal

import sqlalchemy as sa
from sqlalchemy import select

from doorstep.foundation import ConflictError
from doorstep.operations.caller import Caller
from doorstep.operations.fulfil.parts import STARTED, holdings_of, lock_orders, parts_of
from doorstep.operations.orders import cancel_parts, reroute_order
from doorstep.storage import Connection, ledger
from doorstep.storage.ledger import Place, Position
from doorstep.storage.schema.fulfilment import shipments
from doorstep.storage.schema.ledger import STOCK, reservations
from doorstep.storage.schema.orders import orders

MOVABLE = ("draft", "placed", "allocated", "on_hold")
"""States of orders that can still be served from somewhere else."""


def adjust_stock(
    connection: Connection,
    caller: Caller,
    *,
    site_id: str,
    product_id: str,
    units: int,
    kind: Literal["receive", "adjust", "restock"],
    reason: str,
    now: int,
) -> Position:
    """Add units to, or take them from, what is on hand, and return the position.

    Where fewer remain than orders hold, the youngest orders whose picking has not begun lose them and are routed anew.
    The safety stock may be eaten into: no order loses its units for that.

    Raises
    ------
    ConflictError
        If even then fewer remain than are being picked, or than none.
    """
    place = Place(STOCK, site_id, product_id)
    position = ledger.locked(connection, caller.tenant_id, [place], now=now)[place]
    if position.spare + units < 0:
        _displace(connection, caller, place, position, -(position.spare + units), now=now, reason=reason)
    ledger.change_on_hand(connection, caller.tenant_id, {place: units}, kind, reason, now=now)
    connection.journal.audit(
        tenant_id=caller.tenant_id,
        at=now,
        actor=caller.actor,
        kind="stock",
        object_id=f"{site_id}/{product_id}",
        event=kind,
        to_state=str(position.on_hand + units),
        reason=reason,
    )
    return ledger.find(connection, caller.tenant_id, [place])[place]


def count_stock(
    connection: Connection, caller: Caller, *, site_id: str, product_id: str, counted: int, reason: str, now: int
) -> Position:
    """Set what is on hand to what somebody counted."""
    place = Place(STOCK, site_id, product_id)
    position = ledger.locked(connection, caller.tenant_id, [place], now=now)[place]
    units = counted - position.on_hand
    if not units:
        return position
    return adjust_stock(connection, caller, site_id=site_id, product_id=product_id, units=units, kind="adjust",
                        reason=reason, now=now)  # fmt: skip


def keep_back(
    connection: Connection, caller: Caller, *, site_id: str, product_id: str, units: int, reason: str, now: int
) -> Position:
    """Set the safety stock, the units that are never promised, and return the position; orders keep what they hold."""
    place = Place(STOCK, site_id, product_id)
    before = ledger.locked(connection, caller.tenant_id, [place], now=now)[place]
    if before.safety == units:
        return before
    connection.journal.audit(
        tenant_id=caller.tenant_id, at=now, actor=caller.actor, kind="stock", object_id=f"{site_id}/{product_id}",
        event="keep_back", to_state=str(units), reason=reason,
    )  # fmt: skip
    return ledger.keep_back(connection, caller.tenant_id, {place: units}, reason, now=now)[place]


def _displace(
    connection: Connection, caller: Caller, place: Place, position: Position, units: int, *, now: int, reason: str
) -> None:
    """Free units that orders hold, from the youngest order on; what the orders are is read once they are locked."""
    freed = 0
    while freed < units:
        holders = _holders(connection, caller, place, position, units - freed)
        if not holders:
            raise ConflictError(
                f"{units - freed} units more would be missing than orders not yet picked hold.",
                hint="Maybe cancel the orders that are being picked first.",
            )
        states = lock_orders(connection, caller, holders)
        held, parts = holdings_of(connection, holders), parts_of(connection, holders)
        for holder_id in holders:
            here = sum(h.quantity for h in held.get(holder_id, ()) if h.position_id == position.position_id)
            begun = any(s.site_id == place.site_id and s.state in STARTED for s in parts[holder_id].shipments)
            if not here or begun or states[holder_id].state not in MOVABLE or freed >= units:
                continue  # it let go of them, or has come too far, while we waited for it
            freed += here
            if states[holder_id].state == "allocated":
                reroute_order(connection, caller, holder_id, now=now, reason=reason)
            else:
                cancel_parts(connection, caller, holder_id, now=now, reason=reason)
                ledger.end_all(connection, caller.tenant_id, holder_id, now=now)


def _holders(connection: Connection, caller: Caller, place: Place, position: Position, units: int) -> list[str]:
    """Return the youngest movable orders that together hold so many units of a position, or all that hold any.

    Open orders are few beside all reservations there ever were, so they are looked through from the youngest on.
    """
    has = (
        select(sa.func.sum(reservations.c.quantity))
        .where(
            reservations.c.holder_id == orders.c.order_id,
            reservations.c.position_id == position.position_id,
            reservations.c.state == ledger.HELD,
        )
        .correlate(orders)
        .scalar_subquery()
    )
    begun = (
        sa.exists()
        .where(
            shipments.c.order_id == orders.c.order_id,
            shipments.c.site_id == place.site_id,
            shipments.c.state.in_(STARTED),
        )
        .correlate(orders)
    )
    movable = (orders.c.tenant_id == caller.tenant_id) & orders.c.state.in_(MOVABLE) & ~begun
    query = select(orders.c.order_id, has.label("units")).where(movable, has > 0).order_by(orders.c.order_id.desc())
    found: list[str] = []
    covered = 0
    for row in connection.execute(query):
        if covered >= units:
            break
        found.append(row.order_id)
        covered += int(row.units)
    return found
