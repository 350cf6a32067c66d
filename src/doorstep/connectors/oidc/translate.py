"""The words of OpenID Connect: what a provider says of itself, where a person is sent, who came back."""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote_plus, urlencode, urlsplit

from doorstep.connectors.oidc.settings import Client
from doorstep.foundation import InputError, UpstreamError

ALGORITHMS = ("RS256", "ES256")
VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")
WELL_KNOWN = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What doorstep uses of a provider's description; ``userinfo_endpoint`` may be empty."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str
    secret_in_form: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A person as the provider knows them: ``issuer`` and ``subject`` together are who it is, for ever.

    Email and name may change, or be empty. An address that is not verified is only what somebody typed.
    """

    issuer: str
    subject: str
    email: str
    email_verified: bool
    name: str


def to_metadata(issuer: str, said: Mapping[str, object]) -> Metadata:
    """Return a provider's description.

    Raises
    ------
    UpstreamError
        If it describes another issuer, lacks an endpoint, or offers no way that doorstep takes.
    """
    if said.get("issuer") != issuer:
        raise UpstreamError(
            f"the description at {issuer} is of issuer {said.get('issuer')!r}.",
            hint="Maybe the issuer is written with, or without, a slash at its end.",
        )
    endpoints = {name: _text(said, name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
    missing = [name for name, value in endpoints.items() if not value]
    if missing:
        raise UpstreamError(f"the description of issuer {issuer} has no {' and no '.join(missing)}.")
    _check_offers(issuer, said, "id_token_signing_alg_values_supported", ALGORITHMS)
    _check_offers(issuer, said, "code_challenge_methods_supported", ("S256",))
    methods = said.get("token_endpoint_auth_methods_supported")
    in_form = isinstance(methods, list) and "client_secret_post" in methods and "client_secret_basic" not in methods
    return Metadata(
        issuer=issuer, userinfo_endpoint=_text(said, "userinfo_endpoint"), secret_in_form=in_form, **endpoints
    )


def to_authorization_url(
    metadata: Metadata, client: Client, *, state: str, nonce: str, verifier: str, redirect_uri: str
) -> str:
    """Return where a person is sent to log in."""
    asked = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(client.scopes),
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge_of(verifier),
        "code_challenge_method": "S256",
    }
    joint = "&" if urlsplit(metadata.authorization_endpoint).query else "?"
    return metadata.authorization_endpoint + joint + urlencode(asked)


def to_token_request(
    metadata: Metadata, client: Client, *, code: str, verifier: str, redirect_uri: str
) -> tuple[dict[str, str], str]:
    """Return the form that turns a code into tokens, and the Authorization header beside it, maybe empty."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
        "client_id": client.client_id,
    }
    if not client.client_secret:
        return form, ""
    if metadata.secret_in_form:
        return form | {"client_secret": client.client_secret}, ""
    # RFC 6749, 2.3.1: both are form-encoded before they are joined.
    pair = f"{quote_plus(client.client_id)}:{quote_plus(client.client_secret)}"
    return form, "Basic " + base64.b64encode(pair.encode()).decode()


def to_identity(issuer: str, claims: Mapping[str, object]) -> Identity:
    """Return the person that claims are about."""
    return Identity(
        issuer=issuer,
        subject=_text(claims, "sub"),
        email=_text(claims, "email"),
        email_verified=claims.get("email_verified") is True,
        name=_text(claims, "name") or _text(claims, "preferred_username"),
    )


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a PKCE verifier.

    Raises
    ------
    InputError
        If it is not 43 to 128 letters, digits and ``-._~``.

    References
    ----------
    RFC 7636, 4.1 and 4.2.
    """
    if not VERIFIER.fullmatch(verifier):
        raise InputError("a PKCE verifier must be 43 to 128 letters, digits and -._~ long.")
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _check_offers(issuer: str, said: Mapping[str, object], name: str, ours: tuple[str, ...]) -> None:
    """Check that a provider which lists its ways lists one of ours; one that does not is tried."""
    offered = said.get(name)
    if isinstance(offered, list) and not set(ours) & {way for way in offered if isinstance(way, str)}:
        raise UpstreamError(f"issuer {issuer} offers {offered} as {name}; doorstep needs {' or '.join(ours)}.")


def _text(said: Mapping[str, object], name: str) -> str:
    value = said.get(name)
    return value if isinstance(value, str) else ""
