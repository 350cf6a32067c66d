"""Units given up: their goods are lost to the order, and somebody decides what becomes of it."""

from sqlalchemy import select

from doorstep.foundation import NotFoundError
from doorstep.operations.bring.facts import ReportedEvent, record_event
from doorstep.operations.caller import Caller
from doorstep.operations.fulfil.parts import lock_orders
from doorstep.operations.fulfil.settle import hold_if_possible
from doorstep.operations.transitions import Change, advance
from doorstep.storage import Connection, ledger
from doorstep.storage.ledger_losses import forget_part
from doorstep.storage.schema.fulfilment import parcel_lines, parcels, shipments, station_units
from doorstep.storage.schema.ledger import STOCK

WRITTEN_OFF = "parcel_written_off"


def write_off_unit(connection: Connection, caller: Caller, unit_id: str, *, reason: str, now: int) -> Change:
    """Give up a missing or damaged unit: its order is put on hold and, when resumed, served anew with what was in it.

    The rest of its delivery can still be brought; if nothing is left of it, it is abandoned.

    Raises
    ------
    NotFoundError
        If the tenant has no such unit.
    IllegalTransitionError
        If it is neither missing nor damaged.
    """
    query = (
        select(parcels, shipments.c.delivery_id)
        .join(station_units, station_units.c.parcel_id == parcels.c.parcel_id)
        .join(shipments, shipments.c.shipment_id == parcels.c.shipment_id)
        .where(station_units.c.unit_id == unit_id, station_units.c.tenant_id == caller.tenant_id)
    )
    parcel = connection.execute(query).one_or_none()
    if parcel is None:
        raise NotFoundError(f"station_unit {unit_id} does not exist.")
    lock_orders(connection, caller, [parcel.order_id])
    change = advance(connection, caller, "station_unit", unit_id, "write_off", now=now, reason=reason)
    _lose(connection, parcel.order_id, parcel.shipment_id, parcel.parcel_id)
    if parcel.delivery_id is not None and not _others(connection, parcel.delivery_id):
        lost = ReportedEvent(source="doorstep", source_event_id=f"{unit_id}/abandon", kind="delivery",
                             object_id=parcel.delivery_id, event="abandon", occurred_at=now,
                             reason=WRITTEN_OFF)  # fmt: skip
        record_event(connection, caller, lost, now=now)
    hold_if_possible(connection, caller, parcel.order_id, now=now, reason=WRITTEN_OFF)
    return change


def _lose(connection: Connection, order_id: str, shipment_id: str, parcel_id: str) -> None:
    """Take from an order the units that were in a parcel, which left their shelf with its shipment."""
    inside = select(parcel_lines.c.product_id, parcel_lines.c.quantity).where(parcel_lines.c.parcel_id == parcel_id)
    claimed = [h for h in ledger.holdings(connection, [order_id], ledger.CLAIMED) if h.taken_by == shipment_id]
    for row in connection.execute(inside).all():
        left = int(row.quantity)
        for holding in claimed:
            if left and holding.place.kind == STOCK and holding.place.item == row.product_id:
                lost = min(left, holding.quantity)
                forget_part(connection, holding, lost)
                left -= lost


def _others(connection: Connection, delivery_id: str) -> bool:
    """Return whether a delivery has a parcel that was not written off."""
    unit = station_units.c
    gone = select(unit.unit_id).where(unit.parcel_id == parcels.c.parcel_id, unit.state == "written_off")
    query = (
        select(parcels.c.parcel_id)
        .join(shipments, shipments.c.shipment_id == parcels.c.shipment_id)
        .where(shipments.c.delivery_id == delivery_id, ~gone.exists())
    )
    return connection.execute(query.limit(1)).first() is not None
