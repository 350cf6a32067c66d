"""What the labels of parcels say."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from doorstep.connectors.parcel_label import ParcelLabel
from doorstep.domain.requirements import words_of
from doorstep.foundation import NotFoundError
from doorstep.storage import Connection
from doorstep.storage.retailers import load_reference
from doorstep.storage.schema.fulfilment import deliveries, parcels, shipments
from doorstep.storage.schema.orders import contacts, orders

DANGEROUS, LEAVE, SIGNATURE = "dangerous_goods", "leave_at_door", "signature"
"""Requirements of products and orders that a label tells."""


def label_of(connection: Connection, tenant_id: str, parcel_id: str) -> ParcelLabel:
    """Return what a parcel's label says.

    Raises
    ------
    NotFoundError
        If the tenant has no such parcel.
    """
    told = (orders.c.lat, orders.c.lon, orders.c.postal_code, orders.c.requirements, orders.c.window_start_at,
            orders.c.pickup_site_id, contacts.c.name, contacts.c.phone, contacts.c.address)  # fmt: skip
    columns = (
        parcels.c.sscc,
        parcels.c.site_id,
        parcels.c.requirements.label("of_parcel"),
        deliveries.c.site_id.label("from_site"),
    )
    query = (
        select(*columns, *told)
        .join(orders, orders.c.order_id == parcels.c.order_id)
        .join(shipments, shipments.c.shipment_id == parcels.c.shipment_id)
        .outerjoin(deliveries, deliveries.c.delivery_id == shipments.c.delivery_id)
        .outerjoin(contacts, contacts.c.contact_id == orders.c.contact_id)
        .where(parcels.c.parcel_id == parcel_id, parcels.c.tenant_id == tenant_id)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFoundError(f"parcel {parcel_id} does not exist.")
    address = json.loads(row.address or "{}") or {}
    lines = [*address.get("lines", [])]
    town = lines.pop() if len(lines) > 1 else ""
    words = {*words_of(row.of_parcel), *words_of(row.requirements)}
    zone = _zone(connection, tenant_id, row.pickup_site_id or row.from_site or row.site_id)
    signed = SIGNATURE in words
    return ParcelLabel(
        sscc=row.sscc,
        to_name=row.name or "",
        to_line_1=lines[0] if lines else "",
        to_line_2=", ".join(lines[1:]),
        to_town=town,
        to_postal_code=row.postal_code,
        to_country=address.get("country", ""),
        to_phone=row.phone or "",
        lat=row.lat,
        lon=row.lon,
        is_dangerous=DANGEROUS in words,
        may_be_left=LEAVE in words and not signed,
        needs_signature=signed,
        not_before=datetime.fromtimestamp(row.window_start_at, UTC).astimezone(zone).strftime("%y%m%d%H%M"),
    )


def _zone(connection: Connection, tenant_id: str, site_id: str) -> ZoneInfo:
    zones = dict(load_reference(connection, tenant_id)["sites"].select("site_id", "time_zone").iter_rows())
    return ZoneInfo(zones.get(site_id, "UTC"))
