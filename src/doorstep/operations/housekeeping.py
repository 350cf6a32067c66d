"""What time does to things: holds that expire, personal data that is forgotten, rows that nobody needs any more."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import delete, select, update

from doorstep.domain.lifecycles import IllegalTransitionError
from doorstep.operations.caller import Caller
from doorstep.operations.forgetting import (
    NOTHING,
    WORKER,
    blank_bookings,
    blank_remarks,
    coarsen_places,
    forget_contacts,
)
from doorstep.operations.intake.balances import PAYMENT_HOLD_S
from doorstep.operations.intake.holds import release_hold
from doorstep.operations.orders import cancel_order
from doorstep.operations.positions.forget import forget_positions
from doorstep.operations.roads import end_past_road_events
from doorstep.operations.street_speeds import LAST_DAYS
from doorstep.storage import Connection, jobs, ledger
from doorstep.storage.schema.access import replies, sessions
from doorstep.storage.schema.carriers import carrier_bookings
from doorstep.storage.schema.dispatching import dispatch_proposals
from doorstep.storage.schema.fulfilment import proofs, tracking_events
from doorstep.storage.schema.journal import jobs as job_rows
from doorstep.storage.schema.journal import webhook_endpoints, webhook_messages
from doorstep.storage.schema.ledger import reservations
from doorstep.storage.schema.notices import notices
from doorstep.storage.schema.orders import orders, slot_holds
from doorstep.storage.schema.roads import driven_streets
from doorstep.storage.schema.shoppers import delivery_links, remarks

HOUR_S, DAY_S = 3_600, 86_400
BATCH = 1_000
ENDED_MESSAGES = ("delivered", "dead")


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """How many holds and drafts expired, and what could not be swept: the holder and why, a sentence each."""

    holds: int
    drafts: int
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """How long things are kept [s]; a contact counts from its last order on."""

    contacts_s: int = 396 * DAY_S
    replies_s: int = 48 * HOUR_S
    jobs_s: int = 30 * DAY_S
    messages_s: int = 30 * DAY_S
    tracking_details_s: int = 90 * DAY_S
    positions_s: int = 30 * DAY_S


def expire_overdue(connection: Connection, *, now: int, limit: int = BATCH) -> Swept:
    """Give back what was held too long: slots at the checkout, and the stock of orders that were not paid.

    One that cannot be swept stops no other: it is told, and passed over until the next time.
    """
    counts = {"hold": 0, "draft": 0}
    faults: dict[str, str] = {}
    while sum(counts.values()) < limit:
        most = limit + len(faults)
        overdue = [*ledger.overdue(connection, now=now, limit=most), *_unpaid(connection, now, most)]
        found = [holder for holder in dict.fromkeys(overdue) if holder not in faults]
        if not found:
            break
        owners = _owners(connection, found)
        for holder_id in found:
            kind, tenant_id = owners[holder_id]
            try:
                with connection.savepoint():
                    _expire(connection, Caller(tenant_id, WORKER), kind, holder_id, now=now)
            except Exception as fault:  # whatever it is, the others must not wait for it
                faults[holder_id] = f"{holder_id}: {type(fault).__name__}: {fault}"
            else:
                counts["hold" if kind == "hold" else "draft"] += 1
    return Swept(holds=counts["hold"], drafts=counts["draft"], faults=tuple(faults.values()))


def has_overdue(connection: Connection, *, now: int) -> bool:
    """Return whether anything is held too long."""
    return bool(ledger.overdue(connection, now=now, limit=1) or _unpaid(connection, now, 1))


def purge(connection: Connection, *, now: int, kept: Kept, limit: int = BATCH) -> dict[str, int]:
    """Remove what has been kept long enough, at most ``limit`` of each, and return how many of each.

    As long as one of them is ``limit`` there may be more.
    """
    ended = job_rows.c.state.in_(jobs.ENDED) & (job_rows.c.ended_at < now - kept.jobs_s)
    return {
        "contacts": forget_contacts(connection, before=now - kept.contacts_s, now=now, limit=limit),
        "places": coarsen_places(connection, limit=limit),
        "replies": _remove(connection, replies, replies.c.created_at < now - kept.replies_s, limit),
        "sessions": _remove(connection, sessions, sessions.c.expires_at <= now, limit),
        "jobs": _remove(connection, job_rows, ended, limit),
        "webhook_messages": _remove(connection, webhook_messages, _old_message(now - kept.messages_s), limit),
        "notices": _remove(connection, notices, notices.c.created_at < now - kept.tracking_details_s, limit),
        "proofs": _remove(connection, proofs, proofs.c.created_at < now - kept.tracking_details_s, limit),
        "dispatch_proposals": _remove(
            connection, dispatch_proposals, dispatch_proposals.c.created_at < now - kept.tracking_details_s, limit
        ),
        "tracking_details": _blank_tracking(
            connection, tracking_events.c.recorded_at < now - kept.tracking_details_s, limit
        ),
        "remarks": _blank_remarks(connection, now - kept.tracking_details_s, limit),
        "delivery_links": _remove(
            connection, delivery_links, delivery_links.c.expires_at < now - kept.tracking_details_s, limit
        ),
        "positions": forget_positions(connection, before=now - kept.positions_s, limit=limit),
        "road_events": end_past_road_events(connection, now=now, limit=limit),
        "driven_streets": _remove(
            connection,
            driven_streets,
            driven_streets.c.day_at < now - min(kept.positions_s, LAST_DAYS * DAY_S) - DAY_S,
            limit,
        ),
        "bookings": blank_bookings(connection, _old_bookings(now - kept.tracking_details_s, limit)),
    }


def _unpaid(connection: Connection, now: int, limit: int) -> list[str]:
    """Return drafts that nobody paid for in time, the oldest first, whether they still hold anything or not."""
    query = select(orders.c.order_id).where(orders.c.state == sa.literal_column("'draft'"))
    late = query.where(orders.c.placed_at <= now - PAYMENT_HOLD_S).order_by(orders.c.placed_at, orders.c.order_id)
    return list(connection.execute(late.limit(limit)).scalars())


def _owners(connection: Connection, holder_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return what each holder is (hold, draft, or nothing any more) and whose."""
    found: dict[str, tuple[str, str]] = {}
    for kind, name, table in (
        ("nothing", reservations.c.holder_id, reservations),
        ("hold", slot_holds.c.hold_id, slot_holds),
        ("draft", orders.c.order_id, orders),
    ):
        query = select(name, table.c.tenant_id).where(name.in_(holder_ids))
        found |= {row[0]: (kind, row.tenant_id) for row in connection.execute(query).all()}
    return found


