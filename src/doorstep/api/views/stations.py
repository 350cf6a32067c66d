"""Stations as they stand: their units, and what does not add up there."""

from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy import func, select

from doorstep.api.models.stations import CustodyException, ScanResult, Station, StationUnit
from doorstep.api.models.stations import Destination as Shown
from doorstep.api.views.matching import matching
from doorstep.foundation import NotFoundError
from doorstep.operations.exceptions import OPEN
from doorstep.operations.stations.destination import Destination, destinations
from doorstep.operations.stations.scans import Scanned
from doorstep.storage import Connection
from doorstep.storage.schema.fulfilment import exceptions, parcels, station_units
from doorstep.storage.schema.reference import REFERENCE


def find_station(connection: Connection, tenant_id: str, site_id: str, *, now: int) -> Station:
    """Return what is at a site.

    Raises
    ------
    NotFoundError
        If the tenant has no such site.
    """
    known_site(connection, tenant_id, site_id)
    unit = station_units.c
    mine = (unit.tenant_id == tenant_id) & (unit.site_id == site_id)
    counts = select(unit.state, func.count().label("n")).where(mine).group_by(unit.state).order_by(unit.state)
    overdue = select(func.count()).select_from(station_units).where(mine, unit.state == "expected", unit.due_at < now)
    open_ = select(func.count()).select_from(exceptions).where(
        exceptions.c.tenant_id == tenant_id, exceptions.c.site_id == site_id, exceptions.c.state == OPEN
    )  # fmt: skip
    return Station(
        site_id=site_id,
        units={row.state: row.n for row in connection.execute(counts)},
        overdue=connection.execute(overdue).scalar_one(),
        open_exceptions=connection.execute(open_).scalar_one(),
    )


def known_site(connection: Connection, tenant_id: str, site_id: str) -> None:
    """Go on if a tenant has a site; raise ``NotFoundError`` if not."""
    sites = REFERENCE["sites"]
    mine = select(sites.c.site_id).where(sites.c.tenant_id == tenant_id, sites.c.site_id == site_id)
    if connection.execute(mine).first() is None:
        raise NotFoundError(f"site {site_id} does not exist.")


def list_units(
    connection: Connection,
    tenant_id: str,
    site_id: str,
    *,
    limit: int,
    after: str = "",
    state: str | None = None,
    sscc: str | None = None,
) -> list[StationUnit]:
    """Return the units of a site, the oldest first; ``after`` is the id of the last one seen."""
    known_site(connection, tenant_id, site_id)
    query = matching(_units(tenant_id), {station_units.c.state: state, parcels.c.sscc: sscc})
    query = query.where(station_units.c.site_id == site_id, station_units.c.unit_id > after)
    return _shown(connection, query.order_by(station_units.c.unit_id).limit(limit))


def find_unit(connection: Connection, tenant_id: str, unit_id: str) -> StationUnit:
    """Return a unit of a tenant, or raise ``NotFoundError``."""
    found = _shown(connection, _units(tenant_id).where(station_units.c.unit_id == unit_id))
    if not found:
        raise NotFoundError(f"station unit {unit_id} does not exist.")
    return found[0]


def list_exceptions(
    connection: Connection,
    tenant_id: str,
    *,
    limit: int,
    before: str = "",
    state: str | None = None,
    site_id: str | None = None,
    sites: Collection[str] = (),
) -> list[CustodyException]:
    """Return exceptions, the newest first, with ``sites`` only of these; ``before`` is the id of the last one seen."""
    mine = select(exceptions).where(exceptions.c.tenant_id == tenant_id)
    query = matching(mine, {exceptions.c.state: state, exceptions.c.site_id: site_id})
    if sites:
        query = query.where(exceptions.c.site_id.in_(sites))
    if before:
        query = query.where(exceptions.c.exception_id < before)
    rows = connection.execute(query.order_by(exceptions.c.exception_id.desc()).limit(limit)).all()
    return [
        CustodyException(
            id=row.exception_id, code=row.code, state=row.state, version=row.version, site_id=row.site_id,
            sscc=row.sscc, parcel_id=row.parcel_id, scan_id=row.source_event_id, detail=row.detail,
            created_at=row.created_at,
        )
        for row in rows
    ]  # fmt: skip


def find_exception(connection: Connection, tenant_id: str, exception_id: str) -> CustodyException:
    """Return an exception of a tenant, or raise ``NotFoundError``."""
    found = list_exceptions(connection, tenant_id, limit=1, before=exception_id + "~")
    if not found or found[0].id != exception_id:
        raise NotFoundError(f"exception {exception_id} does not exist.")
    return found[0]


def show_scan(sscc: str, scanned: Scanned) -> ScanResult:
    """Return what became of a scan, as it is answered."""
    return ScanResult.model_validate(
        {"id": scanned.scan_id, "outcome": scanned.outcome, "known": scanned.known, "sscc": sscc,
         "parcel_id": scanned.parcel_id, "unit_id": scanned.unit_id, "state": scanned.state,
         "holder": scanned.holder, "exceptions": list(scanned.exceptions),
         "destination": _destination(scanned.destination), "detail": scanned.detail}
    )  # fmt: skip


def _units(tenant_id: str) -> "sa.Select[tuple[object, ...]]":
    query = select(*station_units.c, parcels.c.order_id, parcels.c.sscc, parcels.c.holder)
    here = parcels.c.parcel_id == station_units.c.parcel_id
    return query.join(parcels, here).where(station_units.c.tenant_id == tenant_id)


def _shown(connection: Connection, query: "sa.Select[tuple[object, ...]]") -> list[StationUnit]:
    rows: Sequence[sa.Row[tuple[object, ...]]] = connection.execute(query).all()
    by_site: dict[str, list[str]] = {}
    for row in rows:
        by_site.setdefault(str(row.site_id), []).append(str(row.parcel_id))
    ways = {site_id: destinations(connection, ids, site_id) for site_id, ids in by_site.items()}
    return [
        StationUnit.model_validate(
            {"id": row.unit_id, "site_id": row.site_id, "state": row.state, "version": row.version,
             "parcel_id": row.parcel_id, "order_id": row.order_id, "sscc": row.sscc or "", "place": row.place,
             "holder": row.holder, "departs_at": row.departs_at, "due_at": row.due_at, "seen_at": row.event_at,
             "destination": _destination(ways[row.site_id][row.parcel_id])}
        )
        for row in rows
    ]  # fmt: skip


def _destination(found: Destination | None) -> Shown | None:
    if found is None:
        return None
    return Shown(
        to=found.to, id=found.name, vehicle_id=found.vehicle_id, driver=found.driver, starts_at=found.starts_at,
        stop=found.stop, load_order=found.load_order,
    )  # fmt: skip
