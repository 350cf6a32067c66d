"""Signing in by an identity provider on loopback: from the first redirect to the session, in one browser only."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import RSAKey
from starlette.testclient import TestClient

from doorstep.api.access.openid import AGAIN_AFTER_S
from tests.api.desks import OTHER, Shop, opened
from tests.api.v1.sign_in import ZOE, audited, cookie_fields, invited
from tests.connectors.oidc.local_provider import CLIENT_ID, NOW, SECRET, LocalProvider
from tests.databases import CALLER, add_tenant, sqlite_copy

START, CALLBACK = "/v1/auth/oidc/start", "/v1/auth/oidc/callback"
PUBLIC = "http://127.0.0.1:8000"
DESCRIPTION = "/realm/.well-known/openid-configuration"


@pytest.fixture(scope="session")
def signer() -> RSAKey:
    return RSAKey.generate_key(2_048, {"kid": "rsa-1", "use": "sig"})


@pytest.fixture
def local(signer: RSAKey, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalProvider]:
    """Run a provider; a proxy of the machine that runs the tests has no way to it."""
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("no_proxy", "*")
    with LocalProvider(signer) as started:
        yield started


@pytest.fixture
def shop(sqlite_template: Path, tmp_path: Path, local: LocalProvider) -> Iterator[Shop]:
    """Open a shop whose people come by the provider."""
    known = {"oidc_issuer": local.issuer, "oidc_client_id": CLIENT_ID, "oidc_client_secret": SECRET}
    with sqlite_copy(sqlite_template, tmp_path) as database:
        add_tenant(database)
        with opened(database, stock=None, **known) as shop:
            shop.clock.at = NOW
            yield shop
            shop.app.state.openid.close()


def browser(shop: Shop) -> TestClient:
    client = shop.client("")
    client.follow_redirects = False
    return client


def go(client: TestClient, local: LocalProvider, **asked: str) -> dict[str, str]:
    """Go to the provider, log in there, and return what the browser is sent back with."""
    answer = client.get(START, params=asked)
    assert answer.status_code == 303, answer.text
    address = answer.headers["location"]
    assert parse_qs(urlsplit(address).query)["redirect_uri"] == [PUBLIC + CALLBACK]
    return {"code": local.log_in(address), "state": parse_qs(urlsplit(address).query)["state"][0]}


def refused(answer) -> bool:
    return (answer.status_code, answer.json()["code"]) == (401, "login_refused") and not answer.cookies


def test_who_was_invited_comes_in_and_sees_the_page_they_wanted(shop: Shop, local: LocalProvider):
    person_id = invited(shop, password=None)
    client = browser(shop)
    answer = client.get(CALLBACK, params=go(client, local, to="/orders/today?state=placed"))
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PUBLIC}/orders/today?state=placed")
    session, ended = sorted(answer.headers.get_list("set-cookie"), key=lambda text: "login" in text)
    assert cookie_fields(session)["httponly"] is True
    assert cookie_fields(session)["max-age"] == "43200"
    assert cookie_fields(ended, "doorstep_login")["max-age"] == "0"
    told = client.get("/v1/auth/session").json()
    assert (told["person_id"], told["email"]) == (person_id, ZOE)
    assert audited(shop, person_id)[1:] == [(person_id, "link", local.issuer), (person_id, "login", local.issuer)]
    assert shop.client().get(f"/v1/people/{person_id}").json()["issuer"] == local.issuer


def test_the_browser_keeps_one_secret_that_no_script_reads_and_the_provider_never_sees(shop, local):
    answer = browser(shop).get(START)
    kept = answer.cookies["doorstep_login"].strip('"').partition(".")[0]
    assert cookie_fields(answer.headers["set-cookie"], "doorstep_login") == {
        "httponly": True,
        "max-age": "600",
        "path": "/",
        "samesite": "lax",
    }
    assert kept not in answer.headers["location"]
    said = parse_qs(urlsplit(answer.headers["location"]).query)
    assert len({kept, *(said[name][0] for name in ("state", "nonce", "code_challenge"))}) == 4


def test_each_login_has_secrets_of_its_own(shop, local):
    first, second = (browser(shop).get(START).headers["location"] for _ in range(2))
    assert all(
        parse_qs(urlsplit(first).query)[name] != parse_qs(urlsplit(second).query)[name]
        for name in ("state", "nonce", "code_challenge")
    )


@pytest.mark.parametrize(
    "to",
    ["//evil.example", "/\\evil.example", "https://evil.example", "evil", "", "/a//b", "/a\nb", "/é", "/" + "a" * 500],
)
def test_a_login_ends_on_this_host(shop: Shop, local: LocalProvider, to: str):
    answer = browser(shop).get(START, params={"to": to})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


def test_a_cookie_that_was_changed_leads_nowhere_else(shop: Shop, local: LocalProvider):
    invited(shop, password=None)
    client = browser(shop)
    back = go(client, local)
    secret = client.cookies["doorstep_login"].strip('"').partition(".")[0]
    for kept in (f"{secret}..//evil.example", f"{secret}..https://evil.example", secret, f"{secret.lower()}../", "x"):
        forged = shop.client("", headers={"Cookie": f'doorstep_login="{kept}"'})
        forged.follow_redirects = False
        assert refused(forged.get(CALLBACK, params=back))
    assert client.get(CALLBACK, params=back).status_code == 303


def test_another_browser_cannot_end_a_login(shop: Shop, local: LocalProvider):
    invited(shop, password=None)
    victim, attacker = browser(shop), browser(shop)
    back = go(attacker, local)
    assert refused(victim.get(CALLBACK, params=back))
    go(victim, local)
    assert refused(victim.get(CALLBACK, params=back))
    assert "/realm/token" not in local.asked


@pytest.mark.parametrize("change", [{"state": "x"}, {"state": "é"}, {"state": ""}, {"code": ""}, {"code": "guess"}])
def test_a_state_or_code_that_is_not_of_this_login_is_refused(shop, local, change):
    invited(shop, password=None)
    client = browser(shop)
    assert refused(client.get(CALLBACK, params=go(client, local) | change))


def test_a_login_that_the_person_broke_off_is_refused(shop: Shop, local: LocalProvider):
    client = browser(shop)
    back = go(client, local)
    assert refused(client.get(CALLBACK, params={"error": "access_denied", "state": back["state"]}))


def test_a_code_is_good_once(shop: Shop, local: LocalProvider):
    invited(shop, password=None)
    client = browser(shop)
    back = go(client, local)
    kept = client.cookies["doorstep_login"]
    assert client.get(CALLBACK, params=back).status_code == 303
    again = shop.client("", headers={"Cookie": f"doorstep_login={kept}"})
    assert refused(again.get(CALLBACK, params=back))


def test_an_address_that_the_provider_has_not_verified_opens_nothing(shop: Shop, local: LocalProvider):
    person_id = invited(shop, password=None)
    local.claims = {"email_verified": False}
    client = browser(shop)
    assert refused(client.get(CALLBACK, params=go(client, local)))
    assert len(audited(shop, person_id)) == 1


def test_who_was_not_invited_stays_out(shop: Shop, local: LocalProvider):
    client = browser(shop)
    assert refused(client.get(CALLBACK, params=go(client, local)))


def test_who_is_disabled_stays_out(shop: Shop, local: LocalProvider):
    person_id = invited(shop, password=None)
    shop.client().patch(f"/v1/people/{person_id}", json={"state": "disabled"})
    client = browser(shop)
    assert refused(client.get(CALLBACK, params=go(client, local)))
    assert audited(shop, person_id)[-1] == ("nobody", "login_failed", "disabled")


def test_of_several_tenants_the_one_that_was_named_is_entered(shop: Shop, local: LocalProvider):
    mine = invited(shop, password=None)
    theirs = invited(shop, caller=OTHER, password=None)
    client = browser(shop)
    assert refused(client.get(CALLBACK, params=go(client, local)))
    assert client.get(CALLBACK, params=go(client, local, tenant_id=OTHER.tenant_id)).status_code == 303
    assert client.get("/v1/auth/session").json()["person_id"] == theirs
    assert client.get(CALLBACK, params=go(client, local, tenant_id=CALLER.tenant_id)).status_code == 303
    assert client.get("/v1/auth/session").json()["person_id"] == mine


def test_the_session_that_the_browser_had_ends(shop: Shop, local: LocalProvider):
    invited(shop, password=None)
    client = browser(shop)
    client.get(CALLBACK, params=go(client, local))
    before = client.cookies["doorstep_session"]
    client.get(CALLBACK, params=go(client, local))
    stolen = shop.client("", headers={"Cookie": f"doorstep_session={before}"})
    assert stolen.get("/v1/auth/session").status_code == 401


def test_a_token_that_is_not_valid_is_the_providers_fault(shop: Shop, local: LocalProvider):
    invited(shop, password=None)
    client = browser(shop)
    local.claims = {"nonce": "of another login"}
    answer = client.get(CALLBACK, params=go(client, local))
    assert (answer.status_code, answer.json()["code"], "nonce" in answer.text) == (502, "upstream", False)


def test_the_provider_describes_itself_once(shop: Shop, local: LocalProvider):
    for _ in range(3):
        go(browser(shop), local)
    assert local.asked.count(DESCRIPTION) == 1


def test_a_provider_that_is_away_is_asked_again_after_some_seconds_only(shop: Shop, local: LocalProvider):
    local.raw[DESCRIPTION] = (500, b"{}")
    for _ in range(3):
        assert browser(shop).get(START).json()["code"] == "upstream"
    assert local.asked.count(DESCRIPTION) == 1
    local.raw.clear()
    shop.hand.at += AGAIN_AFTER_S
    assert browser(shop).get(START).status_code == 303


def test_connections_to_the_provider_are_closed_when_the_server_ends(shop: Shop, local: LocalProvider):
    with browser(shop) as client:
        go(client, local)
        provider = shop.app.state.openid._provider
        assert not provider._transport._pool.is_closed
    assert provider._transport._pool.is_closed


@pytest.mark.parametrize("path", [START, CALLBACK])
def test_without_a_provider_in_the_settings_there_is_no_such_way(shop: Shop, path: str):
    shop.settings = shop.settings.model_copy(update={"oidc_issuer": ""})
    answer = browser(shop).get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_configured")
