"""Trips of drones that were booked before and may still keep them away."""

from collections.abc import Mapping

import polars as pl
from sqlalchemy import select

from doorstep.delivery_mode.hangar import FlownTrip
from doorstep.operations.fulfil.parts import DROPPED
from doorstep.storage import Connection
from doorstep.storage.schema.fulfilment import deliveries
from doorstep.storage.schema.orders import orders

AWAY_S = 4 * 3600
"""No drone is away for longer."""


def flown_trips(
    connection: Connection, tenant_id: str, tables: Mapping[str, pl.DataFrame], *, now: int
) -> tuple[FlownTrip, ...]:
    """Return the booked trips of the carriers with drones that are not long over."""
    known = dict.fromkeys(tables["drones"].select("carrier_id", "site_id").iter_rows(), True)
    if not known:
        return ()
    columns = (deliveries.c.carrier_id, deliveries.c.site_id, orders.c.lat, orders.c.lon, deliveries.c.arrive_at)
    query = (
        select(*columns)
        .join(orders, orders.c.order_id == deliveries.c.order_id)
        .where(
            deliveries.c.tenant_id == tenant_id,
            deliveries.c.carrier_id.in_(sorted({carrier for carrier, _ in known})),
            deliveries.c.arrive_at > now - AWAY_S,
            deliveries.c.state.not_in(DROPPED),
        )
        .order_by(deliveries.c.delivery_id)
    )
    rows = [tuple(row) for row in connection.execute(query).all()]
    return tuple(
        FlownTrip(carrier_id=carrier, site_id=site, lat=lat, lon=lon, arrive_at=arrive_at)
        for carrier, site, lat, lon, arrive_at in rows
        if (carrier, site) in known
    )
