"""Receipts: units on their way to a site. Orders may be promised them, and hold them as if they were on a shelf.

What is expected is a position of the ledger, so that what guards stock guards this: no unit is promised twice, what is
held expires or is released, and one that comes is in the same transaction on the shelf, held by the same order.
"""

from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Select, select

from doorstep.domain.lifecycles.receipt import OPEN
from doorstep.foundation import ConflictError, InternalError, NotFoundError
from doorstep.operations.caller import Caller
from doorstep.operations.displacing import displace, displace_orders, holders_of
from doorstep.operations.forgetting import WORKER
from doorstep.operations.fulfil.parts import holdings_of, lock_orders
from doorstep.operations.intake.network import live_network, pick_hours
from doorstep.operations.transitions import advance, tell_created
from doorstep.storage import Connection, ledger
from doorstep.storage.ledger import Place, Position, Want
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.ledger import RECEIPT, STOCK
from doorstep.storage.schema.orders import orders
from doorstep.storage.schema.receipts import receipts

LATE_S = 3_600
"""How long after its moment a receipt is waited for, before those who were promised it look for other sites."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReceipt:
    """Units of a product that can be picked at a site from ``expected_at`` on [epoch s]; the name is the retailer's."""

    site_id: str
    product_id: str
    units: int
    expected_at: int
    external_id: str | None = None


class _Receipt(NamedTuple):
    """A receipt as it stands, its row locked."""

    receipt_id: str
    site_id: str
    product_id: str
    units: int
    expected_at: int
    state: str

    @property
    def coming(self) -> Place:
        return Place(RECEIPT, self.site_id, self.receipt_id)

    @property
    def shelf(self) -> Place:
        return Place(STOCK, self.site_id, self.product_id)


def expect_receipt(connection: Connection, caller: Caller, new: NewReceipt, *, now: int) -> str:
    """Store a receipt and return its id; its units can be promised from now on.

    Raises
    ------
    ConflictError
        If the tenant has one of that name; it says which.
    """
    if new.external_id is not None:
        mine = (receipts.c.tenant_id == caller.tenant_id) & (receipts.c.external_id == new.external_id)
        there = connection.execute(select(receipts.c.receipt_id).where(mine)).scalar()
        if there:
            raise ConflictError(f"receipt {new.external_id} is {there} already.", hint="Maybe change that one.")
    receipt_id = connection.new_id("rcp", now)
    row = {"receipt_id": receipt_id, "tenant_id": caller.tenant_id, "external_id": new.external_id, "version": 1,
           "state": "expected", "site_id": new.site_id, "product_id": new.product_id, "units": new.units,
           "received_units": None, "expected_at": new.expected_at, "created_at": now}  # fmt: skip
    connection.run(inserting(receipts), [row])
    place = Place(RECEIPT, new.site_id, receipt_id)
    ledger.open_positions(connection, caller.tenant_id, {place: new.units}, now=now)
    known = {name: row[name] for name in ("external_id", "site_id", "product_id", "units", "expected_at")}
    tell_created(connection, caller, "receipt", receipt_id, "expected", now=now, data=known)
    return receipt_id


def bring_up_to_date(connection: Connection, caller: Caller, new: NewReceipt, *, now: int) -> str:
    """Expect what a folder says, whether it is known by its name or not; return why it cannot be, empty if it is so.

    One that has come, or was cancelled, stays as it is: folders are read again.
    """
    mine = (receipts.c.tenant_id == caller.tenant_id) & (receipts.c.external_id == new.external_id)
    row = connection.execute(select(receipts).where(mine)).one_or_none()
    if row is None:
        expect_receipt(connection, caller, new, now=now)
    elif row.state not in OPEN:
        return ""
    elif (row.site_id, row.product_id) != (new.site_id, new.product_id):
        return f"is expected at {row.site_id}, of {row.product_id}."
    elif (row.units, row.expected_at) != (new.units, new.expected_at):
        change_receipt(connection, caller, row.receipt_id, units=new.units, expected_at=new.expected_at, now=now)
    return ""


