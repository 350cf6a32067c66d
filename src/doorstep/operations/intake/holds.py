"""Parts of a slot, held for a shopper at checkout and confirmed with the order."""

from sqlalchemy import select

from doorstep.foundation import ConflictError, InputError, NotFoundError
from doorstep.operations.caller import Caller
from doorstep.operations.intake.network import live_network
from doorstep.operations.intake.offered_slots import find_slot
from doorstep.operations.transitions import advance, tell_created
from doorstep.storage import Connection, ledger
from doorstep.storage.ledger import Place, Want
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.ledger import SLOT
from doorstep.storage.schema.orders import orders, slot_holds

HOLD_S = 900
"""How long a slot waits for the shopper."""


class SlotFullError(ConflictError):
    """Too little is left of the slot, or its cut-off has passed."""


def hold_slot(
    connection: Connection,
    caller: Caller,
    slot_id: str,
    *,
    now: int,
    hold_s: int = HOLD_S,
    work: int = 1,
    membership: str = "",
) -> str:
    """Hold some of a slot for a while and return the hold's id.

    Parameters
    ----------
    work
        How much of it, in the slot's own unit: one order, or as many lines or minutes as the basket needs.
    membership
        Plan of the shopper: some may book the last share of a slot.

    Raises
    ------
    NotFoundError, SlotFullError
        If there is no such slot, or too little left of it.
    InputError
        If the hold would be of nothing.
    """
    if work < 1:
        raise InputError(f"work {work} must be at least 1.")
    slot = find_slot(connection, caller.tenant_id, slot_id)
    if slot is None:
        raise NotFoundError(f"slot {slot_id} does not exist.")
    if slot.state != "open" or slot.cutoff_at <= now:
        raise SlotFullError(f"slot {slot_id} is closed.", hint="Maybe ask for the slots again.")
    network = live_network(connection, caller.tenant_id)
    if slot.site_id in network.site_rows and network.is_closed(network.site_rows[slot.site_id], slot.starts_at):
        raise SlotFullError(f"slot {slot_id} lies on a closed day.", hint="Maybe ask for the slots again.")
    place = Place(SLOT, slot.site_id, slot_id)
    position = ledger.open_positions(connection, caller.tenant_id, {place: slot.capacity}, now=now)[place]
    hold_id = connection.new_id("hld", now)
    want = Want(hold_id, 0, position.position_id, work, now + hold_s)
    kept = network.kept_of_slot(slot.capacity, membership)
    if not ledger.reserve(connection, caller.tenant_id, [want], now=now) or (
        kept and ledger.find(connection, caller.tenant_id, [place])[place].free < kept
    ):
        raise SlotFullError(_too_little(slot_id, work, slot.unit), hint="Maybe ask for the slots again.")
    hold = {"hold_id": hold_id, "tenant_id": caller.tenant_id, "slot_id": slot_id, "work": work, "state": "held",
            "version": 1, "order_id": None, "created_at": now, "expires_at": now + hold_s}  # fmt: skip
    connection.run(inserting(slot_holds), [hold])
    tell_created(connection, caller, "slot_hold", hold_id, "held", now=now, data={"slot_id": slot_id})
    return hold_id


def _too_little(slot_id: str, work: int, unit: str) -> str:
    return f"slot {slot_id} is full." if work == 1 else f"slot {slot_id} has less than {work} {unit} left."


def confirm_hold(
    connection: Connection, caller: Caller, hold_id: str, *, now: int, order_id: str | None = None
) -> None:
    """Turn a hold into a booking, for an order if one is given; a booking that has no order yet is given it.

    Raises
    ------
    NotFoundError, IllegalTransitionError, SlotFullError
        If there is no such hold, or it is another order's, has been released, has expired or is overdue.
    """
    changes = {"order_id": order_id, "expires_at": None}
    mine = (slot_holds.c.hold_id == hold_id) & (slot_holds.c.tenant_id == caller.tenant_id)
    row = connection.execute(select(slot_holds).where(mine).with_for_update()).one_or_none()
    if row is not None and row.expires_at is not None and row.expires_at <= now:
        raise SlotFullError(f"hold {hold_id} has expired.", hint="Maybe hold the slot again.")
    is_free = row is not None and row.state == "confirmed" and row.order_id is None and order_id is not None
    advance(connection, caller, "slot_hold", hold_id, "take" if is_free else "confirm", now=now, changes=changes)
    ledger.keep(connection, hold_id)


def consume_hold(connection: Connection, caller: Caller, order_id: str, *, now: int) -> None:
    """Use up the place of the slot that an order came in, if it came in one."""
    query = select(slot_holds.c.hold_id, slot_holds.c.state).join(orders, orders.c.hold_id == slot_holds.c.hold_id)
    for row in connection.execute(query.where(orders.c.order_id == order_id)).all():
        if row.state == "confirmed":
            advance(connection, caller, "slot_hold", row.hold_id, "consume", now=now)
            ledger.claim(connection, caller.tenant_id, ledger.holdings(connection, [row.hold_id]), row.hold_id, now=now)


def release_hold(
    connection: Connection,
    caller: Caller,
    hold_id: str,
    *,
    now: int,
    expired: bool = False,
    order_id: str | None = None,
) -> None:
    """Give a place back; one that an order has goes back only with that order.

    Raises
    ------
    NotFoundError, IllegalTransitionError
        If there is no such hold, or it has been released, used or has expired.
    ConflictError
        If it belongs to another order than ``order_id``.
    """
    advance(connection, caller, "slot_hold", hold_id, "expire" if expired else "release", now=now)
    owner = connection.execute(select(slot_holds.c.order_id).where(slot_holds.c.hold_id == hold_id)).scalar_one()
    if owner != order_id:
        raise ConflictError(f"hold {hold_id} belongs to order {owner}.", hint="Maybe cancel that order.")
    ledger.end_all(connection, caller.tenant_id, hold_id, "expire" if expired else "release", now=now)
