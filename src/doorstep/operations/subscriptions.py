"""Orders that repeat: placed each time their rule says so, once, however often somebody looks."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Literal, NamedTuple

from sqlalchemy import Row, select, update

from doorstep.domain.new_order import AHEAD_S, Contact, NewLine, NewOrder
from doorstep.domain.recurrence import (
    MOST_MOVED_S,
    OnClosedDay,
    Recurrence,
    local_day,
    next_occurrence,
    occurrences,
    on_open_day,
)
from doorstep.foundation import DoorstepError, InputError, NotFoundError
from doorstep.operations.caller import Caller
from doorstep.operations.intake.errors import DuplicateOrderError, NotEnoughStockError, OrderFaultsError
from doorstep.operations.intake.faults import faults_of
from doorstep.operations.intake.network import live_network
from doorstep.operations.intake.take import take_order
from doorstep.operations.memberships import as_members
from doorstep.operations.transitions import StaleVersionError, advance, tell_created
from doorstep.storage import Connection
from doorstep.storage.journal import canonical
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.orders import contacts, subscriptions

BEFORE_S = 2 * 366 * 86_400
"""How long ago the first moment of a new subscription may lie: those moved here from elsewhere began before."""
MISSED_S = 86_400
"""An order that should have been placed longer ago is left out: nobody waits for yesterday's groceries."""
SHOWN = 5
"""How many coming moments are shown."""
_TEMPLATE = (
    "service_level_id", "lat", "lon", "postal_code", "pickup_site_id", "requirements", "extras", "service_s",
    "landing_site", "if_short", "membership", "member_id", "neighbour_ok",
)  # fmt: skip
_CONTACT = tuple(Contact.__dataclass_fields__)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSubscription:
    """An order and when it is placed again: ``rule`` as in RFC 5545, from ``starts_at`` [epoch s] on, by local time.

    A moment on a day on which the retailer, or the place of collection, is closed moves as ``on_closed_day`` says.
    """

    rule: str
    time_zone: str
    starts_at: int
    order: NewOrder
    on_closed_day: OnClosedDay = "after"


class Coming(NamedTuple):
    """A moment of a rule, and when its order is placed: another day if that one is closed, None if it is left out."""

    occurrence_at: int
    placed_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """What became of one due moment of a subscription: renewed, skipped, paused, ended or moved, and why.

    ``fields`` are those of the order that cannot be accepted any more; what stands in them is not told on.
    """

    subscription_id: str
    event: str
    occurrence_at: int
    order_id: str | None = None
    reason: str = ""
    fields: tuple[str, ...] = ()


def create_subscription(connection: Connection, caller: Caller, new: NewSubscription, *, now: int) -> str:
    """Store a subscription and return its id; its first order is placed when it is due.

    Raises
    ------
    InputError
        If rule or time zone cannot be read, the rule has no moment to come or begins too long ago or too far ahead, or
        the order has what cannot repeat.
    OrderFaultsError
        If the order could not be accepted now.
    """
    rule, order = Recurrence.parse(new.rule), new.order
    once = {"window": order.window, "hold_id": order.hold_id, "external_id": order.external_id}
    given = [name for name, value in once.items() if value is not None]
    if given or order.payment != "settled":
        raise InputError(f"order: {', '.join(given) or 'a pending payment'} cannot repeat.")
    if not now - BEFORE_S <= new.starts_at <= now + AHEAD_S:
        raise InputError(
            f"starts_at {new.starts_at} must lie at most {BEFORE_S // 86_400} days back and {AHEAD_S // 86_400} ahead.",
            hint="Maybe the next moment of the rule?",
        )
    _check(connection, caller, order, now)
    try:
        occurrence_at = next_occurrence(rule, new.starts_at, new.time_zone, after=now - 1)
    except (KeyError, ValueError, OSError) as fault:
        raise InputError(f"time_zone {new.time_zone!r} is not known.", hint="Maybe America/Chicago?") from fault
    if occurrence_at is None:
        raise InputError(f"rule {new.rule!r} has no moment to come.")
    closed = live_network(connection, caller.tenant_id).closed_for(order.pickup_site_id)
    moved = on_open_day(occurrence_at, new.starts_at, new.time_zone, closed, new.on_closed_day)
    next_at = occurrence_at if moved is None else moved
    contact_id = _store_contact(connection, caller, order.contact, now)
    subscription_id = connection.new_id("sub", now)
    row = {"subscription_id": subscription_id, "tenant_id": caller.tenant_id, "state": "active", "version": 1,
           "rule": new.rule, "time_zone": new.time_zone, "starts_at": new.starts_at, "next_at": next_at,
           "occurrence_at": occurrence_at, "on_closed_day": new.on_closed_day,
           "template": canonical({name: getattr(order, name) for name in _TEMPLATE} | {"lines": _written(order.lines)}),
           "contact_id": contact_id, "skips": "[]", "swaps": "{}", "created_at": now}  # fmt: skip
    connection.run(inserting(subscriptions), [row])
    tell_created(connection, caller, "subscription", subscription_id, "active", now=now, data={"next_at": next_at})
    return subscription_id


