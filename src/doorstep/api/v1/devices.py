"""Devices that say where they are, and where they are."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, Path, Query
from starlette.responses import Response

from doorstep.api.access.guarded import guarded_router
from doorstep.api.conventions.versions import IfMatch
from doorstep.api.desk import Acting, Desk, MaybeVersion, Reading
from doorstep.api.models.base import Page
from doorstep.api.models.devices import (
    Device,
    DeviceChange,
    DeviceCreate,
    DeviceCreated,
    SetUp,
    VehiclePosition,
    VehiclePositions,
)
from doorstep.api.models.fields import AS_WHOLE, Name, ObjectId, ReferenceId
from doorstep.api.paging import PageWish, wanted_page
from doorstep.api.problems import documented
from doorstep.api.views.devices import as_feed, current_positions, list_devices, set_up_of, show_device
from doorstep.operations.positions import devices as operations
from doorstep.operations.positions.devices import Riding
from doorstep.storage import Connection

router = guarded_router("devices", "/devices")
positions_router = guarded_router("devices")
DeviceId = Annotated[ObjectId, Path()]
STEPS = documented("not_found", "conflict", "version_changed", "bad_version", "idempotency_key_reused")
PROTOBUF = "application/x-protobuf"
FEED: dict[int | str, dict[str, object]] = {
    200: {"description": "The feed", "content": {PROTOBUF: {"schema": {"type": "string", "format": "binary"}}}}
}
Within = Annotated[
    int, Query(ge=1, le=86_400, description="seconds within which a device must have been somewhere"), AS_WHOLE
]
HOUR_S = 3_600
HIDDEN: Mapping[str, object] = {"token": "", "set_up": SetUp(fields={}, link="")}


@router.post("", status_code=201, response_model=DeviceCreated, responses=documented("idempotency_key_reused"))
async def register_device(wanted: DeviceCreate, desk: Acting) -> Response:
    """Register a device and show its token and how to set up its app; a repetition of the request hides both."""
    riding = Riding(vehicle_id=wanted.vehicle_id, driver=wanted.driver, route_id=wanted.route_id)

    def act(connection: Connection) -> DeviceCreated:
        made = operations.register_device(connection, desk.caller, wanted.name, wanted.app, riding, now=desk.now)
        return _with_token(connection, desk, made.name, made.secret)

    return await desk.act(act, status=201, secrets=HIDDEN)


@router.get("", response_model=Page[Device], responses=documented("bad_cursor"))
async def read_devices(
    desk: Reading,
    wish: Annotated[PageWish, Depends(wanted_page)],
    driver: Annotated[Name | None, Query()] = None,
    route_id: Annotated[ObjectId | None, Query()] = None,
) -> Response:
    """List devices that are not revoked, the newest first."""
    return await desk.show_page(
        wish,
        lambda connection: list_devices(
            connection, desk.tenant_id, limit=wish.limit + 1, before=wish.after, driver=driver, route_id=route_id
        ),
        lambda each: (each.created_at, each.id),
    )


@router.get("/{device_id}", response_model=Device, responses=documented("not_found", "bad_version"))
async def read_device(device_id: DeviceId, desk: Reading) -> Response:
    """Show a device."""
    return await desk.show(lambda connection: show_device(connection, desk.tenant_id, device_id))


@router.patch("/{device_id}", response_model=Device, responses=STEPS)
async def change_device(device_id: DeviceId, change: DeviceChange, desk: Acting, version: MaybeVersion) -> Response:
    """Change the name of a device or what it rides with: another vehicle, driver or route."""
    changes = change.model_dump(exclude_none=True)

    def act(connection: Connection) -> Device:
        _expect(connection, desk, device_id, version)
        operations.change_device(connection, desk.caller, device_id, changes, now=desk.now)
        return show_device(connection, desk.tenant_id, device_id)

    return await desk.act(act)


@router.post("/{device_id}/token", status_code=201, response_model=DeviceCreated, responses=STEPS)
async def renew_device_token(device_id: DeviceId, desk: Acting) -> Response:
    """Make a new token for a device and show it, this once; the one that it had ends at once."""

    def act(connection: Connection) -> DeviceCreated:
        token = operations.renew_token(connection, desk.caller, device_id, now=desk.now)
        return _with_token(connection, desk, device_id, token)

    return await desk.act(act, status=201, secrets=HIDDEN)


@router.delete("/{device_id}", status_code=204, response_class=Response, responses=STEPS)
async def revoke_device(device_id: DeviceId, desk: Acting, version: MaybeVersion) -> Response:
    """End a device: nothing that it says is taken any more, and no map shows it."""

    def act(connection: Connection) -> None:
        _expect(connection, desk, device_id, version)
        operations.revoke_device(connection, desk.caller, device_id, now=desk.now)

    return await desk.act(act)


@positions_router.get("/vehicles/positions", response_model=VehiclePositions)
async def read_vehicle_positions(
    desk: Reading, site_id: Annotated[ReferenceId | None, Query()] = None, within_s: Within = HOUR_S
) -> Response:
    """Show where everything is that was heard lately: of a route or a driver with several devices, the newest."""

    def query(connection: Connection) -> VehiclePositions:
        return VehiclePositions(items=_current(connection, desk, within_s, site_id))

    return await desk.show(query)


@positions_router.get("/feeds/vehicle-positions.pb", response_class=Response, responses=FEED)
async def read_vehicle_feed(
    desk: Reading, site_id: Annotated[ReferenceId | None, Query()] = None, within_s: Within = HOUR_S
) -> Response:
    """Send the same as a GTFS-Realtime feed of vehicle positions, as maps and transit tools read it."""
    found = await desk.read(lambda connection: _current(connection, desk, within_s, site_id))
    return Response(as_feed(found, now=desk.now), media_type=PROTOBUF)


def _current(connection: Connection, desk: Desk, within_s: int, site_id: str | None) -> list[VehiclePosition]:
    return current_positions(connection, desk.tenant_id, since=desk.now - within_s, site_id=site_id)


def _expect(connection: Connection, desk: Desk, device_id: str, version: IfMatch | None) -> None:
    found = operations.find_device(connection, desk.tenant_id, device_id, lock=True)
    if version is not None:
        version.check(found.version)


def _with_token(connection: Connection, desk: Desk, device_id: str, token: str) -> DeviceCreated:
    known = show_device(connection, desk.tenant_id, device_id)
    set_up = set_up_of(known.app, token, public_url=desk.platform.settings.public_url)
    return DeviceCreated(**dict(known), token=token, set_up=set_up)
