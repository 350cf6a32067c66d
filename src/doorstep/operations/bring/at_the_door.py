"""What must be so before a driver's fact counts: the call was made; a neighbour may have it, and there is a proof."""

import json

from sqlalchemy import select

from doorstep.foundation import ConflictError, InputError
from doorstep.storage import Connection
from doorstep.storage.schema.errands import errands
from doorstep.storage.schema.fulfilment import deliveries, parcels, shipments
from doorstep.storage.schema.orders import orders
from doorstep.storage.schema.reference import REFERENCE

IN_PERSON = ("age_restricted", "signature")
"""Requirements that only the shopper can meet: no neighbour takes what has one of them."""


def check_fact(connection: Connection, order_id: str, delivery_id: str, event: str, details: str) -> dict[str, object]:
    """Return what a fact of a delivery adds to what is published of it; ``details`` is its JSON text.

    Raises
    ------
    InputError
        If it was left with a neighbour without a proof.
    ConflictError
        If it was left with one though the shopper did not consent, or the goods are for themself only; or if a driver
        of the own fleet arrives and has not called before, as was wanted.
    """
    if event in ("arrive_at_dropoff", "deliver"):
        _check_called(connection, delivery_id)
    told = json.loads(details) if event == "deliver" else {}
    if not told.get("neighbour"):
        return {}
    if not told.get("proofs"):
        raise InputError("proofs is empty: what is left with a neighbour needs one.", hint="Maybe take a photo.")
    consent = select(orders.c.neighbour_ok).where(orders.c.order_id == order_id)
    if not connection.execute(consent).scalar_one():
        raise ConflictError(
            f"the shopper of order {order_id} has not allowed that {delivery_id} is left with a neighbour.",
            hint="Maybe report an attempt, and ask the shopper.",
        )
    check_not_in_person(connection, order_id)
    return {"left_with": "neighbour"}


def check_not_in_person(connection: Connection, order_id: str) -> None:
    """Raise ``ConflictError`` if an order, its service level or a parcel of it requires the shopper themself."""
    barred = sorted(required_at_the_door(connection, order_id).intersection(IN_PERSON))
    if barred:
        raise ConflictError(f"order {order_id} requires {' and '.join(barred)}: no neighbour may take it.")


def required_at_the_door(connection: Connection, order_id: str) -> set[str]:
    """Return what an order, its service level and its parcels require."""
    levels = REFERENCE["service_levels"].c
    own = (
        select(orders.c.requirements, levels.requirements)
        .outerjoin_from(
            orders,
            REFERENCE["service_levels"],
            (levels.tenant_id == orders.c.tenant_id) & (levels.service_level_id == orders.c.service_level_id),
        )
        .where(orders.c.order_id == order_id)
    )
    packed = select(parcels.c.requirements).join(shipments, shipments.c.shipment_id == parcels.c.shipment_id)
    rows = (*connection.execute(own), *connection.execute(packed.where(shipments.c.order_id == order_id)))
    return {word for row in rows for tags in row if tags for word in tags.split(";")}


def _check_called(connection: Connection, delivery_id: str) -> None:
    """Raise ``ConflictError`` if a shopper is still to be called before an own van is there with a delivery.

    What couriers of carriers tell is kept as they tell it: they know nothing of errands.
    """
    query = (
        select(errands.c.errand_id)
        .join(deliveries, deliveries.c.order_id == errands.c.order_id)
        .where(deliveries.c.delivery_id == delivery_id, deliveries.c.carrier_id == "")
        .where(errands.c.kind == "call_ahead", errands.c.state == "open")
    )
    if connection.execute(query.limit(1)).first() is not None:
        raise ConflictError(f"the shopper of {delivery_id} is to be called first.", hint="Maybe report a call.")
