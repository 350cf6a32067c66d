"""Requests to a provider: https, no redirects, an answer of bounded size that is a JSON object."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx2

from doorstep.connectors.oidc.settings import Client
from doorstep.foundation import UpstreamError

MOST_ANSWER_BYTES = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Status and content of an answer."""

    status: int
    content: dict[str, object]


@dataclass(frozen=True, slots=True)
class Transport:
    """Asks a provider; one pool of connections, to be closed at the end."""

    client: Client
    _pool: httpx2.Client = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        pool = httpx2.Client(timeout=self.client.timeout_s, follow_redirects=False)
        object.__setattr__(self, "_pool", pool)

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()

    def get(self, url: str, *, bearer: str = "") -> dict[str, object]:
        """Return the JSON object at an address.

        Raises
        ------
        UpstreamError
            If the provider does not answer with one.
        """
        answer = self._ask("GET", url, headers={"Authorization": f"Bearer {bearer}"} if bearer else {})
        if answer.status != 200:
            raise UpstreamError(f"identity provider answered {answer.status} at {url}, not 200.")
        return answer.content

    def post(self, url: str, form: Mapping[str, str], *, authorization: str = "") -> Answer:
        """Return the JSON object that a form brings, whatever its status.

        Raises
        ------
        UpstreamError
            If the provider does not answer with one.
        """
        return self._ask("POST", url, form=form, headers={"Authorization": authorization} if authorization else {})

    def check(self, url: str) -> None:
        """Check that an address may be called.

        Raises
        ------
        UpstreamError
            If it is not https, or http on loopback where that is allowed.
        """
        try:
            parts = urlsplit(url)
        except ValueError as fault:
            raise UpstreamError(f"address {url!r} of the identity provider is malformed: {fault}.") from fault
        trial = self.client.allow_loopback and parts.scheme == "http" and _is_loopback(parts.hostname or "")
        if not parts.hostname or not (parts.scheme == "https" or trial):
            raise UpstreamError(f"address {url!r} of the identity provider must begin with https://.")

    def _ask(
        self, method: str, url: str, *, headers: Mapping[str, str], form: Mapping[str, str] | None = None
    ) -> Answer:
        self.check(url)
        wanted = {"Accept": "application/json", **headers}
        # A timeout of the client starts anew with every byte; this one holds for the answer as a whole.
        until = time.monotonic() + self.client.timeout_s
        read = bytearray()
        try:
            with self._pool.stream(method, url, headers=wanted, data=form) as response:
                for chunk in response.iter_bytes():
                    read += chunk
                    if len(read) > MOST_ANSWER_BYTES or time.monotonic() > until:
                        raise UpstreamError(f"answer of the identity provider at {url} is too long or too slow.")
                status = response.status_code
        except (httpx2.HTTPError, httpx2.InvalidURL) as fault:
            raise UpstreamError(f"identity provider does not answer at {url}: {fault}.") from fault
        return Answer(status=status, content=_object(bytes(read), status, url))


def _object(read: bytes, status: int, url: str) -> dict[str, object]:
    try:
        content = json.loads(read)
    except (ValueError, RecursionError) as fault:
        raise UpstreamError(f"identity provider answered {status} without JSON at {url}.") from fault
    if not isinstance(content, dict):
        raise UpstreamError(f"identity provider answered {status} without a JSON object at {url}.")
    return content


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
