"""Routes given to drivers and sent out, with what lies packed for them."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from doorstep.foundation import NotFoundError
from doorstep.operations.caller import Caller
from doorstep.operations.fulfil.hand_over import GOING, leave_site, shipments_of
from doorstep.operations.fulfil.parts import PACKED, DeliveryNow, OrderNow, Parts, lock_orders, parts_of
from doorstep.operations.fulfil.settle import settle_order
from doorstep.operations.stations.leaving import held_back, leave_station, units_of
from doorstep.operations.stations.scans import follow_units
from doorstep.operations.transitions import StaleVersionError, advance
from doorstep.storage import Connection
from doorstep.storage.schema.fulfilment import deliveries, routes, stops

GIVEN = ("assigned", "dispatched", "in_progress", "completed")
SENT = ("dispatched", "in_progress", "completed")


@dataclass(frozen=True, slots=True, kw_only=True)
class SentRoute:
    """A route with its state; ``gone`` are deliveries that are on it, ``waiting`` those that are not.

    What is not packed, stopped, or lacks a parcel at its station waits. It is handed over by dispatching again, or by
    the first report that it was picked up.
    """

    route_id: str
    state: str
    gone: tuple[str, ...]
    waiting: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedRoute:
    """A route with its deliveries in the order of its stops, and their orders with their parts, locked."""

    route_id: str
    state: str
    version: int
    driver: str
    deliveries: tuple[DeliveryNow, ...]
    orders: Mapping[str, OrderNow]
    parts: Mapping[str, Parts]


def assign_route(
    connection: Connection, caller: Caller, route_id: str, *, driver: str, now: int, if_version: int | None = None
) -> SentRoute:
    """Give a planned route and its deliveries to a driver; giving it to the same one again changes nothing.

    Raises
    ------
    NotFoundError
        If the tenant has no such route.
    IllegalTransitionError, StaleVersionError
        If it is another driver's, or not planned any more; if it no longer has the version ``if_version``.
    """
    route = lock_route(connection, caller, route_id)
    state = route.state
    if not (state in GIVEN and route.driver == driver):
        if if_version is not None and route.version != if_version:
            raise StaleVersionError("route", route_id, route.version)
        state = advance(connection, caller, "route", route_id, "assign", now=now, changes={"driver": driver},
                        data={"driver": driver}).to_state  # fmt: skip
    _assign_deliveries(connection, caller, route, now)
    waiting = tuple(delivery.delivery_id for delivery in route.deliveries)
    return SentRoute(route_id=route_id, state=state, gone=(), waiting=waiting)


def dispatch_route(
    connection: Connection,
    caller: Caller,
    route_id: str,
    *,
    now: int,
    driver: str | None = None,
    if_version: int | None = None,
) -> SentRoute:
    """Send a route out: what lies packed for it is handed over and leaves the shelf, and its orders are on their way.

    Dispatching again hands over what has been packed since. Orders on hold stay behind.

    Parameters
    ----------
    driver
        Who drives it, if nobody was assigned.

    Raises
    ------
    NotFoundError
        If the tenant has no such route.
    IllegalTransitionError, StaleVersionError
        If it has no driver, or was cancelled; if it no longer has the version ``if_version``.
    """
    route = lock_route(connection, caller, route_id)
    state = route.state
    if state not in SENT:
        if if_version is not None and route.version != if_version:
            raise StaleVersionError("route", route_id, route.version)
        if driver is not None and state == "planned":
            advance(connection, caller, "route", route_id, "assign", now=now, changes={"driver": driver},
                    data={"driver": driver})  # fmt: skip
        state = advance(connection, caller, "route", route_id, "dispatch", now=now).to_state
    _assign_deliveries(connection, caller, route, now)
    gone, waiting = [], []
    units = units_of(connection, sorted(route.orders))
    by_lane, back = {unit.delivery_id for unit in units}, held_back(connection, caller, units)
    for delivery in route.deliveries:
        mine = shipments_of(route.parts[delivery.order_id], delivery.delivery_id)
        order = route.orders[delivery.order_id]
        unpacked = any(shipment.state not in PACKED for shipment in mine)
        if not mine or order.state not in GOING or unpacked or delivery.delivery_id in back:
            waiting.append(delivery.delivery_id)
            continue
        gone.append(delivery.delivery_id)
        leave_site(connection, caller, mine, now=now)
        if delivery.delivery_id in by_lane:
            leave_station(connection, caller, delivery.order_id, delivery.delivery_id, now=now)
            follow_units(connection, caller, delivery.order_id, delivery.delivery_id, now=now)
    for order_id in sorted({delivery.order_id for delivery in route.deliveries if delivery.delivery_id in gone}):
        settle_order(connection, caller, order_id, now=now)
    return SentRoute(route_id=route_id, state=state, gone=tuple(gone), waiting=tuple(waiting))


def lock_route(connection: Connection, caller: Caller, route_id: str) -> LockedRoute:
    """Lock the orders on a route, then the route, and return all of it.

    Raises
    ------
    NotFoundError
        If the tenant has no such route.
    """
    mine = (routes.c.route_id == route_id) & (routes.c.tenant_id == caller.tenant_id)
    on_it = select(deliveries.c.delivery_id, deliveries.c.order_id).where(deliveries.c.route_id == route_id)
    order_ids = {row.order_id for row in connection.execute(on_it).all()}
    locked = lock_orders(connection, caller, order_ids)
    query = select(routes.c.state, routes.c.version, routes.c.driver).where(mine).with_for_update()
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFoundError(f"route {route_id} does not exist.")
    parts = parts_of(connection, order_ids)
    at = select(stops.c.delivery_id, stops.c.sequence).where(stops.c.route_id == route_id, stops.c.delivery_id != "")
    place = {r.delivery_id: r.sequence for r in connection.execute(at).all()}
    found = [d for part in parts.values() for d in part.deliveries.values() if d.route_id == route_id]
    found.sort(key=lambda d: (place.get(d.delivery_id, len(place) + 2), d.delivery_id))
    return LockedRoute(
        route_id=route_id,
        state=row.state,
        version=row.version,
        driver=row.driver,
        deliveries=tuple(found),
        orders=locked,
        parts=parts,
    )


def _assign_deliveries(connection: Connection, caller: Caller, route: LockedRoute, now: int) -> None:
    for delivery in route.deliveries:
        if delivery.state == "booked":
            advance(connection, caller, "delivery", delivery.delivery_id, "assign", now=now)
