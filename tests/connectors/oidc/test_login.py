"""Logins with a real provider on loopback: who comes back, and what a provider must be for that."""

import socket

import pytest
from joserfc.jwk import ECKey, RSAKey

from doorstep.connectors.oidc import Client, Identity, Provider
from doorstep.connectors.oidc.translate import challenge_of
from doorstep.foundation import InputError, UpstreamError
from tests.connectors.oidc.local_provider import CLIENT_ID, REDIRECT, SECRET, LocalProvider, said
from tests.connectors.oidc.logins import CLIENT, DESCRIPTION, KEYS, VERIFIER, begin, finish, login, refused


def test_a_person_comes_back_as_who_the_provider_says_they_are(local):
    assert login(local) == Identity(
        issuer=local.issuer, subject="person-1", email="zoe@shop.example", email_verified=True, name="Zoë"
    )


def test_the_browser_is_sent_with_state_nonce_challenge_and_scopes(local):
    local.description = {"authorization_endpoint": "https://login.example/go?tenant=1"}
    provider = Provider.discover(local.issuer, client=CLIENT)
    url = provider.authorization_url(state="s t", nonce="n", verifier=VERIFIER, redirect_uri=REDIRECT)
    provider.close()
    assert url == (
        "https://login.example/go?tenant=1&response_type=code&client_id=doorstep+console"
        "&redirect_uri=https%3A%2F%2Fshop.example%2Fback&scope=openid+email+profile&state=s+t&nonce=n"
        f"&code_challenge={challenge_of(VERIFIER)}&code_challenge_method=S256"
    )


def test_the_challenge_is_that_of_the_example_in_rfc_7636():
    assert challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_an_elliptic_key_and_an_audience_of_one_in_a_list_will_do():
    with LocalProvider(ECKey.generate_key("P-256", {"kid": "ec-1"}), algorithm="ES256") as local:
        local.claims = {"aud": [CLIENT_ID], "azp": CLIENT_ID}
        local.header = {"x-of-their-own": "1"}
        assert login(local).subject == "person-1"


def test_a_client_that_proves_itself_in_the_form_or_not_at_all_will_do(local):
    local.description = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert login(local).subject == "person-1"
    local.public = True
    assert login(local, client=Client(client_id=CLIENT_ID, allow_loopback=True)).subject == "person-1"


def test_a_key_that_is_new_is_fetched_once_more(local, rsa):
    provider = Provider.discover(local.issuer, client=CLIENT)
    finish(provider, begin(provider, local))
    finish(provider, begin(provider, local))
    assert local.asked.count(KEYS) == 1
    local.signer = RSAKey.generate_key(2_048, {"kid": "rsa-2"})
    assert finish(provider, begin(provider, local)).subject == "person-1"
    assert local.asked.count(KEYS) == 2
    local.published = [rsa.as_dict(private=False)]
    local.signer = RSAKey.generate_key(2_048, {"kid": "rsa-3"})
    with pytest.raises(UpstreamError, match="signed by a key that is not known"):
        finish(provider, begin(provider, local))
    assert local.asked.count(KEYS) == 3
    provider.close()


def test_keys_that_doorstep_cannot_use_do_not_hide_the_one_it_can(local, rsa):
    mine = rsa.as_dict(private=False)
    others: list[dict[str, object]] = [
        {"kty": "oct", "k": "c2VjcmV0", "kid": "rsa-1"},
        {"kty": "AKP", "kid": "new"},
        {"kty": "RSA", "n": "!", "e": "AQAB", "kid": "rsa-1"},
        dict(mine) | {"use": "enc"},
    ]
    local.published = [*others, dict(mine)]
    assert login(local).subject == "person-1"
    local.published = others
    refused(local, "publishes no key for RS256 or ES256")


@pytest.mark.parametrize("content", [{}, {"keys": None}, {"keys": ["x"]}])
def test_a_provider_without_keys_is_refused(local, content):
    local.raw[KEYS] = said(content)
    refused(local, "publishes no key")


def test_a_code_is_good_for_one_login_only(local):
    provider = Provider.discover(local.issuer, client=CLIENT)
    code = begin(provider, local)
    finish(provider, code)
    with pytest.raises(InputError, match=r"refuses the code of this login\. Maybe the login took too long"):
        finish(provider, code)
    provider.close()


def test_a_stolen_code_is_worth_nothing_without_the_verifier(local):
    provider = Provider.discover(local.issuer, client=CLIENT)
    with pytest.raises(InputError, match="refuses the code"):
        finish(provider, begin(provider, local), verifier="w" * 43)
    provider.close()


def test_a_client_that_the_provider_does_not_know_is_told(local):
    with pytest.raises(UpstreamError, match="answered 401 to the code of a login: invalid_client"):
        login(local, client=Client(client_id=CLIENT_ID, client_secret="wrong", allow_loopback=True))


