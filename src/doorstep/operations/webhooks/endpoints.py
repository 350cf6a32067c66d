"""Endpoints of a tenant: where events go, which of them, and the secrets that sign them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Row, delete, insert, select, update

from doorstep.foundation import ConflictError, InputError, NotFoundError
from doorstep.operations.caller import Caller
from doorstep.operations.event_stream import latest_event_no, relay_moved, relayed_up_to
from doorstep.operations.transitions import StaleVersionError
from doorstep.operations.webhooks.messages import park_messages, resume_messages
from doorstep.storage import Connection
from doorstep.storage.schema.journal import webhook_endpoints, webhook_messages

KIND = "webhook_endpoint"
RELAY = "webhooks"
ENABLED, DISABLED = "enabled", "disabled"
TYPE = re.compile(r"[a-zA-Z0-9_]+(\.[a-zA-Z0-9_]+)*(\.\*)?")
MOST_TYPES = 100
_columns = webhook_endpoints.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An endpoint as people may see it: without its secrets; ``failures`` counts those in a row."""

    endpoint_id: str
    url: str
    types: tuple[str, ...]
    state: str
    version: int
    failures: int
    disabled_reason: str
    created_at: int


def register_endpoint(
    connection: Connection, caller: Caller, url: str, types: Sequence[str], secret: str, *, now: int
) -> Endpoint:
    """Store a new endpoint, which gets events from now on.

    Parameters
    ----------
    url
        Checked by the caller: that it leads to a public address is known outside only.
    types
        Types of events, exact or with ``.*`` for all of a kind; empty: all.
    secret
        As Standard Webhooks has it, ``whsec_`` and base64.

    Raises
    ------
    InputError
        If a type is malformed.
    """
    _begin_now(connection)
    row = {
        "endpoint_id": connection.new_id("whe", now),
        "tenant_id": caller.tenant_id,
        "url": url,
        "types": _words(types),
        "secrets": secret,
        "state": ENABLED,
        "version": 1,
        "failures": 0,
        "disabled_reason": "",
        "created_at": now,
    }
    connection.execute(insert(webhook_endpoints).values(row))
    _audit(connection, caller, str(row["endpoint_id"]), "create", now=now, to_state=ENABLED)
    return read_endpoint(connection, caller.tenant_id, str(row["endpoint_id"]))


def list_endpoints(connection: Connection, tenant_id: str, *, after: str = "", limit: int = 100) -> list[Endpoint]:
    """Return a tenant's endpoints, oldest first, from the one after an id on."""
    query = select(webhook_endpoints).where(_columns.tenant_id == tenant_id, _columns.endpoint_id > after)
    return [_endpoint(row) for row in connection.execute(query.order_by(_columns.endpoint_id).limit(limit))]


