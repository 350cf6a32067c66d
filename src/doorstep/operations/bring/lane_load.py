"""What departures of lanes were given before, so that nobody gives their room away twice."""

from sqlalchemy import func, select

from doorstep.operations.corridor.present import Booked
from doorstep.operations.fulfil.parts import DROPPED
from doorstep.storage import Connection
from doorstep.storage.schema.fulfilment import deliveries, shipments


def lane_load(connection: Connection, tenant_id: str, *, now: int) -> tuple[Booked, ...]:
    """Return the load of all departures that are to come.

    A delivery that comes together from several sites is shared out to them evenly, rounded up.
    """
    others = (
        select(func.count())
        .where(shipments.c.delivery_id == deliveries.c.delivery_id)
        .correlate(deliveries)
        .scalar_subquery()
    )
    query = (
        select(shipments.c.site_id, deliveries.c.site_id.label("to_site_id"), shipments.c.lane_departs_at,
               deliveries.c.parcels, deliveries.c.weight_g, others.label("shipments"))
        .join(deliveries, deliveries.c.delivery_id == shipments.c.delivery_id)
        .where(
            shipments.c.tenant_id == tenant_id,
            shipments.c.lane_departs_at >= now,
            shipments.c.state != "cancelled",
            deliveries.c.state.not_in(DROPPED),
        )
        .order_by(shipments.c.shipment_id)
    )  # fmt: skip
    return tuple(
        Booked(
            from_site_id=row.site_id,
            to_site_id=row.to_site_id,
            departs_at=row.lane_departs_at,
            parcels=-(-row.parcels // row.shipments),
            weight_g=-(-row.weight_g // row.shipments),
        )
        for row in connection.execute(query)
    )
