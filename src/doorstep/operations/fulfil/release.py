"""Shipments given to the pickers when their time has come."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import select

from doorstep.operations.caller import Caller
from doorstep.operations.fulfil.parts import lock_orders, parts_of
from doorstep.operations.fulfil.settle import settle_order
from doorstep.operations.transitions import advance
from doorstep.storage import Connection, ledger
from doorstep.storage.schema.fulfilment import shipments
from doorstep.storage.schema.ledger import PICK, positions, reservations
from doorstep.storage.schema.orders import orders
from doorstep.storage.schema.reference import REFERENCE

WITHIN_S = 30 * 3600
"""How long before picking must begin at the latest it may begin: parcel carriers come once a day and take a day."""
ROAD_S = 7_200
"""From the dock to the door, waiting for a van included."""
HOUR_S = 3_600


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedShipment:
    """A shipment that is being picked from now on, and what its order is by that."""

    shipment_id: str
    order_id: str
    site_id: str
    order_state: str


def release_wave(
    connection: Connection,
    caller: Caller,
    *,
    site_id: str | None = None,
    now: int,
    limit: int = 500,
    within_s: int = WITHIN_S,
    everything: bool = False,
) -> list[ReleasedShipment]:
    """Start picking the shipments that are due, those first whose promise ends first.

    A shipment is due if picking it must begin within ``within_s`` to keep the promise, or if the hour has come that was
    booked with the pickers. An order is being prepared as soon as its first shipment is.

    Parameters
    ----------
    site_id
        None: all sites.
    everything
        Whether all that is planned is due.
    """
    due = select(shipments.c.shipment_id, shipments.c.order_id).join(orders, orders.c.order_id == shipments.c.order_id)
    due = due.where(
        shipments.c.tenant_id == caller.tenant_id,
        shipments.c.state == "planned",
        orders.c.state.in_(("allocated", "preparing")),
    )
    if site_id is not None:
        due = due.where(shipments.c.site_id == site_id)
    if not everything:
        due = due.where(_is_due(now, within_s))
    rows = connection.execute(due.order_by(orders.c.window_end_at, shipments.c.shipment_id).limit(limit)).all()
    wanted = {row.shipment_id for row in rows}
    order_ids = sorted({row.order_id for row in rows})
    locked = lock_orders(connection, caller, order_ids)
    released = []
    for order_id, parts in parts_of(connection, order_ids).items():
        if locked[order_id].state not in ("allocated", "preparing"):
            continue  # stopped or cancelled while we waited for it
        mine = [s for s in parts.shipments if s.shipment_id in wanted and s.state == "planned"]
        for shipment in mine:
            advance(connection, caller, "shipment", shipment.shipment_id, "start_picking", now=now)
        state = settle_order(connection, caller, order_id, now=now) if mine else ""
        released += [
            ReleasedShipment(shipment_id=s.shipment_id, order_id=order_id, site_id=s.site_id, order_state=state)
            for s in mine
        ]
    return released


def _is_due(now: int, within_s: int) -> "sa.ColumnElement[bool]":
    sites = REFERENCE["sites"]
    preparation_s = (
        select(sites.c.preparation_s)
        .where(sites.c.tenant_id == shipments.c.tenant_id, sites.c.site_id == shipments.c.site_id)
        .correlate(shipments)
        .scalar_subquery()
    )
    road_s = sa.case((orders.c.pickup_site_id == "", ROAD_S), else_=0)
    latest = orders.c.window_end_at - sa.func.coalesce(preparation_s, 0) - road_s
    booked = (
        select(reservations.c.position_id)
        .join(positions, positions.c.position_id == reservations.c.position_id)
        .where(
            reservations.c.holder_id == shipments.c.order_id,
            reservations.c.line_no == 0,
            reservations.c.state == ledger.HELD,
            positions.c.kind == PICK,
            positions.c.site_id == shipments.c.site_id,
            sa.cast(positions.c.item, sa.BigInteger) <= now,
        )
        .correlate(shipments)
        .exists()
    )
    return (latest <= now + within_s) | booked
