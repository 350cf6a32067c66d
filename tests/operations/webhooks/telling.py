"""Events out of nothing, endpoints, and what is kept about messages: what tests of webhooks share."""

from dataclasses import dataclass

from doorstep.operations.webhooks.endpoints import Endpoint, register_endpoint
from doorstep.operations.webhooks.messages import Message, list_messages
from doorstep.storage import Connection, Database
from tests.databases import CALLER, NOW

SECRET = "whsec_" + "A" * 43 + "="
NEW_SECRET = "whsec_" + "B" * 43 + "="
URL = "https://shop.example/hooks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What an answer means, as a test wants it."""

    delivered: bool
    failures_in_a_row: int
    disabled: str = ""


def arrived(_failures: int) -> Verdict:
    return Verdict(delivered=True, failures_in_a_row=0)


def failed(failures: int) -> Verdict:
    return Verdict(delivered=False, failures_in_a_row=failures + 1)


def happen(
    connection: Connection,
    object_id: str = "ord_1",
    event_type: str = "order.placed",
    *,
    at: int = NOW,
    tenant_id: str = CALLER.tenant_id,
) -> str:
    """Put an event into the outbox."""
    event_id = connection.new_id("evt", at)
    connection.journal.publish(
        event_id=event_id,
        tenant_id=tenant_id,
        type=event_type,
        kind=event_type.split(".")[0],
        object_id=object_id,
        sequence=1,
        at=at,
        data={"id": object_id, "n": event_id},
    )
    return event_id


def happened(database: Database, *object_ids: str, event_type: str = "order.placed", at: int = NOW) -> list[str]:
    """Put events into the outbox and commit them."""
    with database.writing() as connection:
        return [happen(connection, object_id, event_type, at=at) for object_id in object_ids]


def listening(database: Database, *types: str, url: str = URL, now: int = NOW) -> Endpoint:
    """Register an endpoint."""
    with database.writing() as connection:
        return register_endpoint(connection, CALLER, url, types, SECRET, now=now)


def messages_to(database: Database, endpoint: Endpoint) -> list[Message]:
    """Return the messages to an endpoint, oldest first."""
    with database.reading() as connection:
        return list_messages(connection, CALLER.tenant_id, endpoint.endpoint_id)[::-1]
