"""Where the devices were that ride with a route: its own, and those of its driver that are bound to no route."""

from sqlalchemy import select

from doorstep.operations.positions.take import E7
from doorstep.storage import Connection
from doorstep.storage.schema.fulfilment import routes
from doorstep.storage.schema.tracking import device_positions, devices
from doorstep.tracking.events import Seen
from doorstep.tracking.screening import Verdict

LATELY_S = 3_600
"""Positions that are older have been followed before, or came too late to tell anything."""
MOST = 1_000


def seen_of(connection: Connection, tenant_id: str, route_id: str, *, now: int) -> list[Seen]:
    """Return the good positions of the last hour of who rides with a route, the oldest first."""
    device, position = devices.c, device_positions.c
    driver = select(routes.c.driver).where(routes.c.route_id == route_id, routes.c.driver != "").scalar_subquery()
    rides = (device.route_id == route_id) | ((device.route_id == "") & (device.driver == driver))
    query = (
        select(position.at, position.lat_e7, position.lon_e7)
        .join(devices, device.device_no == position.device_no)
        .where(device.tenant_id == tenant_id, device.revoked_at.is_(None), rides)
        .where(position.at > now - LATELY_S, position.at <= now, position.verdict == Verdict.GOOD.value)
        .order_by(position.at.desc(), position.device_no)
        .limit(MOST)
    )
    rows = connection.execute(query).all()
    return [Seen(row.at, row.lat_e7 / E7, row.lon_e7 / E7) for row in reversed(rows)]
