"""Signing in by password and out again: what a browser keeps, what it may do, and how long guessing is possible."""

import hashlib
from typing import Any

import pytest
from sqlalchemy import update

from doorstep.api.access.logins import MOST_FOR_ONE, MOST_FROM_ADDRESS
from doorstep.operations import passwords
from doorstep.operations.people import set_password
from doorstep.storage.schema.access import people
from tests.api.desks import OTHER, Shop, basket, opened
from tests.api.v1.sign_in import PASSWORD, ZOE, audited, cookie_fields, invited, signed_in
from tests.databases import CALLER, NOW, add_tenant, sqlite_copy


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stretch passwords for a thousandth of the price; how much it is in earnest has a test of its own."""
    monkeypatch.setattr(passwords, "_SCRYPT", {"n": 2**5, "r": 8, "p": 1})


def login(shop: Shop, email: str = ZOE, password: str = PASSWORD, **more: object):
    return shop.client("").post("/v1/auth/login", json={"email": email, "password": password} | more)


def test_who_signs_in_gets_a_cookie_and_is_told_who_they_are(shop: Shop):
    person_id = invited(shop)
    answer = login(shop, email="Zoe@Shop.example")
    assert answer.status_code == 200
    told = answer.json()
    assert (told["person_id"], told["tenant_id"], told["email"]) == (person_id, CALLER.tenant_id, ZOE)
    assert (told["name"], told["role"], "orders:write" in told["scopes"]) == ("Zoë", "dispatcher", True)
    assert cookie_fields(answer.headers["set-cookie"]) == {
        "httponly": True,
        "max-age": "43200",
        "path": "/",
        "samesite": "lax",
    }
    assert answer.cookies["doorstep_session"] not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert audited(shop, person_id)[1:] == [(person_id, "login", "password")]


def test_a_session_lasts_as_long_as_the_settings_say(sqlite_template, tmp_path):
    with sqlite_copy(sqlite_template, tmp_path) as database:
        add_tenant(database)
        with opened(database, stock=None, session_hours=1) as shop:
            invited(shop)
            browser = signed_in(shop)
            assert cookie_fields(login(shop).headers["set-cookie"])["max-age"] == "3600"
            shop.clock.at += 3_599
            assert browser.get("/v1/auth/session").status_code == 200
            shop.clock.at += 1
            shop.hand.at += 6
            assert browser.get("/v1/auth/session").json()["code"] == "unauthenticated"


@pytest.mark.parametrize(
    ("public_url", "base", "secure"),
    [
        ("http://127.0.0.1:8000", "http://testserver", False),
        ("http://localhost", "http://testserver", False),
        ("http://[::1]:8000", "http://testserver", False),
        ("http://127.0.0.1:8000", "https://testserver", True),
        ("https://shop.example", "http://testserver", True),
        ("http://shop.example", "http://testserver", True),
    ],
)
def test_the_cookie_goes_over_tls_only_unless_it_stays_on_this_machine(shop: Shop, public_url, base, secure):
    shop.settings = shop.settings.model_copy(update={"public_url": public_url})
    invited(shop)
    client = shop.client("")
    client.base_url = base
    answer = client.post("/v1/auth/login", json={"email": ZOE, "password": PASSWORD})
    assert ("secure" in cookie_fields(answer.headers["set-cookie"])) is secure


def test_whatever_is_wrong_the_answer_is_the_same(shop: Shop):
    invited(shop)
    invited(shop, email="off@shop.example")
    invited(shop, email="openid@shop.example", password=None)
    invited(shop, email="both@shop.example")
    invited(shop, email="both@shop.example", caller=OTHER)
    with shop.database.writing() as connection:
        connection.execute(update(people).where(people.c.email == "off@shop.example").values(disabled_at=NOW))
    answers = [
        login(shop, password="wrong horse battery"),
        login(shop, password=""),
        login(shop, email="nobody@shop.example"),
        login(shop, email="off@shop.example"),
        login(shop, email="openid@shop.example"),
        login(shop, email="both@shop.example"),
        login(shop, tenant_id=OTHER.tenant_id),
    ]
    told = [answer.json() | {"request_id": ""} for answer in answers]
    assert {answer.status_code for answer in answers} == {401}
    assert all(one == told[0] for one in told)
    assert told[0]["code"] == "login_refused"
    assert not any("set-cookie" in answer.headers for answer in answers)


def test_as_much_is_stretched_for_those_whom_nobody_knows(shop: Shop, monkeypatch):
    invited(shop)
    invited(shop, email="openid@shop.example", password=None)
    stretched: list[dict[str, int]] = []
    really = hashlib.scrypt

    def counted(raw: bytes, **how: Any) -> bytes:
        stretched.append({name: how[name] for name in "nrp"})
        return really(raw, **how)

    monkeypatch.setattr(hashlib, "scrypt", counted)
    for email in (ZOE, "nobody@shop.example", "openid@shop.example"):
        login(shop, email=email, password="wrong horse battery")
    assert stretched == [passwords._SCRYPT] * 3


def test_failed_logins_of_people_who_exist_are_audited_without_what_was_typed(shop: Shop):
    person_id = invited(shop)
    login(shop, password="wrong horse battery")
    with shop.database.writing() as connection:
        connection.execute(update(people).values(disabled_at=NOW))
    login(shop)
    assert audited(shop, person_id)[1:] == [
        ("nobody", "login_failed", "wrong password"),
        ("nobody", "login_failed", "disabled"),
    ]


def test_of_several_tenants_one_is_named(shop: Shop):
    invited(shop)
    theirs = invited(shop, caller=OTHER)
    assert login(shop).status_code == 401
    assert login(shop, tenant_id=OTHER.tenant_id).json()["person_id"] == theirs


def test_a_password_that_was_changed_while_it_was_checked_opens_nothing(shop: Shop, monkeypatch):
    person_id = invited(shop)
    really = hashlib.scrypt

    def meanwhile(raw: bytes, **how: Any) -> bytes:
        with shop.database.writing() as connection:
            set_password(connection, CALLER, person_id, "another", now=NOW)
        return really(raw, **how)

    monkeypatch.setattr(hashlib, "scrypt", meanwhile)
    assert login(shop).json()["code"] == "login_refused"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b'{"email": "zoe@shop.example", "password": "correct horse battery"}', "text/plain"),
        (b"email=zoe%40shop.example&password=correct+horse+battery", "application/x-www-form-urlencoded"),
        (b'{"email": "zoe@shop.example", "password": "correct horse battery"}', None),
    ],
)
def test_a_form_of_another_site_cannot_sign_anybody_in(shop: Shop, content, kind):
    invited(shop)
    answer = shop.client("").post("/v1/auth/login", content=content, headers={"Content-Type": kind} if kind else {})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    assert "set-cookie" not in answer.headers


def test_after_ten_failures_even_the_right_password_waits_a_quarter_of_an_hour(shop: Shop):
    person_id = invited(shop)
    for _ in range(MOST_FOR_ONE):
        assert login(shop, password="wrong horse battery").status_code == 401
    shop.hand.at += 60
    stopped = login(shop, email="ZOE@shop.example")
    assert (stopped.status_code, stopped.json()["code"], stopped.headers["retry-after"]) == (429, "rate_limited", "840")
    assert login(shop, email="al@shop.example").status_code == 401
    shop.hand.at += 840
    assert login(shop).status_code == 200
    assert len(audited(shop, person_id)) == 1 + MOST_FOR_ONE + 1


def test_many_names_from_one_address_are_stopped_too(shop: Shop):
    for number in range(MOST_FROM_ADDRESS):
        assert login(shop, email=f"n{number}@shop.example").status_code == 401
    assert login(shop, email="one-more@shop.example").status_code == 429


def test_who_succeeds_starts_from_nothing(shop: Shop):
    invited(shop)
    for _ in range(2):
        for _ in range(2):
            assert login(shop, password="wrong horse battery").status_code == 401
        assert login(shop).status_code == 200
    assert [len(begun) for begun in shop.app.state.logins._attempts._begun.values()] == [4]


def test_a_page_that_is_loaded_again_gets_its_word_again(shop: Shop):
    invited(shop)
    browser = signed_in(shop)
    told = browser.get("/v1/auth/session").json()
    assert told["csrf"] == browser.headers["X-CSRF-Token"]
    assert told == login(shop).json() | {"csrf": told["csrf"]}


def test_what_changes_something_needs_the_word(shop: Shop):
    invited(shop)
    browser = signed_in(shop)
    assert browser.post("/v1/orders", json=basket()).status_code == 201
    del browser.headers["X-CSRF-Token"]
    for path in ("/v1/orders", "/v1/auth/logout", "/v1/auth/password"):
        assert browser.post(path, json=basket()).json()["code"] == "forbidden"
    assert browser.get("/v1/auth/session").status_code == 200


def test_who_signs_out_is_out_at_once_and_the_cookie_is_gone(shop: Shop):
    person_id = invited(shop)
    browser, other = signed_in(shop), signed_in(shop)
    secret = browser.cookies["doorstep_session"]
    answer = browser.post("/v1/auth/logout")
    assert (answer.status_code, cookie_fields(answer.headers["set-cookie"])["path"]) == (204, "/")
    assert "doorstep_session" not in browser.cookies
    stolen = shop.client("", headers={"Cookie": f"doorstep_session={secret}"})
    assert stolen.get("/v1/auth/session").status_code == 401
    assert other.get("/v1/auth/session").status_code == 200
    assert audited(shop, person_id)[-1] == (person_id, "logout", "")


def test_signing_in_once_more_ends_the_session_before(shop: Shop):
    invited(shop)
    browser = signed_in(shop)
    before = browser.cookies["doorstep_session"]
    browser.post("/v1/auth/login", json={"email": ZOE, "password": PASSWORD})
    assert browser.cookies["doorstep_session"] != before
    stolen = shop.client("", headers={"Cookie": f"doorstep_session={before}"})
    assert stolen.get("/v1/auth/session").status_code == 401


def test_the_cookie_is_found_among_those_of_other_pages(shop: Shop):
    invited(shop)
    secret = signed_in(shop).cookies["doorstep_session"]
    odd = f'theirs={{"a": [1,2]}}; =; b@d key=1; doorstep_session={secret}; x'
    assert shop.client("", headers={"Cookie": odd}).get("/v1/auth/session").status_code == 200


def test_people_change_their_own_password_and_stay_signed_in_here_only(shop: Shop):
    invited(shop)
    here, there = signed_in(shop), signed_in(shop)
    wrong = here.post("/v1/auth/password", json={"current": "wrong horse battery", "new": "a better password"})
    short = here.post("/v1/auth/password", json={"current": PASSWORD, "new": "short"})
    assert (wrong.status_code, short.status_code) == (401, 422)
    assert "short" not in short.text.replace("too_short", "")
    assert here.post("/v1/auth/password", json={"current": PASSWORD, "new": "a better password"}).status_code == 204
    assert [browser.get("/v1/auth/session").status_code for browser in (here, there)] == [200, 401]
    assert [login(shop, password=word).status_code for word in (PASSWORD, "a better password")] == [401, 200]


def test_who_guesses_the_present_password_in_an_open_session_must_wait(shop: Shop):
    person_id = invited(shop)
    browser = signed_in(shop)
    wrong = {"current": "wrong horse battery", "new": "a better password"}
    answers = [browser.post("/v1/auth/password", json=wrong).status_code for _ in range(MOST_FOR_ONE + 1)]
    assert answers == [401] * MOST_FOR_ONE + [429]
    assert audited(shop, person_id)[-1] == ("nobody", "login_failed", "wrong password")


def test_a_login_that_cannot_be_noted_is_refused_all_the_same(shop: Shop):
    invited(shop)
    shop.writer.close()
    assert login(shop, password="wrong horse battery").status_code == 401
    assert login(shop).status_code == 503


def test_nothing_that_is_kept_is_exported_or_told(shop: Shop):
    invited(shop)
    told = shop.client().get("/v1/exports/people.jsonl").text
    assert (ZOE in told, "0" * 32 in told) == (True, False)