def renew_due(connection: Connection, caller: Caller, *, now: int, limit: int = 100) -> list[Renewal]:
    """Place the orders of all subscriptions that are due, one moment each, and return what became of them.

    An order is named after its subscription and the local day of its rule, so none is placed twice. A moment that was
    missed by more than a day is skipped, and so is one that stock lacks for; an order that cannot be accepted any more
    pauses the subscription. One whose day was closed meanwhile waits for another.
    """
    due = select(subscriptions).where(
        subscriptions.c.tenant_id == caller.tenant_id,
        subscriptions.c.state == "active",
        subscriptions.c.next_at <= now,
    )
    query = due.order_by(subscriptions.c.next_at, subscriptions.c.subscription_id).limit(limit).with_for_update()
    return [_renew(connection, caller, row, now) for row in connection.execute(query).all()]


def coming_moments(connection: Connection, row: "Row[Any]") -> list[Coming]:
    """Return the next moments of an active subscription that are not left out, as closed days are now."""
    if row.state != "active" or row.occurrence_at is None:
        return []
    return list(islice(_coming(row, json.loads(row.skips), _closed(connection, row), row.occurrence_at - 1), SHOWN))


def skip_occurrence(connection: Connection, caller: Caller, subscription_id: str, at: int, *, now: int) -> int | None:
    """Leave out one moment of a subscription, once, and return the next that is not left out.

    Raises
    ------
    NotFoundError, IllegalTransitionError
        If the tenant has no such subscription, or it is not active.
    InputError
        If that is no moment of its rule to come, or further ahead than 400 days.
    """
    row = _locked(connection, caller, subscription_id)
    skips = json.loads(row.skips)
    if at in skips:
        return None if row.next_at is None else int(row.next_at)
    _check_moment(row, at, now)
    skips = sorted([*(moment for moment in skips if moment >= _since(row, now)), at])
    occurrence_at, next_at = _next(row, skips, _closed(connection, row), _since(row, now) - 1)
    changes = {"skips": canonical(skips), "occurrence_at": occurrence_at, "next_at": next_at}
    data = {"skipped_at": at, "next_at": next_at}
    advance(connection, caller, "subscription", subscription_id, "skip", now=now, changes=changes, data=data)
    _end_if_over(connection, caller, subscription_id, next_at, now)
    return next_at


def swap_lines(
    connection: Connection,
    caller: Caller,
    subscription_id: str,
    lines: Sequence[NewLine],
    *,
    now: int,
    at: int | None = None,
    if_version: int | None = None,
) -> None:
    """Order other lines from now on, or at one moment only; a swap of one moment outlives one from then on.

    Raises
    ------
    NotFoundError, IllegalTransitionError, StaleVersionError
        If the tenant has no such subscription, it is not active, or it was changed meanwhile.
    InputError
        If that is no moment of its rule to come, or further ahead than 400 days.
    OrderFaultsError
        If an order of these lines could not be accepted now.
    """
    row = _locked(connection, caller, subscription_id)
    if if_version is not None and row.version != if_version:
        raise StaleVersionError("subscription", subscription_id, row.version)
    template = json.loads(row.template)
    _check(connection, caller, replace(_order(template), lines=tuple(lines)), now)
    if at is None:
        changes: dict[str, object] = {"template": canonical(template | {"lines": _written(lines)})}
    else:
        _check_moment(row, at, now)
        left = {moment: swap for moment, swap in json.loads(row.swaps).items() if int(moment) >= _since(row, now)}
        changes = {"swaps": canonical(left | {str(at): _written(lines)})}
    advance(connection, caller, "subscription", subscription_id, "swap", now=now, changes=changes, data={"at": at})