def change_receipt(
    connection: Connection,
    caller: Caller,
    receipt_id: str,
    *,
    units: int,
    expected_at: int,
    now: int,
    if_version: int | None = None,
) -> None:
    """Expect other units, or at another time.

    Where fewer come than are promised, the youngest orders look for other sites; where they come later, those that
    could no longer be picked in time do.

    Raises
    ------
    NotFoundError, IllegalTransitionError, StaleVersionError
        If the tenant has no such receipt, it is received or cancelled, or no longer has that version.
    """
    receipt = _locked(connection, caller, receipt_id)
    changes = {"units": units, "expected_at": expected_at}
    advance(connection, caller, "receipt", receipt_id, "change", now=now, if_version=if_version, changes=changes,
            data=changes)  # fmt: skip
    if expected_at > receipt.expected_at:
        late = _too_late(connection, caller, receipt, expected_at, now)
        displace_orders(connection, caller, receipt.coming, late, now=now, reason="receipt_later")
    _shrink(connection, caller, receipt, units, now=now, reason="receipt_reduced")
    ledger.change_on_hand(
        connection, caller.tenant_id, {receipt.coming: units - receipt.units}, "adjust", receipt_id, now=now
    )


def cancel_receipt(
    connection: Connection,
    caller: Caller,
    receipt_id: str,
    *,
    reason: str,
    now: int,
    if_version: int | None = None,
) -> None:
    """Expect a receipt no more; the orders that were promised any of it look for other sites.

    Raises
    ------
    NotFoundError, IllegalTransitionError, StaleVersionError
        As in ``change_receipt``.
    """
    receipt = _locked(connection, caller, receipt_id)
    advance(connection, caller, "receipt", receipt_id, "cancel", now=now, reason=reason, if_version=if_version)
    _shrink(connection, caller, receipt, 0, now=now, reason="receipt_cancelled")
    ledger.change_on_hand(connection, caller.tenant_id, {receipt.coming: -receipt.units}, "adjust", receipt_id, now=now)


def receive_receipt(
    connection: Connection,
    caller: Caller,
    receipt_id: str,
    *,
    units: int | None = None,
    now: int,
    if_version: int | None = None,
) -> Position:
    """Put what has come on the shelf, close the receipt, and return the position of the stock.

    Who was promised any of it holds it on the shelf from now on, and is routed. Where fewer came, the youngest orders
    look for other sites.

    Parameters
    ----------
    units
        How many came; None: as many as were expected.

    Raises
    ------
    NotFoundError, IllegalTransitionError, StaleVersionError
        As in ``change_receipt``; so nothing is received twice.
    """
    receipt = _locked(connection, caller, receipt_id)
    came = receipt.units if units is None else units
    advance(connection, caller, "receipt", receipt_id, "receive", now=now, if_version=if_version,
            changes={"received_units": came}, data={"received_units": came})  # fmt: skip
    _shrink(connection, caller, receipt, came, now=now, reason="receipt_short")
    _arrive(connection, caller, receipt, came, now=now)
    shelf = ledger.find(connection, caller.tenant_id, [receipt.shelf])[receipt.shelf]
    connection.journal.audit(
        tenant_id=caller.tenant_id, at=now, actor=caller.actor, kind="stock",
        object_id=f"{receipt.site_id}/{receipt.product_id}", event="receive", to_state=str(shelf.on_hand),
        reason=receipt_id,
    )  # fmt: skip
    return shelf


