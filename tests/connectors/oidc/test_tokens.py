"""Every way in which an id_token can be wrong, and the leeway within which it is not."""

import base64
import hashlib
import hmac
import json

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from doorstep.foundation import UpstreamError
from tests.connectors.oidc.local_provider import CLIENT_ID, NOW, LocalProvider, said
from tests.connectors.oidc.logins import NONCE, login, refused


def unsigned(header: dict[str, object], claims: dict[str, object]) -> str:
    parts = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, claims))
    return ".".join((*parts, ""))


def good_claims(local: LocalProvider) -> dict[str, object]:
    return {"iss": local.issuer, "sub": "x", "aud": CLIENT_ID, "iat": NOW, "exp": NOW + 300, "nonce": NONCE}


def test_the_wrong_nonce_is_refused(local):
    local.claims = {"nonce": "of another login"}
    refused(local, "the id_token is not valid: .*nonce")


def test_the_nonce_of_another_login_is_refused(local):
    with pytest.raises(UpstreamError, match="nonce"):
        login(local, nonce="nonce-2")


@pytest.mark.parametrize("audience", ["somebody else", ["somebody", "else"], [], ""])
def test_the_wrong_audience_is_refused(local, audience):
    local.claims = {"aud": audience}
    refused(local, "the id_token is not valid: .*aud")


@pytest.mark.parametrize("claims", [{"aud": [CLIENT_ID, "other"]}, {"azp": "other"}])
def test_a_token_for_several_whose_authorized_party_is_not_us_is_refused(local, claims):
    local.claims = claims
    refused(local, "authorized party is another client")


def test_the_wrong_issuer_is_refused(local):
    local.claims = {"iss": "https://elsewhere.example"}
    refused(local, "the id_token is not valid: .*iss")


def test_an_expired_token_is_refused_beyond_a_minute_of_leeway(local):
    assert login(local, now=NOW + 300 + 59).subject == "person-1"
    refused(local, "the id_token is not valid: .*expired", now=NOW + 300 + 60)


def test_a_token_from_the_future_is_refused_beyond_a_minute_of_leeway(local):
    assert login(local, now=NOW - 60).subject == "person-1"
    refused(local, "the id_token is not valid: .*future", now=NOW - 61)


@pytest.mark.parametrize("claim", ["iss", "sub", "aud", "exp", "iat", "nonce"])
def test_a_token_without_a_claim_that_matters_is_refused(local, claim):
    local.dropped = frozenset({claim})
    refused(local, f"the id_token is not valid: .*{claim}")


def test_a_token_without_a_signature_is_refused(local):
    for algorithm in ("none", "None", "NONE"):
        local.token = unsigned({"alg": algorithm, "kid": "rsa-1"}, good_claims(local))
        refused(local, "the id_token is not valid")


def test_a_token_whose_signature_was_cut_off_is_refused(local, rsa):
    whole = jwt.encode({"alg": "RS256", "kid": "rsa-1"}, good_claims(local), rsa)
    local.token = whole.rsplit(".", 1)[0] + "."
    refused(local, "the id_token is not valid")


def test_a_token_signed_with_the_public_key_as_a_secret_is_refused(local, rsa):
    signed = unsigned({"alg": "HS256", "kid": "rsa-1"}, good_claims(local)).removesuffix(".")
    mac = hmac.digest(rsa.as_pem(private=False), signed.encode(), hashlib.sha256)
    local.token = f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    refused(local, "the id_token is not valid: .*HS256")


def test_a_token_signed_by_the_wrong_key_of_the_same_name_is_refused(local, another_rsa):
    local.token = jwt.encode({"alg": "RS256", "kid": "rsa-1"}, good_claims(local), another_rsa)
    refused(local, "the id_token is not valid: .*signature")


def test_a_token_that_brings_its_own_key_is_refused(local, another_rsa):
    header = {"alg": "RS256", "jwk": another_rsa.as_dict(private=False)}
    local.token = jwt.encode(header, good_claims(local), another_rsa)
    refused(local, "the id_token is not valid")


def test_an_algorithm_that_does_not_fit_the_key_is_refused(local, rsa):
    elliptic = ECKey.generate_key("P-256", {"kid": "rsa-1"})
    local.token = jwt.encode({"alg": "ES256", "kid": "rsa-1"}, good_claims(local), elliptic)
    refused(local, "the id_token is not valid")


@pytest.mark.parametrize("token", ["", "a", "a.b", "a.b.c", "é.é.é", "....", "e30.e30.e30"])
def test_a_token_that_is_none_is_refused(local, token):
    local.raw["/realm/token"] = said({"id_token": token})
    refused(local, "the id_token is not valid")
