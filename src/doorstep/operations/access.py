"""Who may do what: tenants, API keys for machines, and people with roles and sessions.

Secrets are shown once and kept as hashes. A key's or session's secret has 160 random bits, so a plain SHA-256 is enough
for it; passwords are made by people and get scrypt with a salt.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select, update

from doorstep.foundation import ConflictError, InputError, NotFoundError
from doorstep.operations.caller import Caller
from doorstep.storage import Connection
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.access import api_keys, people, sessions, tenants

SCOPES = (
    "admin", "decisions:read", "deliveries:read", "deliveries:write", "jobs:read", "jobs:write", "network:read",
    "network:write", "orders:read", "orders:write", "quotes:write", "routes:read", "routes:write", "stock:read",
    "stock:write", "tracking:ingest", "webhooks:manage",
)  # fmt: skip
"""What a key may be allowed; ``admin`` allows everything."""

_READS = tuple(scope for scope in SCOPES if scope.endswith(":read"))
ROLES: dict[str, tuple[str, ...]] = {
    "admin": ("admin",),
    "planner": (*_READS, "network:write", "stock:write", "jobs:write", "routes:write"),
    "dispatcher": (*_READS, "deliveries:write", "routes:write", "orders:write", "jobs:write", "tracking:ingest"),
    "store_associate": ("orders:read", "deliveries:read", "deliveries:write", "stock:read", "stock:write"),
    "support": ("orders:read", "deliveries:read", "decisions:read"),
    "analyst": _READS,
}
"""What people may do, by role."""

KEY_PREFIX = "ds_live_"
SHORTEST_PASSWORD = 12
_SCRYPT = {"n": 2**14, "r": 8, "p": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Somebody who has shown a valid key or session: ``name`` is the key's or person's id."""

    tenant_id: str
    name: str
    scopes: frozenset[str]
    csrf_hash: str = ""

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
    row = {"tenant_id": tenant_id, "name": name, "created_at": now, "reference_version": 0}
    connection.run(inserting(tenants), [row])
    _note(connection, Caller(tenant_id, "doorstep"), "tenant", tenant_id, "create", now)
    return tenant_id


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
        "secret_hash": _hash(secret),
        "scopes": " ".join(sorted(set(scopes))),
        "created_at": now,
        "expires_at": expires_at,
        "last_used_at": None,
        "revoked_at": None,
    }
    connection.run(inserting(api_keys), [row])
    _note(connection, caller, "api_key", key_id, "create", now, reason=str(row["scopes"]))
    return Shown(key_id, secret)


def find_key(connection: Connection, secret: str, *, now: int) -> Holder | None:
    """Return who holds a key, None if nobody does or no longer."""
    row = connection.execute(select(api_keys).where(api_keys.c.secret_hash == _hash(secret))).one_or_none()
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
        _note(connection, caller, "api_key", key_id, "revoke", now)


def note_use(connection: Connection, used_at: Mapping[str, int]) -> None:
    """Remember when keys were last used."""
    for key_id, at in used_at.items():
        connection.execute(update(api_keys).where(api_keys.c.key_id == key_id).values(last_used_at=at))


def create_person(
    connection: Connection, caller: Caller, *, email: str, name: str, role: str, password: str | None, now: int
) -> str:
    """Store a person of the caller's tenant and return their id; without a password they come by OpenID Connect.

    Raises
    ------
    InputError
        If the role is unknown or the password too short.
    ConflictError
        If the tenant has a person with this address.
    """
    if role not in ROLES:
        raise InputError(f"role {role!r} is unknown.", hint=f"Maybe one of: {', '.join(ROLES)}.")
    if password is not None and len(password) < SHORTEST_PASSWORD:
        raise InputError(f"the password is shorter than {SHORTEST_PASSWORD} characters.")
    taken = (people.c.tenant_id == caller.tenant_id) & (people.c.email == email.lower())
    if connection.execute(select(people.c.person_id).where(taken)).one_or_none():
        raise ConflictError("there is a person with this e-mail address.")
    person_id = connection.new_id("per", now)
    row = {
        "person_id": person_id,
        "tenant_id": caller.tenant_id,
        "email": email.lower(),
        "name": name,
        "role": role,
        "password_hash": None if password is None else _stretched(password, connection.new_secret()),
        "issuer": None,
        "subject": None,
        "created_at": now,
        "disabled_at": None,
    }
    connection.run(inserting(people), [row])
    _note(connection, caller, "person", person_id, "create", now, reason=role)
    return person_id


