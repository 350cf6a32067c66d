"""Who may do what: tenants, API keys for machines, and sessions of people, whose roles say what they may.

Secrets are shown once and kept as hashes. A key's or session's secret has 160 random bits, so a plain SHA-256 is enough
for it; the passwords that people make up are in ``passwords``.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select, update

from doorstep.foundation import InputError, NotFoundError
from doorstep.operations.caller import Caller
from doorstep.storage import Connection
from doorstep.storage.ids import CROCKFORD
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.access import api_keys, people, sessions, tenants

SCOPES = (
    "admin", "decisions:read", "deliveries:read", "deliveries:write", "jobs:read", "jobs:write", "money:read",
    "money:write", "network:read", "network:write", "orders:read", "orders:write", "quotes:write", "routes:drive",
    "routes:read", "routes:write", "stock:read", "stock:write", "tracking:ingest", "webhooks:manage",
)  # fmt: skip
"""What a key may be allowed; ``admin`` allows everything."""

_READS = tuple(scope for scope in SCOPES if scope.endswith(":read"))
ROLES: dict[str, tuple[str, ...]] = {
    "admin": ("admin",),
    "planner": (*_READS, "network:write", "stock:write", "jobs:write", "routes:write"),
    "dispatcher": (*_READS, "deliveries:write", "routes:write", "orders:write", "jobs:write", "tracking:ingest"),
    "store_associate": ("orders:read", "deliveries:read", "deliveries:write", "stock:read", "stock:write"),
    "driver": ("routes:drive",),
    "support": ("orders:read", "deliveries:read", "decisions:read"),
    "analyst": _READS,
}
"""What people may do, by role."""

KEY_PREFIX = "ds_live_"
SESSION_FORM = re.compile(f"[{CROCKFORD}]{{32}}")
KEY_FORM = re.compile(KEY_PREFIX + SESSION_FORM.pattern)
"""What has another form is no secret of ours: nobody needs to be asked about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Somebody who has shown a valid key or session: ``name`` is the key's or person's id.

    ``sites`` are those at which a person works, none where it is all.
    """

    tenant_id: str
    name: str
    scopes: frozenset[str]
    csrf_hash: str = ""
    sites: frozenset[str] = frozenset()

    @property
    def caller(self) -> Caller:
        """On whose behalf operations run."""
        return Caller(self.tenant_id, self.name)

    def may(self, scope: str) -> bool:
        """Return whether this scope is allowed."""
        return scope in self.scopes or "admin" in self.scopes


@dataclass(frozen=True, slots=True)
class Shown:
    """A secret at the only moment at which it can be read."""

    name: str
    secret: str
    csrf: str = ""


def create_tenant(connection: Connection, name: str, *, now: int) -> str:
    """Store a new tenant and return its id."""
    tenant_id = connection.new_id("ten", now)
    row = {"tenant_id": tenant_id, "name": name, "created_at": now, "reference_version": 0,
           "offer_secret": connection.new_secret()}  # fmt: skip
    connection.run(inserting(tenants), [row])
    note(connection, Caller(tenant_id, "doorstep"), "tenant", tenant_id, "create", now)
    return tenant_id


def offer_secret(connection: Connection, tenant_id: str) -> str:
    """Return what a tenant's options at checkout are signed with."""
    return str(connection.execute(select(tenants.c.offer_secret).where(tenants.c.tenant_id == tenant_id)).scalar_one())


def find_tenants(connection: Connection) -> dict[str, str]:
    """Return the names of all tenants by id, the oldest first."""
    rows = connection.execute(select(tenants).order_by(tenants.c.created_at, tenants.c.tenant_id))
    return {row.tenant_id: row.name for row in rows}


def create_key(
    connection: Connection,
    caller: Caller,
    *,
    name: str,
    scopes: Sequence[str],
    now: int,
    expires_at: int | None = None,
) -> Shown:
    """Store a new API key of the caller's tenant and return its secret, which cannot be read again.

    Raises
    ------
    InputError
        If a scope is unknown or there is none.
    """
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        raise InputError(f"scopes {unknown} are unknown.", hint=f"Maybe some of: {', '.join(SCOPES)}.")
    key_id, secret = connection.new_id("key", now), KEY_PREFIX + connection.new_secret()
    row = {
        "key_id": key_id,
        "tenant_id": caller.tenant_id,
        "name": name,
        "prefix": secret[: len(KEY_PREFIX) + 4],
        "secret_hash": hash_secret(secret),
        "scopes": " ".join(sorted(set(scopes))),
        "created_at": now,
        "expires_at": expires_at,
        "last_used_at": None,
        "revoked_at": None,
    }
    connection.run(inserting(api_keys), [row])
    note(connection, caller, "api_key", key_id, "create", now, reason=str(row["scopes"]))
    return Shown(key_id, secret)


