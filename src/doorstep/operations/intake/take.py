"""Orders accepted once: stored, with stock and picking capacity reserved, before anybody is told so.

Many requests are taken in one transaction. Choosing reads balances without locking; the ledger's conditional update has
the last word, and if another writer was faster, the batch is taken order by order.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace

from doorstep.domain.new_order import NewOrder, TakenOrder
from doorstep.foundation import DoorstepError
from doorstep.operations.caller import Caller
from doorstep.operations.intake.balances import Balances
from doorstep.operations.intake.draft import Draft, Intake, prepare
from doorstep.operations.intake.errors import DuplicateOrderError, NotEnoughStockError, ReusedKeyError
from doorstep.operations.intake.holds import confirm_hold, hold_slot
from doorstep.operations.intake.network import LiveNetwork, live_network
from doorstep.operations.intake.offered_slots import find_slot, work_of
from doorstep.operations.intake.store import find_by_external_id, find_replies, store_orders
from doorstep.storage import Connection, ledger


def take_orders(connection: Connection, requests: Sequence[Intake]) -> list[TakenOrder | DoorstepError]:
    """Accept orders, all of the same moment, and return what became of each, in order.

    A request that came before (same key, or same ``external_id``, and same contents) gets the order it got then.
    """
    drafts = [Draft(request, fingerprint_of(request.order)) for request in requests]
    for tenant_id in sorted({request.caller.tenant_id for request in requests}):
        _take(connection, tenant_id, [d for d in drafts if d.intake.caller.tenant_id == tenant_id])
    answers = [draft.answer for draft in drafts]
    assert all(answer is not None for answer in answers)
    return [answer for answer in answers if answer is not None]


def take_order(
    connection: Connection, caller: Caller, order: NewOrder, *, now: int, key: str | None = None
) -> TakenOrder:
    """Accept one order.

    Raises
    ------
    OrderFaultsError, NotEnoughStockError, DuplicateOrderError, ReusedKeyError
        If it is not accepted.
    """
    (answer,) = take_orders(connection, [Intake(caller=caller, order=order, now=now, key=key)])
    if isinstance(answer, DoorstepError):
        raise answer
    return answer


def fingerprint_of(order: NewOrder) -> str:
    """Return a hash of everything asked for."""
    return hashlib.sha256(repr(order).encode("utf-8", "surrogatepass")).hexdigest()


def _take(connection: Connection, tenant_id: str, drafts: list[Draft]) -> None:
    _recall(connection, tenant_id, drafts)
    fresh = _first_of_each(drafts)
    if fresh:
        network = live_network(connection, tenant_id)
        now = max(draft.intake.now for draft in fresh)
        prepare(connection, tenant_id, network, fresh, now)
        for draft in fresh:
            draft.order_id, draft.code = connection.new_id("ord", now), connection.new_code()
        plain = [draft for draft in fresh if draft.answer is None and not _needs_slot(draft)]
        if not _accept(connection, tenant_id, network, plain, now):
            for draft in plain:  # another writer took something that this batch had counted on
                _accept_alone(connection, tenant_id, network, draft, now)
        for draft in fresh:
            if draft.answer is None:
                _accept_alone(connection, tenant_id, network, draft, now)
    _echo(drafts)


def _recall(connection: Connection, tenant_id: str, drafts: list[Draft]) -> None:
    """Answer requests that came before."""
    keys = [draft.intake.key for draft in drafts if draft.intake.key]
    names = [draft.intake.order.external_id for draft in drafts if draft.intake.order.external_id]
    told = find_replies(connection, tenant_id, keys)
    known = find_by_external_id(connection, tenant_id, names)
    for draft in drafts:
        reply = told.get(draft.intake.key or "")
        order = known.get(draft.intake.order.external_id or "")
        if reply is not None:
            draft.answer = ReusedKeyError() if reply.fingerprint != draft.fingerprint else _again(reply.body)
        elif order is not None and order.fingerprint != draft.fingerprint:
            draft.answer = DuplicateOrderError(draft.intake.order.external_id or "", order.order_id)
        elif order is not None:
            draft.answer = order.taken


def _again(body: str) -> TakenOrder:
    fields = json.loads(body)
    pieces = {name: tuple(tuple(piece) for piece in fields.pop(name)) for name in ("held", "coming")}
    return TakenOrder(**fields | pieces | {"repeated": True})


def _first_of_each(drafts: list[Draft]) -> list[Draft]:
    """Return the unanswered drafts that are the first of their key and of their external id in this batch."""
    seen: set[tuple[str, str]] = set()
    fresh = []
    for draft in drafts:
        names = _names(draft)
        if draft.answer is None and not names & seen:
            fresh.append(draft)
        seen |= names
    return fresh


def _names(draft: Draft) -> set[tuple[str, str]]:
    named = {"key": draft.intake.key, "external_id": draft.intake.order.external_id}
    return {(kind, name) for kind, name in named.items() if name}


def _echo(drafts: list[Draft]) -> None:
    """Answer requests that stand twice in one batch like the first of them."""
    first: dict[tuple[str, str], Draft] = {}
    for draft in drafts:
        for name in sorted(_names(draft)):
            twin = first.setdefault(name, draft)
            if draft.answer is None and twin.answer is not None:
                draft.answer = _like(twin, draft, name[0])


def _like(first: Draft, second: Draft, kind: str) -> TakenOrder | DoorstepError:
    if first.fingerprint == second.fingerprint or isinstance(first.answer, DoorstepError):
        assert first.answer is not None
        return replace(first.answer, repeated=True) if isinstance(first.answer, TakenOrder) else first.answer
    if kind == "key":
        return ReusedKeyError()
    return DuplicateOrderError(second.intake.order.external_id or "", first.order_id)


def _accept_alone(connection: Connection, tenant_id: str, network: LiveNetwork, draft: Draft, now: int) -> None:
    """Accept one order with its place in a slot, or neither."""
    try:
        with connection.savepoint():
            _hold_offered(connection, network, draft, now)
            hold_id = draft.intake.order.hold_id
            if hold_id is not None:
                confirm_hold(connection, draft.intake.caller, hold_id, order_id=draft.order_id, now=now)
            if not _accept(connection, tenant_id, network, [draft], now):
                draft.answer = NotEnoughStockError(())
            if isinstance(draft.answer, DoorstepError):
                raise draft.answer
    except DoorstepError as fault:
        draft.answer = fault


def _needs_slot(draft: Draft) -> bool:
    return draft.intake.order.hold_id is not None or draft.intake.slot_id is not None


def _hold_offered(connection: Connection, network: LiveNetwork, draft: Draft, now: int) -> None:
    """Hold the slot of the option that an order takes up, unless the shopper holds it already.

    Raises
    ------
    NotFoundError, SlotFullError
        If the slot is gone, or too little is left of it by now.
    """
    intake, slot_id = draft.intake, draft.intake.slot_id
    if slot_id is None or intake.order.hold_id is not None:
        return
    slot = find_slot(connection, intake.caller.tenant_id, slot_id)
    work = work_of(slot, intake.order, network) if slot else 1
    hold_id = hold_slot(connection, intake.caller, slot_id, now=now, work=work, membership=intake.order.membership)
    draft.intake = replace(intake, order=replace(intake.order, hold_id=hold_id))


def _accept(connection: Connection, tenant_id: str, network: LiveNetwork, drafts: list[Draft], now: int) -> bool:
    """Reserve and store all drafts, or store nothing and return False if a balance was no longer there."""
    for draft in drafts:
        draft.answer, draft.hours, draft.compartments = None, {}, []
        draft.state = "draft" if draft.intake.order.payment == "pending" else "placed"
    balances = Balances(connection, tenant_id, network, now)
    balances.assign(drafts)
    going = [draft for draft in drafts if draft.answer is None]
    wants = balances.wants(going)
    if wants and not (balances.still_expects(going) and ledger.take(connection, wants)):
        return False
    with connection.pipelined():
        ledger.hold(connection, tenant_id, wants, now=now)
        store_orders(connection, tenant_id, network, going, now)
    return True
