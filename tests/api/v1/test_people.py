"""People as administrators see them: invited with a password shown once, changed, disabled, given a new password."""

from typing import get_args

import pytest

from doorstep.api.models.people import Role
from doorstep.operations import passwords
from doorstep.operations.access import ROLES
from tests.api.desks import Shop
from tests.api.v1.sign_in import PASSWORD, ZOE, audited, invited, signed_in

SOMEBODY = {"email": ZOE, "name": "Zoë", "role": "support"}


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stretch passwords for a thousandth of the price."""
    monkeypatch.setattr(passwords, "_SCRYPT", {"n": 2**5, "r": 8, "p": 1})


def test_the_api_knows_the_roles_that_there_are():
    assert set(get_args(Role)) == set(ROLES)


def test_who_is_invited_comes_in_with_the_password_that_was_shown(shop: Shop):
    answer = shop.client().post("/v1/people", json=SOMEBODY)
    made = answer.json()
    assert answer.status_code == 201
    assert (made["state"], made["has_password"], made["issuer"], len(made["password"])) == ("active", True, "", 32)
    told = signed_in(shop, password=made["password"]).get("/v1/auth/session").json()
    assert (told["person_id"], told["role"]) == (made["id"], "support")


def test_the_password_is_shown_once(shop: Shop):
    client = shop.client(headers={"Idempotency-Key": "zoe"})
    made, again = (client.post("/v1/people", json=SOMEBODY).json() for _ in range(2))
    assert again == made | {"password": ""}
    assert "password" not in shop.client().get(f"/v1/people/{made['id']}").json()


def test_who_comes_by_openid_has_no_password(shop: Shop):
    made = shop.client().post("/v1/people", json=SOMEBODY | {"sign_in": "openid"}).json()
    assert (made["has_password"], made["password"]) == (False, "")
    answer = shop.client("").post("/v1/auth/login", json={"email": ZOE, "password": ""})
    assert answer.json()["code"] == "login_refused"


def test_an_address_is_invited_once(shop: Shop):
    shop.client().post("/v1/people", json=SOMEBODY)
    assert shop.client().post("/v1/people", json=SOMEBODY).json()["code"] == "conflict"
    assert shop.client(shop.other_key).post("/v1/people", json=SOMEBODY).status_code == 201


@pytest.mark.parametrize("change", [{"email": ""}, {"email": "zoe"}, {"role": "boss"}, {"name": ""}, {"password": "x"}])
def test_what_makes_no_sense_is_refused(shop: Shop, change: dict[str, str]):
    assert shop.client().post("/v1/people", json=SOMEBODY | change).json()["code"] == "invalid"


def test_people_are_listed_the_newest_first_page_by_page(shop: Shop):
    ids = [invited(shop, email=f"p{number}@shop.example") for number in range(3)]
    client = shop.client()
    first = client.get("/v1/people?limit=2").json()
    second = client.get("/v1/people", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert [person["id"] for person in first["items"] + second["items"]] == ids[::-1]
    assert second["next_cursor"] is None
    assert client.get(f"/v1/people/{ids[0]}").json() == second["items"][0]


def test_who_is_disabled_is_out_at_once_and_comes_in_again_when_enabled(shop: Shop):
    person_id = invited(shop)
    browser, admin = signed_in(shop), shop.client()
    assert browser.get("/v1/orders").status_code == 200
    assert admin.patch(f"/v1/people/{person_id}", json={"state": "disabled"}).json()["state"] == "disabled"
    assert browser.get("/v1/orders").status_code == 401
    refused = shop.client("").post("/v1/auth/login", json={"email": ZOE, "password": PASSWORD})
    assert refused.json()["code"] == "login_refused"
    assert admin.patch(f"/v1/people/{person_id}", json={"state": "active"}).json()["state"] == "active"
    assert browser.get("/v1/orders").status_code == 401
    assert signed_in(shop).get("/v1/orders").status_code == 200


def test_a_role_that_changes_counts_at_once(shop: Shop):
    person_id = invited(shop)
    browser = signed_in(shop)
    assert browser.get("/v1/stock").status_code == 200
    changed = shop.client().patch(f"/v1/people/{person_id}", json={"role": "support", "name": "Zoe"}).json()
    assert (changed["role"], changed["name"]) == ("support", "Zoe")
    assert browser.get("/v1/stock").status_code == 403


def test_an_administrator_who_is_signed_in_administers_others_but_not_themself(shop: Shop):
    me, other = invited(shop, role="admin"), invited(shop, email="al@shop.example")
    browser = signed_in(shop)
    assert browser.patch(f"/v1/people/{other}", json={"role": "admin"}).status_code == 200
    assert browser.patch(f"/v1/people/{me}", json={"state": "disabled"}).json()["code"] == "conflict"
    assert audited(shop, other)[-1] == (me, "change_role", "dispatcher to admin")


def test_a_new_password_is_shown_once_and_ends_every_session(shop: Shop):
    person_id = invited(shop)
    browser = signed_in(shop)
    client = shop.client(headers={"Idempotency-Key": "reset"})
    given, again = (client.post(f"/v1/people/{person_id}/reset-password").json() for _ in range(2))
    assert again == given | {"password": ""}
    assert browser.get("/v1/auth/session").status_code == 401
    old = shop.client("").post("/v1/auth/login", json={"email": ZOE, "password": PASSWORD})
    assert old.status_code == 401
    assert signed_in(shop, password=given["password"]).get("/v1/auth/session").status_code == 200
