"""People of a tenant: invited, known by a password or by an identity of an OpenID provider, changed, disabled."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Row, delete, select, update

from doorstep.foundation import ConflictError, InputError, NotFoundError
from doorstep.operations.access import ROLES, hash_secret, note
from doorstep.operations.caller import Caller
from doorstep.storage import Connection
from doorstep.storage.journal import canonical
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.access import people, sessions, tenants
from doorstep.storage.schema.reference import REFERENCE

NOBODY = "nobody"
"""Who is said to have tried a login that failed."""

ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """What a login by password is checked against; without ``password_hash`` none is right."""

    person_id: str
    tenant_id: str
    password_hash: str | None = field(repr=False)
    disabled: bool


def create_person(
    connection: Connection,
    caller: Caller,
    *,
    email: str,
    name: str,
    role: str,
    password_hash: str | None,
    now: int,
    sites: Sequence[str] = (),
) -> str:
    """Store a person of the caller's tenant and return their id; without a password they come by OpenID Connect.

    Parameters
    ----------
    sites
        Ids of those that they work at, and see on the pages; none: all.

    Raises
    ------
    InputError
        If the role or a site is unknown.
    ConflictError
        If the tenant has a person with this address.
    """
    _check_role(role)
    _check_sites(connection, caller, sites)
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
        "sites": canonical(sorted(set(sites))),
        "password_hash": password_hash,
        "issuer": None,
        "subject": None,
        "created_at": now,
        "disabled_at": None,
    }
    connection.run(inserting(people), [row])
    note(connection, caller, "person", person_id, "create", now, reason=role)
    return person_id


def change_person(
    connection: Connection,
    caller: Caller,
    person_id: str,
    *,
    now: int,
    name: str | None = None,
    role: str | None = None,
    state: str | None = None,
    sites: Sequence[str] | None = None,
) -> None:
    """Change what is given; ``state`` is active or disabled, and who is disabled is signed out everywhere at once.

    Raises
    ------
    NotFoundError
        If the tenant has no such person.
    InputError
        If the role is unknown.
    ConflictError
        If people would take their own rights away, and might leave nobody to give them back.
    """
    row = connection.execute(select(people).where(_mine(caller, person_id)).with_for_update()).one_or_none()
    if row is None:
        raise NotFoundError(f"person {person_id} does not exist.")
    if role is not None:
        _check_role(role)
    if sites is not None:
        _check_sites(connection, caller, sites)
    changed: dict[str, object] = {}
    if name is not None and name != row.name:
        changed["name"] = name
    if role is not None and role != row.role:
        changed["role"] = role
    if state is not None and state != ("active" if row.disabled_at is None else "disabled"):
        changed["disabled_at"] = now if state == "disabled" else None
    if sites is not None and canonical(sorted(set(sites))) != row.sites:
        changed["sites"] = canonical(sorted(set(sites)))
    if person_id == caller.actor and {"role", "disabled_at", "sites"} & set(changed):
        raise ConflictError("nobody changes their own role, state or sites.", hint="Maybe ask another administrator.")
    if not changed:
        return
    if row.role == ADMIN and row.disabled_at is None and {"role", "disabled_at"} & set(changed):
        _keep_an_admin(connection, caller, person_id)
    connection.execute(update(people).where(_mine(caller, person_id)).values(changed))
    if "name" in changed:
        note(connection, caller, "person", person_id, "rename", now)
    if "role" in changed:
        note(connection, caller, "person", person_id, "change_role", now, reason=f"{row.role} to {role}")
    if "sites" in changed:
        note(connection, caller, "person", person_id, "change_sites", now, reason=", ".join(sorted(set(sites or ()))))
    if "disabled_at" in changed:
        note(connection, caller, "person", person_id, "disable" if state == "disabled" else "enable", now)
    if state == "disabled":
        end_sessions(connection, person_id)


def _keep_an_admin(connection: Connection, caller: Caller, person_id: str) -> None:
    """Let nobody take the last administrator away: two may be about to take away each other."""
    connection.execute(select(tenants.c.tenant_id).where(tenants.c.tenant_id == caller.tenant_id).with_for_update())
    others = select(people.c.person_id).where(
        people.c.tenant_id == caller.tenant_id,
        people.c.role == ADMIN,
        people.c.disabled_at.is_(None),
        people.c.person_id != person_id,
    )
    if connection.execute(others.limit(1)).first() is None:
        raise ConflictError("this is the last administrator.", hint="Maybe make another one first.")


def set_password(
    connection: Connection, caller: Caller, person_id: str, password_hash: str, *, now: int, keep: str = ""
) -> None:
    """Give a person a password, the only one from now on, and sign them out everywhere.

    Parameters
    ----------
    keep
        Secret of the one session that goes on: people who change their own password stay where they are.

    Raises
    ------
    NotFoundError
        If the tenant has no such person.
    """
    given = connection.execute(update(people).where(_mine(caller, person_id)).values(password_hash=password_hash))
    if not given.rowcount:
        raise NotFoundError(f"person {person_id} does not exist.")
    note(connection, caller, "person", person_id, "set_password", now)
    end_sessions(connection, person_id, keep=keep)


def end_sessions(connection: Connection, person_id: str, *, keep: str = "") -> None:
    """End all sessions of a person, but the one with the secret ``keep``."""
    others = (sessions.c.person_id == person_id) & (sessions.c.session_hash != hash_secret(keep))
    connection.execute(delete(sessions).where(others))


def find_login(connection: Connection, email: str, tenant_id: str | None = None) -> Login | None:
    """Return the person with an address in a tenant, by default in the only one that has it; None if it is not clear.

    Who is disabled stands back where another tenant has the address too.
    """
    query = select(people).where(people.c.email == email.lower())
    if tenant_id is not None:
        query = query.where(people.c.tenant_id == tenant_id)
    found = [_login(row) for row in connection.execute(query)]
    clear = [login for login in found if not login.disabled] or found
    return clear[0] if len(clear) == 1 else None


def login_of(connection: Connection, caller: Caller, person_id: str) -> Login:
    """Return what a person's password is checked against; raises ``NotFoundError`` if the tenant has no such person."""
    row = connection.execute(select(people).where(_mine(caller, person_id))).one_or_none()
    if row is None:
        raise NotFoundError(f"person {person_id} does not exist.")
    return _login(row)


