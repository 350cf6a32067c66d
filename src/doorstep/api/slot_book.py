"""Slots that a retailer offers: defined, changed, and read with what is left of them."""

from collections.abc import Sequence
from typing import Literal

import sqlalchemy as sa
from sqlalchemy import insert, select, update

from doorstep.api.models.options import Hold, Slot, SlotChange, SlotCreate
from doorstep.api.models.parts import Money, Window
from doorstep.api.problems.answers import FaultsError, FieldFault
from doorstep.domain.new_order import AHEAD_S
from doorstep.foundation import ConflictError, NotFoundError
from doorstep.operations.caller import Caller
from doorstep.storage import Connection, ledger
from doorstep.storage.ledger import Place
from doorstep.storage.schema.ledger import SLOT, positions
from doorstep.storage.schema.orders import slot_holds, slots
from doorstep.storage.schema.reference import REFERENCE

SITES, LEVELS = REFERENCE["sites"], REFERENCE["service_levels"]


def define_slots(connection: Connection, caller: Caller, wanted: Sequence[SlotCreate], *, now: int) -> list[str]:
    """Store slots and return their ids.

    Raises
    ------
    FaultsError
        If a site or service level does not exist, a cut-off lies after its window, or a window too far off.
    ConflictError
        If a zone has a slot of that level and start already.
    """
    _check(connection, caller.tenant_id, wanted, now)
    ids = []
    for slot in wanted:
        same = (
            (slots.c.tenant_id == caller.tenant_id)
            & (slots.c.zone == slot.zone)
            & (slots.c.service_level_id == slot.service_level_id)
            & (slots.c.starts_at == slot.window.start)
        )
        there = connection.execute(select(slots.c.slot_id).where(same)).scalar()
        if there:
            raise ConflictError(f"zone {slot.zone} has the slot {there} of that level and start already.")
        slot_id = connection.new_id("slt", now)
        row = slot.model_dump(include={"zone", "site_id", "service_level_id", "capacity", "fee_minor"}) | {
            "slot_id": slot_id, "tenant_id": caller.tenant_id, "state": "open", "starts_at": slot.window.start,
            "ends_at": slot.window.end, "cutoff_at": slot.cutoff_at,
        }  # fmt: skip
        connection.execute(insert(slots).values(row))
        _note(connection, caller, slot_id, "create", f"{slot.capacity}", now)
        ids.append(slot_id)
    return ids


def change_slot(connection: Connection, caller: Caller, slot_id: str, change: SlotChange, *, now: int) -> None:
    """Give a slot another capacity, fee or state.

    Raises
    ------
    NotFoundError
        If the tenant has no such slot.
    ConflictError
        If more is held and booked than it would have.
    """
    mine = (slots.c.slot_id == slot_id) & (slots.c.tenant_id == caller.tenant_id)
    row = connection.execute(select(slots).where(mine).with_for_update()).one_or_none()
    if row is None:
        raise NotFoundError(f"slot {slot_id} does not exist.")
    place = Place(SLOT, row.site_id, slot_id)
    ledger.open_positions(connection, caller.tenant_id, {place: row.capacity}, now=now)
    taken = row.capacity - ledger.locked(connection, caller.tenant_id, [place], now=now)[place].free
    if taken > change.capacity:
        raise ConflictError(f"slot {slot_id} has {taken} holds and bookings, more than {change.capacity}.")
    deltas = {place: change.capacity - row.capacity}
    ledger.change_on_hand(connection, caller.tenant_id, deltas, "adjust", "capacity", now=now)
    connection.execute(update(slots).where(mine).values(change.model_dump()))
    _note(connection, caller, slot_id, "change", f"{change.capacity}", now)


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
    query = query.where(*(column == value for column, value in wanted.items() if value is not None))
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
        capacity=row.capacity,
        available=left,
        fee=Money(amount=row.fee_minor, currency=currency),
    )


def _check(connection: Connection, tenant_id: str, wanted: Sequence[SlotCreate], now: int) -> None:
    there = {
        column: set(connection.execute(select(column).where(column.table.c.tenant_id == tenant_id)).scalars())
        for column in (SITES.c.site_id, LEVELS.c.service_level_id)
    }
    faults = [
        FieldFault(part="body", pointer=f"/slots/{number}/{column.name}", code="not_allowed", detail="does not exist")
        for number, slot in enumerate(wanted)
        for column, known in there.items()
        if getattr(slot, column.name) not in known
    ]
    faults += [
        FieldFault(
            part="body", pointer=f"/slots/{number}/cutoff_at", code="inconsistent", detail="lies after the window"
        )
        for number, slot in enumerate(wanted)
        if slot.cutoff_at >= slot.window.end
    ]
    faults += [
        FieldFault(
            part="body", pointer=f"/slots/{number}/window", code="out_of_range",
            detail=f"must lie within {AHEAD_S // 86_400} days of now",
        )
        for number, slot in enumerate(wanted)
        if slot.window.start < now - AHEAD_S or slot.window.end > now + AHEAD_S
    ]  # fmt: skip
    if faults:
        raise FaultsError(faults)


def _note(connection: Connection, caller: Caller, slot_id: str, event: str, to_state: str, now: int) -> None:
    connection.journal.audit(
        tenant_id=caller.tenant_id, at=now, actor=caller.actor, kind="slot", object_id=slot_id, event=event,
        to_state=to_state,
    )  # fmt: skip
