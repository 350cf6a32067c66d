"""Messages that are due, leased to whoever sends them, and what came of each attempt.

A lease is a message's next moment moved ahead: until then nobody else takes it, and if its sender dies it is due again.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy import select, update

from doorstep.domain.lifecycles import LIFECYCLES
from doorstep.foundation import NotFoundError
from doorstep.operations.caller import Caller
from doorstep.operations.webhooks.endpoints import ENABLED, count_failures, disable_endpoint, lock_endpoint
from doorstep.operations.webhooks.messages import OPEN, release_next
from doorstep.storage import Connection
from doorstep.storage.schema.journal import events, webhook_endpoints, webhook_messages

LEASE_S = 120
AT_ONCE = 2
FAILING = 5
"""From so many failures in a row on an endpoint counts as failing: one message at a time, and after all others."""
MOST_ERROR = 500
WORKER = "worker"
_columns = webhook_messages.c


@dataclass(frozen=True, slots=True, kw_only=True)
class DueMessage:
    """A message to be sent now, after those before it in its endpoint's ``lane``.

    ``attempts`` is how many were made; ``leased_until`` proves who may record the next.
    """

    message_id: str
    tenant_id: str
    endpoint_id: str
    url: str
    secrets: tuple[str, ...] = field(repr=False)
    type: str
    object_id: str
    at: int
    data: dict[str, Any]
    attempts: int
    failing: bool
    lane: int
    leased_until: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What came of sending: ``status`` 0 where no answer came, ``next_at`` None where no attempt is left [epoch s]."""

    status: int
    error: str
    next_at: int | None


class Judged(Protocol):
    """What an answer means for its message and its endpoint."""

    @property
    def delivered(self) -> bool:
        """Whether the message has arrived."""

    @property
    def failures_in_a_row(self) -> int:
        """What the endpoint's count is from now on."""

    @property
    def disabled(self) -> str:
        """Why the endpoint is switched off; empty if it is not."""


def due_messages(
    connection: Connection,
    *,
    now: int,
    limit: int,
    limit_failing: int | None = None,
    in_flight: Mapping[str, int] | None = None,
    length: int = 1,
    lease_s: int = LEASE_S,
) -> list[DueMessage]:
    """Lease messages that are due, in lanes that are sent side by side, failing endpoints last.

    An endpoint has two lanes at most, a failing one has one with one message: so none waits for another endpoint.

    Parameters
    ----------
    limit, limit_failing
        Lanes in all, and to endpoints that are failing.
    in_flight
        Lanes by endpoint that the sender has under way already.
    length
        Messages in a lane, which are sent one after the other.
    """
    going = dict(in_flight or {})
    left, left_failing = limit, limit if limit_failing is None else limit_failing
    lanes: dict[str, int] = {}
    counts: Counter[str] = Counter()
    leased: list[DueMessage] = []
    for row in _candidates(connection, now, limit * length, AT_ONCE * length):
        endpoint, failing = row.endpoint_id, row.failures >= FAILING
        most = (1 if failing else AT_ONCE) - going.get(endpoint, 0)
        opened = lanes.get(endpoint, 0)
        if opened < most and left > 0 and not (failing and left_failing <= 0):
            lanes[endpoint] = opened = opened + 1
            left, left_failing = left - 1, left_failing - failing
        if counts[endpoint] < opened * (1 if failing else length):
            leased.append(_due_message(row, lane=counts[endpoint] % opened, failing=failing, until=now + lease_s))
            counts[endpoint] += 1
    ids = [message.message_id for message in leased]
    connection.execute(update(webhook_messages).where(_columns.message_id.in_(ids)).values(next_at=now + lease_s))
    return leased


def has_due_messages(connection: Connection, *, now: int) -> bool:
    """Return whether any message is due, its endpoint being enabled."""
    query = (
        select(sa.literal(1))
        .select_from(webhook_messages)
        .join(webhook_endpoints, webhook_endpoints.c.endpoint_id == _columns.endpoint_id)
        .where(*_is_due(now), webhook_endpoints.c.state == ENABLED)
        .limit(1)
    )
    return connection.execute(query).first() is not None


