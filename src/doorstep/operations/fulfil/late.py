"""Which sites' packages come late, and when: learnt from the shipments of the last weeks, as refusals are."""

import sqlalchemy as sa
from sqlalchemy import select

from doorstep.foundation.arrays import Floats, Ints
from doorstep.operations.fulfil.parts import DONE, FAILED
from doorstep.operations.fulfil.refused import FEWEST_SHIPMENTS, HOUR_S, Counted, by_site_and_hour, latest_shipments
from doorstep.order_routing.refusal import Belief, learn_acceptance
from doorstep.storage import Connection
from doorstep.storage.retailers import load_reference, reference_version
from doorstep.storage.schema.fulfilment import deliveries
from doorstep.storage.schema.orders import orders

PUNCTUAL = Belief(accepted=0.95)
"""What is stated before anything is known, as for promises."""
NO_FAULT = ("draft", "cancelled", "on_hold", "placed", "backordered")
"""States of orders whose shipments say nothing of their sites: called off, or waiting for somebody else."""


def usual_punctuality(connection: Connection, tenant_id: str, *, now: int) -> Floats | None:
    """Return the probability that what a site is asked for comes in time (S, 24), None if too little is known.

    Worked out once an hour for each version of the reference tables.
    """
    key = ("punctuality", tenant_id, reference_version(connection, tenant_id), now // HOUR_S)
    return connection.memo(key, lambda: _punctuality(connection, tenant_id, now))


def _punctuality(connection: Connection, tenant_id: str, now: int) -> Floats | None:
    asked, late = outcomes(connection, tenant_id, now=now)
    return learn_acceptance(asked, late, PUNCTUAL) if asked.sum() >= FEWEST_SHIPMENTS else None


def outcomes(connection: Connection, tenant_id: str, *, now: int) -> tuple[Ints, Ints]:
    """Return shipments whose window is over, and those of them that were late, by site and local hour (S, 24).

    A shipment to a door was in time if it was delivered by the end of its order's window, one that is collected if it
    was packed by then: shoppers come when they like. One that a courier or van brought back says nothing of time.
    """
    sites = load_reference(connection, tenant_id)["sites"]
    found = connection.execute(_query(tenant_id, now)).all()
    asked = [Counted(row.site_id, row.asked_at, row.packages) for row in found]
    late = [Counted(row.site_id, row.asked_at, int(row.late)) for row in found]
    return by_site_and_hour(asked, sites, now=now), by_site_and_hour(late, sites, now=now)


def _query(tenant_id: str, now: int) -> "sa.Select[tuple[str, int, int, int]]":
    latest = latest_shipments(tenant_id, now)
    hour_at = (latest.c.created_at - latest.c.created_at % HOUR_S).label("asked_at")
    came_at = sa.case(
        (deliveries.c.kind == "collection", latest.c.ready_at), (deliveries.c.state.in_(DONE), deliveries.c.event_at)
    )
    late = sa.case((came_at <= orders.c.window_end_at, 0), else_=1)
    return (
        select(latest.c.site_id, hour_at, sa.func.count().label("packages"), sa.func.sum(late).label("late"))
        .join(orders, orders.c.order_id == latest.c.order_id)
        .outerjoin(deliveries, deliveries.c.delivery_id == latest.c.delivery_id)
        .where(
            latest.c.state != "cancelled",
            orders.c.state.not_in(NO_FAULT),
            orders.c.window_end_at < now,
            sa.or_(deliveries.c.state.is_(None), deliveries.c.state.not_in(FAILED)),
        )
        .group_by(latest.c.site_id, hour_at)
    )
