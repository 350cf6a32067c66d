"""What time says of units: those that did not come, and those that nobody moves."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Select, select

from doorstep.operations.caller import Caller
from doorstep.operations.stations.leaving import STATION
from doorstep.operations.transitions import advance
from doorstep.storage import Connection
from doorstep.storage.schema.fulfilment import station_units
from doorstep.storage.schema.reference import REFERENCE

MISSING_AFTER_S = 2 * 3_600
"""How long after its lane should be there a parcel is waited for."""
OVERSTAY_AFTER_S = 24 * 3_600
"""How long after its last scan a unit may stay."""
BATCH = 500


def overdue_units(now: int) -> "Select[Any]":
    """Return the query of units whose time is over, and of what they are then; sites other than stations need not scan.

    Nobody has told so: what is scanned counts all the same, also if it was scanned before and is sent later.
    """
    unit, sites = station_units.c, REFERENCE["sites"]
    stations = select(sites.c.site_id).where(sites.c.tenant_id == unit.tenant_id, sites.c.kind == STATION)
    late = (unit.state == "expected") & (unit.due_at < now - MISSING_AFTER_S)
    stuck = unit.state.in_(("received", "shelved")) & (unit.event_at < now - OVERSTAY_AFTER_S)
    event = sa.case((late, "mark_missing"), else_="mark_overstay").label("event")
    here = unit.site_id.in_(stations.correlate(station_units).scalar_subquery())
    return select(unit.unit_id, unit.tenant_id, unit.event_at, event).where(here, late | stuck)


def note_overdue(connection: Connection, caller: Caller, *, now: int, limit: int = BATCH) -> dict[str, int]:
    """Mark a tenant's units whose time is over, and return how many of each kind."""
    mine = overdue_units(now).where(station_units.c.tenant_id == caller.tenant_id)
    rows = connection.execute(mine.order_by(station_units.c.unit_id).limit(limit).with_for_update()).all()
    counts = {"mark_missing": 0, "mark_overstay": 0}
    for row in rows:
        untouched = {"event_at": row.event_at}
        advance(
            connection, caller, "station_unit", row.unit_id, row.event, now=now, changes=untouched, reason="overdue"
        )
        counts[row.event] += 1
    return {"missing": counts["mark_missing"], "overstay": counts["mark_overstay"]}
