"""What must be so before a driver's fact counts: that a neighbour may have it, and that there is a proof."""

import json
from collections.abc import Mapping

from sqlalchemy import select

from doorstep.foundation import ConflictError, InputError
from doorstep.storage import Connection
from doorstep.storage.schema.fulfilment import parcels, shipments
from doorstep.storage.schema.orders import orders
from doorstep.storage.schema.reference import REFERENCE

IN_PERSON = ("age_restricted", "signature")
"""Requirements that only the shopper can meet: no neighbour takes what has one of them."""


def with_neighbour(event: str, details: str) -> bool:
    """Return whether a fact says that a delivery was left with a neighbour; ``details`` is its JSON text."""
    return event == "deliver" and bool(json.loads(details).get("neighbour"))


def check_neighbour(connection: Connection, order_id: str, delivery_id: str, details: str) -> None:
    """Let pass that a delivery was left with a neighbour.

    Raises
    ------
    InputError
        If there is no proof.
    ConflictError
        If the shopper did not consent, or the goods are for themself only.
    """
    told: Mapping[str, object] = json.loads(details)
    if not told.get("proofs"):
        raise InputError("proofs is empty: what is left with a neighbour needs one.", hint="Maybe take a photo.")
    consent = select(orders.c.neighbour_ok).where(orders.c.order_id == order_id)
    if not connection.execute(consent).scalar_one():
        raise ConflictError(
            f"the shopper of order {order_id} has not allowed that {delivery_id} is left with a neighbour.",
            hint="Maybe report an attempt, and ask the shopper.",
        )
    check_not_in_person(connection, order_id)


def check_not_in_person(connection: Connection, order_id: str) -> None:
    """Raise ``ConflictError`` if an order, its service level or a parcel of it requires the shopper themself."""
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
    words = {word for row in rows for tags in row if tags for word in tags.split(";")}
    barred = sorted(words.intersection(IN_PERSON))
    if barred:
        raise ConflictError(f"order {order_id} requires {' and '.join(barred)}: no neighbour may take it.")
