"""Notices that are due, with their words, leased to whoever sends them, and what came of it.

At least once: a lease is a notice's next moment moved ahead, and if its sender dies it is due again, under the same
reference. What nobody wants any more, or is of no use any more, is dropped instead.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import select, update

from doorstep.foundation import ConflictError
from doorstep.operations.bring.pins import pin_of
from doorstep.operations.caller import Caller
from doorstep.operations.notices.making import RELAY
from doorstep.operations.notices.rules import NoticeRules, load_rules
from doorstep.operations.notices.texts import clock_text, day_text, rendered
from doorstep.operations.notices.wishes import addresses, token_of, unwanted
from doorstep.operations.shoppers.links import PATH as PAGE
from doorstep.operations.shoppers.links import issue_link
from doorstep.ports import Message
from doorstep.storage import Connection
from doorstep.storage.schema.access import tenants
from doorstep.storage.schema.etas import etas
from doorstep.storage.schema.notices import notices
from doorstep.storage.schema.orders import contacts, orders
from doorstep.storage.schema.reference import REFERENCE

LEASE_S = 300
DELAYS_S = (30, 120, 600, 1_800, 3_600)
"""After each attempt that failed; the one after the last of them is the last."""
PATH = "/v1/notice-preferences/"
MOST_ERROR = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class DueNotice:
    """A notice to be sent now; ``attempt`` counts from 1 and proves who may record what came of it."""

    notice_id: str
    channel: str
    attempt: int
    message: Message


def has_due_notices(connection: Connection, *, now: int) -> bool:
    """Return whether any notice is due."""
    return connection.execute(_due(now).with_only_columns(sa.literal(1)).limit(1)).first() is not None


def due_notices(connection: Connection, *, public_url: str, now: int, limit: int) -> list[DueNotice]:
    """Lease notices that are due, the oldest first; what is not to be sent any more is dropped.

    Parameters
    ----------
    public_url
        Under which the links in them are reached.
    """
    found = []
    rows = connection.execute(_due(now).order_by(notices.c.next_at, notices.c.notice_id).limit(limit)).all()
    rules: dict[str, NoticeRules] = {}
    for row in rows:
        if row.tenant_id not in rules:
            rules[row.tenant_id] = load_rules(connection, row.tenant_id)
        to = addresses(row.email or "", row.phone or "").get(row.channel)
        reason = "outdated" if row.until_at < now else "" if to else "forgotten"
        if to and row.channel in unwanted(connection, row.tenant_id, {row.channel: to}):
            reason = "opted_out"
        mine = update(notices).where(notices.c.notice_id == row.notice_id)
        if reason or to is None:
            connection.execute(mine.values(state="dropped", reason=reason, next_at=None))
            continue
        connection.execute(mine.values(next_at=now + LEASE_S, attempts=row.attempts + 1))
        link = f"{public_url}{PATH}{token_of(connection, row.tenant_id, row.contact_id)}"
        subject, text = rendered(
            row.topic, row.channel, row.locale, rules[row.tenant_id].own,
            _facts(row) | {"link": f"{link}/page", "page": _page(connection, row, public_url, now),
                           "pin": pin_of(connection, row.tenant_id, row.delivery_id) if row.delivery_id else ""},
        )  # fmt: skip
        message = Message(to=to, subject=subject, text=text, reference=row.notice_id, stop_url=f"{link}/stop")
        due = DueNotice(notice_id=row.notice_id, channel=row.channel, attempt=row.attempts + 1, message=message)
        found.append(due)
    return found


def record_sent(connection: Connection, notice: DueNotice, reference: str, *, now: int) -> None:
    """Note that a channel took a notice."""
    mine = (notices.c.notice_id == notice.notice_id) & (notices.c.state == "waiting")
    values = {"state": "sent", "reference": reference, "sent_at": now, "next_at": None, "reason": ""}
    connection.execute(update(notices).where(mine).values(values))


def record_failed(connection: Connection, notice: DueNotice, error: str, *, for_good: bool, now: int) -> None:
    """Note that a channel did not take a notice: it is tried again later, unless it never will or nothing is left."""
    of = notices.c
    mine = (of.notice_id == notice.notice_id) & (of.state == "waiting") & (of.attempts == notice.attempt)
    over = for_good or notice.attempt > len(DELAYS_S)
    next_at = None if over else now + DELAYS_S[notice.attempt - 1]
    values = {"state": "failed" if over else "waiting", "reason": error[:MOST_ERROR], "next_at": next_at}
    connection.execute(update(notices).where(mine).values(values))


def notices_of(
    connection: Connection, tenant_id: str, order_id: str, *, limit: int, after: str
) -> "Sequence[sa.Row[Any]]":
    """Return the notices of an order, the oldest first; ``after`` is the last one seen."""
    of = notices.c
    mine = (of.tenant_id == tenant_id) & (of.order_id == order_id) & (of.notice_id > after)
    return connection.execute(select(notices).where(mine).order_by(of.notice_id).limit(limit)).all()


def _due(now: int) -> "sa.Select[Any]":
    sites = REFERENCE["sites"].c
    at_site = (sites.tenant_id == notices.c.tenant_id) & (sites.site_id == orders.c.pickup_site_id)
    return (
        select(notices, contacts.c.name, contacts.c.email, contacts.c.phone, contacts.c.locale,
               orders.c.code, orders.c.window_start_at, orders.c.window_end_at, tenants.c.name.label("shop"),
               sites.name.label("place"), etas.c.expected_at, etas.c.from_at, etas.c.until_at.label("latest_at"))
        .join_from(notices, orders, orders.c.order_id == notices.c.order_id)
        .join(tenants, tenants.c.tenant_id == notices.c.tenant_id)
        .outerjoin(contacts, contacts.c.contact_id == notices.c.contact_id)
        .outerjoin(REFERENCE["sites"], at_site)
        .outerjoin(etas, etas.c.delivery_id == notices.c.delivery_id)
        .where(notices.c.state == "waiting", notices.c.next_at <= now)
    )  # fmt: skip


def _page(connection: Connection, row: "sa.Row[Any]", public_url: str, now: int) -> str:
    """Return the address of the page of a notice's delivery, by a link of its own; empty if there is none to follow."""
    if not row.delivery_id:
        return ""
    try:
        token, _ = issue_link(connection, Caller(row.tenant_id, RELAY), row.delivery_id, now=now)
    except ConflictError:
        return ""
    return f"{public_url}{PAGE}{token}"


def _facts(row: "sa.Row[Any]") -> dict[str, object]:
    """Return what a text is made of, moments as the recipient's clock shows them."""
    now = {"expected_at": row.expected_at, "from_at": row.from_at, "until_at": row.latest_at}
    told = now | json.loads(row.facts)

    def clock(at: int | None) -> str:
        return "" if at is None else clock_text(row.locale, row.time_zone, int(at))

    return {
        "name": row.name,
        "code": row.code,
        "shop": row.shop,
        "place": row.place or "",
        "day": day_text(row.locale, row.time_zone, row.window_start_at),
        "window_from": clock(row.window_start_at),
        "window_until": clock(row.window_end_at),
        "expected": clock(told.get("expected_at")),
        "from": clock(told.get("from_at")),
        "until": clock(told.get("until_at")),
        "at": clock(told.get("occurred_at", told["at"])),
        "late": told.get("late", ""),
        "neighbour": told.get("left_with") == "neighbour",
        "reason": told.get("reason", ""),
    }
