"""What is asked twice under one name is done once."""

import hashlib
import json
from collections.abc import Callable
from typing import NamedTuple

from doorstep.operations.intake.errors import ReusedKeyError
from doorstep.operations.intake.store import find_replies
from doorstep.storage import Connection
from doorstep.storage.journal import canonical
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.access import replies


class Named(NamedTuple):
    """The name that a request was given, and a hash of all that it asks."""

    key: str
    fingerprint: str


class Kept(NamedTuple):
    """What is answered: ``stored`` is the body to answer a repetition with, where secrets are left out."""

    status: int
    body: str
    version: int | None = None
    stored: str | None = None
    replayed: bool = False


def once(connection: Connection, tenant_id: str, named: Named | None, act: Callable[[], Kept], *, now: int) -> Kept:
    """Act and keep the answer in the same transaction, or return the answer kept from the first time.

    Raises
    ------
    ReusedKeyError
        If the name came with another request before.
    """
    if named is None:
        return act()
    told = find_replies(connection, tenant_id, [named.key]).get(named.key)
    if told is not None:
        if told.fingerprint != named.fingerprint:
            raise ReusedKeyError
        return Kept(told.status, told.body, _version_in(told.body), replayed=True)
    kept = act()
    row = {
        "tenant_id": tenant_id,
        "request_key": named.key,
        "fingerprint": named.fingerprint,
        "status": kept.status,
        "body": kept.body if kept.stored is None else kept.stored,
        "created_at": now,
    }
    connection.run(inserting(replies), [row])
    return kept


def fingerprint(method: str, path: str, query: str, body: bytes) -> str:
    """Return a hash of a request that does not depend on how its JSON is spaced and ordered."""
    try:
        content = canonical(json.loads(body)) if body else ""
    except (ValueError, RecursionError):
        content = body.hex()
    whole = f"{method} {path}?{query}\n{content}"
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()


def _version_in(body: str) -> int | None:
    content = json.loads(body) if body else None
    version = content.get("version") if isinstance(content, dict) else None
    return version if isinstance(version, int) else None
