"""Slots as they stand, with what is left of them, and the holds on them."""

from collections.abc import Sequence
from typing import Literal

import sqlalchemy as sa
from sqlalchemy import select

from doorstep.api.models.options import Hold, Slot
from doorstep.api.models.parts import Money, Window
from doorstep.api.views.matching import matching
from doorstep.foundation import NotFoundError
from doorstep.storage import Connection
from doorstep.storage.schema.ledger import SLOT, positions
from doorstep.storage.schema.orders import slot_holds, slots
from doorstep.storage.schema.reference import REFERENCE

SITES = REFERENCE["sites"]


def find_slots(
    connection: Connection,
    tenant_id: str,
    *,
    currency: str,
    now: int,
    ids: Sequence[str] | None = None,
    zone: str | None = None,
    site_id: str | None = None,
    service_level_id: str | None = None,
    starts_from: int | None = None,
    starts_until: int | None = None,
    after: str = "",
    limit: int = 500,
) -> list[Slot]:
    """Return slots with what is left of them, in the order in which they were defined."""
    taken = (positions.c.tenant_id == slots.c.tenant_id) & (positions.c.kind == SLOT) & (
        positions.c.item == slots.c.slot_id
    )  # fmt: skip
    home = (SITES.c.tenant_id == slots.c.tenant_id) & (SITES.c.site_id == slots.c.site_id)
    query = (
        select(slots, positions.c.on_hand, positions.c.reserved, SITES.c.time_zone)
        .join(positions, taken, isouter=True)
        .join(SITES, home, isouter=True)
        .where(slots.c.tenant_id == tenant_id, slots.c.slot_id > after)
    )
    wanted = {slots.c.zone: zone, slots.c.site_id: site_id, slots.c.service_level_id: service_level_id}
    query = matching(query, wanted)
    if ids is not None:
        query = query.where(slots.c.slot_id.in_(ids))
    if starts_from is not None:
        query = query.where(slots.c.starts_at >= starts_from)
    if starts_until is not None:
        query = query.where(slots.c.starts_at < starts_until)
    rows = connection.execute(query.order_by(slots.c.slot_id).limit(limit))
    return [_shown(row, currency, now) for row in rows]


def find_hold(connection: Connection, tenant_id: str, hold_id: str) -> Hold:
    """Return a hold.

    Raises
    ------
    NotFoundError
        If the tenant has no such hold.
    """
    query = select(slot_holds).where(slot_holds.c.hold_id == hold_id, slot_holds.c.tenant_id == tenant_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFoundError(f"hold {hold_id} does not exist.")
    return Hold(
        id=row.hold_id,
        slot_id=row.slot_id,
        work=row.work,
        state=row.state,
        version=row.version,
        expires_at=row.expires_at,
        order_id=row.order_id,
    )


def _shown(row: "sa.Row[tuple[object, ...]]", currency: str, now: int) -> Slot:
    left = row.capacity if row.on_hand is None else row.on_hand - row.reserved
    state: Literal["open", "full", "closed"] = (
        "closed" if row.state != "open" or row.cutoff_at <= now else "open" if left else "full"
    )
    return Slot(
        id=row.slot_id,
        zone=row.zone,
        site_id=row.site_id,
        service_level_id=row.service_level_id,
        state=state,
        window=Window(start=row.starts_at, end=row.ends_at),
        time_zone=row.time_zone or "UTC",
        cutoff_at=row.cutoff_at,
        unit=row.unit,
        capacity=row.capacity,
        available=left,
        fee=Money(amount=row.fee_minor, currency=currency),
    )