def check_password(connection: Connection, tenant_id: str, email: str, password: str) -> str | None:
    """Return the person that an address and password belong to, None if they do not; takes as long either way."""
    query = select(people).where(people.c.tenant_id == tenant_id, people.c.email == email.lower())
    row = connection.execute(query).one_or_none()
    stored = row.password_hash if row is not None and row.password_hash else _stretched("", "0" * 32)
    right = hmac.compare_digest(stored, _stretched(password, stored.split("$")[0]))
    if row is None or row.password_hash is None or row.disabled_at is not None or not right:
        return None
    return str(row.person_id)


def person_of_identity(
    connection: Connection, caller: Caller, *, issuer: str, subject: str, email: str, now: int
) -> str | None:
    """Return the person behind an identity of an OpenID provider.

    At their first login the identity is tied to the person whom somebody invited under this (verified) address.
    """
    known = select(people).where(people.c.issuer == issuer, people.c.subject == subject)
    row = connection.execute(known).one_or_none()
    if row is None and email:
        invited = (people.c.tenant_id == caller.tenant_id) & (people.c.email == email.lower())
        row = connection.execute(select(people).where(invited, people.c.issuer.is_(None))).one_or_none()
        if row is not None:
            connection.execute(update(people).where(invited).values(issuer=issuer, subject=subject))
            _note(connection, caller, "person", row.person_id, "link", now, reason=issuer)
    return None if row is None or row.disabled_at is not None else str(row.person_id)


def open_session(connection: Connection, person_id: str, *, now: int, hours: int) -> Shown:
    """Begin a person's session and return its secret, and the one that unsafe requests must carry."""
    tenant_id = connection.execute(select(people.c.tenant_id).where(people.c.person_id == person_id)).scalar_one()
    secret, csrf = connection.new_secret(), connection.new_secret()
    row = {
        "session_hash": _hash(secret),
        "tenant_id": tenant_id,
        "person_id": person_id,
        "csrf_hash": _hash(csrf),
        "created_at": now,
        "expires_at": now + hours * 3600,
    }
    connection.run(inserting(sessions), [row])
    _note(connection, Caller(tenant_id, person_id), "person", person_id, "login", now)
    return Shown(person_id, secret, csrf)


def find_session(connection: Connection, secret: str, *, now: int) -> Holder | None:
    """Return whose session this is, None if it has ended."""
    query = (
        select(sessions, people.c.role)
        .join(people, people.c.person_id == sessions.c.person_id)
        .where(sessions.c.session_hash == _hash(secret), sessions.c.expires_at > now, people.c.disabled_at.is_(None))
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    return Holder(
        tenant_id=row.tenant_id, name=row.person_id, scopes=frozenset(ROLES[row.role]), csrf_hash=row.csrf_hash
    )


def close_session(connection: Connection, secret: str) -> None:
    """End a session."""
    connection.execute(delete(sessions).where(sessions.c.session_hash == _hash(secret)))


def is_csrf_of(holder: Holder, csrf: str) -> bool:
    """Return whether an unsafe request carries the word that only the session's own pages know."""
    return hmac.compare_digest(holder.csrf_hash, _hash(csrf))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _stretched(password: str, salt: str) -> str:
    raw = password.encode("utf-8", "surrogatepass")
    return f"{salt}${hashlib.scrypt(raw, salt=salt.encode(), **_SCRYPT).hex()}"


def _note(
    connection: Connection, caller: Caller, kind: str, object_id: str, event: str, now: int, *, reason: str = ""
) -> None:
    connection.journal.audit(
        tenant_id=caller.tenant_id, at=now, actor=caller.actor, kind=kind, object_id=object_id, event=event,
        reason=reason,
    )  # fmt: skip
