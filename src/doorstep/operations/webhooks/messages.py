"""Messages to endpoints: made of events, kept in the order of their object, read by people."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Select, func, select, update

from doorstep.storage import Connection
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.journal import events, webhook_messages

PENDING, RETRYING, DELIVERED, DEAD = "pending", "retrying", "delivered", "dead"
OPEN = (PENDING, RETRYING)
PIECE = 500
_columns = webhook_messages.c


class About(NamedTuple):
    """An event that an endpoint is to be told of, and the object that it is about."""

    endpoint_id: str
    tenant_id: str
    event_no: int
    object_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message and how far it got; ``last_status`` is 0 where no answer came."""

    message_id: str
    endpoint_id: str
    event_id: str
    type: str
    object_id: str
    state: str
    version: int
    attempts: int
    next_at: int | None
    last_status: int
    last_error: str
    created_at: int


def add_messages(connection: Connection, wanted: Sequence[About], *, now: int) -> list[str]:
    """Store messages, events in their order, and return their ids; those that must wait for another get no moment.

    The caller holds the rows of the endpoints: or else the message that is waited for could end unseen meanwhile.
    """
    taken = _objects_in_hand(connection, {about.endpoint_id for about in wanted})
    rows = []
    for about in wanted:
        object_of = (about.endpoint_id, about.object_id)
        rows.append(
            {"message_id": connection.new_id("whm", now), "tenant_id": about.tenant_id,
             "endpoint_id": about.endpoint_id, "event_no": about.event_no, "state": PENDING, "version": 1,
             "attempts": 0, "next_at": None if object_of in taken else now, "last_status": 0, "last_error": "",
             "created_at": now}
        )  # fmt: skip
        taken.add(object_of)
    connection.run(inserting(webhook_messages), rows)
    return [str(row["message_id"]) for row in rows]


def release_next(connection: Connection, ended: Iterable[tuple[str, str]], *, now: int) -> None:
    """Let the next message of each endpoint and object go, now that the one before has ended."""
    for endpoint_id, object_id in sorted(set(ended)):
        waits = (
            select(_columns.message_id)
            .join(events, events.c.event_no == _columns.event_no)
            .where(
                _columns.state == PENDING,
                _columns.next_at.is_(None),
                _columns.endpoint_id == endpoint_id,
                events.c.object_id == object_id,
            )
            .order_by(_columns.event_no, _columns.message_id)
            .limit(1)
        )
        message_id = connection.execute(waits).scalar_one_or_none()
        if message_id is not None:
            connection.execute(update(webhook_messages).where(_columns.message_id == message_id).values(next_at=now))


def park_messages(connection: Connection, endpoint_id: str) -> None:
    """Let all messages to an endpoint wait: it is switched off."""
    mine = (_columns.endpoint_id == endpoint_id) & _columns.state.in_(OPEN)
    connection.execute(update(webhook_messages).where(mine).values(next_at=None))


def resume_messages(connection: Connection, endpoint_id: str, *, now: int) -> None:
    """Let the first message of each object go: the endpoint is switched on again."""
    query = (
        select(_columns.message_id, events.c.object_id)
        .join(events, events.c.event_no == _columns.event_no)
        .where(_columns.endpoint_id == endpoint_id, _columns.state.in_(OPEN))
        .order_by(_columns.event_no.desc(), _columns.message_id.desc())
    )
    first = {row.object_id: row.message_id for row in connection.execute(query)}  # the last one said is the oldest
    ids = sorted(first.values())
    for low in range(0, len(ids), PIECE):
        chosen = _columns.message_id.in_(ids[low : low + PIECE])
        connection.execute(update(webhook_messages).where(chosen).values(next_at=now))


def list_messages(
    connection: Connection, tenant_id: str, endpoint_id: str, *, state: str = "", before: str = "", limit: int = 100
) -> list[Message]:
    """Return the messages to an endpoint, newest first, from the one before an id on."""
    query = _with_events().where(_columns.tenant_id == tenant_id, _columns.endpoint_id == endpoint_id)
    if state:
        query = query.where(_columns.state == state)
    if before:
        query = query.where(_columns.message_id < before)
    rows = connection.execute(query.order_by(_columns.message_id.desc()).limit(limit)).mappings()
    return [Message(**row) for row in rows]


def open_messages(connection: Connection) -> int:
    """Return how many messages have neither arrived nor been given up."""
    return int(connection.execute(select(func.count()).where(_columns.state.in_(OPEN))).scalar_one())


def _with_events() -> "Select[Any]":
    names = [name for name in Message.__dataclass_fields__ if name in _columns]
    return select(*(_columns[name] for name in names), events.c.event_id, events.c.type, events.c.object_id).join(
        events, events.c.event_no == _columns.event_no
    )


def _objects_in_hand(connection: Connection, endpoint_ids: Iterable[str]) -> set[tuple[str, str]]:
    """Return endpoints and objects with a message that has not ended."""
    ids = sorted(endpoint_ids)
    found: set[tuple[str, str]] = set()
    for low in range(0, len(ids), PIECE):
        query = (
            select(_columns.endpoint_id, events.c.object_id)
            .join(events, events.c.event_no == _columns.event_no)
            .where(_columns.endpoint_id.in_(ids[low : low + PIECE]), _columns.state.in_(OPEN))
            .distinct()
        )
        found |= {(row.endpoint_id, row.object_id) for row in connection.execute(query)}
    return found
