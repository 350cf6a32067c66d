"""Proposals for the stock as they stand."""

import sqlalchemy as sa
from sqlalchemy import select

from doorstep.api.models.parts import Money
from doorstep.api.models.proposals import StockProposal
from doorstep.api.views.matching import matching
from doorstep.foundation import NotFoundError
from doorstep.storage import Connection
from doorstep.storage.schema.planning import stock_proposals


def find_proposal(connection: Connection, tenant_id: str, proposal_id: str, *, currency: str) -> StockProposal:
    """Return a proposal.

    Raises
    ------
    NotFoundError
        If the tenant has no such proposal.
    """
    query = _mine(tenant_id).where(stock_proposals.c.proposal_id == proposal_id)
    found = _shown(connection, query, currency)
    if not found:
        raise NotFoundError(f"stock proposal {proposal_id} does not exist.")
    return found[0]


def list_proposals(
    connection: Connection,
    tenant_id: str,
    *,
    currency: str,
    limit: int,
    before: str = "",
    state: str | None = None,
    action: str | None = None,
    site_id: str | None = None,
    product_id: str | None = None,
) -> list[StockProposal]:
    """Return proposals, the newest first; ``before`` is the id of the last one seen."""
    wanted = {stock_proposals.c.state: state, stock_proposals.c.action: action, stock_proposals.c.site_id: site_id,
              stock_proposals.c.product_id: product_id}  # fmt: skip
    query = matching(_mine(tenant_id), wanted)
    if before:
        query = query.where(stock_proposals.c.proposal_id < before)
    return _shown(connection, query.order_by(stock_proposals.c.proposal_id.desc()).limit(limit), currency)


def _mine(tenant_id: str) -> "sa.Select[tuple[object, ...]]":
    return select(*stock_proposals.c).where(stock_proposals.c.tenant_id == tenant_id)


def _shown(connection: Connection, query: "sa.Select[tuple[object, ...]]", currency: str) -> list[StockProposal]:
    return [
        StockProposal(
            id=row.proposal_id,
            state=row.state,
            version=row.version,
            action=row.action,
            product_id=row.product_id,
            site_id=row.site_id,
            from_site_id=row.from_site_id or None,
            units=row.units,
            value=Money(amount=row.value_minor, currency=currency),
            reason=row.reason,
            deadline_at=row.deadline_at,
            arrives_at=row.arrives_at,
            receipt_id=row.receipt_id or None,
        )
        for row in connection.execute(query)
    ]
