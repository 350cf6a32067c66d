"""Parcels that are packed and lie ready where they leave from: in the bay or the lane of their departure."""

from sqlalchemy import select

from doorstep.foundation import ConflictError, NotFoundError
from doorstep.operations.caller import Caller
from doorstep.operations.fulfil.parts import lock_orders
from doorstep.operations.transitions import advance
from doorstep.storage import Connection
from doorstep.storage.schema.fulfilment import shipments


def stage_shipment(connection: Connection, caller: Caller, shipment_id: str, *, site_id: str, now: int) -> bool:
    """Note that a shipment lies staged at its site, and return whether it did not before.

    Raises
    ------
    NotFoundError
        If the site prepares no such shipment.
    ConflictError
        If it is not packed yet, or has left.
    """
    mine = (shipments.c.shipment_id == shipment_id) & (shipments.c.tenant_id == caller.tenant_id)
    query = select(shipments.c.order_id, shipments.c.site_id, shipments.c.state).where(mine)
    row = connection.execute(query).one_or_none()
    if row is None or row.site_id != site_id:
        raise NotFoundError(f"shipment {shipment_id} is not prepared at {site_id}.")
    lock_orders(connection, caller, [row.order_id])
    state = connection.execute(query).one().state
    if state not in ("packed", "staged"):
        raise ConflictError(f"shipment {shipment_id} is {state}: only what is packed and here is staged.")
    if state == "staged":
        return False
    advance(connection, caller, "shipment", shipment_id, "stage", now=now)
    return True
