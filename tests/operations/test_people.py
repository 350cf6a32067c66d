"""People, on both databases: invited once, changed by others, let in by one password or one identity."""

import pytest
from sqlalchemy import select

from doorstep.foundation import ConflictError, InputError, NotFoundError
from doorstep.operations.access import find_session, open_session
from doorstep.operations.caller import Caller
from doorstep.operations.people import (
    Login,
    change_person,
    create_person,
    end_sessions,
    find_login,
    login_of,
    note_failed_login,
    person_of_identity,
    set_password,
)
from doorstep.storage import Connection, Database
from doorstep.storage.check import check_books
from doorstep.storage.schema.access import people
from doorstep.storage.schema.journal import audit
from tests.databases import CALLER, NOW, add_tenant

OTHER = Caller("ten_other", "test")
ISSUER = "https://login.example"
ZOE = "zoe@shop.example"


@pytest.fixture
def tenants(database: Database) -> Database:
    """Return a database with two tenants."""
    add_tenant(database, OTHER.tenant_id)
    return database


def invite(connection: Connection, caller: Caller = CALLER, email: str = ZOE, kept: str | None = None) -> str:
    return create_person(
        connection, caller, email=email, name="Zoë", role="dispatcher", password_hash=kept, now=NOW
    )  # fmt: skip


def come(connection: Connection, *, subject: str = "1", email: str = ZOE, tenant_id: str | None = None) -> str | None:
    return person_of_identity(
        connection, issuer=ISSUER, subject=subject, verified_email=email, now=NOW, tenant_id=tenant_id
    )


def events(database: Database, person_id: str) -> list[tuple[str, str, str]]:
    query = select(audit.c.actor, audit.c.event, audit.c.reason).where(audit.c.object_id == person_id)
    with database.reading() as connection:
        assert check_books(connection) == []
        return [(row.actor, row.event, row.reason) for row in connection.execute(query.order_by(audit.c.audit_no))]


def test_an_address_is_one_person_of_a_tenant_however_it_is_written(tenants: Database):
    with tenants.writing() as connection:
        mine, theirs = invite(connection), invite(connection, OTHER)
        with pytest.raises(ConflictError, match="there is a person with this e-mail address"):
            invite(connection, email="Zoe@Shop.example")
    assert mine != theirs


def test_a_role_that_does_not_exist_is_refused(database: Database):
    with database.writing() as connection:
        with pytest.raises(InputError, match="role 'boss' is unknown"):
            create_person(connection, CALLER, email=ZOE, name="Zoë", role="boss", password_hash=None, now=NOW)
        person = invite(connection)
        with pytest.raises(InputError, match="role 'boss' is unknown"):
            change_person(connection, CALLER, person, now=NOW, role="boss")


def test_what_changes_is_told_once(database: Database):
    with database.writing() as connection:
        person = invite(connection)
        for _ in range(2):
            change_person(connection, CALLER, person, now=NOW, name="Zoe", role="support", state="disabled")
        change_person(connection, CALLER, person, now=NOW, state="active")
        row = connection.execute(select(people)).one()
    assert (row.name, row.role, row.disabled_at) == ("Zoe", "support", None)
    assert events(database, person)[1:] == [
        ("test", "rename", ""),
        ("test", "change_role", "dispatcher to support"),
        ("test", "disable", ""),
        ("test", "enable", ""),
    ]


@pytest.mark.parametrize("change", [{"role": "support"}, {"state": "disabled"}])
def test_nobody_takes_their_own_rights_away(database: Database, change: dict[str, str]):
    with database.writing() as connection:
        person = invite(connection)
        own = Caller(CALLER.tenant_id, person)
        with pytest.raises(ConflictError, match="nobody changes their own role, state or sites"):
            change_person(connection, own, person, now=NOW, **change)
        change_person(connection, own, person, now=NOW, name="Zoe", role="dispatcher", state="active")


def test_people_of_another_tenant_are_not_there(tenants: Database):
    with tenants.writing() as connection:
        person = invite(connection)
        with pytest.raises(NotFoundError):
            change_person(connection, OTHER, person, now=NOW, state="disabled")
        with pytest.raises(NotFoundError):
            set_password(connection, OTHER, person, "kept", now=NOW)
        with pytest.raises(NotFoundError):
            login_of(connection, OTHER, person)


def test_a_new_password_is_the_only_one_and_ends_all_sessions_but_the_own(database: Database):
    with database.writing() as connection:
        person, somebody = invite(connection, kept="old"), invite(connection, email="al@shop.example")
        here, there, theirs = (
            open_session(connection, who, now=NOW, hours=1).secret for who in (person, person, somebody)
        )
        set_password(connection, CALLER, person, "new", now=NOW, keep=here)
        found = login_of(connection, CALLER, person)
        alive = [find_session(connection, secret, now=NOW) is not None for secret in (here, there, theirs)]
        end_sessions(connection, person)
        assert find_session(connection, here, now=NOW) is None
    assert (found.password_hash, alive) == ("new", [True, False, True])


