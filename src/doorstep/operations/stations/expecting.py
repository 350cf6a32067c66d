"""Parcels on their way to where their delivery leaves from: numbered when packed, expected there, or called off."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import select

from doorstep.domain.sscc import sscc_of
from doorstep.operations.caller import Caller
from doorstep.operations.transitions import advance, tell_created
from doorstep.storage import Connection
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.fulfilment import deliveries, parcels, shipments, sscc_serials, station_units

CALLED_OFF = ("expected", "missing")
"""States of units that nobody has seen."""


def new_sscc(connection: Connection, caller: Caller, parcel_id: str, *, company_prefix: str) -> str:
    """Return the SSCC of a new parcel; its serial number is never used again, also if this is taken back."""
    row = {"tenant_id": caller.tenant_id, "parcel_id": parcel_id}
    made = connection.execute(sa.insert(sscc_serials).values(row).returning(sscc_serials.c.serial))
    return sscc_of(company_prefix, int(made.scalar_one()))


def expect_units(connection: Connection, caller: Caller, shipment_ids: Sequence[str], *, now: int) -> list[str]:
    """Expect the parcels of shipments where a lane takes them, and return the ids of their units there.

    Done when a shipment is packed and when its delivery is booked, whichever comes last; doing it again changes
    nothing. What was called off is expected again.
    """
    unit = station_units.c
    columns = (parcels.c.parcel_id, parcels.c.sscc, parcels.c.order_id, deliveries.c.delivery_id, deliveries.c.site_id,
               shipments.c.lane_departs_at, shipments.c.lane_arrives_at, unit.unit_id, unit.state)  # fmt: skip
    here = (unit.parcel_id == parcels.c.parcel_id) & (unit.site_id == deliveries.c.site_id)
    query = (
        select(*columns)
        .join(shipments, shipments.c.shipment_id == parcels.c.shipment_id)
        .join(deliveries, deliveries.c.delivery_id == shipments.c.delivery_id)
        .outerjoin(station_units, here)
        .where(shipments.c.shipment_id.in_(shipment_ids), deliveries.c.site_id != parcels.c.site_id)
        .order_by(parcels.c.parcel_id)
    )
    found = []
    for row in connection.execute(query).all():
        known = {"site_id": row.site_id, "parcel_id": row.parcel_id, "sscc": row.sscc, "order_id": row.order_id,
                 "delivery_id": row.delivery_id, "due_at": row.lane_arrives_at}  # fmt: skip
        if row.unit_id is None:
            found.append(
                add_unit(connection, caller, row.parcel_id, row.site_id, now=now, told=known,
                         departs_at=row.lane_departs_at, due_at=row.lane_arrives_at)
            )  # fmt: skip
            continue
        found.append(row.unit_id)
        if row.state == "withdrawn":
            changes = {"departs_at": row.lane_departs_at, "due_at": row.lane_arrives_at, "event_at": None}
            advance(connection, caller, "station_unit", row.unit_id, "expect", now=now, changes=changes, data=known)
    return found


def add_unit(
    connection: Connection,
    caller: Caller,
    parcel_id: str,
    site_id: str,
    *,
    now: int,
    told: dict[str, object],
    departs_at: int | None = None,
    due_at: int | None = None,
) -> str:
    """Store that a parcel is expected at a site, and return the unit's id."""
    unit_id = connection.new_id("unt", now)
    row = {"unit_id": unit_id, "tenant_id": caller.tenant_id, "parcel_id": parcel_id, "site_id": site_id,
           "state": "expected", "version": 1, "event_at": None, "place": "", "departs_at": departs_at,
           "due_at": due_at, "created_at": now}  # fmt: skip
    connection.run(inserting(station_units), [row])
    tell_created(connection, caller, "station_unit", unit_id, "expected", now=now, data=told)
    return unit_id


def withdraw_units(connection: Connection, caller: Caller, shipment_ids: Sequence[str], *, now: int) -> None:
    """Expect the parcels of shipments no more where nobody has seen them: their delivery was called off."""
    query = (
        select(station_units.c.unit_id)
        .join(parcels, parcels.c.parcel_id == station_units.c.parcel_id)
        .where(parcels.c.shipment_id.in_(shipment_ids), station_units.c.state.in_(CALLED_OFF))
        .where(station_units.c.event_at.is_(None))
    )
    for unit_id in connection.execute(query.order_by(station_units.c.unit_id)).scalars().all():
        changes = {"event_at": None}  # whatever is scanned counts, whenever
        advance(connection, caller, "station_unit", unit_id, "withdraw", now=now, changes=changes)
