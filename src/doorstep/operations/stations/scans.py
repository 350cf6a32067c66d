"""Batches of scans at a site: kept one by one, and what follows for shipments, deliveries and orders."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from doorstep.foundation import NotFoundError
from doorstep.operations.caller import Caller
from doorstep.operations.exceptions import open_exception
from doorstep.operations.fulfil.hand_over import leave_site
from doorstep.operations.fulfil.parts import LEFT, Parts, ShipmentNow, lock_orders, parts_of, pieces
from doorstep.operations.fulfil.settle import hold_if_possible, settle_order
from doorstep.operations.stations.custody import HAND_OVERS, PARCEL
from doorstep.operations.stations.destination import Destination, destination_of
from doorstep.operations.stations.leaving import HERE, OUT, units_of
from doorstep.operations.stations.recording import Kept, Scan, keep_scan
from doorstep.operations.transitions import report
from doorstep.storage import Connection
from doorstep.storage.schema.fulfilment import deliveries, parcels, tracking_events
from doorstep.storage.schema.reference import REFERENCE

GONE_FROM_SITE = (*HAND_OVERS, "depart")
"""Scans that say that a parcel is not where it was packed: there only the first kind that hands it on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """What became of a scan, who has the parcel by now, and where it goes from here.

    ``outcome`` is that of any fact, ``unknown`` for a label that nobody knows, or ``refused`` with the reason in
    ``detail``: then it is not kept. ``known`` says that it had been told before.
    """

    scan_id: str
    outcome: str
    known: bool = False
    parcel_id: str | None = None
    unit_id: str | None = None
    state: str = ""
    holder: str = ""
    exceptions: tuple[str, ...] = ()
    destination: Destination | None = None
    detail: str = ""


def record_scans(
    connection: Connection, caller: Caller, site_id: str, scans: Sequence[Scan], *, now: int
) -> list[Scanned]:
    """Keep a batch of scans made at a site, by when they were made, and answer each in the order in which it came.

    Raises
    ------
    NotFoundError
        If the tenant has no such site.
    """
    sites = REFERENCE["sites"]
    here = select(sites.c.site_id).where(sites.c.tenant_id == caller.tenant_id, sites.c.site_id == site_id)
    if connection.execute(here).first() is None:
        raise NotFoundError(f"site {site_id} does not exist.")
    lock_orders(connection, caller, _orders_of(connection, caller, scans))
    in_time = sorted(range(len(scans)), key=lambda number: (scans[number].occurred_at, number))
    done = {number: _record(connection, caller, site_id, scans[number], now) for number in in_time}
    return [done[number] for number in range(len(scans))]


def _orders_of(connection: Connection, caller: Caller, scans: Sequence[Scan]) -> set[str]:
    query = select(parcels.c.order_id).where(parcels.c.tenant_id == caller.tenant_id)
    labels = pieces(sorted({scan.sscc for scan in scans}))
    return {o for piece in labels for o in connection.execute(query.where(parcels.c.sscc.in_(piece))).scalars()}


def _record(connection: Connection, caller: Caller, site_id: str, scan: Scan, now: int) -> Scanned:
    wrong = _wrong(site_id, scan)
    if wrong:
        return Scanned(scan_id=scan.scan_id, outcome="refused", detail=wrong)
    query = select(tracking_events).where(
        tracking_events.c.tenant_id == caller.tenant_id,
        tracking_events.c.source == scan.source,
        tracking_events.c.source_event_id == scan.scan_id,
    )
    row = connection.execute(query).one_or_none()
    mine = (parcels.c.tenant_id == caller.tenant_id) & (parcels.c.sscc == scan.sscc)
    if row is not None:
        parcel = connection.execute(select(parcels.c.parcel_id).where(mine)).scalar_one_or_none()
        if (row.kind, row.event, row.object_id) != (PARCEL, scan.kind, parcel or scan.sscc):
            detail = f"{scan.scan_id} was the name of another scan before. Maybe a counter started again."
            return Scanned(scan_id=scan.scan_id, outcome="refused", detail=detail)
        kept = Kept(outcome=row.outcome)
    else:
        kept = keep_scan(connection, caller, site_id, scan, now=now)
        if kept.parcel is not None:
            _follow(connection, caller, site_id, scan, kept, now)
    return _answer(connection, caller, site_id, scan, kept, known=row is not None)