def _expire(connection: Connection, caller: Caller, kind: str, holder_id: str, *, now: int) -> None:
    if kind == "hold":
        release_hold(connection, caller, holder_id, now=now, expired=True)
        return
    if kind == "nothing":
        ledger.end_all(connection, caller.tenant_id, holder_id, "expire", now=now)
        return
    try:
        cancel_order(connection, caller, holder_id, now=now, reason="payment_expired", expired=True)
    except IllegalTransitionError as fault:
        if fault.state != "cancelled":
            raise
        ledger.end_all(connection, caller.tenant_id, holder_id, "expire", now=now)


def _old_bookings(before: int, limit: int) -> "sa.ColumnElement[bool]":
    """Return the condition of bookings with carriers that were asked for long ago and still tell of people."""
    of = carrier_bookings.c
    told = (of.asked_at < before) & ((of.courier != "") | (of.tracking_url != ""))
    return of.booking_id.in_(select(of.booking_id).where(told).limit(limit))


def _blank_remarks(connection: Connection, before: int, limit: int) -> int:
    """Forget the words of remarks that were made long ago, and return of how many."""
    old = select(remarks.c.remark_id).where(remarks.c.at < before, remarks.c.text != "").limit(limit)
    return blank_remarks(connection, remarks.c.remark_id.in_(old))


def _old_message(before: int) -> "sa.ColumnElement[bool]":
    """Return the condition of messages that have ended or whose endpoint is switched off, since long."""
    off = select(webhook_endpoints.c.endpoint_id).where(webhook_endpoints.c.state == "disabled")
    over = webhook_messages.c.state.in_(ENDED_MESSAGES) | webhook_messages.c.endpoint_id.in_(off)
    return over & (webhook_messages.c.created_at < before)


def _remove(connection: Connection, table: sa.Table, condition: "sa.ColumnElement[bool]", limit: int) -> int:
    return _touch(connection, table, condition, limit, lambda chosen: delete(table).where(chosen))


def _blank_tracking(connection: Connection, condition: "sa.ColumnElement[bool]", limit: int) -> int:
    spoken = condition & (tracking_events.c.details != NOTHING)
    return _touch(
        connection,
        tracking_events,
        spoken,
        limit,
        lambda chosen: update(tracking_events).where(chosen).values(details=NOTHING),
    )


def _touch(
    connection: Connection,
    table: sa.Table,
    condition: "sa.ColumnElement[bool]",
    limit: int,
    change: "Callable[[sa.ColumnElement[bool]], sa.Executable]",
) -> int:
    """Change some of the rows that meet a condition and return how many."""
    key = list(table.primary_key.columns)
    rows = [tuple(row) for row in connection.execute(select(*key).where(condition).limit(limit))]
    for low in range(0, len(rows), 200):
        connection.execute(change(sa.tuple_(*key).in_(rows[low : low + 200])))
    return len(rows)
