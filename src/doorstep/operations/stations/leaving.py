"""Parcels leaving a station with their delivery, also those whose last scans nobody made."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row, select

from doorstep.operations.caller import Caller
from doorstep.operations.stations.recording import INFERRED, Scan, ScanKind, keep_scan
from doorstep.storage import Connection
from doorstep.storage.schema.fulfilment import deliveries, parcels, routes, shipments, station_units
from doorstep.storage.schema.reference import REFERENCE

STATION = "parcel_station"
"""The kind of site where nothing goes on that was not scanned in."""
HERE = ("received", "shelved", "overstay", "damaged", "loaded")
OUT = ("loaded", "departed")
ENDED = ("written_off", "withdrawn")
"""States of units: the site has it or its van has; it was handed on; nobody waits for it."""
MADE_UP_FOR = ("expected", "received", "shelved", "overstay", "loaded")


def units_of(connection: Connection, order_ids: Iterable[str]) -> "Sequence[Row[Any]]":
    """Return the units of orders where their deliveries leave from, those that ended apart."""
    columns = (station_units.c.unit_id, station_units.c.state, station_units.c.event_at, parcels.c.sscc,
               parcels.c.holder, parcels.c.parcel_id, deliveries.c.delivery_id, deliveries.c.site_id,
               deliveries.c.carrier_id, deliveries.c.kind, deliveries.c.route_id)  # fmt: skip
    query = (
        select(*columns)
        .join(parcels, parcels.c.parcel_id == station_units.c.parcel_id)
        .join(shipments, shipments.c.shipment_id == parcels.c.shipment_id)
        .join(deliveries, deliveries.c.delivery_id == shipments.c.delivery_id)
        .where(parcels.c.order_id.in_(list(order_ids)), station_units.c.site_id == deliveries.c.site_id)
        .where(station_units.c.state.not_in(ENDED))
        .order_by(station_units.c.unit_id)
    )
    return connection.execute(query).all()


def held_back(connection: Connection, caller: Caller, units: "Sequence[Row[Any]]") -> set[str]:
    """Return deliveries that cannot leave: a parcel is missing or damaged, or was not scanned in at a parcel station.

    Other sites that lanes go to need not scan.
    """
    if not units:
        return set()
    sites = REFERENCE["sites"]
    query = select(sites.c.site_id).where(sites.c.tenant_id == caller.tenant_id, sites.c.kind == STATION)
    stations = set(connection.execute(query).scalars())
    return {
        row.delivery_id
        for row in units
        if row.state in ("missing", "damaged") or (row.state == "expected" and row.site_id in stations)
    }


def leave_station(connection: Connection, caller: Caller, order_id: str, delivery_id: str, *, now: int) -> None:
    """Let the units of a delivery that is on its way have left with whoever brings it, whatever was not scanned."""
    for row in units_of(connection, [order_id]):
        if row.delivery_id == delivery_id and row.state in MADE_UP_FOR:
            taker = f"carrier:{row.carrier_id}" if row.carrier_id else "shopper:" if row.kind == "collection" else ""
            taker = taker or f"driver:{_driver(connection, row.route_id)}"
            kinds: tuple[ScanKind, ...] = ("depart",) if row.state == "loaded" else ("load", "depart")
            for kind in kinds:
                scan = Scan(
                    source="doorstep", scan_id=connection.new_id("scn", now), kind=kind, sscc=row.sscc, occurred_at=now,
                    giver=row.holder, taker=taker if kind == "load" else "", reason=INFERRED,
                )  # fmt: skip
                keep_scan(connection, caller, row.site_id, scan, now=now)


def _driver(connection: Connection, route_id: str | None) -> str:
    query = select(routes.c.driver, routes.c.vehicle_id).where(routes.c.route_id == route_id)
    row = connection.execute(query).one_or_none()
    return str(row.driver or row.vehicle_id) if row else ""
