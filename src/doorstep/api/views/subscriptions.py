"""Subscriptions as they stand."""

import json

import sqlalchemy as sa
from sqlalchemy import select

from doorstep.api.models.subscriptions import ComingOccurrence, OccurrenceSwap, Subscription
from doorstep.foundation import NotFoundError
from doorstep.operations.subscriptions import coming_moments
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
    return _shown(connection, row)


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
    return [_shown(connection, row) for row in rows.all()]


def _shown(connection: Connection, row: "sa.Row[tuple[object, ...]]") -> Subscription:
    return Subscription(
        id=row.subscription_id,
        state=row.state,
        version=row.version,
        rule=row.rule,
        time_zone=row.time_zone,
        starts_at=row.starts_at,
        on_closed_day=row.on_closed_day,
        next_at=row.next_at,
        coming=[
            ComingOccurrence(occurrence_at=at, placed_at=placed_at) for at, placed_at in coming_moments(connection, row)
        ],
        skips=json.loads(row.skips),
        lines=json.loads(row.template)["lines"],
        swaps=[
            OccurrenceSwap(at=int(at), lines=lines)
            for at, lines in sorted(json.loads(row.swaps).items(), key=lambda swap: int(swap[0]))
        ],
        created_at=row.created_at,
    )
