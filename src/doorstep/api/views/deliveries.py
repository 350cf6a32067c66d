"""Deliveries as they stand, and what was reported about them."""

import json
from typing import Any, cast

import sqlalchemy as sa
from pydantic import BaseModel
from sqlalchemy import select

from doorstep.api.models.deliveries import CarrierBooking, Delivery, DeliveryEvent, Outcome
from doorstep.api.models.parts import CostPart, Money, Window
from doorstep.api.views.etas import ETA_COLUMNS, eta_of
from doorstep.api.views.matching import matching
from doorstep.foundation import NotFoundError
from doorstep.operations.bring import Recorded, ReportedEvent
from doorstep.storage import Connection
from doorstep.storage.journal import canonical
from doorstep.storage.schema.carriers import carrier_bookings
from doorstep.storage.schema.etas import etas
from doorstep.storage.schema.fulfilment import deliveries, tracking_events
from doorstep.storage.schema.orders import orders

DETAILS: dict[str, object] = {"point": None, "proofs": [], "note": "", "neighbour": None, "place": None}
"""Parts of an event that are kept apart, as JSON, and as they are once the person is forgotten."""


def find_delivery(connection: Connection, tenant_id: str, delivery_id: str, *, currency: str) -> Delivery:
    """Return a delivery.

    Raises
    ------
    NotFoundError
        If the tenant has no such delivery.
    """
    row = connection.execute(_mine(tenant_id).where(deliveries.c.delivery_id == delivery_id)).one_or_none()
    if row is None:
        raise NotFoundError(f"delivery {delivery_id} does not exist.")
    return _shown(row, currency)


def list_deliveries(
    connection: Connection,
    tenant_id: str,
    *,
    currency: str,
    limit: int,
    before: str = "",
    state: str | None = None,
    order_id: str | None = None,
    route_id: str | None = None,
    site_id: str | None = None,
) -> list[Delivery]:
    """Return deliveries, the newest first; ``before`` is the id of the last one seen."""
    wanted = {
        deliveries.c.state: state,
        deliveries.c.order_id: order_id,
        deliveries.c.route_id: route_id,
        deliveries.c.site_id: site_id,
    }
    query = matching(_mine(tenant_id), wanted)
    if before:
        query = query.where(deliveries.c.delivery_id < before)
    rows = connection.execute(query.order_by(deliveries.c.delivery_id.desc()).limit(limit))
    return [_shown(row, currency) for row in rows]


def list_delivery_events(
    connection: Connection, tenant_id: str, delivery_id: str, *, limit: int, after: str = ""
) -> list[DeliveryEvent]:
    """Return what was reported about a delivery, by when it happened; ``after`` names the last one seen."""
    state = find_delivery(connection, tenant_id, delivery_id, currency="USD")
    of = tracking_events.c
    query = select(tracking_events).where(of.tenant_id == tenant_id, of.object_id == delivery_id)
    if after:
        occurred_at, _, name = after.partition("|")
        query = query.where(sa.tuple_(of.occurred_at, of.source_event_id) > sa.tuple_(int(occurred_at), name))
    rows = connection.execute(query.order_by(of.occurred_at, of.source_event_id).limit(limit))
    return [
        DeliveryEvent(
            event_id=row.source_event_id,
            type=row.event,
            occurred_at=row.occurred_at,
            recorded_at=row.recorded_at,
            source=row.source,
            reason=row.reason,
            outcome=row.outcome,
            state=state.state,
            version=state.version,
            **_details(row.details),
        )
        for row in rows
    ]


def list_bookings(
    connection: Connection, tenant_id: str, delivery_id: str, *, currency: str, limit: int, after: str = ""
) -> list[CarrierBooking]:
    """Return what was asked of connected carriers for a delivery, the first first; ``after`` is the last one seen."""
    find_delivery(connection, tenant_id, delivery_id, currency=currency)
    of = carrier_bookings.c
    query = select(carrier_bookings).where(of.delivery_id == delivery_id, of.booking_id > after)
    return [
        CarrierBooking(
            id=row.booking_id,
            carrier_id=row.carrier_id,
            carrier_ref=row.carrier_ref,
            state=row.state,
            reason=row.reason,
            expected=Money(amount=row.expected_minor, currency=currency),
            price=Money(amount=row.price_minor, currency=row.currency or currency),
            tracking_url=row.tracking_url,
            courier=row.courier,
            arrive_at=row.dropoff_at,
            asked_at=row.asked_at,
        )
        for row in connection.execute(query.order_by(of.booking_id).limit(limit))
    ]


def show_report(told: ReportedEvent, done: Recorded, *, recorded_at: int) -> DeliveryEvent:
    """Return a report that has just come in, and what it changed."""
    return DeliveryEvent(
        event_id=told.source_event_id,
        type=told.event,
        occurred_at=told.occurred_at,
        recorded_at=recorded_at,
        source=told.source,
        reason=told.reason,
        outcome=cast("Outcome", done.outcome),
        state=done.state,
        version=done.version,
        **_details(told.details),
    )


def kept_details(request: BaseModel) -> str:
    """Return what only people need of a request, as JSON: it is kept where it can be erased."""
    found = request.model_dump(mode="json", include=set(DETAILS))
    return canonical({name: value for name, value in found.items() if value})


def _details(text: str) -> dict[str, Any]:
    """Return the parts of an event that are kept apart; those that are not there, or erased, are empty."""
    kept = json.loads(text)
    return {name: kept.get(name, nothing) for name, nothing in DETAILS.items()}


def _mine(tenant_id: str) -> "sa.Select[tuple[object, ...]]":
    columns = (*deliveries.c, orders.c.window_start_at, orders.c.window_end_at, orders.c.neighbour_ok)
    joined = deliveries.join(orders, orders.c.order_id == deliveries.c.order_id)
    joined = joined.outerjoin(etas, etas.c.delivery_id == deliveries.c.delivery_id)
    return select(*columns, *ETA_COLUMNS).select_from(joined).where(deliveries.c.tenant_id == tenant_id)


def _shown(row: "sa.Row[tuple[object, ...]]", currency: str) -> Delivery:
    parts = json.loads(row.cost_parts)
    return Delivery(
        id=row.delivery_id,
        order_id=row.order_id,
        kind="collection" if row.kind == "collection" else "door",
        state=row.state,
        version=row.version,
        site_id=row.site_id,
        mode=row.mode,
        carrier_id=row.carrier_id or None,
        route_id=row.route_id,
        attempts=row.attempts,
        neighbour_ok=bool(row.neighbour_ok),
        ready_at=row.ready_at,
        arrive_at=row.arrive_at,
        eta=eta_of(row),
        window=Window.of_closed(row.window_start_at, row.window_end_at),
        parcels=row.parcels,
        weight_g=row.weight_g,
        volume_ml=row.volume_ml,
        cost=Money(amount=row.cost_minor, currency=currency),
        cost_parts=[CostPart(part=part, amount=amount) for part, amount in sorted(parts.items()) if amount],
    )
