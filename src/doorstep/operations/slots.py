"""Slots that a retailer offers: windows with limited room in a zone, defined and changed."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from sqlalchemy import insert, select, update

from doorstep.domain.new_order import AHEAD_S
from doorstep.foundation import ConflictError, InputError, NotFoundError
from doorstep.operations.caller import Caller
from doorstep.operations.intake.offered_slots import Unit
from doorstep.storage import Connection, ledger
from doorstep.storage.ledger import Place
from doorstep.storage.schema.ledger import SLOT
from doorstep.storage.schema.orders import slots
from doorstep.storage.schema.reference import REFERENCE

SITES, LEVELS = REFERENCE["sites"], REFERENCE["service_levels"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSlot:
    """A window of a zone, from ``starts_at`` to before ``ends_at``, not offered from ``cutoff_at`` on [epoch s].

    ``capacity`` counts ``unit``: orders, order lines, or minutes of work.
    """

    zone: str
    site_id: str
    service_level_id: str
    starts_at: int
    ends_at: int
    cutoff_at: int
    capacity: int
    fee_minor: int = 0
    unit: Unit = "orders"


@dataclass(frozen=True, slots=True)
class SlotFault:
    """What is wrong with one slot of several: its number from 0, the field, and the rule that it breaks."""

    number: int
    field: Literal["site_id", "service_level_id", "cutoff_at", "window"]
    rule: str


class SlotFaultsError(InputError):
    """Slots that cannot be right."""

    def __init__(self, faults: Sequence[SlotFault]) -> None:
        super().__init__("; ".join(f"slot {fault.number}: {fault.field} {fault.rule}" for fault in faults) + ".")
        self.faults = tuple(faults)


def define_slots(connection: Connection, caller: Caller, wanted: Sequence[NewSlot], *, now: int) -> list[str]:
    """Store slots and return their ids: all of them or, if one is faulty, none.

    Raises
    ------
    SlotFaultsError
        If a site or service level does not exist, a cut-off lies after its window, or a window too far from now.
    ConflictError
        If a zone has a slot of that level and start already.
    """
    faults = _faults(connection, caller.tenant_id, wanted, now)
    if faults:
        raise SlotFaultsError(faults)
    ids = []
    for slot in wanted:
        same = (
            (slots.c.tenant_id == caller.tenant_id)
            & (slots.c.zone == slot.zone)
            & (slots.c.service_level_id == slot.service_level_id)
            & (slots.c.starts_at == slot.starts_at)
        )
        there = connection.execute(select(slots.c.slot_id).where(same)).scalar()
        if there:
            raise ConflictError(f"zone {slot.zone} has the slot {there} of that level and start already.")
        slot_id = connection.new_id("slt", now)
        row = asdict(slot) | {"slot_id": slot_id, "tenant_id": caller.tenant_id, "state": "open"}
        connection.execute(insert(slots).values(row))
        _note(connection, caller, slot_id, "create", f"{slot.capacity}", now)
        ids.append(slot_id)
    return ids


def change_slot(
    connection: Connection,
    caller: Caller,
    slot_id: str,
    *,
    capacity: int,
    fee_minor: int,
    state: Literal["open", "closed"],
    now: int,
) -> None:
    """Give a slot another capacity, fee and state; places that are held, booked or used stay so.

    Raises
    ------
    NotFoundError
        If the tenant has no such slot.
    ConflictError
        If more is taken than it would have.
    """
    mine = (slots.c.slot_id == slot_id) & (slots.c.tenant_id == caller.tenant_id)
    row = connection.execute(select(slots).where(mine).with_for_update()).one_or_none()
    if row is None:
        raise NotFoundError(f"slot {slot_id} does not exist.")
    place = Place(SLOT, row.site_id, slot_id)
    ledger.open_positions(connection, caller.tenant_id, {place: row.capacity}, now=now)
    taken = row.capacity - ledger.locked(connection, caller.tenant_id, [place], now=now)[place].free
    if taken > capacity:
        raise ConflictError(f"slot {slot_id} has {taken} holds and bookings, more than {capacity}.")
    deltas = {place: capacity - row.capacity}
    ledger.change_on_hand(connection, caller.tenant_id, deltas, "adjust", "capacity", now=now)
    connection.execute(update(slots).where(mine).values(capacity=capacity, fee_minor=fee_minor, state=state))
    _note(connection, caller, slot_id, "change", f"{capacity}", now)


def _faults(connection: Connection, tenant_id: str, wanted: Sequence[NewSlot], now: int) -> list[SlotFault]:
    sites, levels = (
        set(connection.execute(select(column).where(column.table.c.tenant_id == tenant_id)).scalars())
        for column in (SITES.c.site_id, LEVELS.c.service_level_id)
    )
    found = []
    for number, slot in enumerate(wanted):
        if slot.site_id not in sites:
            found.append(SlotFault(number, "site_id", "does not exist"))
        if slot.service_level_id not in levels:
            found.append(SlotFault(number, "service_level_id", "does not exist"))
        if slot.cutoff_at >= slot.ends_at:
            found.append(SlotFault(number, "cutoff_at", "lies after the window"))
        if slot.starts_at < now - AHEAD_S or slot.ends_at > now + AHEAD_S:
            found.append(SlotFault(number, "window", f"must lie within {AHEAD_S // 86_400} days of now"))
    return found


def _note(connection: Connection, caller: Caller, slot_id: str, event: str, to_state: str, now: int) -> None:
    connection.journal.audit(
        tenant_id=caller.tenant_id, at=now, actor=caller.actor, kind="slot", object_id=slot_id, event=event,
        to_state=to_state,
    )  # fmt: skip
