"""Where the devices are and were that ride with a route: its own, and those of its driver bound to no route."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from doorstep.operations.positions.take import E7
from doorstep.storage import Connection
from doorstep.storage.schema.fulfilment import routes
from doorstep.storage.schema.tracking import device_positions, devices, last_positions
from doorstep.tracking.events import Seen
from doorstep.tracking.screening import Verdict

LATELY_S = 3_600
"""Positions that are older have been followed before, or came too late to tell anything."""
MOST = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rider:
    """What a device rides with: a route, or a driver; of a route, both."""

    route_id: str
    driver: str

    def newest(self, seen: "Mapping[Rider, Seen]") -> Seen | None:
        """Return the newest position of a route's own devices and of those of its driver, None if there is none."""
        keys = [Rider(route_id=self.route_id, driver="")] * bool(self.route_id)
        keys += [Rider(route_id="", driver=self.driver)] * bool(self.driver)
        found = [seen[key] for key in keys if key in seen]
        return max(found, key=lambda one: one.at, default=None)


def newest_seen(connection: Connection, tenant_id: str, *, now: int) -> dict[Rider, Seen]:
    """Return the newest good position of the last hour by the route of its device or, without one, by its driver."""
    device, last = devices.c, last_positions.c
    query = (
        select(device.route_id, device.driver, last.at, last.lat_e7, last.lon_e7)
        .join(last_positions, last.device_no == device.device_no)
        .where(device.tenant_id == tenant_id, device.revoked_at.is_(None))
        .where(last.at > now - LATELY_S)
        .order_by(last.at)
    )
    return {
        Rider(route_id=row.route_id, driver="" if row.route_id else row.driver): Seen(
            row.at, row.lat_e7 / E7, row.lon_e7 / E7
        )
        for row in connection.execute(query)
    }


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
