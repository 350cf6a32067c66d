"""What shoppers told of the deliveries of an order, and the pictures that were taken at the door."""

import json
from dataclasses import dataclass

from sqlalchemy import select

from doorstep.api.models.orders import Order
from doorstep.console import words
from doorstep.operations.bring.change import ASKS
from doorstep.operations.shoppers.remarks import SAYS, remarks_of
from doorstep.storage import Connection
from doorstep.storage.schema.fulfilment import proofs, tracking_events
from doorstep.storage.schema.orders import contacts, orders

NAMES = {"instruction": "For the driver", "safe_place": "Leave it", "rating": "Rating", "problem": "Problem"}
OVER = ("completed", "return_open", "returned", "cancelled")
"""States of orders for which nobody waits any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One thing that a shopper said or asked for."""

    at: int
    name: str
    says: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Somebody who waits for an order."""

    name: str
    phone: str


def whom_to_call(connection: Connection, tenant_id: str, order: Order) -> Waiting | None:
    """Return who waits for an order that is not brought yet, None if it is over or they gave no number."""
    if order.state in OVER:
        return None
    named = orders.join(contacts, contacts.c.contact_id == orders.c.contact_id)
    query = select(contacts.c.name, contacts.c.phone).select_from(named)
    row = connection.execute(query.where(orders.c.tenant_id == tenant_id, orders.c.order_id == order.id)).one_or_none()
    return Waiting(name=row.name or "", phone=row.phone) if row and row.phone else None


def told_of(connection: Connection, tenant_id: str, delivery_ids: list[str], zone: str) -> list[Told]:
    """Return what shoppers told of deliveries, the newest first."""
    found = [
        Told(at=row.at, name=NAMES[row.kind], text=row.text,
             says=f"{row.stars} of 5 stars" if row.stars else SAYS.get(row.reason, ""))
        for delivery_id in delivery_ids for row in remarks_of(connection, tenant_id, delivery_id)
    ]  # fmt: skip
    of = tracking_events.c
    query = select(of.event, of.occurred_at, of.details).where(
        of.tenant_id == tenant_id, of.object_id.in_(delivery_ids), of.event.in_(ASKS), of.outcome == "applied"
    )
    found += [
        Told(at=row.occurred_at, name="Asked for", says=_asked(row.details, zone), text="")
        for row in connection.execute(query)
    ]
    return sorted(found, key=lambda one: -one.at)


def pictures_of(connection: Connection, tenant_id: str, delivery_ids: list[str]) -> list[str]:
    """Return the addresses of the pictures that were taken at the doors of deliveries, the oldest first."""
    of = proofs.c
    query = select(of.delivery_id, of.proof_id).where(
        of.tenant_id == tenant_id, of.delivery_id.in_(delivery_ids), of.media_type.startswith("image/")
    )
    rows = connection.execute(query.order_by(of.created_at, of.proof_id))
    return [f"/v1/deliveries/{row.delivery_id}/proofs/{row.proof_id}" for row in rows]


def _asked(details: str, zone: str) -> str:
    """Return another time or place in words."""
    told = json.loads(details)
    if "window_start_at" in told:
        return f"{words.when(told['window_start_at'], zone)} to {words.clock(told['window_end_at'], zone)}"
    return {"site": f"collection at {told.get('site_id', '')}", "neighbour": "a neighbour"}.get(
        str(told.get("to", "")), "another door"
    )
