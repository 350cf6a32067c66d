"""Errands of concierge orders as they stand."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import select

from doorstep.api.models.errands import Errand
from doorstep.api.models.parts import Money
from doorstep.api.views.matching import matching
from doorstep.foundation import NotFoundError
from doorstep.storage import Connection
from doorstep.storage.schema.errands import errands


def find_errand(connection: Connection, tenant_id: str, errand_id: str, *, currency: str) -> Errand:
    """Return an errand.

    Raises
    ------
    NotFoundError
        If the tenant has no such errand.
    """
    mine = (errands.c.errand_id == errand_id) & (errands.c.tenant_id == tenant_id)
    row = connection.execute(select(errands).where(mine)).one_or_none()
    if row is None:
        raise NotFoundError(f"errand {errand_id} does not exist.")
    return _shown(row, currency)


def list_errands(
    connection: Connection, tenant_id: str, *, currency: str, limit: int, after: str = "", state: str | None = None,
    order_id: str | None = None, agent_id: str | None = None,
) -> list[Errand]:  # fmt: skip
    """Return errands, the oldest first, so that those of an order stand in theirs; ``after`` is the last one seen."""
    of = errands.c
    wanted = {of.state: state, of.order_id: order_id, of.agent_id: agent_id}
    query = matching(select(errands).where(of.tenant_id == tenant_id, of.errand_id > after), wanted)
    return [_shown(row, currency) for row in connection.execute(query.order_by(of.errand_id).limit(limit))]


def _shown(row: "sa.Row[Any]", currency: str) -> Errand:
    return Errand(
        id=row.errand_id,
        order_id=row.order_id,
        sequence=row.sequence,
        kind=row.kind,
        text=row.text,
        site_id=row.site_id or None,
        place=row.place,
        limit=None if row.limit_minor is None else Money(amount=row.limit_minor, currency=currency),
        spent=None if row.spent_minor is None else Money(amount=row.spent_minor, currency=currency),
        agent_id=row.agent_id,
        state=row.state,
        version=row.version,
        reason=row.reason,
        created_at=row.created_at,
    )
