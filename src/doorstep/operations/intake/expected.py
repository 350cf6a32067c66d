"""Units that are expected at sites and not promised yet."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import select

from doorstep.storage import Connection
from doorstep.storage.ledger import HELD
from doorstep.storage.schema.ledger import RECEIPT, positions, reservations
from doorstep.storage.schema.orders import orders
from doorstep.storage.schema.receipts import receipts


class Expected(NamedTuple):
    """Free units of a receipt, a position of the ledger, and when they can be picked [epoch s]."""

    expected_at: int
    receipt_id: str
    site_id: str
    product_id: str
    position_id: int
    free: int


def expected_units(
    connection: Connection, tenant_id: str, products: Collection[str], *, after: int
) -> dict[str, Expected]:
    """Return the receipts of products that come after a moment and have free units, the earliest first.

    A receipt whose moment has passed is either on the shelf by now, or late: it is not counted.
    """
    free = (positions.c.on_hand - positions.c.reserved).label("free")
    here = (
        (positions.c.tenant_id == receipts.c.tenant_id)
        & (positions.c.kind == RECEIPT)
        & (positions.c.site_id == receipts.c.site_id)
        & (positions.c.item == receipts.c.receipt_id)
    )
    query = (
        select(*(receipts.c[name] for name in Expected._fields[:4]), positions.c.position_id, free)
        .join(positions, here)
        .where(
            receipts.c.tenant_id == tenant_id,
            receipts.c.product_id.in_(products),
            receipts.c.state == "expected",
            receipts.c.expected_at > after,
            free > 0,
        )
        .order_by(receipts.c.expected_at, receipts.c.receipt_id)
    )
    return {row.receipt_id: Expected._make(row) for row in connection.execute(query)}


def still_expected(connection: Connection, moments: Mapping[str, int]) -> bool:
    """Return whether receipts are still expected when they were said to be; nobody changes them until the commit."""
    query = select(receipts.c.receipt_id, receipts.c.expected_at).where(
        receipts.c.receipt_id.in_(moments), receipts.c.state == "expected"
    )
    locked = query.order_by(receipts.c.receipt_id).with_for_update(read=True)
    return not moments or {row.receipt_id: row.expected_at for row in connection.execute(locked)} == dict(moments)


def awaits_receipt() -> "sa.ColumnElement[bool]":
    """Return the condition that an order holds units that have yet to come: it has its sites, and waits."""
    coming = (
        select(reservations.c.position_id)
        .join(positions, positions.c.position_id == reservations.c.position_id)
        .where(
            reservations.c.holder_id == orders.c.order_id,
            reservations.c.state == HELD,
            positions.c.kind == RECEIPT,
        )
    )
    return coming.correlate(orders).exists()
