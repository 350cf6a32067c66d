"""Headers that keep browsers from doing more than our pages need."""

from starlette.types import ASGIApp, Receive, Scope, Send

from doorstep.api.middleware.headers import RawHeader, raw, sending_headers

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data: blob:",
        "worker-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    )
)
TWO_YEARS_S = 63_072_000

_ALWAYS = raw(
    (
        ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
    )
)
_BY_TLS = raw([("Strict-Transport-Security", f"max-age={TWO_YEARS_S}; includeSubDomains")])
_NOT_KEPT = raw([("Cache-Control", "no-store")])


class SecurityHeaders:
    """Adds the headers to every response; an endpoint may set stricter ones of its own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add the headers to its response."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        return await self.app(scope, receive, sending_headers(send, lambda: _headers(scope), replace=False))


def _headers(scope: Scope) -> tuple[RawHeader, ...]:
    by_tls = _BY_TLS if scope["scheme"] == "https" else ()
    return _ALWAYS + by_tls + (_NOT_KEPT if scope["path"].startswith("/v1/") else ())
