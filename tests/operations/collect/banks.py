"""A shop with a locker bank and a pick-up point beside its stores, and orders brought there."""

from typing import Any

from sqlalchemy import select

from doorstep.operations.bring import plan_routes
from doorstep.storage import Connection, Database
from doorstep.storage.schema.collections import deposits
from tests.databases import CALLER, NOW
from tests.operations.fulfil.stage import VANS, deliveries_of, open_stage, ready
from tests.small import CHICAGO, table

TABLES: dict[str, Any] = {
    "vehicles": VANS.clear(),
    "sites": table(
        "site_id kind lat lon time_zone curbside_bays",
        ("S1", "store", 41.0, -87.0, CHICAGO, 2),
        ("S2", "store", 41.3, -87.0, CHICAGO, 0),
        ("L1", "locker_bank", 41.02, -87.0, CHICAGO, 0),
        ("P1", "pickup_point", 41.03, -87.0, CHICAGO, 0),
    ),
    "lanes": table(
        "from_site_id to_site_id departs duration_s parcel_cost_minor",
        ("S1", "L1", "12:00", 1_800, 40),
        ("S1", "P1", "12:00", 1_800, 40),
    ),
    "compartments": table(
        "compartment_id site_id length_mm width_mm height_mm count",
        ("L1-small", "L1", 320, 230, 160, 2),
        ("L1-large", "L1", 520, 420, 330, 1),
    ),
    "service_levels": table(
        "service_level_id method promise_days window_starts window_ends keep_hours",
        ("next_day", "next_day", 1, "08:00", "20:00", None),
        ("curbside", "curbside", 0, "08:00", "22:00", 4),
        ("locker", "locker", 0, "08:00", "22:00", 72),
        ("point", "pickup_point", 0, "08:00", "22:00", 72),
    ),
}


def open_banks(database: Database) -> None:
    """Open two stores with a locker bank and a pick-up point that lanes lead to: two small compartments, one large."""
    open_stage(database, **TABLES)


def brought(
    connection: Connection, *lines: tuple[str, int], level: str = "locker", site: str = "L1"
) -> tuple[str, str]:
    """Take an order, pack it and plan its way; return it and its delivery."""
    order_id = ready(connection, *lines, service_level_id=level, pickup_site_id=site)
    plan_routes(connection, CALLER, now=NOW + 60, iterations=5)
    ((delivery_id, _),) = deliveries_of(connection, order_id)
    return order_id, delivery_id


def lying(connection: Connection) -> list[tuple[str, int]]:
    """Return the compartments in which something lies."""
    rows = connection.execute(select(deposits.c.compartment_id, deposits.c.number))
    return sorted((row.compartment_id, row.number) for row in rows)
