"""Devices as they are registered: which app speaks for them, what they ride with, and the token by which they speak."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sqlalchemy import Row, delete, select, update

from doorstep.foundation import InputError, NotFoundError
from doorstep.operations.access import SESSION_FORM, Shown, hash_secret, note
from doorstep.operations.caller import Caller
from doorstep.storage import Connection
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.fulfilment import routes
from doorstep.storage.schema.reference import REFERENCE
from doorstep.storage.schema.tracking import devices, last_positions

App = Literal["owntracks", "traccar", "osmand", "overland", "driver_page"]
APPS: tuple[App, ...] = get_args(App)
TOKEN_PREFIX = "ds_device_"
TOKEN_FORM = re.compile(TOKEN_PREFIX + SESSION_FORM.pattern)
"""What has another form is no token of ours: nobody needs to be asked about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Riding:
    """What a device rides with, as far as it is known: a vehicle of the fleet, a driver's name, a route."""

    vehicle_id: str = ""
    driver: str = ""
    route_id: str = ""


def register_device(connection: Connection, caller: Caller, name: str, app: App, riding: Riding, *, now: int) -> Shown:
    """Store a device and return its id and its token, which cannot be read again.

    Raises
    ------
    InputError
        If the tenant has no such vehicle or route.
    """
    _check(connection, caller.tenant_id, riding)
    device_id, token = connection.new_id("dev", now), TOKEN_PREFIX + connection.new_secret()
    row = {"device_id": device_id, "tenant_id": caller.tenant_id, "name": name, "app": app,
           "token_hash": hash_secret(token), "vehicle_id": riding.vehicle_id, "driver": riding.driver,
           "route_id": riding.route_id, "version": 1, "created_at": now, "revoked_at": None}  # fmt: skip
    connection.run(inserting(devices), [row])
    note(connection, caller, "device", device_id, "create", now)
    return Shown(device_id, token)


def change_device(
    connection: Connection, caller: Caller, device_id: str, changes: Mapping[str, str], *, now: int
) -> None:
    """Change the name of a device or what it rides with; what is absent stays.

    Raises
    ------
    NotFoundError, InputError
        If the tenant has no such device that is not revoked, or no such vehicle or route.
    """
    find_device(connection, caller.tenant_id, device_id, lock=True)
    _check(connection, caller.tenant_id, Riding(**{name: text for name, text in changes.items() if name != "name"}))
    if changes:
        _write(connection, device_id, dict(changes))
        note(connection, caller, "device", device_id, "update", now, reason=" ".join(sorted(changes)))


def renew_token(connection: Connection, caller: Caller, device_id: str, *, now: int) -> str:
    """Return a new token for a device; the one that it had ends at once.

    Raises
    ------
    NotFoundError
        If the tenant has no such device that is not revoked.
    """
    find_device(connection, caller.tenant_id, device_id, lock=True)
    token = TOKEN_PREFIX + connection.new_secret()
    _write(connection, device_id, {"token_hash": hash_secret(token)})
    note(connection, caller, "device", device_id, "renew_token", now)
    return token


def revoke_device(connection: Connection, caller: Caller, device_id: str, *, now: int) -> None:
    """End a device at once: it is heard no more, and no map shows where it was.

    Raises
    ------
    NotFoundError
        If the tenant has no such device that is not revoked.
    """
    found = find_device(connection, caller.tenant_id, device_id, lock=True)
    _write(connection, device_id, {"revoked_at": now})
    connection.execute(delete(last_positions).where(last_positions.c.device_no == found.device_no))
    note(connection, caller, "device", device_id, "revoke", now)


def find_device(connection: Connection, tenant_id: str, device_id: str, *, lock: bool = False) -> "Row[Any]":
    """Return the row of a device that is not revoked.

    Raises
    ------
    NotFoundError
        If the tenant has no such device.
    """
    of = devices.c
    query = select(devices).where(of.device_id == device_id, of.tenant_id == tenant_id, of.revoked_at.is_(None))
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFoundError(f"device {device_id} does not exist.", hint="Maybe it was revoked.")
    return row


def device_of_token(connection: Connection, token_hash: str) -> str:
    """Return the id of the device whose token has a hash, empty if there is none or it was revoked."""
    query = select(devices.c.device_id).where(devices.c.token_hash == token_hash, devices.c.revoked_at.is_(None))
    return str(connection.execute(query).scalar_one_or_none() or "")


def _write(connection: Connection, device_id: str, changes: dict[str, Any]) -> None:
    version = {"version": devices.c.version + 1}
    connection.execute(update(devices).where(devices.c.device_id == device_id).values(changes | version))


def _check(connection: Connection, tenant_id: str, riding: Riding) -> None:
    vehicles = REFERENCE["vehicles"].c
    for name, value, column, owner in (
        ("vehicle_id", riding.vehicle_id, vehicles.vehicle_id, vehicles.tenant_id),
        ("route_id", riding.route_id, routes.c.route_id, routes.c.tenant_id),
    ):
        asked = select(column).where(column == value, owner == tenant_id)
        if value and connection.execute(asked).first() is None:
            raise InputError(f"{name} {value!r} does not exist.", hint="Maybe leave it out for now.")
