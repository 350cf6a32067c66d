"""The one way by which anything changes its state.

Every version of an object, its creation included, has exactly one row in the audit chain and one event in the outbox,
written in the transaction that made it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Table, bindparam, null, select, update

from doorstep.domain.lifecycles import LIFECYCLES, Applied, Ignored
from doorstep.foundation import ConflictError, NotFoundError
from doorstep.operations.caller import Caller
from doorstep.storage import Connection
from doorstep.storage.prepared import Prepared
from doorstep.storage.schema import (
    carriers,
    contractors,
    dispatching,
    errands,
    fulfilment,
    money,
    orders,
    planning,
    receipts,
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of object: its table, its key, and the lifecycle it follows."""

    name: str
    table: Table
    key: str
    lifecycle: str


KINDS = {
    kind.name: kind
    for kind in (
        Kind("order", orders.orders, "order_id", "order"),
        Kind("slot_hold", orders.slot_holds, "hold_id", "slot_hold"),
        Kind("subscription", orders.subscriptions, "subscription_id", "subscription"),
        Kind("membership", orders.memberships, "membership_id", "membership"),
        Kind("return", orders.returns, "return_id", "return"),
        Kind("receipt", receipts.receipts, "receipt_id", "receipt"),
        Kind("network_study", planning.network_studies, "study_id", "network_study"),
        Kind("stock_plan", planning.stock_plans, "plan_id", "stock_plan"),
        Kind("stock_proposal", planning.stock_proposals, "proposal_id", "stock_proposal"),
        Kind("shipment", fulfilment.shipments, "shipment_id", "shipment"),
        Kind("delivery", fulfilment.deliveries, "delivery_id", "delivery"),
        Kind("carrier_booking", carriers.carrier_bookings, "booking_id", "carrier_booking"),
        Kind("carrier_invoice", money.carrier_invoices, "invoice_id", "carrier_invoice"),
        Kind("contractor", contractors.contractors, "contractor_id", "contractor"),
        Kind("contractor_offer", contractors.contractor_offers, "offer_id", "contractor_offer"),
        Kind("collection", fulfilment.deliveries, "delivery_id", "collection"),
        Kind("route", fulfilment.routes, "route_id", "route"),
        Kind("dispatch_proposal", dispatching.dispatch_proposals, "proposal_id", "dispatch_proposal"),
        Kind("station_unit", fulfilment.station_units, "unit_id", "station_unit"),
        Kind("errand", errands.errands, "errand_id", "errand"),
        Kind("exception", fulfilment.exceptions, "exception_id", "exception"),
    )
}


@dataclass(frozen=True, slots=True)
class Change:
    """A change that was made; ``from_state`` is empty for a creation."""

    object_id: str
    from_state: str
    to_state: str
    version: int


def tell_created(
    connection: Connection,
    caller: Caller,
    kind: str,
    object_id: str,
    state: str,
    *,
    now: int,
    reason: str = "",
    data: Mapping[str, object] | None = None,
) -> None:
    """Journal a new object whose row has just been inserted with version 1."""
    _tell(connection, caller, kind, Change(object_id, "", state, 1), "create", f"{kind}.created", now, reason, data)


def advance(
    connection: Connection,
    caller: Caller,
    kind: str,
    object_id: str,
    event: str,
    *,
    now: int,
    reason: str = "",
    if_version: int | None = None,
    changes: Mapping[str, object] | None = None,
    data: Mapping[str, object] | None = None,
) -> Change:
    """Move an object by a command; ``changes`` are other columns that change with it.

    Raises
    ------
    NotFoundError
        If the tenant has no such object.
    IllegalTransitionError
        If its state does not allow the event.
    StaleVersionError
        If it no longer has the version ``if_version``.
    """
    of = KINDS[kind]
    state, version, _ = _locked(connection, caller, of, object_id)
    if if_version is not None and version != if_version:
        raise StaleVersionError(kind, object_id, version)
    step = LIFECYCLES[of.lifecycle].step(state, event)
    change = Change(object_id, state, step.target, version + 1)
    clock = {"event_at": now} if "event_at" in of.table.c else {}  # facts from before the command come too late
    _store(connection, of, change, clock | dict(changes or {}))
    _tell(connection, caller, kind, change, event, step.publishes, now, reason, data)
    return change


