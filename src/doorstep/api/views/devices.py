"""Devices as they are read, what to enter in their apps, and where they are."""

import base64
import json
from typing import Any
from urllib.parse import quote, urlencode

from google.transit import gtfs_realtime_pb2 as gtfs
from sqlalchemy import Row, or_, select

from doorstep.api.conventions.geojson import DECIMALS, Point
from doorstep.api.models.devices import Device, SetUp, VehiclePosition
from doorstep.api.views.matching import matching
from doorstep.foundation import NotFoundError
from doorstep.operations.positions.devices import App
from doorstep.operations.positions.take import position_of
from doorstep.storage import Connection
from doorstep.storage.schema.fulfilment import routes
from doorstep.storage.schema.reference import REFERENCE
from doorstep.storage.schema.tracking import devices, last_positions

_listed = (
    select(devices, last_positions.c.received_at.label("heard_at"))
    .join_from(devices, last_positions, last_positions.c.device_no == devices.c.device_no, isouter=True)
    .where(devices.c.revoked_at.is_(None))
)


def show_device(connection: Connection, tenant_id: str, device_id: str) -> Device:
    """Return a device.

    Raises
    ------
    NotFoundError
        If the tenant has no such device, or it was revoked.
    """
    mine = _listed.where(devices.c.device_id == device_id, devices.c.tenant_id == tenant_id)
    row = connection.execute(mine).one_or_none()
    if row is None:
        raise NotFoundError(f"device {device_id} does not exist.", hint="Maybe it was revoked.")
    return _shown(row)


def list_devices(
    connection: Connection, tenant_id: str, *, limit: int, before: str = "", driver: str | None = None,
    route_id: str | None = None,
) -> list[Device]:  # fmt: skip
    """Return devices that are not revoked, the newest first; ``before`` is the id of the last one seen."""
    of = devices.c
    query = matching(_listed.where(of.tenant_id == tenant_id), {of.driver: driver, of.route_id: route_id})
    query = query.where(of.device_id < before) if before else query
    return [_shown(row) for row in connection.execute(query.order_by(of.device_id.desc()).limit(limit))]


def current_positions(
    connection: Connection, tenant_id: str, *, since: int, site_id: str | None = None
) -> list[VehiclePosition]:
    """Return where everything is that was heard at or after a moment, one for each route, driver or device.

    Parameters
    ----------
    site_id
        Only what rides with a vehicle or on a route of this site.
    """
    of, last = devices.c, last_positions.c
    query = (
        select(of.device_id, of.name, of.vehicle_id, of.driver, of.route_id, last_positions)
        .join_from(devices, last_positions, last.device_no == of.device_no)
        .where(of.tenant_id == tenant_id, last.at >= since)
        .order_by(last.at, of.device_id)
    )
    if site_id is not None:
        vehicles = REFERENCE["vehicles"].c
        own = select(vehicles.vehicle_id).where(vehicles.tenant_id == tenant_id, vehicles.site_id == site_id)
        there = select(routes.c.route_id).where(routes.c.tenant_id == tenant_id, routes.c.site_id == site_id)
        query = query.where(or_(of.vehicle_id.in_(own), of.route_id.in_(there)))
    newest = {row.route_id or row.driver or row.device_id: row for row in connection.execute(query)}
    return [_placed(row) for row in newest.values()]


def as_feed(found: list[VehiclePosition], *, now: int) -> bytes:
    """Return positions as a GTFS-Realtime feed of vehicle positions; a route of ours stands as the trip."""
    feed = gtfs.FeedMessage()
    feed.header.gtfs_realtime_version = "2.0"
    feed.header.timestamp = now
    for each in found:
        entity = feed.entity.add(id=each.device_id)
        vehicle = entity.vehicle
        vehicle.timestamp = each.at
        vehicle.vehicle.id, vehicle.vehicle.label = each.device_id, each.name
        vehicle.position.latitude, vehicle.position.longitude = each.place.lat, each.place.lon
        if each.route_id:
            vehicle.trip.trip_id = each.route_id
        if each.course_deg is not None:
            vehicle.position.bearing = each.course_deg
        if each.speed_mps is not None:
            vehicle.position.speed = each.speed_mps
    written: bytes = feed.SerializeToString()
    return written


def set_up_of(app: App, token: str, *, public_url: str) -> SetUp:
    """Return what to enter in an app so that it speaks for a device."""
    url = f"{public_url}/ingest/{'positions' if app == 'driver_page' else app}"
    if app == "owntracks":
        told = {"_type": "configuration", "mode": 3, "url": url, "auth": True, "username": "driver", "password": token}
        inline = base64.b64encode(json.dumps(told, separators=(",", ":")).encode()).decode()
        fields = {"Mode": "HTTP", "URL": url, "User": "driver", "Password": token}
        return SetUp(fields=fields, link=f"owntracks:///config?inline={quote(inline, safe='')}")
    if app == "overland":
        link = "overland://setup?" + urlencode({"url": url, "token": token, "device_id": "phone"})
        return SetUp(fields={"Receiver Endpoint": url, "Access Token": token}, link=link)
    if app == "traccar":
        return SetUp(fields={"Device identifier": token, "Server URL": url}, link="")
    if app == "osmand":
        place = "lat={0}&lon={1}&timestamp={2}&hdop={3}&altitude={4}&speed={5}&bearing={6}"
        return SetUp(fields={"Web address": f"{url}?id={token}&{place}", "Device identifier": token}, link="")
    return SetUp(fields={"URL": url, "Authorization": f"Bearer {token}"}, link="")


def _shown(row: "Row[Any]") -> Device:
    names = ("name", "app", "vehicle_id", "driver", "route_id", "version", "created_at", "heard_at")
    return Device(id=row.device_id, **{name: row._mapping[name] for name in names})


def _placed(row: "Row[Any]") -> VehiclePosition:
    position = position_of(row.device_id, dict(row._mapping))
    return VehiclePosition(
        device_id=row.device_id,
        name=row.name,
        vehicle_id=row.vehicle_id,
        driver=row.driver,
        route_id=row.route_id,
        at=position.at,
        received_at=row.received_at,
        place=Point(coordinates=(round(position.lon, DECIMALS), round(position.lat, DECIMALS))),
        speed_mps=position.speed_mps,
        course_deg=row.course_deg,
        accuracy_m=row.accuracy_m,
        battery=position.battery,
        moving=position.moving,
        source=position.source.name.lower(),
    )