def _check(connection: Connection, caller: Caller, order: NewOrder, now: int) -> None:
    ((member, faults),) = as_members(connection, caller.tenant_id, [order], now=now)
    faults = faults or faults_of(member, live_network(connection, caller.tenant_id), now)
    if faults:
        raise OrderFaultsError(tuple(faults))


def _check_moment(row: "Row[Any]", at: int, now: int) -> None:
    soon = _since(row, now) <= at <= now + AHEAD_S
    if not soon or next_occurrence(Recurrence.parse(row.rule), row.starts_at, row.time_zone, after=at - 1) != at:
        raise InputError(f"at {at} is no moment of {row.subscription_id} in the next {AHEAD_S // 86_400} days.")


def _written(lines: Sequence[NewLine]) -> list[dict[str, object]]:
    return [{"product_id": line.product_id, "quantity": line.quantity} for line in lines]


def step_subscription(
    connection: Connection,
    caller: Caller,
    subscription_id: str,
    event: Literal["pause", "resume", "end"],
    *,
    now: int,
    reason: str = "",
    if_version: int | None = None,
) -> str:
    """Pause, resume or end a subscription and return its state; what it is already, it stays.

    One that is resumed goes on with the next moment of its rule; what fell into the pause is not made up for.

    Raises
    ------
    NotFoundError, IllegalTransitionError, StaleVersionError
        If the tenant has no such subscription, it has ended, or it was changed meanwhile.
    """
    row = _locked(connection, caller, subscription_id)
    if if_version is not None and row.version != if_version:
        raise StaleVersionError("subscription", subscription_id, row.version)
    if row.state == {"pause": "paused", "resume": "active", "end": "ended"}[event]:
        return str(row.state)
    occurrence_at, next_at = None, None
    if event == "resume":
        closed = _closed(connection, row)
        occurrence_at, next_at = _next(row, json.loads(row.skips), closed, max(now, row.starts_at - 1))
    changes = {"occurrence_at": occurrence_at, "next_at": next_at} if event != "pause" else {}
    state = advance(connection, caller, "subscription", subscription_id, event, now=now, reason=reason,
                    changes=changes).to_state  # fmt: skip
    if event == "resume" and _end_if_over(connection, caller, subscription_id, next_at, now):
        return "ended"
    return state


def _renew(connection: Connection, caller: Caller, row: "Row[Any]", now: int) -> Renewal:
    at, due_at, name = int(row.occurrence_at), int(row.next_at), str(row.subscription_id)
    closed, last_missed = _closed(connection, row), now - MISSED_S - 1
    moved = _moved(row, closed, at)
    if moved is not None and moved > now:
        mine = subscriptions.c.subscription_id == name
        connection.execute(update(subscriptions).where(mine).values(next_at=moved))
        return Renewal(subscription_id=name, event="move", occurrence_at=at, reason="closed_day")
    done = Renewal(subscription_id=name, event="skip", occurrence_at=at, reason="missed")
    if due_at > last_missed:
        done = _placed(connection, caller, row, now) if moved is not None else replace(done, reason="closed_day")
    after = max(at, last_missed - MOST_MOVED_S)
    occurrence_at, next_at = _next(row, json.loads(row.skips), closed, after, due_after=last_missed)
    data: dict[str, object] = {"occurrence_at": at, "due_at": due_at, "next_at": next_at, "order_id": done.order_id}
    data |= {"fields": list(done.fields)} if done.fields else {}
    advance(connection, caller, "subscription", name, done.event, now=now, reason=done.reason,
            changes={"occurrence_at": occurrence_at, "next_at": next_at}, data=data)  # fmt: skip
    if done.event != "pause":
        _end_if_over(connection, caller, name, next_at, now)
    return done