def read_endpoint(connection: Connection, tenant_id: str, endpoint_id: str) -> Endpoint:
    """Return one endpoint.

    Raises
    ------
    NotFoundError
        If the tenant has no such endpoint.
    """
    query = select(webhook_endpoints).where(_columns.endpoint_id == endpoint_id, _columns.tenant_id == tenant_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise _missing(endpoint_id)
    return _endpoint(row)


def update_endpoint(
    connection: Connection,
    caller: Caller,
    endpoint_id: str,
    *,
    now: int,
    url: str | None = None,
    types: Sequence[str] | None = None,
    if_version: int | None = None,
) -> Endpoint:
    """Change where an endpoint is or what it wants; what is None stays.

    Raises
    ------
    NotFoundError, StaleVersionError, InputError
        If there is no such endpoint, it has changed meanwhile, or a type is malformed.
    """
    before = lock_endpoint(connection, caller.tenant_id, endpoint_id, if_version=if_version)
    changes = {"url": url} if url is not None else {}
    changes |= {"types": _words(types)} if types is not None else {}
    _change(connection, caller, before, "update", changes, now=now)
    return read_endpoint(connection, caller.tenant_id, endpoint_id)


def enable_endpoint(
    connection: Connection, caller: Caller, endpoint_id: str, *, now: int, if_version: int | None = None
) -> Endpoint:
    """Switch an endpoint on again: messages that wait go on, events of the time in between can be replayed.

    Raises
    ------
    NotFoundError, StaleVersionError
        If there is no such endpoint, or it has changed meanwhile.
    """
    before = lock_endpoint(connection, caller.tenant_id, endpoint_id, if_version=if_version)
    if before.state != ENABLED:
        _begin_now(connection)
        _change(connection, caller, before, "enable", {"state": ENABLED, "failures": 0, "disabled_reason": ""}, now=now)
        resume_messages(connection, endpoint_id, now=now)
    return read_endpoint(connection, caller.tenant_id, endpoint_id)


def disable_endpoint(connection: Connection, caller: Caller, endpoint_id: str, *, now: int, reason: str) -> Endpoint:
    """Switch an endpoint off and tell so by the event ``webhook.disabled``.

    Raises
    ------
    NotFoundError
        If there is no such endpoint.
    """
    before = lock_endpoint(connection, caller.tenant_id, endpoint_id)
    if before.state == DISABLED:
        return before
    changes = {"state": DISABLED, "disabled_reason": reason}
    _change(connection, caller, before, "disable", changes, now=now, reason=reason)
    park_messages(connection, endpoint_id)
    connection.journal.publish(
        event_id=connection.new_id("evt", now),
        tenant_id=caller.tenant_id,
        type="webhook.disabled",
        kind=KIND,
        object_id=endpoint_id,
        sequence=before.version + 1,
        at=now,
        data={"endpoint_id": endpoint_id, "url": before.url, "reason": reason, "failures": before.failures},
    )
    return read_endpoint(connection, caller.tenant_id, endpoint_id)


def rotate_secret(
    connection: Connection, caller: Caller, endpoint_id: str, secret: str, *, now: int, if_version: int | None = None
) -> Endpoint:
    """Sign with a new secret first and with the present one too, until the next rotation; an older one ends.

    Raises
    ------
    NotFoundError, StaleVersionError, ConflictError
        If there is no such endpoint, it has changed meanwhile, or the secret is the one it has.
    """
    before = lock_endpoint(connection, caller.tenant_id, endpoint_id, if_version=if_version)
    query = select(_columns.secrets).where(_columns.endpoint_id == endpoint_id)
    present = str(connection.execute(query).scalar_one()).split()[0]
    if present == secret:
        raise ConflictError(f"webhook endpoint {endpoint_id} has this secret already.")
    _change(connection, caller, before, "rotate_secret", {"secrets": f"{secret} {present}"}, now=now)
    return read_endpoint(connection, caller.tenant_id, endpoint_id)


def delete_endpoint(
    connection: Connection, caller: Caller, endpoint_id: str, *, now: int, if_version: int | None = None
) -> None:
    """Remove an endpoint and all messages to it.

    Raises
    ------
    NotFoundError, StaleVersionError
        If there is no such endpoint, or it has changed meanwhile.
    """
    before = lock_endpoint(connection, caller.tenant_id, endpoint_id, if_version=if_version)
    connection.execute(delete(webhook_messages).where(webhook_messages.c.endpoint_id == endpoint_id))
    connection.execute(delete(webhook_endpoints).where(_columns.endpoint_id == endpoint_id))
    _audit(connection, caller, endpoint_id, "delete", now=now, from_state=before.state)


def lock_endpoint(
    connection: Connection, tenant_id: str, endpoint_id: str, *, if_version: int | None = None
) -> Endpoint:
    """Return an endpoint that nobody else changes until the transaction ends.

    Raises
    ------
    NotFoundError, StaleVersionError
        If there is no such endpoint, or it no longer has the version.
    """
    mine = (_columns.endpoint_id == endpoint_id) & (_columns.tenant_id == tenant_id)
    row = connection.execute(select(webhook_endpoints).where(mine).with_for_update()).one_or_none()
    if row is None:
        raise _missing(endpoint_id)
    if if_version is not None and row.version != if_version:
        raise StaleVersionError(KIND, endpoint_id, row.version)
    return _endpoint(row)


def count_failures(connection: Connection, endpoint_id: str, failures: int) -> None:
    """Store how often in a row an endpoint has failed; that is no change of the endpoint itself."""
    connection.execute(update(webhook_endpoints).where(_columns.endpoint_id == endpoint_id).values(failures=failures))


def tell(connection: Connection, caller: Caller, endpoint_id: str, event: str, *, now: int, reason: str = "") -> None:
    """Journal what was done with an endpoint that stays as it is."""
    _audit(connection, caller, endpoint_id, event, now=now, from_state=ENABLED, to_state=ENABLED, reason=reason)


def _begin_now(connection: Connection) -> None:
    """Pass over the events that nobody was there to be told of, before the first endpoint listens."""
    relayed_up_to(connection, RELAY, lock=True)
    listening = select(_columns.endpoint_id).where(_columns.state == ENABLED).limit(1)
    if connection.execute(listening).first() is None:
        relay_moved(connection, RELAY, latest_event_no(connection))


def _missing(endpoint_id: str) -> NotFoundError:
    return NotFoundError(f"webhook endpoint {endpoint_id} does not exist.")


def _words(types: Sequence[str]) -> str:
    wrong = [wanted for wanted in types if not TYPE.fullmatch(wanted)]
    if wrong or len(types) > MOST_TYPES:
        raise InputError(
            f"types {wrong or len(types)} must be {MOST_TYPES} event types at most.",
            hint="Maybe order.completed, or delivery.* for all of a kind.",
        )
    return " ".join(dict.fromkeys(types))


def _change(
    connection: Connection,
    caller: Caller,
    before: Endpoint,
    event: str,
    changes: Mapping[str, object],
    *,
    now: int,
    reason: str = "",
) -> None:
    values = dict(changes) | {"version": before.version + 1}
    connection.execute(update(webhook_endpoints).where(_columns.endpoint_id == before.endpoint_id).values(values))
    to_state = str(values.get("state", before.state))
    _audit(
        connection,
        caller,
        before.endpoint_id,
        event,
        now=now,
        from_state=before.state,
        to_state=to_state,
        reason=reason,
    )


def _audit(
    connection: Connection,
    caller: Caller,
    endpoint_id: str,
    event: str,
    *,
    now: int,
    from_state: str = "",
    to_state: str = "",
    reason: str = "",
) -> None:
    connection.journal.audit(
        tenant_id=caller.tenant_id,
        at=now,
        actor=caller.actor,
        kind=KIND,
        object_id=endpoint_id,
        event=event,
        from_state=from_state,
        to_state=to_state,
        reason=reason,
    )


def _endpoint(row: "Row[tuple[object, ...]]") -> Endpoint:
    fields = {name: row._mapping[name] for name in Endpoint.__dataclass_fields__}
    return Endpoint(**fields | {"types": tuple(str(fields["types"]).split())})