def _wrong(site_id: str, scan: Scan) -> str:
    """Return why a scan cannot be meant, empty if it can: a site only speaks of hand-overs that it takes part in."""
    here = f"site:{site_id}"
    if scan.kind in HAND_OVERS and not (scan.giver and scan.taker):
        return f"{scan.kind} needs both parties, who hands over and who takes."
    if scan.kind == "load" and scan.giver != here:
        return f"load at {site_id} is handed over by {scan.giver}, not by {here}."
    if scan.kind in ("receive", "unload") and scan.taker != here:
        return f"{scan.kind} at {site_id} is taken by {scan.taker}, not by {here}."
    return ""


def _follow(connection: Connection, caller: Caller, site_id: str, scan: Scan, kept: Kept, now: int) -> None:
    """Bring shipment, delivery and order in line with where a parcel is."""
    assert kept.parcel is not None
    order_id, packed_at = str(kept.parcel.order_id), str(kept.parcel.site_id)
    parts = parts_of(connection, [order_id])[order_id]
    shipment = next((s for s in parts.shipments if s.shipment_id == kept.parcel.shipment_id), None)
    if shipment is None:
        kept.exceptions.append(
            open_exception(connection, caller, "called_off", site_id=site_id, sscc=scan.sscc, now=now,
                           parcel_id=kept.parcel.parcel_id, scan=(scan.source, scan.scan_id),
                           detail="Its shipment was cancelled.")
        )  # fmt: skip
        return
    left_by_lane = _by_lane(parts, shipment) and (scan.kind == "load" if site_id == packed_at else True)
    if left_by_lane and shipment.state not in LEFT:
        if not leave_site(connection, caller, [shipment], now=now):  # somebody counted its units away
            hold_if_possible(connection, caller, order_id, now=now, reason="left_without_stock")
        settle_order(connection, caller, order_id, now=now)
    if left_by_lane:
        follow_units(connection, caller, order_id, str(shipment.delivery_id), now=now,
                     leaves_at=scan.occurred_at if site_id == packed_at else None)  # fmt: skip


def follow_units(
    connection: Connection, caller: Caller, order_id: str, delivery_id: str, *, now: int, leaves_at: int | None = None
) -> None:
    """Move a delivery as far as all its units have come where it leaves from.

    A carrier's delivery has a life of its own that the carrier tells of; it is picked up when the last unit is loaded.

    Parameters
    ----------
    leaves_at
        When a parcel of it was put on a lane [epoch s].
    """
    query = select(deliveries.c.kind, deliveries.c.carrier_id).where(deliveries.c.delivery_id == delivery_id)
    delivery = connection.execute(query).one()
    units = [row for row in units_of(connection, [order_id]) if row.delivery_id == delivery_id]
    states, last_at = {row.state for row in units}, max((row.event_at or 0 for row in units), default=0)
    there, out = bool(units) and states <= {*HERE, *OUT}, bool(units) and states <= {*OUT}
    told: list[tuple[str, int]] = []
    if delivery.kind == "collection":
        told += [("make_ready", last_at)] if there else []
    elif delivery.carrier_id:
        told += [("pick_up", last_at)] if out else []
    else:
        told += [("start_to_station", leaves_at)] if leaves_at is not None else []
        told += [("release_from_station", last_at)] if out else [("receive_at_station", last_at)] if there else []
    for event, at in told:
        kind = "collection" if delivery.kind == "collection" else "delivery"
        report(connection, caller, kind, delivery_id, event, occurred_at=at, now=now, data={"order_id": order_id})


def _by_lane(parts: Parts, shipment: ShipmentNow) -> bool:
    delivery = parts.deliveries.get(shipment.delivery_id or "")
    return delivery is not None and delivery.site_id != shipment.site_id


def _answer(connection: Connection, caller: Caller, site_id: str, scan: Scan, kept: Kept, *, known: bool) -> Scanned:
    mine = (parcels.c.tenant_id == caller.tenant_id) & (parcels.c.sscc == scan.sscc)
    parcel = connection.execute(select(parcels.c.parcel_id, parcels.c.holder).where(mine)).one_or_none()
    if parcel is None:
        return Scanned(scan_id=scan.scan_id, outcome=kept.outcome, known=known, exceptions=tuple(kept.exceptions))
    unit, where = destination_of(connection, caller.tenant_id, parcel.parcel_id, site_id)
    return Scanned(
        scan_id=scan.scan_id, outcome=kept.outcome, known=known, parcel_id=parcel.parcel_id,
        unit_id=unit.unit_id if unit else None, state=unit.state if unit else "", holder=parcel.holder,
        exceptions=tuple(kept.exceptions), destination=where,
    )  # fmt: skip
