"""Scanning: one field that is always ready, and a big answer; what is scanned at a station is kept like any scan."""

import secrets
from dataclasses import dataclass
from typing import Literal, cast
from urllib.parse import urlencode

from sqlalchemy import select
from starlette.responses import Response

from doorstep.console import words
from doorstep.console.shell.forms import form_of
from doorstep.console.shell.said import go
from doorstep.console.store.face import Here, Looking, Site, do, refusal, router, show
from doorstep.console.store.labels import Known, Sign, find_parcel, read_code, sign_for
from doorstep.domain.sscc import is_sscc
from doorstep.foundation import ConflictError, DoorstepError, NotFoundError
from doorstep.operations.caller import Caller
from doorstep.operations.fulfil.stage import stage_shipment
from doorstep.operations.stations.recording import Scan, ScanKind
from doorstep.operations.stations.scans import Scanned, record_scans
from doorstep.storage import Connection
from doorstep.storage.schema.fulfilment import parcels, station_units, tracking_events

UNDO_S = 30
LAST = 8
WAYS = {
    "where": ("Where to?", "Says where a parcel goes. Nothing is recorded."),
    "hand": ("Hand over", "To a shopper, a driver or a carrier."),
    "stage": ("Stage", "The whole order lies in the bay or lane of its departure."),
    "receive": ("Receive", "It has come here from a truck or a carrier."),
    "shelve": ("Shelve", "It lies in the place written below."),
    "load": ("Load", "The driver, the carrier or the truck has it from now on."),
    "unload": ("Unload", "It comes out of the van again."),
    "damaged": ("Damaged", "It is here and cannot go on like this."),
    "missing": ("Missing", "It should be here and is not: type its number."),
}
"""What a scan means, by the word in the address."""
Kept = Literal["receive", "shelve", "load", "unload", "damaged", "missing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LastScan:
    """A scan as the list of the last ones shows it; ``can_undo`` while it is fresh enough and there is a way back."""

    name: str
    label: str
    says: str
    ago: str
    can_undo: bool


@router.get("/{site_id}/scan")
async def show_scan(
    site: Here, at: Looking, way: str = "where", code: str = "", place: str = "", fault: str = ""
) -> Response:
    """Show the field, the answer to what was scanned last, and the scans before it."""
    way = way if way in WAYS else "where"

    def read(connection: Connection) -> tuple[Known | None, Sign | None, list[LastScan]]:
        last = _last(connection, at.tenant_id, site, now=at.now)
        if fault or not code:
            return None, Sign(tone="late", big="No", small=fault) if fault else None, last
        try:
            known = find_parcel(connection, at.tenant_id, site, read_code(code))
        except DoorstepError as error:
            return None, Sign(tone="late", big="Unknown", small=refusal(error)), last
        return known, sign_for(connection, at.tenant_id, site, known), last

    known, sign, last = await at.read(read)
    return await show(
        at, "scan.html", WAYS[way][0], site, way=way, ways=WAYS, known=known, sign=sign, last=last, place=place,
        fresh=secrets.token_hex(6),
    )  # fmt: skip


@router.post("/{site_id}/scan")
async def scan(site: Here, at: Looking) -> Response:
    """Take what was scanned, and answer on the page."""
    form = await form_of(at.request)
    way, code, place = form.get("way", "where"), form.get("code", ""), form.get("place", "")[:40]
    back = {"way": way, "place": place} if place else {"way": way}
    try:
        read = read_code(code)
        if way == "hand":
            known = await at.read(lambda c: find_parcel(c, at.tenant_id, site, read))
            return go(at.request, _to_hand_over(site, known))
        if way == "stage":
            await at.write(lambda c: _stage(c, at.caller, site, read, at.now))
        elif way in WAYS and way != "where":
            name = f"page-{form.get('fresh', '')[:24]}-{way}-{read}"
            await at.write(lambda c: _keep(c, at.caller, site, cast("Kept", way), read, name, place, at.now))
    except DoorstepError as error:
        return go(at.request, f"{site.path}/scan?{urlencode(back | {'fault': refusal(error)})}")
    return go(at.request, f"{site.path}/scan?{urlencode(back | {'code': read})}")


@router.post("/{site_id}/scan/undo")
async def undo_scan(site: Here, at: Looking) -> Response:
    """Take back a parcel that was loaded less than half a minute ago."""
    form = await form_of(at.request)
    name = form.get("name", "")
    return await do(
        at, lambda c: _undo(c, at.caller, site, name, at.now), to=f"{site.path}/scan?way={form.get('way', 'load')}",
        done="Taken back: it is here again.",
    )  # fmt: skip


def _stage(connection: Connection, caller: Caller, site: Site, code: str, now: int) -> None:
    """Stage the shipment that a parcel belongs to; scanned again it stays so."""
    known = find_parcel(connection, caller.tenant_id, site, code)
    query = select(parcels.c.shipment_id).where(parcels.c.parcel_id == known.parcel_id)
    shipment_id = str(connection.execute(query).scalar_one())
    stage_shipment(connection, caller, shipment_id, site_id=site.site_id, now=now)


def _keep(
    connection: Connection, caller: Caller, site: Site, kind: Kept, code: str, name: str, place: str, now: int
) -> Scanned:
    """Record a scan, both of whose parties follow from who has the parcel and where it goes."""
    known = None if is_sscc(code) else find_parcel(connection, caller.tenant_id, site, code)
    sscc = code if known is None else known.sscc
    giver, taker = "", ""
    if kind in ("receive", "load", "unload"):
        try:
            known = known or find_parcel(connection, caller.tenant_id, site, sscc)
        except NotFoundError:
            giver, taker = (f"site:{site.site_id}", "driver:unknown")[:: 1 if kind == "load" else -1]
        else:
            giver, taker = _parties(known, site, kind)
    if kind == "shelve" and not place:
        raise ConflictError("a place is missing.", hint="Maybe the lane and shelf, as in L1/4.")
    asked = Scan(
        source=f"station/{site.site_id}", scan_id=name, kind=cast("ScanKind", kind), sscc=sscc, occurred_at=now,
        giver=giver, taker=taker, place=place if kind == "shelve" else "",
    )  # fmt: skip
    (done,) = record_scans(connection, caller, site.site_id, [asked], now=now)
    if done.outcome == "refused":
        raise ConflictError(done.detail)
    return done


def _parties(known: Known, site: Site, kind: Kept) -> tuple[str, str]:
    """Return who hands a parcel over and who takes it."""
    here = f"site:{site.site_id}"
    if kind in ("receive", "unload"):
        if known.holder == here:
            raise ConflictError("it is here already.", hint="Maybe shelve or load it.")
        return known.holder or "driver:unknown", here
    way = known.destination
    if known.holder not in ("", here):
        raise ConflictError(
            f"it is with {known.holder.replace(':', ' ')} by the books.", hint="Maybe receive it first."
        )
    takers = {
        "route": f"driver:{way.driver or way.vehicle_id}",
        "carrier": f"carrier:{way.name}",
        "site": f"driver:to-{way.name}",
    }
    if way.to not in takers:
        what = "a shopper collects it here" if way.to == "collection" else "no van or carrier is to bring it yet"
        raise ConflictError(f"it stays: {what}.")
    return here, takers[way.to]


def _undo(connection: Connection, caller: Caller, site: Site, name: str, now: int) -> None:
    mine = [one for one in _last(connection, caller.tenant_id, site, now=now) if one.name == name]
    if not mine or not mine[0].can_undo:
        raise ConflictError("this cannot be undone any more.", hint="Maybe scan it with Unload.")
    known = find_parcel(connection, caller.tenant_id, site, mine[0].label)
    giver, taker = _parties(known, site, "unload")
    back = Scan(source=f"station/{site.site_id}", scan_id=f"{name}-undo", kind="unload", sscc=mine[0].label,
                occurred_at=now, giver=giver, taker=taker)  # fmt: skip
    record_scans(connection, caller, site.site_id, [back], now=now)


def _last(connection: Connection, tenant_id: str, site: Site, *, now: int) -> list[LastScan]:
    """Return the newest scans of a site, and which of them can be taken back: a unit loaded here, within 30 s."""
    told = tracking_events.c
    unit = (station_units.c.parcel_id == parcels.c.parcel_id) & (station_units.c.site_id == site.site_id)
    query = (
        select(told.source_event_id, told.event, told.object_id, told.recorded_at, told.outcome, parcels.c.sscc,
               station_units.c.state)
        .select_from(tracking_events.outerjoin(parcels, parcels.c.parcel_id == told.object_id)
                     .outerjoin(station_units, unit))
        .where(told.tenant_id == tenant_id, told.source == f"station/{site.site_id}", told.recorded_at > now - 3_600)
        .order_by(told.recorded_at.desc(), told.source_event_id)
        .limit(LAST)
    )  # fmt: skip
    return [
        LastScan(
            name=row.source_event_id, label=row.sscc or row.object_id, says=_says(row.event, row.outcome),
            ago=words.duration(max(0, now - row.recorded_at)),
            can_undo=row.event == "load" and row.state == "loaded" and now - row.recorded_at <= UNDO_S,
        )
        for row in connection.execute(query).all()
    ]  # fmt: skip


def _says(event: str, outcome: str) -> str:
    word = WAYS.get(event, (words.plain(event).capitalize(), ""))[0]
    return word if outcome == "applied" else f"{word} ({words.plain(outcome)})"


def _to_hand_over(site: Site, known: Known) -> str:
    if known.delivery_id is None:
        raise ConflictError("no van or carrier is to bring it yet, and nobody collects it.")
    if known.delivery_from != site.site_id:
        raise ConflictError(f"it goes to {known.delivery_from} by truck.", hint="Maybe load it.")
    return f"{site.path}/hand/{known.delivery_id}"
