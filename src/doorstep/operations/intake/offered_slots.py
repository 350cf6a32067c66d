"""Slots as checkout sees them: what is left of each, how full it is, and how much of it a basket takes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from doorstep.domain.new_order import NewOrder
from doorstep.operations.intake.network import MINUTE_S, LiveNetwork
from doorstep.storage import Connection
from doorstep.storage.journal import canonical
from doorstep.storage.prepared import Prepared

Unit = Literal["orders", "lines", "minutes"]
"""What the capacity of a slot counts."""
AHEAD_S, MOST_SLOTS = 14 * 86_400, 60
"""How far ahead, and how many, slots are offered at a time."""

_COLUMNS = (
    "s.slot_id, s.zone, s.site_id, s.service_level_id, s.state, s.starts_at, s.ends_at, s.cutoff_at, s.unit, "
    "s.capacity, COALESCE(p.on_hand - p.reserved, s.capacity), s.fee_minor"
)
_BOOKED = """LEFT JOIN positions AS p ON p.tenant_id = s.tenant_id AND p.kind = 'slot' AND p.site_id = s.site_id
    AND p.item = s.slot_id"""
_BY_ID = Prepared.of_words(
    sqlite=f"""SELECT {_COLUMNS} FROM slots AS s {_BOOKED}
    WHERE s.tenant_id = :tenant_id AND s.slot_id = :name""",
    postgresql=f"""SELECT {_COLUMNS} FROM slots AS s {_BOOKED}
    WHERE s.tenant_id = %(tenant_id)s AND s.slot_id = %(name)s""",
)
_BY_HOLD = Prepared.of_words(
    sqlite=f"""SELECT {_COLUMNS}, h.work FROM slot_holds AS h JOIN slots AS s ON s.slot_id = h.slot_id {_BOOKED}
    WHERE h.tenant_id = :tenant_id AND h.hold_id = :name""",
    postgresql=f"""SELECT {_COLUMNS}, h.work FROM slot_holds AS h JOIN slots AS s ON s.slot_id = h.slot_id {_BOOKED}
    WHERE h.tenant_id = %(tenant_id)s AND h.hold_id = %(name)s""",
)
_NEAR = Prepared.of_words(
    sqlite=f"""SELECT {_COLUMNS} FROM json_each(:asked) AS a CROSS JOIN slots AS s ON s.tenant_id = :tenant_id
    AND s.zone = json_extract(a.value, '$[0]') AND s.service_level_id = json_extract(a.value, '$[1]')
    AND s.starts_at > :from_at AND s.starts_at <= :until_at {_BOOKED}
    WHERE s.state = 'open' ORDER BY s.starts_at, s.slot_id LIMIT :most""",
    postgresql=f"""SELECT {_COLUMNS} FROM jsonb_array_elements(CAST(%(asked)s AS jsonb)) AS a
    JOIN slots AS s ON s.tenant_id = %(tenant_id)s AND s.zone = a ->> 0 AND s.service_level_id = a ->> 1
    AND s.starts_at > %(from_at)s AND s.starts_at <= %(until_at)s {_BOOKED}
    WHERE s.state = 'open' ORDER BY s.starts_at, s.slot_id LIMIT %(most)s""",
)


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot as the calendar has it; ``ends_at`` no longer belongs to it [epoch s].

    ``capacity`` and ``free`` count ``unit``; what was used up stays gone.
    """

    slot_id: str
    zone: str
    site_id: str
    service_level_id: str
    state: str
    starts_at: int
    ends_at: int
    cutoff_at: int
    unit: Unit
    capacity: int
    free: int
    fee_minor: int

    @property
    def load_pct(self) -> int:
        """Taken share [%], rounded down; one without any capacity is full."""
        return 100 * (self.capacity - self.free) // self.capacity if self.capacity else 100


@dataclass(frozen=True, slots=True)
class HeldSlot:
    """A slot and the work that a hold keeps of it; ``slot.free`` is what would be free without the hold."""

    slot: Slot
    work: int


def find_slot(connection: Connection, tenant_id: str, slot_id: str) -> Slot | None:
    """Return a slot, None if the tenant has none of that id."""
    rows = connection.fetch(_BY_ID, {"tenant_id": tenant_id, "name": slot_id})
    return Slot(*rows[0]) if rows else None


def slot_of_hold(connection: Connection, tenant_id: str, hold_id: str) -> HeldSlot | None:
    """Return the slot that a hold is for, None if the tenant has no such hold."""
    rows = connection.fetch(_BY_HOLD, {"tenant_id": tenant_id, "name": hold_id})
    if not rows:
        return None
    slot, work = Slot(*rows[0][:-1]), int(rows[0][-1])
    return HeldSlot(replace(slot, free=slot.free + work), work)


def slots_near(
    connection: Connection, tenant_id: str, postal_code: str, levels: Sequence[str], *, now: int
) -> list[Slot]:
    """Return the open slots of the zones that a postal code lies in, the earliest first.

    Zones written in digits are starts of postal codes; who else is in which zone only the retailer knows. Slots past
    their cut-off and full ones are among them, those that have begun are not.
    """
    digits = next((n for n, letter in enumerate(postal_code) if not letter.isdigit()), len(postal_code))
    asked = [(postal_code[:length], level) for length in range(1, digits + 1) for level in levels]
    if not asked:
        return []
    wanted = {"tenant_id": tenant_id, "asked": canonical(asked), "from_at": now, "until_at": now + AHEAD_S,
              "most": MOST_SLOTS}  # fmt: skip
    return [Slot(*row) for row in connection.fetch(_NEAR, wanted)]


def work_of(slot: Slot, order: NewOrder, network: LiveNetwork) -> int:
    """Return how much of a slot an order takes: one order, its lines, or the minutes at the door."""
    if slot.unit != "minutes":
        return len(order.lines) if slot.unit == "lines" else 1
    return max(1, -(-network.door.service_s(order, network.levels[slot.service_level_id]) // MINUTE_S))
