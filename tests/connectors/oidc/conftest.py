"""A provider on loopback for each test; its keys are made once, as that takes a while."""

from collections.abc import Iterator

import pytest
from joserfc.jwk import RSAKey

from tests.connectors.oidc.local_provider import LocalProvider


@pytest.fixture(autouse=True)
def _without_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of the machine that runs the tests has no way to this loopback."""
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture(scope="session")
def rsa() -> RSAKey:
    return RSAKey.generate_key(2_048, {"kid": "rsa-1", "use": "sig"})


@pytest.fixture(scope="session")
def another_rsa() -> RSAKey:
    return RSAKey.generate_key(2_048, {"kid": "rsa-1"})


@pytest.fixture
def local(rsa: RSAKey) -> Iterator[LocalProvider]:
    with LocalProvider(rsa) as started:
        yield started
