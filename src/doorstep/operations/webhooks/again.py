"""Messages that somebody asks for: events told once more, and a trial."""

from collections.abc import Sequence

from sqlalchemy import select

from doorstep.foundation import ConflictError, InputError, NotFoundError
from doorstep.operations.caller import Caller
from doorstep.operations.event_stream import StreamEvent, first_event_since, of_types, read_events
from doorstep.operations.webhooks.endpoints import ENABLED, KIND, Endpoint, lock_endpoint, tell
from doorstep.operations.webhooks.fan_out import NEVER, TEST
from doorstep.operations.webhooks.messages import OPEN, About, add_messages
from doorstep.storage import Connection
from doorstep.storage.schema.journal import events, webhook_messages

MOST = 10_000
MOST_IDS = 500
_columns = webhook_messages.c


def replay(
    connection: Connection,
    caller: Caller,
    endpoint_id: str,
    *,
    now: int,
    since: int | None = None,
    message_ids: Sequence[str] = (),
) -> list[str]:
    """Make new messages of old events and return their ids; events whose message is still under way are left out.

    Parameters
    ----------
    since
        All events from then on [epoch s] that the endpoint wants, also those of before it was registered.
    message_ids
        Or those of these messages.

    Raises
    ------
    NotFoundError, ConflictError
        If there is no such endpoint or message, or the endpoint is switched off.
    InputError
        If neither or both are given, or too many events are asked for at once.
    """
    if (since is None) == (not message_ids) or len(message_ids) > MOST_IDS:
        raise InputError(f"replay needs either since or 1 to {MOST_IDS} message ids.")
    endpoint = _enabled(connection, caller, endpoint_id)
    asked = (
        _named(connection, endpoint_id, message_ids) if since is None else _since(connection, caller, endpoint, since)
    )
    open_now = select(_columns.event_no).where(_columns.endpoint_id == endpoint_id, _columns.state.in_(OPEN))
    under_way = set(connection.execute(open_now).scalars())
    wanted = [
        About(endpoint_id, caller.tenant_id, event.event_no, event.object_id)
        for event in asked
        if event.event_no not in under_way
    ]
    tell(connection, caller, endpoint_id, "replay", now=now, reason=f"{len(wanted)} events")
    return add_messages(connection, wanted, now=now)


def test_message(connection: Connection, caller: Caller, endpoint_id: str, *, now: int) -> str:
    """Send ``webhook.test`` to one endpoint, whatever types it wants, and return the event's id.

    Raises
    ------
    NotFoundError, ConflictError
        If there is no such endpoint, or it is switched off.
    """
    endpoint = _enabled(connection, caller, endpoint_id)
    event_id = connection.new_id("evt", now)
    tell(connection, caller, endpoint_id, "test", now=now)
    connection.journal.publish(
        event_id=event_id,
        tenant_id=caller.tenant_id,
        type=TEST,
        kind=KIND,
        object_id=endpoint_id,
        sequence=endpoint.version,
        at=now,
        data={"endpoint_id": endpoint_id},
    )
    return event_id


def _enabled(connection: Connection, caller: Caller, endpoint_id: str) -> Endpoint:
    endpoint = lock_endpoint(connection, caller.tenant_id, endpoint_id)
    if endpoint.state != ENABLED:
        raise ConflictError(f"webhook endpoint {endpoint_id} is {endpoint.state}.", hint="Maybe enable it first.")
    return endpoint


def _since(connection: Connection, caller: Caller, endpoint: Endpoint, since: int) -> list[StreamEvent]:
    beginning = first_event_since(connection, since)
    query = select(events).where(
        events.c.event_no > beginning, events.c.tenant_id == caller.tenant_id, events.c.at >= since
    )
    if endpoint.types:
        query = query.where(of_types(endpoint.types))
    found = read_events(connection, query.limit(MOST + 1))
    if len(found) > MOST:
        raise InputError(f"more than {MOST} events since {since}.", hint="Maybe begin later.")
    return [event for event in found if event.type != TEST and not event.type.startswith(NEVER)]


def _named(connection: Connection, endpoint_id: str, message_ids: Sequence[str]) -> list[StreamEvent]:
    mine = (_columns.endpoint_id == endpoint_id) & _columns.message_id.in_(message_ids)
    found = set(connection.execute(select(_columns.message_id).where(mine)).scalars())
    missing = [message_id for message_id in message_ids if message_id not in found]
    if missing:
        raise NotFoundError(f"webhook message {missing[0]} does not exist at endpoint {endpoint_id}.")
    numbers = select(_columns.event_no).where(mine)
    return read_events(connection, select(events).where(events.c.event_no.in_(numbers)))
