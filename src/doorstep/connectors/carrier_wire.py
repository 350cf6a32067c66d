"""What the carriers' connectors share: requests over HTTP with their failures in our words, and careful reading.

Whoever speaks to a carrier knows three outcomes: an answer (2xx, or a 4xx for the connector to judge), a carrier that
has no time, and anything else, after which nobody knows whether the request was heard.
"""

import json
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

import httpx2

from doorstep.foundation import InputError, UpstreamError
from doorstep.ports import CarrierBusyError, CarrierRefusedError, Contact

Json: TypeAlias = "str | int | float | bool | None | list[Json] | dict[str, Json]"

MOST_ANSWER_BYTES = 10_000_000
LONGEST_WAIT_S = 3_600


def check_base_url(base_url: str) -> None:
    """Check that an address may be called with our keys.

    Raises
    ------
    InputError
        If it is neither https nor http on loopback.
    """
    parts = urlsplit(base_url)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme != "http" or not is_loopback(parts.hostname or ""):
        raise InputError(
            f"base_url {base_url!r} must begin with https://.",
            hint="Maybe it is a simulator: http passes on loopback, such as http://127.0.0.1:8090.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Status and content of an answer: an object, or the entries of an array; neither where a refusal brought none."""

    status: int
    content: dict[str, object]
    entries: tuple[object, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the carrier did what it was asked."""
        return 200 <= self.status < 300

    @property
    def code(self) -> str:
        """The carrier's word for what was wrong."""
        return text_of(self.content, "code") or text_of(self.content, "error")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """Asks a carrier; one pool of connections, to be closed at the end.

    Parameters
    ----------
    carrier
        Its name, for messages.
    busy_codes
        Its words for having no time, beside the status 429.
    most_bytes
        Longer answers are given up.
    transport
        Another way than the network, for example into a simulator in the same process.
    """

    carrier: str
    base_url: str
    timeout_s: float
    busy_codes: frozenset[str] = frozenset()
    most_bytes: int = MOST_ANSWER_BYTES
    transport: httpx2.BaseTransport | None = None
    _pool: httpx2.Client = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        pool = httpx2.Client(timeout=self.timeout_s, follow_redirects=False, transport=self.transport)
        object.__setattr__(self, "_pool", pool)

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()

    def ask(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        said: Mapping[str, Json] | list[Json] | None = None,
        form: Mapping[str, str] | None = None,
        wants: Literal["object", "array", "nothing"] = "object",
        named: str = "",
    ) -> Answer:
        """Return the answer to a request, be it what was asked for or a refusal; ``wants`` is what comes with a yes.

        ``named`` is what errors call the request where its path is long, or says what is nobody's business.

        Raises
        ------
        CarrierBusyError
            If the carrier asks to wait.
        UpstreamError
            If nothing sensible came back.
        """
        wanted = {"Accept": "application/json", **(headers or {})}
        called = named or f"{method} {path}"
        status, got, read = self._send(method, self.base_url + path, wanted, said, form)
        content = _read(read)
        entries = tuple(content) if isinstance(content, list) else ()
        answer = Answer(status=status, content=content if isinstance(content, dict) else {}, entries=entries)
        if status == 429 or answer.code in self.busy_codes:
            raise CarrierBusyError(
                f"{self.carrier} has no time for {called}: {status} {answer.code}.",
                retry_after_s=_retry_after_s(got.get("Retry-After", "")),
            )
        brought = {"object": bool(answer.content), "array": isinstance(content, list), "nothing": True}[wants]
        unheard = status >= 500 or status == 408  # the carrier itself gave up waiting
        if unheard or status < 200 or 300 <= status < 400 or (answer.ok and not brought):
            told = f"{self.carrier} answered {called} with {status} {answer.code}."
            raise UpstreamError(told.replace(" .", "."))
        return answer

    def picture(self, url: str) -> bytes:
        """Return a picture that the carrier keeps at an address, asked for without our keys.

        Raises
        ------
        UpstreamError
            If the address is neither https nor the carrier's own, or it is not there.
        """
        parts, own = urlsplit(url), urlsplit(self.base_url)
        if parts.scheme != "https" and (parts.scheme, parts.netloc) != (own.scheme, own.netloc):
            raise UpstreamError(f"{self.carrier} names a picture at {url!r}, which is not https.")
        status, _, read = self._send("GET", url, {}, None, None)
        if status != 200:
            raise UpstreamError(f"{self.carrier} answered {status} instead of a picture.")
        return read

    def _send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        said: Mapping[str, Json] | list[Json] | None,
        form: Mapping[str, str] | None,
    ) -> tuple[int, httpx2.Headers, bytes]:
        # A timeout of the client starts anew with every byte; this one holds for the answer as a whole.
        until = time.monotonic() + self.timeout_s
        read = bytearray()
        try:
            with self._pool.stream(method, url, headers=dict(headers), json=said, data=form) as response:
                for chunk in response.iter_bytes():
                    read += chunk
                    if len(read) > self.most_bytes or time.monotonic() > until:
                        raise UpstreamError(f"the answer of {self.carrier} is too long or too slow.")
                return response.status_code, response.headers, bytes(read)
        except (httpx2.HTTPError, httpx2.InvalidURL) as fault:
            raise UpstreamError(f"{self.carrier} does not answer: {type(fault).__name__}: {fault}.") from fault


def refusal(carrier: str, answer: Answer, reason: str) -> CarrierRefusedError:
    """Return the error that says why a carrier refused, in our word and in its own."""
    said = text_of(answer.content, "message") or text_of(answer.content, "message", "message")
    told = said or answer.code or str(answer.status)
    return CarrierRefusedError(f"{carrier} refuses ({answer.status} {answer.code}): {told}", reason=reason)


def read_object(body: bytes, carrier: str) -> dict[str, object]:
    """Return the JSON object that a webhook brings.

    Raises
    ------
    InputError
        If it is none.
    """
    content = _read(body)
    if not isinstance(content, dict) or not content:
        raise InputError(f"the webhook of {carrier} is not a JSON object.")
    return content


def value_of(said: object, *path: str) -> object:
    """Return what stands under nested names, None where a name is missing."""
    for name in path:
        said = said.get(name) if isinstance(said, dict) else None
    return said


def text_of(said: object, *path: str) -> str:
    """Return the text under nested names, empty where there is none."""
    value = value_of(said, *path)
    return value if isinstance(value, str) else ""


def whole_of(said: object, *path: str) -> int:
    """Return the whole number under nested names, 0 where there is none."""
    value = value_of(said, *path)
    whole = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return round(value) if whole and isinstance(value, int | float) else 0


def degrees_of(said: object, *path: str) -> float:
    """Return the number under nested names, NaN where there is none."""
    value = value_of(said, *path)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan


def listed(said: object, *path: str) -> list[object]:
    """Return the list under nested names, empty where there is none."""
    value = value_of(said, *path)
    return value if isinstance(value, list) else []


def moment_of(said: object, *path: str) -> int:
    """Return the RFC 3339 moment under nested names [epoch s], 0 where there is none."""
    try:
        return int(datetime.fromisoformat(text_of(said, *path)).timestamp())
    except (ValueError, OverflowError, OSError):
        return 0


def rfc3339(moment: int) -> str:
    """Return an epoch second as RFC 3339 in UTC, with Z."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))


def address_of(contact: Contact) -> str:
    """Return an address in one line."""
    place = f"{contact.state} {contact.postal_code}".strip()
    return ", ".join(filter(None, (contact.street, contact.city, place, contact.country)))


def _read(read: bytes) -> dict[str, object] | list[object] | None:
    try:
        content = json.loads(read)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict | list) else None


def _retry_after_s(said: str) -> int:
    return min(int(said[:9]), LONGEST_WAIT_S) if said.isascii() and said.isdigit() else 0


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
