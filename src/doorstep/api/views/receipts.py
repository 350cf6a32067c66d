"""Receipts as they stand."""

import sqlalchemy as sa
from sqlalchemy import select

from doorstep.api.models.receipts import Receipt
from doorstep.api.views.matching import matching
from doorstep.foundation import NotFoundError
from doorstep.storage import Connection
from doorstep.storage.schema.ledger import RECEIPT, positions
from doorstep.storage.schema.receipts import receipts


def find_receipt(connection: Connection, tenant_id: str, receipt_id: str) -> Receipt:
    """Return a receipt.

    Raises
    ------
    NotFoundError
        If the tenant has no such receipt.
    """
    found = _shown(connection, _mine(tenant_id).where(receipts.c.receipt_id == receipt_id))
    if not found:
        raise NotFoundError(f"receipt {receipt_id} does not exist.")
    return found[0]


def list_receipts(
    connection: Connection,
    tenant_id: str,
    *,
    limit: int,
    before: str = "",
    state: str | None = None,
    site_id: str | None = None,
    product_id: str | None = None,
    external_id: str | None = None,
) -> list[Receipt]:
    """Return receipts, the newest first; ``before`` is the id of the last one seen."""
    wanted = {receipts.c.state: state, receipts.c.site_id: site_id, receipts.c.product_id: product_id,
              receipts.c.external_id: external_id}  # fmt: skip
    query = matching(_mine(tenant_id), wanted)
    if before:
        query = query.where(receipts.c.receipt_id < before)
    return _shown(connection, query.order_by(receipts.c.receipt_id.desc()).limit(limit))


def _mine(tenant_id: str) -> "sa.Select[tuple[object, ...]]":
    here = (
        (positions.c.tenant_id == receipts.c.tenant_id)
        & (positions.c.kind == RECEIPT)
        & (positions.c.site_id == receipts.c.site_id)
        & (positions.c.item == receipts.c.receipt_id)
    )
    query = select(*receipts.c, positions.c.reserved.label("promised")).join(positions, here)
    return query.where(receipts.c.tenant_id == tenant_id)


def _shown(connection: Connection, query: "sa.Select[tuple[object, ...]]") -> list[Receipt]:
    return [
        Receipt(
            id=row.receipt_id,
            external_id=row.external_id,
            state=row.state,
            version=row.version,
            site_id=row.site_id,
            product_id=row.product_id,
            units=row.units,
            promised=row.promised,
            received_units=row.received_units,
            expected_at=row.expected_at,
        )
        for row in connection.execute(query)
    ]
