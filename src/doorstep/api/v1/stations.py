"""Parcel stations: what is scanned there, what is there, and the labels that are scanned."""

from typing import Annotated, Literal

from fastapi import Depends, Path, Query
from starlette.responses import Response

from doorstep.api.access.guarded import guarded_router
from doorstep.api.desk import Acting, MaybeVersion, Reading
from doorstep.api.models.base import Page
from doorstep.api.models.fields import ObjectId, ReferenceId
from doorstep.api.models.orders import Cancellation
from doorstep.api.models.stations import (
    CustodyException,
    ScanBatch,
    ScanCreate,
    ScanResults,
    Station,
    StationUnit,
)
from doorstep.api.paging import PageWish, wanted_page
from doorstep.api.problems import documented
from doorstep.api.views.labels import label_of
from doorstep.api.views.stations import (
    find_exception,
    find_station,
    find_unit,
    list_exceptions,
    list_units,
    show_scan,
)
from doorstep.connectors.parcel_label import draw_png, draw_svg
from doorstep.domain.lifecycles import LIFECYCLES
from doorstep.operations.exceptions import resolve_exception
from doorstep.operations.stations.recording import Scan
from doorstep.operations.stations.scans import record_scans
from doorstep.operations.stations.writing_off import write_off_unit
from doorstep.storage import Connection

router = guarded_router("stations")
SiteId = Annotated[ReferenceId, Path()]
UnitId = Annotated[ObjectId, Path()]
ParcelId = Annotated[ObjectId, Path()]
ExceptionId = Annotated[ObjectId, Path()]
UnitState = Annotated[str, Query(json_schema_extra={"enum": [*LIFECYCLES["station_unit"].states]})]
ExceptionState = Annotated[str, Query(json_schema_extra={"enum": [*LIFECYCLES["exception"].states]})]
Sscc = Annotated[str, Query(pattern=r"^[0-9]{18}$")]
STEPS = documented(
    "not_found", "illegal_transition", "conflict", "version_changed", "bad_version", "idempotency_key_reused"
)
PICTURES: dict[int | str, dict[str, object]] = {
    200: {
        "description": "The label",
        "content": {"image/svg+xml": {"schema": {"type": "string"}}, "image/png": {"schema": {"type": "string"}}},
    }
}


@router.post(
    "/stations/{site_id}/scans",
    response_model=ScanResults,
    responses=documented("not_found", "idempotency_key_reused"),
)
async def scan_parcels(site_id: SiteId, batch: ScanBatch, desk: Acting) -> Response:
    """Tell what was scanned at a site: each scan is kept, whatever it says, counts once, and is answered by where to.

    Scans may come late, again and in any order. Who hands over what they do not have opens an exception.
    """

    def act(connection: Connection) -> ScanResults:
        scans = [_scan(site_id, scan) for scan in batch.scans]
        found = record_scans(connection, desk.caller, site_id, scans, now=desk.now)
        return ScanResults(results=[show_scan(scan.sscc, one) for scan, one in zip(scans, found, strict=True)])

    return await desk.act(act)


@router.get("/stations/{site_id}", response_model=Station, responses=documented("not_found"))
async def read_station(site_id: SiteId, desk: Reading) -> Response:
    """Count what is at a site, and what does not add up there."""
    return await desk.show(lambda connection: find_station(connection, desk.tenant_id, site_id, now=desk.now))


@router.get(
    "/stations/{site_id}/units", response_model=Page[StationUnit], responses=documented("not_found", "bad_cursor")
)
async def read_station_units(
    site_id: SiteId,
    desk: Reading,
    wish: Annotated[PageWish, Depends(wanted_page)],
    state: UnitState | None = None,
    sscc: Sscc | None = None,
) -> Response:
    """List the parcels that are expected or were at a site, the oldest first."""
    return await desk.show_page(
        wish,
        lambda connection: list_units(
            connection, desk.tenant_id, site_id, limit=wish.limit + 1, after=wish.after, state=state, sscc=sscc
        ),
        lambda unit: (0, unit.id),
    )


@router.post("/station-units/{unit_id}/write-off", response_model=StationUnit, responses=STEPS)
async def write_off(unit_id: UnitId, why: Cancellation, desk: Acting, version: MaybeVersion) -> Response:
    """Give up a missing or damaged parcel: its order waits for a decision and is served anew with what was in it."""
    return await desk.step(
        "station_unit",
        unit_id,
        version,
        lambda connection: write_off_unit(connection, desk.caller, unit_id, reason=why.reason, now=desk.now),
        lambda connection: find_unit(connection, desk.tenant_id, unit_id),
    )


@router.get("/exceptions", response_model=Page[CustodyException], responses=documented("bad_cursor"))
async def read_exceptions(
    desk: Reading,
    wish: Annotated[PageWish, Depends(wanted_page)],
    state: ExceptionState | None = None,
    site_id: Annotated[ReferenceId | None, Query()] = None,
) -> Response:
    """List what does not add up, the newest first."""
    return await desk.show_page(
        wish,
        lambda connection: list_exceptions(
            connection, desk.tenant_id, limit=wish.limit + 1, before=wish.after, state=state, site_id=site_id
        ),
        lambda one: (0, one.id),
    )


@router.post("/exceptions/{exception_id}/resolve", response_model=CustodyException, responses=STEPS)
async def resolve(exception_id: ExceptionId, why: Cancellation, desk: Acting, version: MaybeVersion) -> Response:
    """End an exception that somebody has looked into."""
    return await desk.step(
        "exception",
        exception_id,
        version,
        lambda connection: resolve_exception(connection, desk.caller, exception_id, reason=why.reason, now=desk.now),
        lambda connection: find_exception(connection, desk.tenant_id, exception_id),
    )


@router.get("/parcels/{parcel_id}/label", response_class=Response, responses=PICTURES | documented("not_found"))
async def read_label(
    parcel_id: ParcelId,
    desk: Reading,
    picture: Annotated[Literal["svg", "png"], Query(description="png: the code alone")] = "svg",
) -> Response:
    """Draw a parcel's label: a QR code with SSCC and Scan4Transport elements as GS1 Digital Link, words beside it."""
    label = await desk.read(lambda connection: label_of(connection, desk.tenant_id, parcel_id))
    host = desk.platform.settings.public_url
    if picture == "png":
        return Response(draw_png(label, host=host), media_type="image/png")
    return Response(draw_svg(label, host=host), media_type="image/svg+xml")


def _scan(site_id: str, told: ScanCreate) -> Scan:
    return Scan(
        source=f"station/{site_id}",
        scan_id=told.id,
        kind=told.kind,
        sscc=told.sscc,
        occurred_at=told.occurred_at,
        giver=told.from_party.text if told.from_party else "",
        taker=told.to_party.text if told.to_party else "",
        place=told.place,
        reason=told.reason,
    )