def _placed(connection: Connection, caller: Caller, row: "Row[Any]", now: int) -> Renewal:
    """Place the order that is due, and return what became of it."""
    name, at = str(row.subscription_id), int(row.occurrence_at)
    contact = _contact(connection, row.contact_id, now)
    template, swapped = json.loads(row.template), json.loads(row.swaps).get(str(at))
    order = replace(
        _order(template | ({"lines": swapped} if swapped else {})),
        external_id=f"{name}:{local_day(row.time_zone, at)}",
        subscription_id=name,
        contact=contact,
    )
    renewed = Renewal(subscription_id=name, event="renew", occurrence_at=at)
    try:
        return replace(renewed, order_id=take_order(connection, caller, order, now=now).order_id)
    except DuplicateOrderError as placed:
        return replace(renewed, order_id=placed.order_id)
    except NotEnoughStockError:
        return replace(renewed, event="skip", reason="not_enough_stock")
    except OrderFaultsError as fault:
        return replace(renewed, event="pause", reason="order_refused", fields=tuple(of for of, _, _ in fault.faults))
    except DoorstepError:
        return replace(renewed, event="pause", reason="order_refused")


def _order(template: Mapping[str, Any]) -> NewOrder:
    lines = tuple(NewLine(product_id=line["product_id"], quantity=line["quantity"]) for line in template["lines"])
    return NewOrder(lines=lines, **{name: template[name] for name in _TEMPLATE})


def _next(
    row: "Row[Any]", skips: list[int], closed: frozenset[str], after: int, *, due_after: int = -1
) -> tuple[int | None, int | None]:
    """Return the next moment of a rule later than ``after`` that is not left out, and when it is due."""
    for at, placed_at in _coming(row, skips, closed, after):
        due_at = at if placed_at is None else placed_at  # what a closed day leaves out is told when it would be due
        if due_at > due_after:
            return at, due_at
    return None, None


def _coming(row: "Row[Any]", skips: list[int], closed: frozenset[str], after: int) -> Iterator[Coming]:
    left_out = set(skips)
    for at in occurrences(Recurrence.parse(row.rule), row.starts_at, row.time_zone, after=after):
        if at not in left_out:
            yield Coming(at, _moved(row, closed, at))


def _moved(row: "Row[Any]", closed: frozenset[str], at: int) -> int | None:
    return on_open_day(at, row.starts_at, row.time_zone, closed, row.on_closed_day) if closed else at


def _closed(connection: Connection, row: "Row[Any]") -> frozenset[str]:
    return live_network(connection, row.tenant_id).closed_for(json.loads(row.template)["pickup_site_id"])


def _since(row: "Row[Any]", now: int) -> int:
    """Return the first moment of the rule whose order may still be changed."""
    return now if row.occurrence_at is None else int(row.occurrence_at)


def _end_if_over(connection: Connection, caller: Caller, subscription_id: str, next_at: int | None, now: int) -> bool:
    if next_at is None:
        advance(connection, caller, "subscription", subscription_id, "end", now=now, reason="rule_is_over")
    return next_at is None


def _locked(connection: Connection, caller: Caller, subscription_id: str) -> "Row[Any]":
    query = select(subscriptions).where(
        subscriptions.c.subscription_id == subscription_id, subscriptions.c.tenant_id == caller.tenant_id
    )
    row = connection.execute(query.with_for_update()).one_or_none()
    if row is None:
        raise NotFoundError(f"subscription {subscription_id} does not exist.")
    return row


def _store_contact(connection: Connection, caller: Caller, contact: Contact | None, now: int) -> str | None:
    if contact is None:
        return None
    contact_id = connection.new_id("con", now)
    row = {name: getattr(contact, name) for name in _CONTACT}
    row |= {
        "contact_id": contact_id,
        "tenant_id": caller.tenant_id,
        "created_at": now,
        "last_order_at": now,
    }
    connection.run(inserting(contacts), [row])
    return contact_id


def _contact(connection: Connection, contact_id: str | None, now: int) -> Contact | None:
    """Return whom the orders are for, kept as long again as after any order; None if there is nobody, or erased."""
    mine = contacts.c.contact_id == contact_id
    row = connection.execute(select(contacts).where(mine)).one_or_none() if contact_id else None
    if row is None:
        return None
    connection.execute(update(contacts).where(mine).values(last_order_at=now))
    return Contact(**{name: getattr(row, name) for name in _CONTACT})
