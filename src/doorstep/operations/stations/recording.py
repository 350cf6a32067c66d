"""A scan of a parcel: kept whatever it says, it moves the parcel's unit if it is news, and says who has it."""

from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy import Row, select, update

from doorstep.domain.lifecycles import Ignored
from doorstep.operations.caller import Caller
from doorstep.operations.exceptions import open_exception
from doorstep.operations.stations.custody import HAND_OVERS, PARCEL, settle_custody
from doorstep.operations.stations.expecting import add_unit
from doorstep.operations.transitions import report
from doorstep.storage import Connection
from doorstep.storage.journal import canonical
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.fulfilment import parcels, station_units, tracking_events

ScanKind = Literal["receive", "shelve", "load", "unload", "depart", "damaged", "missing"]
EVENTS = {"damaged": "mark_damaged", "missing": "mark_missing"}
"""Events of units by the kinds of scan whose names are others."""
INFERRED = "inferred"
Parcel = Row[tuple[object, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What somebody read off a parcel at a site, and what was done with it.

    Parameters
    ----------
    source, scan_id
        Who tells it, and its name for it: the same two are the same scan, however often it is sent.
    occurred_at
        By the clock of whoever scanned [epoch s].
    giver, taker
        Who hands over and who takes, as ``driver:Ana``; empty where it stays with whoever has it.
    place
        Lane and shelf, or wherever else it lies.
    """

    source: str
    scan_id: str
    kind: ScanKind
    sscc: str
    occurred_at: int
    giver: str = ""
    taker: str = ""
    place: str = ""
    reason: str = ""


@dataclass(slots=True, kw_only=True)
class Kept:
    """What became of a scan: ``outcome`` as of any fact, or ``unknown`` where nobody knows the label."""

    outcome: str
    parcel: "Parcel | None" = None
    unit_id: str | None = None
    state: str = ""
    exceptions: list[str] = field(default_factory=list)


def keep_scan(connection: Connection, caller: Caller, site_id: str, scan: Scan, *, now: int) -> Kept:
    """Keep a scan that is new, whose parcel's order is locked; at its packing site a parcel only changes hands."""
    mine = (parcels.c.tenant_id == caller.tenant_id) & (parcels.c.sscc == scan.sscc)
    parcel = connection.execute(select(parcels).where(mine)).one_or_none()
    if parcel is None:
        _store(connection, caller, site_id, scan, scan.sscc, "unknown", now)
        opened = _open(connection, caller, "unknown_label", site_id, scan, None, "Nobody knows this label.", now)
        return Kept(outcome="unknown", exceptions=[opened])
    kept = Kept(outcome="applied", parcel=parcel)
    if site_id != parcel.site_id:
        _move(connection, caller, site_id, scan, kept, now)
    _store(connection, caller, site_id, scan, parcel.parcel_id, kept.outcome, now)
    if scan.kind in HAND_OVERS:
        kept.exceptions += settle_custody(connection, caller, parcel.parcel_id, now=now)[1]
    return kept


def _move(connection: Connection, caller: Caller, site_id: str, scan: Scan, kept: Kept, now: int) -> None:
    """Let a scan move the unit of its parcel at a site, which is made where nobody expected it."""
    assert kept.parcel is not None
    parcel_id = str(kept.parcel.parcel_id)
    here = (station_units.c.parcel_id == parcel_id) & (station_units.c.site_id == site_id)
    row = connection.execute(select(station_units).where(here)).one_or_none()
    told: dict[str, object] = {"site_id": site_id, "parcel_id": parcel_id, "sscc": scan.sscc,
                               "order_id": kept.parcel.order_id}  # fmt: skip
    if row is None or row.state == "withdrawn":
        detail = "It was scanned at a site that does not expect it."
        kept.exceptions.append(_open(connection, caller, "not_expected", site_id, scan, parcel_id, detail, now))
    kept.unit_id = row.unit_id if row else add_unit(connection, caller, parcel_id, site_id, now=now, told=told)
    event = EVENTS.get(scan.kind, scan.kind)
    told |= {"occurred_at": scan.occurred_at, "place": scan.place}
    found = report(connection, caller, "station_unit", kept.unit_id, event, occurred_at=scan.occurred_at, now=now,
                   reason=scan.reason, data=told)  # fmt: skip
    mine = station_units.c.unit_id == kept.unit_id
    if isinstance(found, Ignored):
        kept.outcome = found.reason
        kept.state = connection.execute(select(station_units.c.state).where(mine)).scalar_one()
        if found.reason == "terminal":
            detail = "It turned up after it was written off."
            kept.exceptions.append(_open(connection, caller, "written_off", site_id, scan, parcel_id, detail, now))
        return
    kept.state = found.to_state
    connection.execute(update(station_units).where(mine).values(place=scan.place))


def _open(
    connection: Connection,
    caller: Caller,
    code: str,
    site_id: str,
    scan: Scan,
    parcel_id: str | None,
    detail: str,
    now: int,
) -> str:
    return open_exception(connection, caller, code, site_id=site_id, sscc=scan.sscc, parcel_id=parcel_id,
                          scan=(scan.source, scan.scan_id), detail=detail, now=now)  # fmt: skip


def _store(
    connection: Connection, caller: Caller, site_id: str, scan: Scan, object_id: str, outcome: str, now: int
) -> None:
    told = {"at": site_id, "place": scan.place} | ({"from": scan.giver, "to": scan.taker} if scan.taker else {})
    row = {"tenant_id": caller.tenant_id, "source": scan.source, "source_event_id": scan.scan_id, "kind": PARCEL,
           "object_id": object_id, "event": scan.kind, "occurred_at": scan.occurred_at, "recorded_at": now,
           "outcome": outcome, "reason": scan.reason, "details": canonical(told)}  # fmt: skip
    connection.run(inserting(tracking_events), [row])
