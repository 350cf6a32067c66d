"""Each API key has its share of requests; so has each address that shows none, or one not seen before."""

import ipaddress
from collections.abc import Awaitable, Callable, Iterator
from functools import partial

from starlette.types import ASGIApp, Receive, Scope, Send

from doorstep.api.middleware.buckets import Allowance, Buckets, Verdict
from doorstep.api.middleware.headers import raw, sending_headers
from doorstep.api.problems import ProblemError

FREE = frozenset({"/healthz", "/readyz", "/metrics"})
BY_THEMSELVES = "/ingest/"
"""Endpoints below it find out themselves who asks, as that may stand in the body, and call ``spend`` in the state."""

Identify = Callable[[Scope, Callable[[], None]], Awaitable[str]]
"""Returns the id of the valid API key or session of a request, empty if there is none.

It is given what to call before it looks up a secret that may be a guess: that raises if the address has had its share.
"""


async def nobody(scope: Scope, admit: Callable[[], None]) -> str:
    """Return that the caller is not known: how an API without keys identifies everyone."""
    del scope, admit
    return ""


class RateLimit:
    """Answers 429 to who asks too often; tells everyone what is left, in old and new header fields.

    References
    ----------
    draft-ietf-httpapi-ratelimit-headers-10: RateLimit and RateLimit-Policy.
    """

    def __init__(
        self, app: ASGIApp, *, buckets: Buckets, by_key: Allowance, by_address: Allowance, identify: Identify = nobody
    ) -> None:
        self.app = app
        self.buckets = buckets
        self.by_key = by_key
        self.by_address = by_address
        self.identify = identify

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on if its caller has a token left."""
        if scope["type"] != "http" or scope["path"] in FREE:
            return await self.app(scope, receive, send)
        if scope["path"].startswith(BY_THEMSELVES):
            scope.setdefault("state", {})["spend"] = partial(self._spend, scope)
            return await self.app(scope, receive, send)
        admitted: list[Verdict] = []

        def admit() -> None:
            admitted.append(self._spend(scope, ""))

        key_id = await self.identify(scope, admit)
        scope.setdefault("state", {})["key_id"] = key_id
        verdict = admitted[0] if admitted and not key_id else self._spend(scope, key_id)
        encoded = raw(tuple(limit_fields(verdict, "key" if key_id else "address")))
        return await self.app(scope, receive, sending_headers(send, lambda: encoded, replace=True))

    def _spend(self, scope: Scope, key_id: str) -> Verdict:
        """Take a token from the bucket of a key or, without one, from that of the address; raise if there is none."""
        caller = f"key {key_id}" if key_id else f"address {network_of(scope)}"
        verdict = self.buckets.spend(caller, self.by_key if key_id else self.by_address)
        if verdict.allowed:
            return verdict
        fields = limit_fields(verdict, "key" if key_id else "address")
        raise ProblemError(
            "rate_limited",
            f"At most {verdict.allowance.burst} requests at once and {verdict.allowance.per_s:g} a second are allowed.",
            hint="Maybe send many things in one request.",
            headers=dict((*fields, ("Retry-After", str(verdict.retry_after_s)))),
        )


def limit_fields(verdict: Verdict, policy: str) -> Iterator[tuple[str, str]]:
    """Yield the header fields that say what is left."""
    allowance = verdict.allowance
    yield "X-RateLimit-Limit", str(allowance.burst)
    yield "X-RateLimit-Remaining", str(verdict.remaining)
    yield "RateLimit-Policy", f'"{policy}";q={allowance.burst};w={allowance.window_s}'
    yield "RateLimit", f'"{policy}";r={verdict.remaining};t={verdict.retry_after_s}'


def network_of(scope: Scope) -> str:
    """Return whose bucket an address shares: its own for IPv4, that of its /64 for IPv6, as one customer has one."""
    client = scope.get("client")
    if not client:
        return "unknown"
    try:
        address = ipaddress.ip_address(client[0].split("%")[0])
    except ValueError:
        return str(client[0])
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False))
