"""Goods that shoppers send or bring back: asked for, approved, inspected, and on the shelf again if they are good."""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select

from doorstep.foundation import ConflictError, InputError, NotFoundError
from doorstep.operations.caller import Caller
from doorstep.operations.fulfil.parts import lock_orders
from doorstep.operations.transitions import Change, advance, tell_created
from doorstep.storage import Connection, ledger
from doorstep.storage.journal import canonical
from doorstep.storage.ledger import Place
from doorstep.storage.prepared import inserting
from doorstep.storage.retailers import load_reference
from doorstep.storage.schema.ledger import STOCK
from doorstep.storage.schema.orders import order_lines, orders, returns

OPEN = ("requested", "approved", "in_transit", "received", "lost")
ARRIVED = ("completed", "return_open")
"""States of orders of which something can come back."""
VOID = ("declined", "cancelled", "expired")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnLine:
    """Units of an order's line that come back."""

    line_no: int
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """Units of a line as they were found: ``restockable`` ones can be sold again."""

    line_no: int
    quantity: int
    restockable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedReturn:
    """A return that is closed: units that went on the shelf, and what the order is by that."""

    return_id: str
    state: str
    order_state: str
    restocked: int


def request_return(
    connection: Connection,
    caller: Caller,
    order_id: str,
    lines: Sequence[ReturnLine],
    *,
    now: int,
    reason: str,
    method: Literal["courier", "store", "locker"] = "courier",
    site_id: str = "",
) -> str:
    """Ask for a return of units that were delivered and return its id; asking the same again gives the same return.

    Parameters
    ----------
    site_id
        Where the goods go; empty: to the site that they came from.

    Raises
    ------
    NotFoundError
        If the tenant has no such order.
    InputError
        If a line does not exist, or fewer units of it could come back.
    ConflictError
        If the order has not arrived.
    """
    order = lock_orders(connection, caller, [order_id]).get(order_id)
    if order is None:
        raise NotFoundError(f"order {order_id} does not exist.")
    text = canonical([{"line_no": line.line_no, "quantity": line.quantity} for line in lines])
    asked = {"reason": reason, "method": method, "site_id": site_id, "lines": text}
    mine = select(returns).where(returns.c.order_id == order_id, returns.c.state.in_(("requested", "approved")))
    for known in connection.execute(mine).all():
        if all(getattr(known, name) == value for name, value in asked.items()):
            return str(known.return_id)
    if order.state not in ARRIVED:
        raise ConflictError(f"order {order_id} is {order.state}: only what has arrived can come back.")
    _check(connection, caller, order_id, lines, site_id)
    return_id = connection.new_id("ret", now)
    row = {"return_id": return_id, "tenant_id": caller.tenant_id, "order_id": order_id, "state": "requested",
           "version": 1, "created_at": now, **asked}  # fmt: skip
    connection.run(inserting(returns), [row])
    tell_created(connection, caller, "return", return_id, "requested", now=now, data={"order_id": order_id})
    if order.state == "completed":
        advance(connection, caller, "order", order_id, "open_return", now=now)
    return return_id


def left_to_return(connection: Connection, tenant_id: str, order_id: str) -> dict[int, int]:
    """Return how many units of each line of an order have arrived and are in no return that counts."""
    mine = (orders.c.order_id == order_id) & (orders.c.tenant_id == tenant_id)
    if connection.execute(select(orders.c.state).where(mine)).scalar() not in ARRIVED:
        return {}
    gone = _returning(connection, order_id)
    found = {line_no: sites.total() - gone[line_no] for line_no, sites in _arrived(connection, order_id).items()}
    return {line_no: units for line_no, units in found.items() if units > 0}


def step_return(
    connection: Connection,
    caller: Caller,
    return_id: str,
    event: Literal["approve", "decline", "send", "lose", "close", "cancel", "expire"],
    *,
    now: int,
    reason: str = "",
    if_version: int | None = None,
) -> Change:
    """Move a return; once none is open, its order is completed again, or returned. ``close`` gives up a lost one.

    Raises
    ------
    NotFoundError, IllegalTransitionError, StaleVersionError
        If the tenant has no such return, its state does not allow that, or it was changed meanwhile.
    """
    order_id = _order_of(connection, caller, return_id)
    change = advance(connection, caller, "return", return_id, event, now=now, reason=reason, if_version=if_version)
    _settle(connection, caller, order_id, now=now)
    return change


def receive_return(
    connection: Connection, caller: Caller, return_id: str, *, now: int, inspected: Sequence[Inspected]
) -> ReceivedReturn:
    """Receive a return with what the inspection found, restock what is good, and close it; once, however often called.

    Raises
    ------
    NotFoundError, IllegalTransitionError
        If the tenant has no such return, or it was declined, cancelled or has expired.
    InputError
        If more was found than was to come back.
    """
    order_id = _order_of(connection, caller, return_id)
    row = connection.execute(select(returns).where(returns.c.return_id == return_id)).one()
    restocked = 0
    if row.state != "closed":
        _check_inspected(json.loads(row.lines), inspected)
        if row.state == "requested":  # brought to a store without asking
            advance(connection, caller, "return", return_id, "approve", now=now)
        if row.state != "received":
            advance(connection, caller, "return", return_id, "receive", now=now)
        restocked = _restock(connection, caller, order_id, return_id, row.site_id, inspected, now)
        found = canonical([
            {"line_no": i.line_no, "quantity": i.quantity, "restockable": i.restockable} for i in inspected
        ])  # fmt: skip
        advance(connection, caller, "return", return_id, "close", now=now, changes={"lines": found})
    state = _settle(connection, caller, order_id, now=now)
    return ReceivedReturn(return_id=return_id, state="closed", order_state=state, restocked=restocked)


