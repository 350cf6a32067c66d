"""People, for those who administer and for themselves."""

import json

import sqlalchemy as sa
from sqlalchemy import select

from doorstep.api.models.people import Person, Session
from doorstep.foundation import NotFoundError
from doorstep.operations.access import ROLES, csrf_of
from doorstep.storage import Connection
from doorstep.storage.schema.access import people


def list_people(connection: Connection, tenant_id: str, *, limit: int, before: str = "") -> list[Person]:
    """Return people, the newest first."""
    query = select(people).where(people.c.tenant_id == tenant_id)
    if before:
        query = query.where(people.c.person_id < before)
    return [_shown(row) for row in connection.execute(query.order_by(people.c.person_id.desc()).limit(limit))]


def find_person(connection: Connection, tenant_id: str, person_id: str) -> Person:
    """Return a person; raises ``NotFoundError`` if the tenant has no such person."""
    return _shown(_row(connection, tenant_id, person_id))


def session_of(connection: Connection, tenant_id: str, person_id: str, secret: str) -> Session:
    """Return what the pages of a session need; raises ``NotFoundError`` if the tenant has no such person.

    Parameters
    ----------
    secret
        The session's.
    """
    row = _row(connection, tenant_id, person_id)
    return Session(
        person_id=row.person_id,
        tenant_id=row.tenant_id,
        email=row.email,
        name=row.name,
        role=row.role,
        scopes=sorted(ROLES[row.role]),
        csrf=csrf_of(secret),
    )


def _row(connection: Connection, tenant_id: str, person_id: str) -> "sa.Row[tuple[object, ...]]":
    mine = (people.c.tenant_id == tenant_id) & (people.c.person_id == person_id)
    row = connection.execute(select(people).where(mine)).one_or_none()
    if row is None:
        raise NotFoundError(f"person {person_id} does not exist.")
    return row


def _shown(row: "sa.Row[tuple[object, ...]]") -> Person:
    return Person(
        id=row.person_id,
        email=row.email,
        name=row.name,
        role=row.role,
        sites=json.loads(row.sites),
        state="active" if row.disabled_at is None else "disabled",
        has_password=row.password_hash is not None,
        issuer=row.issuer or "",
        created_at=row.created_at,
    )
