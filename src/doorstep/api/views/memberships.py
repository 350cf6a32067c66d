"""Memberships as they stand."""

import sqlalchemy as sa
from sqlalchemy import select

from doorstep.api.models.memberships import Membership
from doorstep.api.views.matching import matching
from doorstep.foundation import NotFoundError
from doorstep.storage import Connection
from doorstep.storage.schema.orders import memberships


def find_membership(connection: Connection, tenant_id: str, membership_id: str) -> Membership:
    """Return a membership.

    Raises
    ------
    NotFoundError
        If the tenant has no such membership.
    """
    mine = (memberships.c.membership_id == membership_id) & (memberships.c.tenant_id == tenant_id)
    row = connection.execute(select(memberships).where(mine)).one_or_none()
    if row is None:
        raise NotFoundError(f"membership {membership_id} does not exist.")
    return _shown(row)


def list_memberships(
    connection: Connection,
    tenant_id: str,
    *,
    limit: int,
    before: str = "",
    state: str | None = None,
    customer_id: str | None = None,
) -> list[Membership]:
    """Return memberships, the newest first; ``before`` is the id of the last one seen."""
    query = select(memberships).where(memberships.c.tenant_id == tenant_id)
    query = matching(query, {memberships.c.state: state, memberships.c.customer_id: customer_id})
    if before:
        query = query.where(memberships.c.membership_id < before)
    rows = connection.execute(query.order_by(memberships.c.membership_id.desc()).limit(limit))
    return [_shown(row) for row in rows]


def _shown(row: "sa.Row[tuple[object, ...]]") -> Membership:
    return Membership(
        id=row.membership_id,
        customer_id=row.customer_id,
        plan_id=row.plan_id,
        state=row.state,
        version=row.version,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        created_at=row.created_at,
    )
