"""What a concierge sees to besides the goods: wishes at the door, a call ahead, and ways for the shopper elsewhere.

Each is an errand with an end of its own. Their order is complete when it has arrived and none of them is open.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Row, select

from doorstep.foundation import ConflictError, InputError, NotFoundError
from doorstep.operations.caller import Caller
from doorstep.operations.fulfil.parts import lock_orders
from doorstep.operations.fulfil.settle import settle_order
from doorstep.operations.transitions import Change, advance, tell_created
from doorstep.storage import Connection
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.access import people
from doorstep.storage.schema.errands import errands
from doorstep.storage.schema.orders import orders
from doorstep.storage.schema.reference import REFERENCE

METHOD = "concierge"
Kind = Literal["request", "call_ahead", "collect", "return", "purchase"]
AT_THE_DOOR = ("request", "call_ahead")
"""Kinds of errands that are seen to where the goods are brought; the others are seen to elsewhere."""
MOST_ERRANDS = 50
"""Most errands of one order."""
OVER = ("completed", "return_open", "returned", "cancelled")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewErrand:
    """Something to see to.

    Parameters
    ----------
    text
        What is wanted, in the shopper's words; erased with them.
    site_id, place
        Where, unless it is at the door: a site of the retailer, or a place of somebody else's in words.
    limit_minor
        The most that a purchase may cost [minor units].
    """

    kind: Kind
    text: str = ""
    site_id: str = ""
    place: str = ""
    limit_minor: int | None = None


def add_errands(
    connection: Connection, caller: Caller, order_id: str, agent_id: str, wanted: Sequence[NewErrand], *, now: int
) -> list[str]:
    """Give a person of the retailer errands to see to for a concierge order, and return their ids.

    Raises
    ------
    NotFoundError
        If the tenant has no such order.
    InputError
        If nobody can see to one of them as it is asked, or the agent is nobody.
    ConflictError
        If the order is of another method, is over, or has too many of them.
    """
    state = _lock(connection, caller, order_id)
    if state in OVER:
        raise ConflictError(f"order {order_id} is {state}: nothing more is seen to.")
    levels = REFERENCE["service_levels"].c
    query = (
        select(levels.method)
        .join(orders, (orders.c.service_level_id == levels.service_level_id) & (orders.c.tenant_id == levels.tenant_id))
        .where(orders.c.order_id == order_id)
    )
    method = connection.execute(query).scalar_one_or_none()
    if method != METHOD:
        raise ConflictError(f"order {order_id} is of the method {method}: only {METHOD} orders have errands.")
    _check_agent(connection, caller, agent_id)
    known = [row.kind for row in connection.execute(select(errands.c.kind).where(errands.c.order_id == order_id))]
    for row, errand in enumerate(wanted):
        _check(connection, caller, errand, f"errands/{row}")
    if len(known) + len(wanted) > MOST_ERRANDS:
        raise ConflictError(f"order {order_id} would have {len(known) + len(wanted)} errands; {MOST_ERRANDS} at most.")
    return [
        _insert(connection, caller, order_id, agent_id, errand, number, now)
        for number, errand in enumerate(wanted, len(known) + 1)
    ]


def lock_errand(connection: Connection, caller: Caller, errand_id: str) -> "Row[tuple[object, ...]]":
    """Lock the order of an errand and return the errand's row as it stands.

    Raises
    ------
    NotFoundError
        If the tenant has no such errand.
    """
    mine = select(errands).where(errands.c.errand_id == errand_id, errands.c.tenant_id == caller.tenant_id)
    row = connection.execute(mine).one_or_none()
    if row is None:
        raise NotFoundError(f"errand {errand_id} does not exist.")
    _lock(connection, caller, row.order_id)
    return connection.execute(mine).one()


def end_errand(
    connection: Connection,
    caller: Caller,
    errand_id: str,
    event: Literal["finish", "refuse"],
    *,
    now: int,
    reason: str = "",
    spent_minor: int | None = None,
) -> Change:
    """Let an errand be done, or refused for a reason; the last one may complete its order.

    Raises
    ------
    NotFoundError
        If the tenant has no such errand.
    InputError
        If a refusal has no reason, or a purchase does not say what it cost, or cost more than it may.
    IllegalTransitionError
        If it has ended.
    """
    row = lock_errand(connection, caller, errand_id)
    if event == "refuse" and not reason:
        raise InputError("reason is empty: a refusal says why.", hint="Maybe not_available.")
    bought = event == "finish" and row.kind == "purchase"
    if bought != (spent_minor is not None):
        raise InputError(f"spent_minor is {spent_minor}: it goes with purchases that are done, and with each of them.")
    if spent_minor is not None and not 0 <= spent_minor <= row.limit_minor:
        raise InputError(f"spent_minor {spent_minor} is above the limit, {row.limit_minor}.", hint="Maybe refuse it.")
    change = _step(connection, caller, row, event, now, reason=reason, changes={"spent_minor": spent_minor})
    settle_order(connection, caller, row.order_id, now=now)
    return change


def assign_errand(connection: Connection, caller: Caller, errand_id: str, agent_id: str, *, now: int) -> Change:
    """Give an open errand to another agent.

    Raises
    ------
    NotFoundError, IllegalTransitionError
        If the tenant has no such errand, or it has ended.
    InputError
        If the agent is nobody.
    """
    row = lock_errand(connection, caller, errand_id)
    _check_agent(connection, caller, agent_id)
    return _step(connection, caller, row, "assign", now, changes={"agent_id": agent_id})


def cancel_errands(connection: Connection, caller: Caller, order_id: str, *, now: int, reason: str) -> None:
    """Let go of what is still open of an order, whose row the caller holds."""
    for row in _open(connection, order_id):
        _step(connection, caller, row, "cancel", now, reason=reason)


def call_made(connection: Connection, caller: Caller, order_id: str, *, now: int) -> bool:
    """Return whether a call to the shopper was asked for and is made by this; the caller holds the order's row."""
    calls = [row for row in _open(connection, order_id) if row.kind == "call_ahead"]
    for row in calls:
        _step(connection, caller, row, "finish", now)
    if calls:
        settle_order(connection, caller, order_id, now=now)
    return bool(calls)


