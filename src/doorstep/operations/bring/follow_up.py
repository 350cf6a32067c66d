"""What follows from where a delivery is by now: for its parcels, the shelf, its order and its route."""

from collections.abc import Sequence

from sqlalchemy import select, update

from doorstep.domain.lifecycles import LIFECYCLES
from doorstep.operations.caller import Caller
from doorstep.operations.fulfil.hand_over import come_back, leave_site, shipments_of
from doorstep.operations.fulfil.keeping import begin_keeping, tidy
from doorstep.operations.fulfil.parts import DONE, DROPPED, FAILED, LEFT, DeliveryNow, ShipmentNow, parts_of
from doorstep.operations.fulfil.settle import hold_if_possible, settle_order
from doorstep.operations.replanning import replan_soon
from doorstep.operations.stations.expecting import withdraw_units
from doorstep.operations.stations.leaving import leave_station
from doorstep.operations.transitions import advance
from doorstep.storage import Connection
from doorstep.storage.schema.fulfilment import deliveries, routes, shipments, stops

BEFORE_PICKUP = ("created", "quoted", "booked", "assigned", "reassigning", "en_route_to_pickup", "at_pickup")
AT_SITE = (*BEFORE_PICKUP, "preparing", "ready_for_collection", "customer_on_the_way", "customer_arrived",
           "bay_assigned", "uncollected", "restocked", *DROPPED)  # fmt: skip
"""States in which parcels are where they were packed, whatever came before."""
BEEN_THERE = (*DONE, *FAILED, *DROPPED, "attempted", "rescheduled", "redirected", "returning", "at_return")
"""States in which the van has been at the door, or will not go there any more."""
BY_LANE = ("in_transit", "at_station", "station_released")
"""States in which parcels are on their way to where the van starts, or there."""
ON_THEIR_WAY = ("en_route_to_dropoff", "at_dropoff", "attempted", *DONE)
"""States in which no parcel is at a station any more."""
TO_DISPATCH = {"planned": "assign", "assigned": "dispatch", "dispatched": "start"}


def follow_up(
    connection: Connection, caller: Caller, order_id: str, delivery_id: str, *, reason: str, now: int
) -> None:
    """Bring everything else in line with the state of a delivery; its order is locked, and doing it twice is safe."""
    parts = parts_of(connection, [order_id])[order_id]
    delivery = parts.deliveries.get(delivery_id) or _delivery(connection, delivery_id)
    mine = shipments_of(parts, delivery_id)
    if delivery.state not in AT_SITE:
        leaving = [shipment for shipment in mine if shipment.state not in LEFT]
        if not leave_site(connection, caller, mine, now=now) and leaving:  # somebody counted its units away
            hold_if_possible(connection, caller, order_id, now=now, reason="left_without_stock")
        if delivery.state not in BY_LANE:
            _start_route(connection, caller, delivery, now)
    if delivery.lifecycle == "collection":
        _tidy_collection(connection, caller, delivery, now)
    if delivery.state in ON_THEIR_WAY:
        leave_station(connection, caller, order_id, delivery_id, now=now)
    if delivery.state in DONE or delivery.state in FAILED:
        _close_shipments(connection, caller, delivery, now)
    if delivery.state in DROPPED:
        gone = shipments.c.delivery_id == delivery_id
        _call_off(connection, caller, delivery, mine, now)
        connection.execute(update(shipments).where(gone).values(delivery_id=None))
        replan_soon(connection, caller, [delivery.route_id], now=now)
    if delivery.state in ("returned", "abandoned", "restocked"):
        come_back(connection, caller, mine, to_shelf=delivery.state != "abandoned", reference=delivery_id, now=now)
    if delivery.state in (*DONE, *FAILED) or any(shipment.state not in LEFT for shipment in mine):
        settle_order(connection, caller, order_id, now=now)
    if delivery.state in FAILED and mine:  # else what it was to bring goes another way by now
        hold_if_possible(connection, caller, order_id, now=now, reason=reason or f"delivery_{delivery.state}")
    _complete_route(connection, caller, delivery, now)


def _tidy_collection(connection: Connection, caller: Caller, delivery: DeliveryNow, now: int) -> None:
    """Begin to keep what is ready; forget whose shopper has been there, and free compartments that are empty."""
    if delivery.state == "ready_for_collection":
        begin_keeping(connection, caller, delivery.delivery_id, now=now)
    elif delivery.state in (*DONE, "restocked", *DROPPED):
        tidy(connection, caller, delivery.order_id, delivery.delivery_id, now=now)


def _call_off(
    connection: Connection, caller: Caller, delivery: DeliveryNow, mine: Sequence[ShipmentNow], now: int
) -> None:
    """Expect the parcels of a delivery that was called off no more; those on a lane already are lost to the order."""
    by_lane = [shipment for shipment in mine if shipment.site_id != delivery.site_id]
    withdraw_units(connection, caller, [shipment.shipment_id for shipment in by_lane], now=now)
    left = [shipment for shipment in by_lane if shipment.state in LEFT]
    if left:
        come_back(connection, caller, left, to_shelf=False, reference=delivery.delivery_id, now=now)
        hold_if_possible(connection, caller, delivery.order_id, now=now, reason="left_behind_at_station")


def _delivery(connection: Connection, delivery_id: str) -> DeliveryNow:
    query = select(*(deliveries.c[name] for name in DeliveryNow._fields)).where(deliveries.c.delivery_id == delivery_id)
    return DeliveryNow._make(connection.execute(query).one())


def _close_shipments(connection: Connection, caller: Caller, delivery: DeliveryNow, now: int) -> None:
    """End the shipments of a delivery that has ended; those that never left are cancelled."""
    parts = parts_of(connection, [delivery.order_id])[delivery.order_id]
    for shipment in shipments_of(parts, delivery.delivery_id):
        allowed = LIFECYCLES["shipment"].allowed(shipment.state)
        event = "close" if "close" in allowed else "cancel" if delivery.state == "restocked" else ""
        if event in allowed:
            advance(connection, caller, "shipment", shipment.shipment_id, event, now=now)


def _start_route(connection: Connection, caller: Caller, delivery: DeliveryNow, now: int) -> None:
    """Let the route of a delivery that is on its way have started, whatever nobody told before."""
    if delivery.route_id is None:
        return
    query = select(routes.c.state).where(routes.c.route_id == delivery.route_id)
    state = connection.execute(query.with_for_update()).scalar_one()  # two first stops may come at once
    while state in TO_DISPATCH:
        state = advance(connection, caller, "route", delivery.route_id, TO_DISPATCH[state], now=now).to_state


def _complete_route(connection: Connection, caller: Caller, delivery: DeliveryNow, now: int) -> None:
    """Complete a route under way whose van has been everywhere."""
    if delivery.route_id is None or delivery.state not in BEEN_THERE:
        return
    ahead = (
        select(stops.c.sequence)
        .join(deliveries, deliveries.c.delivery_id == stops.c.delivery_id)
        .where(stops.c.route_id == delivery.route_id, deliveries.c.state.not_in(BEEN_THERE))
        .limit(1)
    )
    query = select(routes.c.state).where(routes.c.route_id == delivery.route_id).with_for_update()
    under_way = connection.execute(query).scalar_one() == "in_progress"  # locked: two last stops may come at once
    if under_way and connection.execute(ahead).first() is None:
        advance(connection, caller, "route", delivery.route_id, "complete", now=now)
