"""Orders that lose units which they held, and look for other sites."""

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy import select

from doorstep.foundation import ConflictError
from doorstep.operations.caller import Caller
from doorstep.operations.fulfil.parts import STARTED, holdings_of, lock_orders, parts_of
from doorstep.operations.orders import cancel_parts, reroute_order
from doorstep.storage import Connection, ledger
from doorstep.storage.ledger import Place, Position
from doorstep.storage.schema.fulfilment import shipments
from doorstep.storage.schema.ledger import reservations
from doorstep.storage.schema.orders import orders

MOVABLE = ("draft", "placed", "allocated", "on_hold")
"""States of orders that can still be served from somewhere else."""


def displace(
    connection: Connection, caller: Caller, place: Place, position: Position, units: int, *, now: int, reason: str
) -> None:
    """Free units that orders hold of a position, from the youngest order on.

    Raises
    ------
    ConflictError
        If orders that can still move hold too few.
    """
    freed = 0
    while freed < units:
        found = _holders(connection, caller, place, position, units - freed)
        if not found:
            raise ConflictError(
                f"{units - freed} units more would be missing than orders not yet picked hold.",
                hint="Maybe cancel the orders that are being picked first.",
            )
        freed += _let_go(connection, caller, place, position, found, units - freed, now=now, reason=reason)


def displace_orders(
    connection: Connection,
    caller: Caller,
    place: Place,
    order_ids: Collection[str],
    *,
    now: int,
    reason: str,
) -> None:
    """Free what some orders hold of a position, as far as they can still move."""
    position = ledger.locked(connection, caller.tenant_id, [place], now=now)[place]
    _let_go(connection, caller, place, position, sorted(order_ids), position.reserved, now=now, reason=reason)


def holders_of(connection: Connection, caller: Caller, place: Place, position: Position) -> list[str]:
    """Return the movable orders that hold any of a position, the youngest first."""
    return _holders(connection, caller, place, position, position.reserved) if position.reserved else []


def _let_go(
    connection: Connection,
    caller: Caller,
    place: Place,
    position: Position,
    holders: Collection[str],
    units: int,
    *,
    now: int,
    reason: str,
) -> int:
    """Free up to so many units, and return how many; what the orders are is read once they are locked."""
    freed = 0
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
    return freed


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