def find_key(connection: Connection, secret: str, *, now: int) -> Holder | None:
    """Return who holds a key, None if nobody does or no longer."""
    row = connection.execute(select(api_keys).where(api_keys.c.secret_hash == hash_secret(secret))).one_or_none()
    if row is None or row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= now):
        return None
    return Holder(tenant_id=row.tenant_id, name=row.key_id, scopes=frozenset(row.scopes.split()))


def revoke_key(connection: Connection, caller: Caller, key_id: str, *, now: int) -> None:
    """End a key at once; raises ``NotFoundError`` if the tenant has no such key."""
    mine = (api_keys.c.key_id == key_id) & (api_keys.c.tenant_id == caller.tenant_id)
    row = connection.execute(select(api_keys.c.revoked_at).where(mine)).one_or_none()
    if row is None:
        raise NotFoundError(f"key {key_id} does not exist.")
    if row.revoked_at is None:
        connection.execute(update(api_keys).where(mine).values(revoked_at=now))
        note(connection, caller, "api_key", key_id, "revoke", now)


def note_use(connection: Connection, used_at: Mapping[str, int]) -> None:
    """Remember when keys were last used."""
    for key_id, at in used_at.items():
        connection.execute(update(api_keys).where(api_keys.c.key_id == key_id).values(last_used_at=at))


def open_session(connection: Connection, person_id: str, *, now: int, hours: int, reason: str = "") -> Shown:
    """Begin a person's session and return its secret, and the word that unsafe requests must carry.

    Parameters
    ----------
    reason
        How the person has shown who they are, for the audit.
    """
    tenant_id = connection.execute(select(people.c.tenant_id).where(people.c.person_id == person_id)).scalar_one()
    secret = connection.new_secret()
    csrf = csrf_of(secret)
    row = {
        "session_hash": hash_secret(secret),
        "tenant_id": tenant_id,
        "person_id": person_id,
        "csrf_hash": hash_secret(csrf),
        "created_at": now,
        "expires_at": now + hours * 3600,
    }
    connection.run(inserting(sessions), [row])
    note(connection, Caller(tenant_id, person_id), "person", person_id, "login", now, reason=reason)
    return Shown(person_id, secret, csrf)


def find_session(connection: Connection, secret: str, *, now: int) -> Holder | None:
    """Return whose session this is, None if it has ended."""
    query = (
        select(sessions, people.c.role, people.c.sites)
        .join(people, people.c.person_id == sessions.c.person_id)
        .where(
            sessions.c.session_hash == hash_secret(secret), sessions.c.expires_at > now, people.c.disabled_at.is_(None)
        )
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    return Holder(
        tenant_id=row.tenant_id, name=row.person_id, scopes=frozenset(ROLES[row.role]), csrf_hash=row.csrf_hash,
        sites=frozenset(json.loads(row.sites)),
    )  # fmt: skip


def close_session(connection: Connection, secret: str, *, now: int) -> None:
    """End a session, if it has not ended."""
    mine = sessions.c.session_hash == hash_secret(secret)
    row = connection.execute(select(sessions).where(mine)).one_or_none()
    if row is not None:
        connection.execute(delete(sessions).where(mine))
        note(connection, Caller(row.tenant_id, row.person_id), "person", row.person_id, "logout", now)


def csrf_of(secret: str) -> str:
    """Return the word that unsafe requests of a session must carry: made of its secret, which it does not give away.

    A page that is loaded again can be told it again, although the database only has its hash.
    """
    return hmac.digest(secret.encode("utf-8", "surrogatepass"), b"csrf", "sha256").hex()


def hash_secret(secret: str) -> str:
    """Return what is kept of the secret of a key or a session."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def is_csrf_of(holder: Holder, csrf: str) -> bool:
    """Return whether an unsafe request carries the word that only the session's own pages know."""
    return hmac.compare_digest(holder.csrf_hash, hash_secret(csrf))


def note(
    connection: Connection, caller: Caller, kind: str, object_id: str, event: str, now: int, *, reason: str = ""
) -> None:
    """Write what was done to a key, a person or a tenant into the audit chain."""
    connection.journal.audit(
        tenant_id=caller.tenant_id, at=now, actor=caller.actor, kind=kind, object_id=object_id, event=event,
        reason=reason,
    )  # fmt: skip
