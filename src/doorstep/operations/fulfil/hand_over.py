"""Parcels leaving a site, and coming back: the moment at which units leave the shelf, or return to it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select

from doorstep.foundation import ConflictError, NotFoundError
from doorstep.operations.caller import Caller
from doorstep.operations.fulfil.keeping import tidy
from doorstep.operations.fulfil.pack import held_units, store_parcels
from doorstep.operations.fulfil.parts import LEFT, PACKED, Parts, ShipmentNow, lock_orders, parts_of
from doorstep.operations.fulfil.settle import settle_order
from doorstep.operations.stations.leaving import held_back, leave_station, units_of
from doorstep.operations.transitions import advance, report
from doorstep.storage import Connection, ledger
from doorstep.storage.ledger import Holding, Place
from doorstep.storage.prepared import Prepared
from doorstep.storage.schema.fulfilment import deliveries
from doorstep.storage.schema.ledger import STOCK

GOING = ("preparing", "ready", "fulfilling", "partially_completed")
"""States of orders whose parcels may leave."""
_ORDER_OF = Prepared(
    select(deliveries.c.order_id, deliveries.c.kind).where(
        deliveries.c.delivery_id == bindparam("delivery_id"), deliveries.c.tenant_id == bindparam("of_tenant")
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """A delivery that has left its site: its state, and the units that left the shelf by this call."""

    delivery_id: str
    state: str
    order_state: str
    units: int


def hand_over_delivery(connection: Connection, caller: Caller, delivery_id: str, *, now: int) -> HandedOver:
    """Hand the parcels of a delivery to a carrier's driver, or to the shopper who collects them.

    Units leave the shelf once; a second call changes nothing.

    Raises
    ------
    NotFoundError
        If the tenant has no such delivery.
    ConflictError
        If its order is stopped or cancelled, its parcels are not packed, or it is not there to be collected yet.
    """
    order_id, _ = lock_delivery(connection, caller, delivery_id)
    parts = parts_of(connection, [order_id])[order_id]
    order = lock_orders(connection, caller, [order_id])[order_id]
    delivery = parts.deliveries.get(delivery_id)
    if delivery is None:
        raise ConflictError(f"delivery {delivery_id} was called off.")
    mine = shipments_of(parts, delivery_id)
    if any(shipment.state not in LEFT for shipment in mine):
        if order.state not in GOING:
            raise ConflictError(f"order {order_id} is {order.state}: its parcels stay.")
        unpacked = [shipment.shipment_id for shipment in mine if shipment.state not in PACKED]
        if unpacked:
            raise ConflictError(f"shipments {', '.join(unpacked)} are not packed.", hint="Maybe pack them first.")
    if delivery_id in held_back(connection, caller, units_of(connection, [order_id])):
        raise ConflictError(f"a parcel of delivery {delivery_id} is not at {delivery.site_id}, or is damaged.")
    state = delivery.state
    if delivery.lifecycle == "delivery":
        found = report(connection, caller, "delivery", delivery_id, "pick_up", occurred_at=now, now=now)
        state = getattr(found, "to_state", state)
    elif state not in ("handed_over", "collected"):
        event = "collect" if state == "deposited" else "hand_over"
        state = advance(connection, caller, "collection", delivery_id, event, now=now).to_state
        tidy(connection, caller, order_id, delivery_id, now=now)
    units = leave_site(connection, caller, mine, now=now)
    leave_station(connection, caller, order_id, delivery_id, now=now)
    order_state = settle_order(connection, caller, order_id, now=now)
    return HandedOver(delivery_id=delivery_id, state=state, order_state=order_state, units=units)


def lock_delivery(connection: Connection, caller: Caller, delivery_id: str) -> tuple[str, str]:
    """Lock the order of a delivery; return the order's id and the kind of object that the delivery is in the journal.

    Raises
    ------
    NotFoundError
        If the tenant has no such delivery.
    """
    found = connection.fetch(_ORDER_OF, {"delivery_id": delivery_id, "of_tenant": caller.tenant_id})
    if not found:
        raise NotFoundError(f"delivery {delivery_id} does not exist.")
    order_id, kind = found[0]
    lock_orders(connection, caller, [order_id])
    return order_id, "collection" if kind == "collection" else "delivery"


def shipments_of(parts: Parts, delivery_id: str) -> list[ShipmentNow]:
    """Return the shipments that a delivery brings."""
    return [shipment for shipment in parts.shipments if shipment.delivery_id == delivery_id]


def leave_site(connection: Connection, caller: Caller, mine: Sequence[ShipmentNow], *, now: int) -> int:
    """Hand over shipments of one order, whatever of their preparation was not reported, and claim their units.

    Units leave the shelf once, with the shipment that they are in, however often and by whomever it is reported that
    they are gone. Returns the units that left.
    """
    left = 0
    for shipment in mine:
        state = shipment.state
        if state in LEFT:
            continue
        if state == "planned":
            state = advance(connection, caller, "shipment", shipment.shipment_id, "start_picking", now=now).to_state
        if state == "picking":
            units = held_units(connection, shipment.order_id, shipment.site_id)
            ready = {"ready_at": now}
            state = advance(
                connection, caller, "shipment", shipment.shipment_id, "pack", now=now, changes=ready
            ).to_state
            if units:
                store_parcels(connection, caller, *shipment[:3], units, now=now)
        advance(connection, caller, "shipment", shipment.shipment_id, "hand_over", now=now)
        held = _held_at_site(connection, shipment)
        ledger.claim(connection, caller.tenant_id, held, shipment.shipment_id, now=now)
        left += sum(holding.quantity for holding in held if holding.place.kind == STOCK)
    return left


def come_back(
    connection: Connection, caller: Caller, mine: Sequence[ShipmentNow], *, to_shelf: bool, reference: str, now: int
) -> None:
    """Take from one order the units of shipments that came back, or are lost: it has to be served anew.

    Units that had left the shelf return to it if ``to_shelf``; those that had not are free again.
    """
    for shipment in mine:
        if shipment.state not in LEFT:
            ledger.end(connection, caller.tenant_id, _held_at_site(connection, shipment), now=now)
    names = {shipment.shipment_id for shipment in mine}
    claimed = ledger.holdings(connection, [mine[0].order_id], ledger.CLAIMED) if mine else []
    gone = [h for h in claimed if h.taken_by in names and h.place.kind == STOCK]
    ledger.forget_claims(connection, gone)
    if to_shelf:
        units = Counter[Place]()
        for holding in gone:
            units[holding.place] += holding.quantity
        ledger.change_on_hand(connection, caller.tenant_id, units, "restock", reference, now=now)


def _held_at_site(connection: Connection, shipment: ShipmentNow) -> list[Holding]:
    """Return what the order of a shipment holds at its site: stock, and hours of pickers."""
    return [h for h in ledger.holdings(connection, [shipment.order_id]) if h.place.site_id == shipment.site_id]
