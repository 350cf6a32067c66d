"""Shipments as they stand, with their parcels."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import select

from doorstep.api.models.shipments import Parcel, Shipment
from doorstep.foundation import NotFoundError
from doorstep.storage import Connection
from doorstep.storage.schema.fulfilment import parcels, shipments


def find_shipment(connection: Connection, tenant_id: str, shipment_id: str) -> Shipment:
    """Return a shipment of a tenant, or raise ``NotFoundError``."""
    mine = (shipments.c.shipment_id == shipment_id) & (shipments.c.tenant_id == tenant_id)
    found = _shown(connection, connection.execute(select(shipments).where(mine)).all())
    if not found:
        raise NotFoundError(f"shipment {shipment_id} does not exist.")
    return found[0]


def list_shipments(
    connection: Connection,
    tenant_id: str,
    *,
    limit: int,
    after: str = "",
    state: str | None = None,
    site_id: str | None = None,
) -> list[Shipment]:
    """Return shipments, the oldest first, which is the order of picking; ``after`` is the last one seen."""
    query = select(shipments).where(shipments.c.tenant_id == tenant_id, shipments.c.shipment_id > after)
    if state is not None:
        query = query.where(shipments.c.state == state)
    if site_id is not None:
        query = query.where(shipments.c.site_id == site_id)
    return _shown(connection, connection.execute(query.order_by(shipments.c.shipment_id).limit(limit)).all())


def _shown(connection: Connection, rows: Sequence["sa.Row[Any]"]) -> list[Shipment]:
    ids = [row.shipment_id for row in rows]
    packed: dict[str, list[Parcel]] = {name: [] for name in ids}
    query = select(parcels).where(parcels.c.order_id.in_({row.order_id for row in rows})).order_by(parcels.c.parcel_id)
    for parcel in connection.execute(query) if rows else ():
        if parcel.shipment_id in packed:
            packed[parcel.shipment_id].append(
                Parcel(
                    id=parcel.parcel_id,
                    sscc=parcel.sscc,
                    carton_id=parcel.carton_id,
                    weight_g=parcel.weight_g,
                    volume_ml=parcel.volume_ml,
                    longest_side_mm=parcel.longest_side_mm,
                    holder=parcel.holder,
                )
            )
    return [
        Shipment(
            id=row.shipment_id,
            order_id=row.order_id,
            site_id=row.site_id,
            state=row.state,
            version=row.version,
            delivery_id=row.delivery_id,
            ready_at=row.ready_at,
            parcels=packed[row.shipment_id],
        )
        for row in rows
    ]