def note_failed_login(connection: Connection, login: Login, *, now: int, reason: str) -> None:
    """Remember that somebody tried to come in as this person."""
    note(connection, Caller(login.tenant_id, NOBODY), "person", login.person_id, "login_failed", now, reason=reason)


def person_of_identity(
    connection: Connection, *, issuer: str, subject: str, verified_email: str, now: int, tenant_id: str | None = None
) -> str | None:
    """Return the person behind an identity of an OpenID provider, None if nobody may come in by it.

    At their first login the identity is tied to the person whom somebody invited under this address.

    Parameters
    ----------
    verified_email
        Empty if the provider has not verified it: it is only what somebody typed.
    tenant_id
        The only tenant to look in; by default the address must belong to one person in all of them.
    """
    known = select(people).where(people.c.issuer == issuer, people.c.subject == subject)
    if tenant_id is not None:
        known = known.where(people.c.tenant_id == tenant_id)
    logins = [_login(row) for row in connection.execute(known).all()]
    for login in logins:
        if login.disabled:
            note_failed_login(connection, login, now=now, reason="disabled")
    if logins:
        open_ones = [login.person_id for login in logins if not login.disabled]
        return open_ones[0] if len(open_ones) == 1 else None
    invited = find_login(connection, verified_email, tenant_id) if verified_email else None
    if invited is None:
        return None
    if invited.disabled:
        note_failed_login(connection, invited, now=now, reason="disabled")
        return None
    free = (people.c.person_id == invited.person_id) & people.c.issuer.is_(None)
    if not connection.execute(update(people).where(free).values(issuer=issuer, subject=subject)).rowcount:
        note_failed_login(connection, invited, now=now, reason="another identity")
        return None
    themself = Caller(invited.tenant_id, invited.person_id)
    note(connection, themself, "person", invited.person_id, "link", now, reason=issuer)
    return invited.person_id


def _mine(caller: Caller, person_id: str) -> ColumnElement[bool]:
    return (people.c.person_id == person_id) & (people.c.tenant_id == caller.tenant_id)


def _login(row: Row[tuple[object, ...]]) -> Login:
    return Login(
        person_id=row.person_id,
        tenant_id=row.tenant_id,
        password_hash=row.password_hash,
        disabled=row.disabled_at is not None,
    )


def _check_sites(connection: Connection, caller: Caller, wanted: Sequence[str]) -> None:
    sites = REFERENCE["sites"].c
    query = select(sites.site_id).where(sites.tenant_id == caller.tenant_id, sites.site_id.in_(list(wanted)))
    unknown = sorted({*wanted} - {*connection.execute(query).scalars()})
    if unknown:
        raise InputError(f"sites {', '.join(unknown)} do not exist.", hint="Maybe they have other ids.")


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise InputError(f"role {role!r} is unknown.", hint=f"Maybe one of: {', '.join(ROLES)}.")
