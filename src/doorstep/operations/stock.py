"""Stock received, counted and corrected at a site."""

from typing import Literal

from doorstep.operations.caller import Caller
from doorstep.operations.displacing import displace
from doorstep.storage import Connection, ledger
from doorstep.storage.ledger import Place, Position
from doorstep.storage.schema.ledger import STOCK


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
        displace(connection, caller, place, position, -(position.spare + units), now=now, reason=reason)
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