def test_an_address_that_nobody_verified_is_marked(local):
    local.claims = {"email_verified": "true"}
    assert login(local).email_verified is False


def test_email_and_name_told_at_the_second_place_are_taken(local):
    local.dropped = frozenset({"email", "email_verified", "name"})
    local.person = {"sub": "person-1", "email": "z@shop.example", "preferred_username": "zoe"}
    found = login(local)
    assert (found.email, found.email_verified, found.name) == ("z@shop.example", False, "zoe")
    local.person = {"sub": "person-2", "email": "other@shop.example"}
    refused(local, "told about another person")


def test_the_second_place_is_not_asked_where_no_email_is_wanted(local):
    local.dropped = frozenset({"email"})
    client = Client(client_id=CLIENT_ID, client_secret=SECRET, scopes=("openid",), allow_loopback=True)
    assert login(local, client=client).email == ""
    assert "/realm/person" not in local.asked


@pytest.mark.parametrize(
    ("description", "said_"),
    [
        ({"issuer": "https://elsewhere.example"}, "is of issuer 'https://elsewhere.example'"),
        ({"jwks_uri": None, "token_endpoint": 3}, "has no token_endpoint and no jwks_uri"),
        ({"token_endpoint": "http://login.example/token"}, "must begin with https://"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "must begin with https://"),
        ({"jwks_uri": "https://[x/keys"}, "is malformed"),
        ({"code_challenge_methods_supported": ["plain"]}, "needs S256"),
        ({"id_token_signing_alg_values_supported": ["HS256", "none"]}, "needs RS256 or ES256"),
    ],
)
def test_a_description_that_doorstep_cannot_use_is_refused_at_once(local, description, said_):
    local.description = description
    with pytest.raises(UpstreamError, match=said_):
        Provider.discover(local.issuer, client=CLIENT)


@pytest.mark.parametrize(
    ("answer", "said_"),
    [
        ((500, b"{}"), "answered 500"),
        ((302, b"{}"), "answered 302"),
        ((200, b"<html>"), "answered 200 without JSON"),
        ((200, b"[1]"), "answered 200 without a JSON object"),
        ((200, b"[" * 100_000), "without JSON"),
        ((200, b" " * 1_000_001), "too long or too slow"),
    ],
)
def test_an_answer_that_is_no_description_is_refused(local, answer, said_):
    local.raw[DESCRIPTION] = answer
    with pytest.raises(UpstreamError, match=said_):
        Provider.discover(local.issuer, client=CLIENT)
    assert local.asked == [DESCRIPTION]


def test_a_provider_that_is_not_there_is_told():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with pytest.raises(UpstreamError, match="identity provider does not answer at"):
            Provider.discover(f"http://127.0.0.1:{free.getsockname()[1]}", client=CLIENT)


def test_a_provider_that_says_nothing_is_left_in_time():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = Client(client_id=CLIENT_ID, allow_loopback=True, timeout_s=0.3)
        with pytest.raises(UpstreamError, match="identity provider does not answer at"):
            Provider.discover(f"http://127.0.0.1:{silent.getsockname()[1]}", client=client)


@pytest.mark.parametrize("issuer", ["http://127.0.0.1:1", "http://login.example", "login.example", "https://"])
def test_an_issuer_that_is_not_https_is_not_called(issuer):
    with pytest.raises(UpstreamError, match="must begin with https://"):
        Provider.discover(issuer, client=Client(client_id=CLIENT_ID))


@pytest.mark.parametrize(
    ("changed", "said_"),
    [
        ({"state": ""}, "needs a state and a nonce"),
        ({"nonce": ""}, "needs a state and a nonce"),
        ({"verifier": "short"}, "PKCE verifier must be 43 to 128"),
        ({"verifier": "ä" * 50}, "PKCE verifier"),
    ],
)
def test_a_login_without_its_secrets_is_not_begun(local, changed, said_):
    provider = Provider.discover(local.issuer, client=CLIENT)
    with pytest.raises(InputError, match=said_):
        provider.authorization_url(
            **{"state": "s", "nonce": "n", "verifier": VERIFIER, "redirect_uri": REDIRECT} | changed
        )
    with pytest.raises(InputError, match="the nonce that it began with"):
        finish(provider, "code", nonce="")
    provider.close()


@pytest.mark.parametrize(("changed", "said_"), [({"client_id": ""}, "client_id"), ({"scopes": ("email",)}, "openid")])
def test_a_client_that_makes_no_sense_is_refused(changed, said_):
    with pytest.raises(InputError, match=said_):
        Client(**{"client_id": CLIENT_ID} | changed)


def test_the_secret_is_not_shown():
    assert SECRET not in repr(CLIENT)
