"""Only hosts that we know are served: a forged ``Host`` must not end up in a link that we make."""

from collections.abc import Iterable

from starlette.types import ASGIApp, Receive, Scope, Send

from doorstep.api.middleware.headers import header
from doorstep.api.problems import ProblemError

PROBES = frozenset({"/healthz", "/readyz"})
"""Asked by orchestrators under whatever address a container has."""


class TrustedHosts:
    """Refuses requests for other hosts; ``*.example.com`` stands for all below, ``*`` for any."""

    def __init__(self, app: ASGIApp, *, hosts: Iterable[str]) -> None:
        names = {host.lower() for host in hosts}
        self.app = app
        self.any = "*" in names
        self.names = names
        self.below = tuple(name[1:] for name in names if name.startswith("*."))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on if its host is known."""
        if scope["type"] not in ("http", "websocket") or self.any or scope["path"] in PROBES or self._knows(scope):
            return await self.app(scope, receive, send)
        if scope["type"] == "websocket":
            return await send({"type": "websocket.close", "code": 1008})
        raise ProblemError(
            "unknown_host",
            "The host of this request is not served here.",
            hint="Maybe add it to the setting trusted_hosts.",
        )

    def _knows(self, scope: Scope) -> bool:
        host = host_of(header(scope, b"host"))
        return host in self.names or host.endswith(self.below)


def host_of(value: str) -> str:
    """Return the host of a ``Host`` header in lower case, without its port."""
    host, colon, port = value.strip().lower().rpartition(":")
    return host if colon and not port.endswith("]") else value.strip().lower()
