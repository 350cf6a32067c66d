"""A whole login against the local provider, in one call or in two."""

import pytest

from doorstep.connectors.oidc import Client, Identity, Provider
from doorstep.foundation import UpstreamError
from tests.connectors.oidc.local_provider import CLIENT_ID, NOW, REDIRECT, SECRET, LocalProvider

CLIENT = Client(client_id=CLIENT_ID, client_secret=SECRET, allow_loopback=True, timeout_s=5)
VERIFIER = "v" * 43
NONCE = "nonce-1"
KEYS = "/realm/keys"
DESCRIPTION = "/realm/.well-known/openid-configuration"


def begin(provider: Provider, local: LocalProvider) -> str:
    url = provider.authorization_url(state="state-1", nonce=NONCE, verifier=VERIFIER, redirect_uri=REDIRECT)
    return local.log_in(url)


def finish(provider: Provider, code: str, *, nonce: str = NONCE, now: int = NOW, verifier: str = VERIFIER) -> Identity:
    return provider.exchange(code, verifier=verifier, redirect_uri=REDIRECT, nonce=nonce, now=now)


def login(local: LocalProvider, *, client: Client = CLIENT, nonce: str = NONCE, now: int = NOW) -> Identity:
    provider = Provider.discover(local.issuer, client=client)
    try:
        return finish(provider, begin(provider, local), nonce=nonce, now=now)
    finally:
        provider.close()


def refused(local: LocalProvider, said_: str, *, now: int = NOW) -> None:
    with pytest.raises(UpstreamError, match=said_):
        login(local, now=now)
