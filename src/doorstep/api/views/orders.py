"""Orders as they stand, with their lines, sites and deliveries."""

from collections import defaultdict
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import func, select

from doorstep.api.models.orders import Allocation, Order, OrderLine, OrderShipment, Promise
from doorstep.api.models.parts import Money, Window
from doorstep.api.views.matching import matching
from doorstep.domain.requirements import words_of
from doorstep.foundation import NotFoundError
from doorstep.storage import Connection
from doorstep.storage.schema.fulfilment import deliveries, shipments
from doorstep.storage.schema.ledger import RECEIPT, STOCK, positions, reservations
from doorstep.storage.schema.orders import order_lines, orders


def find_order(connection: Connection, tenant_id: str, order_id: str, *, currency: str) -> Order:
    """Return an order.

    Raises
    ------
    NotFoundError
        If the tenant has no such order.
    """
    found = _orders(connection, _mine(tenant_id).where(orders.c.order_id == order_id), currency)
    if not found:
        raise NotFoundError(f"order {order_id} does not exist.")
    return found[0]


def find_external(connection: Connection, tenant_id: str, external_id: str, *, currency: str) -> Order:
    """Return the order that the caller gave a name.

    Raises
    ------
    NotFoundError
        If the tenant has no such order.
    """
    found = _orders(connection, _mine(tenant_id).where(orders.c.external_id == external_id), currency)
    if not found:
        raise NotFoundError(f"order with external_id {external_id} does not exist.")
    return found[0]


def list_orders(
    connection: Connection,
    tenant_id: str,
    *,
    currency: str,
    limit: int,
    before: str = "",
    state: str | None = None,
    external_id: str | None = None,
    placed_from: int | None = None,
    placed_until: int | None = None,
) -> list[Order]:
    """Return orders, the newest first; ``before`` is the id of the last one seen."""
    query = _mine(tenant_id)
    wanted = {orders.c.state: state, orders.c.external_id: external_id}
    query = matching(query, wanted)
    if before:
        query = query.where(orders.c.order_id < before)
    if placed_from is not None:
        query = query.where(orders.c.placed_at >= placed_from)
    if placed_until is not None:
        query = query.where(orders.c.placed_at < placed_until)
    return _orders(connection, query.order_by(orders.c.order_id.desc()).limit(limit), currency)


def _mine(tenant_id: str) -> "sa.Select[tuple[object, ...]]":
    return select(*orders.c).where(orders.c.tenant_id == tenant_id)


def _orders(connection: Connection, query: "sa.Select[tuple[object, ...]]", currency: str) -> list[Order]:
    rows = connection.execute(query).all()
    ids = [row.order_id for row in rows]
    lines, kept = _lines(connection, ids), _allocations(connection, ids)
    sent, brought = _shipments(connection, ids), _deliveries(connection, ids)
    return [
        Order(
            id=row.order_id,
            code=row.code,
            external_id=row.external_id,
            state=row.state,
            version=row.version,
            placed_at=row.placed_at,
            promise=promise_of(row, currency),
            lines=lines[row.order_id],
            allocations=kept[row.order_id],
            shipments=sent[row.order_id],
            deliveries=brought[row.order_id],
        )
        for row in rows
    ]


def promise_of(row: "sa.Row[tuple[object, ...]]", currency: str) -> Promise:
    """Return what was promised with an order."""
    return Promise(
        window=Window.of_closed(row.window_start_at, row.window_end_at),
        service_level_id=row.service_level_id,
        fee=Money(amount=row.fee_minor, currency=currency),
        extras=words_of(row.extras),
        membership=row.membership,
        membership_discount=Money(amount=row.membership_discount_minor, currency=currency),
    )


def _lines(connection: Connection, ids: Sequence[str]) -> defaultdict[str, list[OrderLine]]:
    found: defaultdict[str, list[OrderLine]] = defaultdict(list)
    query = select(order_lines).where(order_lines.c.order_id.in_(ids)).order_by(order_lines.c.line_no)
    for row in connection.execute(query) if ids else ():
        found[row.order_id].append(OrderLine(line_no=row.line_no, product_id=row.product_id, quantity=row.quantity))
    return found


def _allocations(connection: Connection, ids: Sequence[str]) -> defaultdict[str, list[Allocation]]:
    found: defaultdict[str, list[Allocation]] = defaultdict(list)
    receipt_id = sa.case((positions.c.kind == RECEIPT, positions.c.item))
    query = (
        select(
            reservations.c.holder_id,
            reservations.c.line_no,
            positions.c.site_id,
            receipt_id.label("receipt_id"),
            func.sum(reservations.c.quantity).label("units"),
        )
        .join(positions, positions.c.position_id == reservations.c.position_id)
        .where(reservations.c.holder_id.in_(ids), positions.c.kind.in_((STOCK, RECEIPT)))
        .group_by(reservations.c.holder_id, reservations.c.line_no, positions.c.site_id, receipt_id)
        .order_by(reservations.c.line_no, positions.c.site_id, receipt_id)
    )
    for row in connection.execute(query) if ids else ():
        found[row.holder_id].append(
            Allocation(line_no=row.line_no, site_id=row.site_id, quantity=int(row.units), receipt_id=row.receipt_id)
        )
    return found


def _shipments(connection: Connection, ids: Sequence[str]) -> defaultdict[str, list[OrderShipment]]:
    found: defaultdict[str, list[OrderShipment]] = defaultdict(list)
    query = select(shipments).where(shipments.c.order_id.in_(ids)).order_by(shipments.c.shipment_id)
    for row in connection.execute(query) if ids else ():
        found[row.order_id].append(
            OrderShipment(
                id=row.shipment_id,
                site_id=row.site_id,
                state=row.state,
                delivery_id=row.delivery_id,
                ready_at=row.ready_at,
            )
        )
    return found


def _deliveries(connection: Connection, ids: Sequence[str]) -> defaultdict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    query = (
        select(deliveries.c.order_id, deliveries.c.delivery_id)
        .where(deliveries.c.order_id.in_(ids))
        .order_by(deliveries.c.delivery_id)
    )
    for row in connection.execute(query) if ids else ():
        found[row.order_id].append(row.delivery_id)
    return found