def _order_of(connection: Connection, caller: Caller, return_id: str) -> str:
    """Return the order of a return, locked."""
    query = select(returns.c.order_id).where(returns.c.return_id == return_id, returns.c.tenant_id == caller.tenant_id)
    order_id = connection.execute(query).scalar()
    if order_id is None:
        raise NotFoundError(f"return {return_id} does not exist.")
    lock_orders(connection, caller, [order_id])
    return str(order_id)


def _check(connection: Connection, caller: Caller, order_id: str, lines: Sequence[ReturnLine], site_id: str) -> None:
    if not lines:
        raise InputError("lines must be one or more.")
    if site_id and site_id not in load_reference(connection, caller.tenant_id)["sites"]["site_id"]:
        raise InputError(f"site_id {site_id} is not a site.")
    left = Counter({line_no: sum(sites.values()) for line_no, sites in _arrived(connection, order_id).items()})
    left.subtract(_returning(connection, order_id))
    for line in lines:
        if not 1 <= line.quantity <= left[line.line_no]:
            raise InputError(
                f"lines: {line.quantity} units of line {line.line_no} cannot come back, {left[line.line_no]} can.",
                hint="Maybe another return has them.",
            )
        left[line.line_no] -= line.quantity


def _check_inspected(asked: Sequence[Mapping[str, int]], inspected: Sequence[Inspected]) -> None:
    found = Counter[int]()
    for line in inspected:
        if line.quantity < 1:
            raise InputError(f"inspected: {line.quantity} units of line {line.line_no} must be at least 1.")
        found[line.line_no] += line.quantity
    found.subtract({line["line_no"]: line["quantity"] for line in asked})
    for line_no, surplus in found.items():
        if surplus > 0:
            raise InputError(f"inspected: {surplus} units more of line {line_no} than were to come back.")


def _restock(
    connection: Connection,
    caller: Caller,
    order_id: str,
    return_id: str,
    site_id: str,
    inspected: Sequence[Inspected],
    now: int,
) -> int:
    """Put good units on the shelf of a site, by default of those that they came from, one after the other."""
    back, came_from = _returning(connection, order_id, "closed"), _arrived(connection, order_id)
    lines = select(order_lines.c.line_no, order_lines.c.product_id).where(order_lines.c.order_id == order_id)
    product = {row.line_no: row.product_id for row in connection.execute(lines)}
    units = Counter[Place]()
    for line in inspected:
        origin = [place for place, count in came_from[line.line_no].items() for _ in range(count)]
        for at in range(back[line.line_no], back[line.line_no] + line.quantity):
            if line.restockable:
                units[Place(STOCK, site_id or origin[at], product[line.line_no])] += 1
        back[line.line_no] += line.quantity
    ledger.change_on_hand(connection, caller.tenant_id, units, "restock", return_id, now=now)
    return units.total()


def _arrived(connection: Connection, order_id: str) -> dict[int, Counter[str]]:
    """Return the units of an order that went out and stayed out, by line and the site that they came from."""
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for holding in ledger.holdings(connection, [order_id], ledger.CLAIMED):
        if holding.place.kind == STOCK:
            found[holding.line_no][holding.place.site_id] += holding.quantity
    return found


def _returning(connection: Connection, order_id: str, *states: str) -> Counter[int]:
    """Return the units by line in returns that count, or in those in some states."""
    query = select(returns.c.lines).where(returns.c.order_id == order_id)
    query = query.where(returns.c.state.in_(states)) if states else query.where(returns.c.state.not_in(VOID))
    units = Counter[int]()
    for lines in connection.execute(query).scalars():
        for line in json.loads(lines):
            units[line["line_no"]] += line["quantity"]
    return units


def _settle(connection: Connection, caller: Caller, order_id: str, *, now: int) -> str:
    """End the order's return once none is open: returned if all of it came back, else completed again."""
    state = connection.execute(select(orders.c.state).where(orders.c.order_id == order_id)).scalar_one()
    open_ones = select(returns.c.return_id).where(returns.c.order_id == order_id, returns.c.state.in_(OPEN))
    if state != "return_open":
        return str(state)
    if connection.execute(open_ones).first() is not None:
        return str(state)
    back = _returning(connection, order_id, "closed")
    whole = all(back[n] >= sum(sites.values()) for n, sites in _arrived(connection, order_id).items())
    event = "finish_return" if whole else "close_return"
    return advance(connection, caller, "order", order_id, event, now=now).to_state
