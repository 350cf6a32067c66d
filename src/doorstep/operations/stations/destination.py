"""Where a parcel goes from a site, so that whoever scans it knows where to put it."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from sqlalchemy import Row, select

from doorstep.storage import Connection
from doorstep.storage.schema.fulfilment import deliveries, parcels, routes, shipments, station_units, stops


class Destination(NamedTuple):
    """Where a parcel goes from here.

    Parameters
    ----------
    to
        ``route``, ``carrier``, ``collection`` here, another ``site`` where its delivery leaves from, or ``shelf``:
        nobody is to bring it yet.
    name
        Route, carrier or site; empty for the shelf and for collection here.
    vehicle_id, driver, starts_at
        Of the route.
    stop
        Its door on the route, counted from 1; 0: none.
    load_order
        The last door is loaded first: 1. On a route that reloads, of its trip; 0: none.
    """

    to: Literal["route", "carrier", "collection", "site", "shelf"]
    name: str = ""
    vehicle_id: str = ""
    driver: str = ""
    starts_at: int | None = None
    stop: int = 0
    load_order: int = 0


def destination_of(
    connection: Connection, tenant_id: str, parcel_id: str, site_id: str
) -> "tuple[Row[Any] | None, Destination]":
    """Return a parcel's unit at a site, None if it has none there, and where it goes from there."""
    here = (station_units.c.parcel_id == parcel_id) & (station_units.c.site_id == site_id)
    unit = connection.execute(select(station_units).where(here, station_units.c.tenant_id == tenant_id)).one_or_none()
    return unit, destinations(connection, [parcel_id], site_id)[parcel_id]


def destinations(connection: Connection, parcel_ids: Sequence[str], site_id: str) -> dict[str, Destination]:
    """Return where parcels go from a site."""
    query = (
        select(parcels.c.parcel_id, deliveries)
        .join(shipments, shipments.c.shipment_id == parcels.c.shipment_id)
        .outerjoin(deliveries, deliveries.c.delivery_id == shipments.c.delivery_id)
        .where(parcels.c.parcel_id.in_(parcel_ids))
    )
    rows = connection.execute(query).all()
    ways = _ways(connection, {row.route_id for row in rows if row.route_id})
    found = {}
    for row in rows:
        if row.delivery_id is None:
            found[row.parcel_id] = Destination("shelf")
        elif row.site_id != site_id:
            found[row.parcel_id] = Destination("site", row.site_id)
        elif row.kind == "collection":
            found[row.parcel_id] = Destination("collection")
        elif row.carrier_id:
            found[row.parcel_id] = Destination("carrier", row.carrier_id)
        else:
            found[row.parcel_id] = ways.get(row.delivery_id, Destination("shelf"))
    return found


def _ways(connection: Connection, route_ids: set[str]) -> dict[str, Destination]:
    """Return the doors of routes by delivery."""
    columns = (stops.c.route_id, stops.c.kind, stops.c.delivery_id, routes.c.vehicle_id, routes.c.driver,
               routes.c.starts_at)  # fmt: skip
    query = select(*columns).join(routes, routes.c.route_id == stops.c.route_id).where(stops.c.route_id.in_(route_ids))
    found: dict[str, Destination] = {}
    trip: list[Destination] = []
    doors = 0
    names: list[str] = []
    for row in connection.execute(query.order_by(stops.c.route_id, stops.c.sequence)).all() if route_ids else ():
        if row.kind == "start":
            doors = 0
        if row.kind == "delivery":
            doors += 1
            names.append(row.delivery_id)
            trip.append(Destination("route", row.route_id, row.vehicle_id, row.driver, row.starts_at, doors))
            continue
        last = len(trip)
        found |= {
            name: way._replace(load_order=last - n) for n, (name, way) in enumerate(zip(names, trip, strict=True))
        }
        trip, names = [], []
    return found