def note_late(connection: Connection, *, now: int, limit: int = 100) -> int:
    """Note receipts that have not come an hour after their moment, and let their orders look for other sites."""
    query = overdue_receipts(now).order_by(receipts.c.expected_at, receipts.c.receipt_id).limit(limit)
    late = connection.execute(query).all()
    for row in late:
        caller = Caller(row.tenant_id, WORKER)
        receipt = _locked(connection, caller, row.receipt_id)
        if receipt.state == "expected" and receipt.expected_at + LATE_S <= now:  # as it was before it was locked
            advance(connection, caller, "receipt", row.receipt_id, "fall_late", now=now)
            _shrink(connection, caller, receipt, 0, now=now, reason="receipt_late")
    return len(late)


def overdue_receipts(now: int) -> "Select[tuple[str, str]]":
    """Return the query of receipts that should have come and have not: id and tenant."""
    query = select(receipts.c.receipt_id, receipts.c.tenant_id)
    return query.where(receipts.c.state == "expected", receipts.c.expected_at <= now - LATE_S)


def _locked(connection: Connection, caller: Caller, receipt_id: str) -> _Receipt:
    """Return a receipt; nobody is promised any of it, and nobody changes it, until the transaction ends."""
    query = select(*(receipts.c[name] for name in _Receipt._fields)).where(
        receipts.c.receipt_id == receipt_id, receipts.c.tenant_id == caller.tenant_id
    )
    row = connection.execute(query.with_for_update()).one_or_none()
    if row is None:
        raise NotFoundError(f"receipt {receipt_id} does not exist.")
    return _Receipt._make(row)


def _shrink(connection: Connection, caller: Caller, receipt: _Receipt, units: int, *, now: int, reason: str) -> None:
    """Take from the youngest orders what is promised of a receipt beyond so many units."""
    position = ledger.locked(connection, caller.tenant_id, [receipt.coming], now=now)[receipt.coming]
    if position.reserved > units:
        displace(connection, caller, receipt.coming, position, position.reserved - units, now=now, reason=reason)


def _arrive(connection: Connection, caller: Caller, receipt: _Receipt, came: int, *, now: int) -> None:
    """Turn units that are expected into stock, and what orders hold of them into what they hold of the stock."""
    tenant_id, coming, shelf = caller.tenant_id, receipt.coming, receipt.shelf
    position = ledger.find(connection, tenant_id, [coming])[coming]
    ids = holders_of(connection, caller, coming, position)
    lock_orders(connection, caller, ids)
    held = [h for mine in holdings_of(connection, ids).values() for h in mine if h.place == coming]
    ledger.end(connection, tenant_id, held, now=now)
    ledger.change_on_hand(connection, tenant_id, {coming: -receipt.units}, "adjust", receipt.receipt_id, now=now)
    ledger.change_on_hand(connection, tenant_id, {shelf: came}, "receive", receipt.receipt_id, now=now)
    there = ledger.find(connection, tenant_id, [shelf])[shelf].position_id
    wants = [Want(h.holder_id, h.line_no, there, h.quantity, h.expires_at) for h in held]
    if not ledger.reserve(connection, tenant_id, wants, now=now, back={there: sum(h.quantity for h in held)}):
        raise InternalError(f"receipt {receipt.receipt_id}: what has come cannot be held by those it was promised to.")


def _too_late(connection: Connection, caller: Caller, receipt: _Receipt, expected_at: int, now: int) -> list[str]:
    """Return the orders whose promise cannot be kept with units that come at a moment."""
    position = ledger.find(connection, caller.tenant_id, [receipt.coming])[receipt.coming]
    ids = holders_of(connection, caller, receipt.coming, position)
    network = live_network(connection, caller.tenant_id)
    hours = pick_hours(connection, caller.tenant_id, network, now)
    row = network.site_rows.get(receipt.site_id)
    ready = [] if row is None else [ready_at for _, ready_at in hours.after(row, expected_at, now=now)]
    query = select(orders.c.order_id, orders.c.window_end_at).where(orders.c.order_id.in_(ids))
    return [order.order_id for order in connection.execute(query) if not ready or order.window_end_at < ready[0]]
