"""A centre F1 without a van, a parcel station P1 beside the doors, and a truck between them at noon."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from doorstep.operations.bring import plan_routes
from doorstep.operations.stations.destination import Destination
from doorstep.operations.stations.recording import Scan, ScanKind
from doorstep.operations.stations.scans import Scanned, record_scans
from doorstep.storage import Connection, Database
from doorstep.storage.schema.fulfilment import parcels, station_units
from tests.databases import CALLER, NOW
from tests.operations.fulfil.stage import ready
from tests.operations.shops import open_shop
from tests.small import CHICAGO, at, table

SITES = table(
    "site_id kind lat lon time_zone",
    ("F1", "fc", 41.4, -87.0, CHICAGO),
    ("P1", "parcel_station", 41.0, -87.0, CHICAGO),
)
VAN = table(
    "vehicle_id site_id count shift_starts shift_ends max_weight_g max_volume_ml cost_per_km_minor "
    "cost_per_hour_minor skills",
    ("V1", "P1", 2, "08:00", "20:00", 500_000, 5_000_000, 50, 2_000, "chilled"),
)
LANES = table("from_site_id to_site_id departs duration_s parcel_cost_minor", ("F1", "P1", "12:00", 3_600, 60))
TRUCK, HERE, CENTRE = "driver:Tom", "site:P1", "site:F1"
DUE = at("13:00")
ARRIVED = DUE + 300


def open_depot(database: Database, **tables: Any) -> None:
    """Open the centre with stock, and the station."""
    stock = {("F1", product): 100 for product in "ABC"}
    open_shop(database, stock, **{"sites": SITES, "vehicles": VAN, "lanes": LANES, **tables})


def on_the_truck(connection: Connection, *orders: Sequence[tuple[str, int]]) -> list[str]:
    """Pack and plan orders whose doors lie along a street, and return them."""
    ids = [ready(connection, *lines, lat=41.01 + n / 100) for n, lines in enumerate(orders)]
    plan_routes(connection, CALLER, now=NOW + 60, iterations=50)
    return ids


def labels(connection: Connection, order_id: str) -> list[str]:
    """Return the SSCCs of an order's parcels."""
    query = select(parcels.c.sscc).where(parcels.c.order_id == order_id).order_by(parcels.c.parcel_id)
    return list(connection.execute(query).scalars())


def units(connection: Connection, *order_ids: str) -> list[tuple[str, str, str]]:
    """Return state, place and holder of the units of orders."""
    query = (
        select(station_units.c.state, station_units.c.place, parcels.c.holder)
        .join(parcels, parcels.c.parcel_id == station_units.c.parcel_id)
        .where(parcels.c.order_id.in_(order_ids))
        .order_by(parcels.c.parcel_id)
    )
    return [tuple(row) for row in connection.execute(query)]


def scan(
    sscc: str, kind: ScanKind, at_: int, *, by: str = TRUCK, place: str = "", name: str = "", site: str = "P1"
) -> Scan:
    """Return a scan at a site; ``by`` is the other party of a hand-over."""
    here = f"site:{site}"
    giver, taker = {"receive": (by, here), "unload": (by, here), "load": (here, by)}.get(kind, ("", ""))
    return Scan(source=f"station/{site}", scan_id=name or f"{kind}-{sscc}-{at_}", kind=kind, sscc=sscc,
                occurred_at=at_, giver=giver, taker=taker, place=place)  # fmt: skip


def scanned(connection: Connection, *scans: Scan, site: str = "P1", now: int = at("19:00")) -> list[Scanned]:
    """Record scans at a site."""
    return record_scans(connection, CALLER, site, scans, now=now)


def way(found: Scanned) -> Destination:
    """Return where a scanned parcel goes."""
    assert found.destination is not None
    return found.destination


def unit(found: Scanned) -> str:
    """Return the unit of a scanned parcel."""
    assert found.unit_id is not None
    return found.unit_id
