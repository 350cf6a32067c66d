"""Keys and sessions, on both databases: good while they last, for their tenant, and kept as hashes only."""

import pytest
from sqlalchemy import select

from doorstep.foundation import InputError, NotFoundError
from doorstep.operations.access import (
    ROLES,
    SCOPES,
    close_session,
    create_key,
    create_tenant,
    csrf_of,
    find_key,
    find_session,
    find_tenants,
    is_csrf_of,
    open_session,
    revoke_key,
)
from doorstep.operations.caller import Caller
from doorstep.operations.people import change_person, create_person
from doorstep.storage import Connection, Database
from doorstep.storage.check import check_books
from doorstep.storage.schema.access import api_keys, people, sessions
from doorstep.storage.schema.journal import audit
from tests.databases import CALLER, NOW, add_tenant

OTHER = Caller("ten_other", "test")


def invite(connection: Connection, role: str = "dispatcher") -> str:
    return create_person(
        connection, CALLER, email="zoe@shop.example", name="Zoë", role=role, password_hash=None, now=NOW
    )


def events(connection: Connection, object_id: str) -> list[tuple[str, str, str]]:
    query = select(audit.c.actor, audit.c.event, audit.c.reason).where(audit.c.object_id == object_id)
    return [(row.actor, row.event, row.reason) for row in connection.execute(query.order_by(audit.c.audit_no))]


def test_a_key_says_whose_it_is_and_what_it_may(database: Database):
    with database.writing() as connection:
        shown = create_key(connection, CALLER, name="shop", scopes=["orders:read"], now=NOW)
        holder = find_key(connection, shown.secret, now=NOW)
        assert holder is not None
        assert (holder.tenant_id, holder.name) == (CALLER.tenant_id, shown.name)
        assert [scope for scope in SCOPES if holder.may(scope)] == ["orders:read"]
        assert find_key(connection, shown.secret + "x", now=NOW) is None
        kept = connection.execute(select(api_keys)).one()
    assert shown.secret not in str(kept)


def test_a_key_ends_when_it_expires_and_when_it_is_revoked(database: Database):
    with database.writing() as connection:
        short = create_key(connection, CALLER, name="a", scopes=["admin"], now=NOW, expires_at=NOW + 10)
        assert find_key(connection, short.secret, now=NOW + 9) is not None
        assert find_key(connection, short.secret, now=NOW + 10) is None
        long = create_key(connection, CALLER, name="b", scopes=["admin"], now=NOW)
        for _ in range(2):
            revoke_key(connection, CALLER, long.name, now=NOW + 5)
        assert find_key(connection, long.secret, now=NOW + 5) is None
    with database.reading() as connection:
        assert events(connection, long.name) == [("test", "create", "admin"), ("test", "revoke", "")]
        assert check_books(connection) == []


def test_nobody_revokes_the_key_of_another_tenant(database: Database):
    add_tenant(database, OTHER.tenant_id)
    with database.writing() as connection:
        shown = create_key(connection, CALLER, name="a", scopes=["admin"], now=NOW)
        with pytest.raises(NotFoundError):
            revoke_key(connection, OTHER, shown.name, now=NOW)
        assert find_key(connection, shown.secret, now=NOW) is not None


@pytest.mark.parametrize("scopes", [[], ["orders:eat"]])
def test_a_key_has_scopes_that_exist(database: Database, scopes: list[str]):
    with database.writing() as connection, pytest.raises(InputError, match="unknown"):
        create_key(connection, CALLER, name="a", scopes=scopes, now=NOW)


def test_tenants_are_listed_the_oldest_first(database: Database):
    with database.writing() as connection:
        made = create_tenant(connection, "second", now=NOW + 1)
    with database.reading() as connection:
        assert find_tenants(connection) == {CALLER.tenant_id: CALLER.tenant_id, made: "second"}


@pytest.mark.parametrize("role", ROLES)
def test_a_session_may_what_the_role_of_its_person_may(database: Database, role: str):
    with database.writing() as connection:
        shown = open_session(connection, invite(connection, role), now=NOW, hours=1, reason="password")
        holder = find_session(connection, shown.secret, now=NOW)
    assert holder is not None
    assert (holder.tenant_id, holder.name, holder.scopes) == (CALLER.tenant_id, shown.name, frozenset(ROLES[role]))


def test_a_session_ends_after_its_hours(database: Database):
    with database.writing() as connection:
        shown = open_session(connection, invite(connection), now=NOW, hours=2)
        assert find_session(connection, shown.secret, now=NOW + 7_199) is not None
        assert find_session(connection, shown.secret, now=NOW + 7_200) is None


def test_a_session_ends_when_it_is_closed_and_no_other_with_it(database: Database):
    with database.writing() as connection:
        person = invite(connection)
        first, second = (open_session(connection, person, now=NOW, hours=1, reason="password") for _ in range(2))
        for _ in range(2):
            close_session(connection, first.secret, now=NOW + 1)
        assert find_session(connection, first.secret, now=NOW) is None
        assert find_session(connection, second.secret, now=NOW) is not None
    with database.reading() as connection:
        assert events(connection, person)[1:] == [(person, "login", "password")] * 2 + [(person, "logout", "")]
        assert check_books(connection) == []


def test_the_sessions_of_a_disabled_person_are_over_for_good(database: Database):
    with database.writing() as connection:
        person = invite(connection)
        shown = open_session(connection, person, now=NOW, hours=1)
        change_person(connection, CALLER, person, now=NOW, state="disabled")
        assert find_session(connection, shown.secret, now=NOW) is None
        change_person(connection, CALLER, person, now=NOW, state="active")
        assert find_session(connection, shown.secret, now=NOW) is None


def test_a_person_who_was_disabled_elsewhere_has_no_session(database: Database):
    with database.writing() as connection:
        shown = open_session(connection, invite(connection), now=NOW, hours=1)
        connection.execute(people.update().values(disabled_at=NOW))
        assert find_session(connection, shown.secret, now=NOW) is None


def test_a_change_of_role_counts_for_sessions_that_are_open(database: Database):
    with database.writing() as connection:
        person = invite(connection)
        shown = open_session(connection, person, now=NOW, hours=1)
        change_person(connection, CALLER, person, now=NOW, role="support")
        holder = find_session(connection, shown.secret, now=NOW)
    assert holder is not None
    assert not holder.may("orders:write")


def test_a_session_can_tell_its_word_again_and_only_that_one_fits(database: Database):
    with database.writing() as connection:
        person = invite(connection)
        first, second = (open_session(connection, person, now=NOW, hours=1) for _ in range(2))
        holder = find_session(connection, first.secret, now=NOW)
        kept = str(connection.execute(select(sessions)).all())
    assert holder is not None
    assert first.csrf == csrf_of(first.secret) != second.csrf
    assert [is_csrf_of(holder, word) for word in (first.csrf, second.csrf, first.secret, "", "é")] == [
        True, False, False, False, False,
    ]  # fmt: skip
    assert [secret in kept for secret in (first.secret, first.csrf)] == [False, False]
