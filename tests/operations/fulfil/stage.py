"""A shop on its feet: two stores with a van each, and the steps of an order's life in a line each."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from doorstep.operations.fulfil import pack_shipment, release_wave, route_orders
from doorstep.operations.intake.take import take_order
from doorstep.storage import Connection, Database
from doorstep.storage.ledger import Place
from doorstep.storage.schema.fulfilment import deliveries, shipments
from doorstep.storage.schema.journal import audit
from doorstep.storage.schema.ledger import positions
from doorstep.storage.schema.orders import orders
from tests.databases import CALLER, NOW
from tests.operations.shops import open_shop, ordering
from tests.small import table

HOUR = 3_600
VANS = table(
    "vehicle_id site_id count shift_starts shift_ends max_weight_g max_volume_ml cost_per_km_minor "
    "cost_per_hour_minor skills",
    ("V1", "S1", 2, "08:00", "20:00", 500_000, 5_000_000, 50, 2_000, "chilled"),
    ("V2", "S2", 1, "08:00", "20:00", 500_000, 5_000_000, 50, 2_000, "chilled"),
)
COURIER: dict[str, Any] = {
    "carriers": table("carrier_id name kind", ("CO", "Courier", "on_demand")),
    "carrier_rates": table("carrier_id price_minor", ("CO", 3_000)),
}
PLENTY = {(site, product): 100 for site in ("S1", "S2") for product in "ABC"}


def open_stage(database: Database, stock: Mapping[tuple[str, str], int] = PLENTY, **tables: Any) -> None:
    """Open the two stores with their vans."""
    open_shop(database, stock, **{"vehicles": VANS, **tables})


def placed(connection: Connection, *lines: tuple[str, int], now: int = NOW, **changes: Any) -> str:
    """Take an order and return its id."""
    return take_order(connection, CALLER, ordering(*(lines or (("A", 1),)), **changes), now=now).order_id


def allocated(connection: Connection, *lines: tuple[str, int], **changes: Any) -> str:
    """Take an order and find its sites."""
    order_id = placed(connection, *lines, **changes)
    (outcome,) = route_orders(connection, CALLER, [order_id], now=NOW)
    assert outcome.state == "allocated", outcome
    return order_id


def ready(connection: Connection, *lines: tuple[str, int], **changes: Any) -> str:
    """Take an order and bring it to the dock."""
    order_id = allocated(connection, *lines, **changes)
    to_dock(connection, order_id)
    return order_id


def to_dock(connection: Connection, order_id: str, *, now: int = NOW) -> None:
    """Release and pack what there is of an order."""
    release_wave(connection, CALLER, now=now, everything=True)
    for shipment_id in shipments_in(connection, order_id, "picking"):
        pack_shipment(connection, CALLER, shipment_id, now=now)


def shipments_in(connection: Connection, order_id: str, *states: str) -> list[str]:
    """Return the shipments of an order, or those in some states."""
    query = select(shipments.c.shipment_id).where(shipments.c.order_id == order_id).order_by(shipments.c.site_id)
    return list(connection.execute(query.where(shipments.c.state.in_(states)) if states else query).scalars())


def deliveries_of(connection: Connection, order_id: str) -> list[tuple[str, str]]:
    """Return id and state of the deliveries of an order."""
    query = select(deliveries.c.delivery_id, deliveries.c.state).where(deliveries.c.order_id == order_id)
    return [tuple(row) for row in connection.execute(query.order_by(deliveries.c.delivery_id))]


def state_of(connection: Connection, order_id: str) -> str:
    """Return the state of an order."""
    return str(connection.execute(select(orders.c.state).where(orders.c.order_id == order_id)).scalar_one())


def steps_of(connection: Connection, object_id: str) -> list[str]:
    """Return the events of an object's audit rows that are written by now."""
    query = select(audit.c.event).where(audit.c.object_id == object_id).order_by(audit.c.audit_no)
    return list(connection.execute(query).scalars())


def on_shelves(connection: Connection) -> dict[Place, tuple[int, int]]:
    """Return what is on hand and reserved of everything that is or was reserved."""
    query = select(positions).order_by(positions.c.position_id)
    return {Place(r.kind, r.site_id, r.item): (r.on_hand, r.reserved) for r in connection.execute(query)}
