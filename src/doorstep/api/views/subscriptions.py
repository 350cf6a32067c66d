"""Subscriptions as they stand."""

import json

import sqlalchemy as sa
from sqlalchemy import select

from doorstep.api.models.subscriptions import OccurrenceSwap, Subscription
from doorstep.foundation import NotFoundError
from doorstep.storage import Connection
from doorstep.storage.schema.orders import subscriptions


def find_subscription(connection: Connection, tenant_id: str, subscription_id: str) -> Subscription:
    """Return a subscription.

    Raises
    ------
    NotFoundError
        If the tenant has no such subscription.
    """
    mine = (subscriptions.c.subscription_id == subscription_id) & (subscriptions.c.tenant_id == tenant_id)
    row = connection.execute(select(subscriptions).where(mine)).one_or_none()
    if row is None:
        raise NotFoundError(f"subscription {subscription_id} does not exist.")
    return _shown(row)


def list_subscriptions(
    connection: Connection, tenant_id: str, *, limit: int, before: str = "", state: str | None = None
) -> list[Subscription]:
    """Return subscriptions, the newest first; ``before`` is the id of the last one seen."""
    query = select(subscriptions).where(subscriptions.c.tenant_id == tenant_id)
    if state is not None:
        query = query.where(subscriptions.c.state == state)
    if before:
        query = query.where(subscriptions.c.subscription_id < before)
    rows = connection.execute(query.order_by(subscriptions.c.subscription_id.desc()).limit(limit))
    return [_shown(row) for row in rows]


def _shown(row: "sa.Row[tuple[object, ...]]") -> Subscription:
    return Subscription(
        id=row.subscription_id,
        state=row.state,
        version=row.version,
        rule=row.rule,
        time_zone=row.time_zone,
        starts_at=row.starts_at,
        next_at=row.next_at,
        skips=json.loads(row.skips),
        lines=json.loads(row.template)["lines"],
        swaps=[
            OccurrenceSwap(at=int(at), lines=lines)
            for at, lines in sorted(json.loads(row.swaps).items(), key=lambda swap: int(swap[0]))
        ],
        created_at=row.created_at,
    )