def report(
    connection: Connection,
    caller: Caller,
    kind: str,
    object_id: str,
    event: str,
    *,
    occurred_at: int,
    now: int,
    reason: str = "",
    data: Mapping[str, object] | None = None,
) -> Change | Ignored:
    """Let a reported fact move an object if it is news, and return the change or why there is none.

    Nothing is told before it happens: what a clock that is ahead dates later than now counts as of now. Else it would
    make everything that follows come too late.
    """
    of, occurred_at = KINDS[kind], min(occurred_at, now)
    state, version, last_at = _locked(connection, caller, of, object_id)
    outcome = LIFECYCLES[of.lifecycle].record(state, event, occurred_at=occurred_at, last_at=last_at)
    if isinstance(outcome, Ignored):
        return outcome
    assert isinstance(outcome, Applied)
    change = Change(object_id, state, outcome.transition.target, version + 1)
    _store(connection, of, change, {"event_at": occurred_at})
    _tell(connection, caller, kind, change, event, outcome.transition.publishes, now, reason, data)
    return change


class StaleVersionError(ConflictError):
    """Somebody changed the object since the caller read it."""

    code = "version_changed"

    def __init__(self, kind: str, object_id: str, version: int) -> None:
        super().__init__(f"{kind} {object_id} has version {version} by now.", hint="Maybe read it again and retry.")
        self.version = version


def _locked(connection: Connection, caller: Caller, of: Kind, object_id: str) -> tuple[str, int, int | None]:
    found = connection.fetch(_locking(of.name), {"object_id": object_id, "of_tenant": caller.tenant_id})
    if not found:
        raise NotFoundError(f"{of.name} {object_id} does not exist.")
    state, version, last_at = found[0]
    return state, version, last_at


@cache
def _locking(kind: str) -> Prepared:
    of = KINDS[kind]
    last_at = of.table.c.event_at if "event_at" in of.table.c else null().label("event_at")
    mine = (of.table.c[of.key] == bindparam("object_id")) & (of.table.c.tenant_id == bindparam("of_tenant"))
    return Prepared(select(of.table.c.state, of.table.c.version, last_at).where(mine).with_for_update())


def _store(connection: Connection, of: Kind, change: Change, changes: Mapping[str, object]) -> None:
    values = dict(changes) | {"state": change.to_state, "version": change.version}
    row = {f"to_{name}": value for name, value in values.items()} | {"object_id": change.object_id}
    connection.run(_storing(of.name, tuple(values)), [row])


@cache
def _storing(kind: str, columns: tuple[str, ...]) -> Prepared:
    of = KINDS[kind]
    values = {name: bindparam(f"to_{name}", type_=of.table.c[name].type) for name in columns}
    return Prepared(update(of.table).where(of.table.c[of.key] == bindparam("object_id")).values(values))


def _tell(
    connection: Connection,
    caller: Caller,
    kind: str,
    change: Change,
    event: str,
    publishes: str,
    now: int,
    reason: str,
    data: Mapping[str, object] | None,
) -> None:
    connection.journal.audit(
        tenant_id=caller.tenant_id,
        at=now,
        actor=caller.actor,
        kind=kind,
        object_id=change.object_id,
        event=event,
        from_state=change.from_state,
        to_state=change.to_state,
        reason=reason,
    )
    known = {f"{kind}_id": change.object_id, "state": change.to_state, "previous_state": change.from_state}
    connection.journal.publish(
        event_id=connection.new_id("evt", now),
        tenant_id=caller.tenant_id,
        type=publishes,
        kind=kind,
        object_id=change.object_id,
        sequence=change.version,
        at=now,
        data=known | ({"reason": reason} if reason else {}) | dict(data or {}),
    )