def test_an_address_that_one_tenant_knows_needs_no_tenant(tenants: Database):
    with tenants.writing() as connection:
        person = invite(connection, OTHER, kept="kept")
        found = Login(person_id=person, tenant_id=OTHER.tenant_id, password_hash="kept", disabled=False)
        assert find_login(connection, "ZOE@shop.example") == found == find_login(connection, ZOE, OTHER.tenant_id)
        assert find_login(connection, ZOE, CALLER.tenant_id) is None
        assert find_login(connection, "al@shop.example") is None


def test_an_address_that_several_tenants_know_needs_one(tenants: Database):
    with tenants.writing() as connection:
        mine, theirs = invite(connection), invite(connection, OTHER)
        assert find_login(connection, ZOE) is None
        assert [find_login(connection, ZOE, caller.tenant_id) for caller in (CALLER, OTHER)] == [
            login_of(connection, CALLER, mine),
            login_of(connection, OTHER, theirs),
        ]
        change_person(connection, CALLER, mine, now=NOW, state="disabled")
        assert find_login(connection, ZOE) == login_of(connection, OTHER, theirs)
        change_person(connection, OTHER, theirs, now=NOW, state="disabled")
        assert find_login(connection, ZOE) is None


def test_what_is_kept_of_a_password_is_not_printed(database: Database):
    with database.writing() as connection:
        assert "kept" not in repr(login_of(connection, CALLER, invite(connection, kept="kept")))


def test_a_failed_login_is_in_the_audit_of_the_one_who_was_tried(database: Database):
    with database.writing() as connection:
        person = invite(connection)
        note_failed_login(connection, login_of(connection, CALLER, person), now=NOW, reason="wrong password")
    assert events(database, person)[1:] == [("nobody", "login_failed", "wrong password")]


def test_an_identity_is_tied_to_who_was_invited_under_its_address_and_stays_so(database: Database):
    with database.writing() as connection:
        person = invite(connection)
        assert come(connection, email="Zoe@shop.example") == person
        assert come(connection, email="other@shop.example") == person
        assert come(connection, email="") == person
    assert events(database, person)[1:] == [(person, "link", ISSUER)]


def test_without_a_verified_address_or_an_invitation_nobody_comes_in(database: Database):
    with database.writing() as connection:
        invite(connection)
        assert come(connection, email="") is None
        assert come(connection, email="al@shop.example") is None


def test_a_second_identity_does_not_take_a_person_over(database: Database):
    with database.writing() as connection:
        person = invite(connection)
        come(connection)
        assert come(connection, subject="2") is None
        assert come(connection) == person
    assert events(database, person)[2:] == [("nobody", "login_failed", "another identity")]


@pytest.mark.parametrize("linked", [False, True])
def test_who_is_disabled_does_not_come_in_by_an_identity(database: Database, linked: bool):
    with database.writing() as connection:
        person = invite(connection)
        if linked:
            come(connection)
        change_person(connection, CALLER, person, now=NOW, state="disabled")
        assert come(connection) is None
    assert events(database, person)[-1] == ("nobody", "login_failed", "disabled")


def test_an_identity_may_be_invited_by_several_tenants_and_no_one_of_them_keeps_it_to_itself(tenants: Database):
    with tenants.writing() as connection:
        mine, theirs = invite(connection), invite(connection, OTHER)
        assert come(connection) is None
        assert come(connection, tenant_id=OTHER.tenant_id) == theirs
        assert come(connection) == theirs
        assert come(connection, subject="2", tenant_id=OTHER.tenant_id) is None
        assert come(connection, tenant_id=CALLER.tenant_id) == mine
        assert come(connection) is None, "somebody of two tenants says which one they want"
        assert come(connection, tenant_id=OTHER.tenant_id) == theirs


def test_the_last_administrator_stays(tenants: Database):
    with tenants.writing() as connection:
        first, second = (
            create_person(connection, CALLER, email=f"{n}@x.example", name=n, role="admin", password_hash=None, now=NOW)
            for n in "ab"
        )
        change_person(connection, CALLER, first, now=NOW, state="disabled")
        for change in ({"state": "disabled"}, {"role": "analyst"}):
            with pytest.raises(ConflictError, match="last administrator"), connection.savepoint():
                change_person(connection, CALLER, second, now=NOW, **change)
        change_person(connection, CALLER, first, now=NOW, state="active")
        change_person(connection, CALLER, second, now=NOW, role="analyst")