def record_attempt(
    connection: Connection, message: DueMessage, attempt: Attempt, *, judge: Callable[[int], Judged], now: int
) -> str:
    """Store what came of an attempt and return the message's state after it.

    A sender whose lease ran out changes nothing, unless the message did arrive.

    Parameters
    ----------
    judge
        From the endpoint's failures in a row so far to what the answer means.
    """
    caller = Caller(message.tenant_id, WORKER)
    try:
        endpoint = lock_endpoint(connection, message.tenant_id, message.endpoint_id)
    except NotFoundError:
        return "deleted"
    query = select(webhook_messages).where(_columns.message_id == message.message_id).with_for_update()
    row = connection.execute(query).one_or_none()
    verdict = judge(endpoint.failures)
    mine = row is not None and row.state in OPEN and (row.next_at == message.leased_until or verdict.delivered)
    if row is None or not mine:
        return "deleted" if row is None else str(row.state)
    event = "deliver" if verdict.delivered else "give_up" if attempt.next_at is None else "retry"
    state = LIFECYCLES["webhook_message"].step(row.state, event).target
    values = {
        "state": state,
        "version": row.version + 1,
        "attempts": row.attempts + 1,
        "next_at": attempt.next_at if event == "retry" else None,
        "last_status": attempt.status,
        "last_error": attempt.error.replace("\0", "")[:MOST_ERROR],
    }
    connection.execute(update(webhook_messages).where(_columns.message_id == row.message_id).values(values))
    if state not in OPEN and endpoint.state == ENABLED:
        release_next(connection, [(message.endpoint_id, message.object_id)], now=now)
    if verdict.failures_in_a_row != endpoint.failures:
        count_failures(connection, message.endpoint_id, verdict.failures_in_a_row)
    if verdict.disabled and endpoint.state == ENABLED:
        disable_endpoint(connection, caller, message.endpoint_id, now=now, reason=verdict.disabled)
    return state


def give_back_messages(connection: Connection, messages: Sequence[DueMessage], *, now: int) -> None:
    """End leases of messages that were not sent after all."""
    for message in messages:
        mine = (_columns.message_id == message.message_id) & (_columns.next_at == message.leased_until)
        connection.execute(update(webhook_messages).where(mine).values(next_at=now))


def _is_due(now: int) -> "tuple[sa.ColumnElement[bool], ...]":
    return _columns.state.in_(OPEN), _columns.next_at <= now


def _candidates(connection: Connection, now: int, limit: int, each: int) -> "Sequence[sa.Row[Any]]":
    """Return due messages with their endpoints and events, the first ``each`` of an endpoint, all locked."""
    of_endpoint = sa.func.row_number().over(
        partition_by=_columns.endpoint_id, order_by=(_columns.next_at, _columns.message_id)
    )
    ranked = (
        select(_columns.message_id, of_endpoint.label("place"), webhook_endpoints.c.failures)
        .join(webhook_endpoints, webhook_endpoints.c.endpoint_id == _columns.endpoint_id)
        .where(*_is_due(now), webhook_endpoints.c.state == ENABLED)
        .subquery()
    )
    first = (
        select(ranked.c.message_id)
        .where(ranked.c.place <= each)
        .order_by(ranked.c.failures >= FAILING, ranked.c.place, ranked.c.message_id)
        .limit(limit + each)
    )
    ids = list(connection.execute(first).scalars())
    full = (
        select(webhook_messages, webhook_endpoints.c.url, webhook_endpoints.c.secrets, webhook_endpoints.c.failures,
               events.c.type, events.c.object_id, events.c.at, events.c.data)
        .join(webhook_endpoints, webhook_endpoints.c.endpoint_id == _columns.endpoint_id)
        .join(events, events.c.event_no == _columns.event_no)
        .where(_columns.message_id.in_(ids), *_is_due(now))
        .with_for_update(of=webhook_messages, skip_locked=True)
    )  # fmt: skip
    place = {message_id: number for number, message_id in enumerate(ids)}
    return sorted(connection.execute(full).all(), key=lambda row: place[row.message_id])


def _due_message(row: "sa.Row[Any]", *, lane: int, failing: bool, until: int) -> DueMessage:
    return DueMessage(
        message_id=row.message_id,
        tenant_id=row.tenant_id,
        endpoint_id=row.endpoint_id,
        url=row.url,
        secrets=tuple(row.secrets.split()),
        type=row.type,
        object_id=row.object_id,
        at=row.at,
        data=json.loads(row.data),
        attempts=row.attempts,
        failing=failing,
        lane=lane,
        leased_until=until,
    )
