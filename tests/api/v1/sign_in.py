"""People for tests who sign in by password, and browsers that they do it in."""

from http.cookies import SimpleCookie

from sqlalchemy import select
from starlette.testclient import TestClient

from doorstep.operations.caller import Caller
from doorstep.operations.passwords import hash_password
from doorstep.operations.people import create_person
from doorstep.storage.schema.journal import audit
from tests.api.desks import Shop
from tests.databases import CALLER, NOW

PASSWORD = "correct horse battery"
ZOE = "zoe@shop.example"


def invited(
    shop: Shop, *, email: str = ZOE, role: str = "dispatcher", caller: Caller = CALLER, password: str | None = PASSWORD
) -> str:
    """Store a person and return their id."""
    kept = None if password is None else hash_password(password, salt="0" * 32)
    with shop.database.writing() as connection:
        return create_person(connection, caller, email=email, name="Zoë", role=role, password_hash=kept, now=NOW)


def signed_in(shop: Shop, **login: object) -> TestClient:
    """Return a browser in which somebody has signed in; it sends the CSRF word along."""
    browser = shop.client("")
    answer = browser.post("/v1/auth/login", json={"email": ZOE, "password": PASSWORD} | login)
    assert answer.status_code == 200, answer.text
    browser.headers["X-CSRF-Token"] = answer.json()["csrf"]
    return browser


def cookie_fields(header: str, name: str = "doorstep_session") -> dict[str, object]:
    """Return the attributes of a cookie that are set."""
    return {field: value for field, value in SimpleCookie(header)[name].items() if value}


def audited(shop: Shop, person_id: str) -> list[tuple[str, str, str]]:
    """Return who did what to a person, and why, once the writer has nothing more to do."""
    shop.writer.call(lambda connection: None).result(10)
    query = select(audit.c.actor, audit.c.event, audit.c.reason).where(audit.c.object_id == person_id)
    with shop.database.reading() as connection:
        return [(row.actor, row.event, row.reason) for row in connection.execute(query.order_by(audit.c.audit_no))]
