"""Events become messages to the endpoints that want them: each event once, whoever else is at it."""

import sqlalchemy as sa
from sqlalchemy import select

from doorstep.operations.event_stream import (
    StreamEvent,
    latest_event_no,
    matches,
    read_events,
    relay_moved,
    relayed_up_to,
)
from doorstep.operations.webhooks.endpoints import ENABLED, RELAY
from doorstep.operations.webhooks.messages import About, add_messages
from doorstep.storage import Connection
from doorstep.storage.schema.journal import events, webhook_endpoints

TEST = "webhook.test"
NEVER = "webhook_message."
"""Types about messages are told to nobody: a message about a message would never end."""
BATCH = 500
MOST_BEHIND = 1_000
_listening = select(webhook_endpoints.c.tenant_id).where(webhook_endpoints.c.state == ENABLED)


def fan_out(connection: Connection, *, now: int, limit: int = BATCH) -> int:
    """Make messages of the events after the cursor and return how many events were gone through.

    As long as that is ``limit`` there may be more. Events from before an endpoint was registered, or while it was
    switched off, are not for it.
    """
    cursor = relayed_up_to(connection, RELAY, lock=True)
    last = latest_event_no(connection)
    query = _wanted_somewhere(cursor).where(events.c.event_no <= last).order_by(events.c.event_no).limit(limit)
    found = read_events(connection, query)
    if found:
        tenants = sorted({event.tenant_id for event in found})
        listening = (webhook_endpoints.c.state == ENABLED) & webhook_endpoints.c.tenant_id.in_(tenants)
        held = select(webhook_endpoints).where(listening).order_by(webhook_endpoints.c.endpoint_id).with_for_update()
        endpoints = connection.execute(held).all()
        add_messages(
            connection,
            [
                About(endpoint.endpoint_id, event.tenant_id, event.event_no, event.object_id)
                for event in found
                for endpoint in endpoints
                if _is_for(event, endpoint)
            ],
            now=now,
        )
    relay_moved(connection, RELAY, found[-1].event_no if len(found) == limit else last)
    return len(found)


def has_events_to_fan_out(connection: Connection) -> bool:
    """Return whether ``fan_out`` has anything to do; events that nobody wants are passed over many at a time."""
    if connection.execute(_listening.limit(1)).first() is None:
        return False
    cursor = relayed_up_to(connection, RELAY)
    if latest_event_no(connection) - cursor > MOST_BEHIND:
        return True
    query = _wanted_somewhere(cursor).with_only_columns(sa.literal(1)).limit(1)
    return connection.execute(query).first() is not None


def _wanted_somewhere(cursor: int) -> "sa.Select[tuple[object, ...]]":
    return select(events).where(events.c.event_no > cursor, events.c.tenant_id.in_(_listening))


def _is_for(event: StreamEvent, endpoint: "sa.Row[tuple[object, ...]]") -> bool:
    if endpoint.tenant_id != event.tenant_id or event.type.startswith(NEVER):
        return False
    if event.type == TEST:
        return bool(event.object_id == endpoint.endpoint_id)
    return bool(event.at >= endpoint.created_at) and matches(endpoint.types.split(), event.type)