def _check(connection: Connection, caller: Caller, errand: NewErrand, field: str) -> None:
    """Raise ``InputError`` if nobody can see to an errand as it is asked."""
    elsewhere = errand.kind not in AT_THE_DOOR
    if (errand.site_id != "") + (errand.place != "") != elsewhere:
        rule = "needs either site_id or place" if elsewhere else "is seen to at the door, without site_id and place"
        raise InputError(f"{field} of kind {errand.kind} {rule}.")
    if not errand.text and errand.kind != "call_ahead":
        raise InputError(f"{field}/text is empty: nobody knows what is wanted.")
    if (errand.limit_minor is not None) != (errand.kind == "purchase"):
        raise InputError(f"{field}/limit_minor is {errand.limit_minor}: it goes with purchases, and with each of them.")
    sites = REFERENCE["sites"].c
    there = select(sites.site_id).where(sites.tenant_id == caller.tenant_id, sites.site_id == errand.site_id)
    if errand.site_id and connection.execute(there).first() is None:
        raise InputError(f"{field}/site_id {errand.site_id} is not a site.")


def _check_agent(connection: Connection, caller: Caller, agent_id: str) -> None:
    of = people.c
    query = select(of.person_id).where(of.tenant_id == caller.tenant_id, of.person_id == agent_id)
    if connection.execute(query.where(of.disabled_at.is_(None))).first() is None:
        raise InputError(f"agent_id {agent_id} is nobody here.", hint="Maybe invite them first, or enable them again.")


def _insert(
    connection: Connection, caller: Caller, order_id: str, agent_id: str, errand: NewErrand, sequence: int, now: int
) -> str:
    errand_id = connection.new_id("ern", now)
    row = {"errand_id": errand_id, "tenant_id": caller.tenant_id, "order_id": order_id, "sequence": sequence,
           "kind": errand.kind, "text": errand.text, "site_id": errand.site_id, "place": errand.place,
           "limit_minor": errand.limit_minor, "spent_minor": None, "agent_id": agent_id, "state": "open", "version": 1,
           "reason": "", "created_at": now}  # fmt: skip
    connection.run(inserting(errands), [row])
    told = {"order_id": order_id, "sequence": sequence, "kind": errand.kind, "agent_id": agent_id}
    tell_created(connection, caller, "errand", errand_id, "open", now=now, data=told)
    return errand_id


def _step(
    connection: Connection,
    caller: Caller,
    row: "Row[tuple[object, ...]]",
    event: str,
    now: int,
    *,
    reason: str = "",
    changes: dict[str, object] | None = None,
) -> Change:
    agent_id = (changes or {}).get("agent_id", row.agent_id)
    told = {"order_id": row.order_id, "sequence": row.sequence, "kind": row.kind, "agent_id": agent_id}
    return advance(connection, caller, "errand", row.errand_id, event, now=now, reason=reason,
                   changes={"reason": reason} | (changes or {}), data=told)  # fmt: skip


def _open(connection: Connection, order_id: str) -> "Sequence[Row[tuple[object, ...]]]":
    query = select(errands).where(errands.c.order_id == order_id, errands.c.state == "open")
    return connection.execute(query.order_by(errands.c.sequence)).all()


def _lock(connection: Connection, caller: Caller, order_id: str) -> str:
    """Lock an order and return its state; raises ``NotFoundError`` if the tenant has no such order."""
    locked = lock_orders(connection, caller, [order_id])
    if order_id not in locked:
        raise NotFoundError(f"order {order_id} does not exist.")
    return locked[order_id].state
