"""Headers that keep browsers from doing more than our pages need."""

from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from doorstep.api.middleware.headers import RawHeader, raw, sending_headers

CONTENT_SECURITY_POLICY = (
    "default-src 'self'",
    "img-src 'self' data: blob:",
    "worker-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
)
TWO_YEARS_S = 63_072_000

_ALWAYS = raw(
    (
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
    )
)
_BY_TLS = raw([("Strict-Transport-Security", f"max-age={TWO_YEARS_S}; includeSubDomains")])
_NOT_KEPT = raw([("Cache-Control", "no-store")])


class SecurityHeaders:
    """Adds the headers to every response; an endpoint may set stricter ones of its own.

    Parameters
    ----------
    tiles
        Address of map tiles that pages may ask for, empty if of nobody.
    """

    def __init__(self, app: ASGIApp, *, tiles: str = "") -> None:
        self.app = app
        self._policy = raw([("Content-Security-Policy", policy_of(tiles))])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add the headers to its response."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        return await self.app(
            scope, receive, sending_headers(send, lambda: self._policy + _headers(scope), replace=False)
        )


def policy_of(tiles: str = "") -> str:
    """Return the policy, by which pages ask only us and, with an address of map tiles, that server for images."""
    parts = urlsplit(tiles)
    if not parts.netloc:
        return "; ".join(CONTENT_SECURITY_POLICY)
    origin = f"{parts.scheme}://{parts.netloc}"
    mapped = (f"{each} {origin}" if each.startswith("img-src") else each for each in CONTENT_SECURITY_POLICY)
    return "; ".join((*mapped, f"connect-src 'self' {origin}"))


def _headers(scope: Scope) -> tuple[RawHeader, ...]:
    by_tls = _BY_TLS if scope["scheme"] == "https" else ()
    return _ALWAYS + by_tls + (_NOT_KEPT if scope["path"].startswith("/v1/") else ())
