"""Cookies that no script reads: a person's session, and a login on its way through an identity provider."""

from typing import Literal
from urllib.parse import urlsplit

from starlette.requests import Request, cookie_parser
from starlette.responses import Response
from starlette.types import Scope

from doorstep.api.middleware.headers import header
from doorstep.settings import Settings

SESSION = "doorstep_session"
LOGIN = "doorstep_login"
LONGEST = 1_000
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_SAME_SITE: Literal["lax"] = "lax"  # strict would keep the session out of the page that a login by a provider ends at


def cookie_in(scope: Scope, name: str) -> str:
    """Return the value of a cookie, empty if the request has none or an endless one."""
    value = cookie_parser(header(scope, b"cookie")).get(name, "")
    return value if len(value) <= LONGEST else ""


def give_cookie(response: Response, request: Request, name: str, value: str, *, seconds: int) -> None:
    """Let the browser keep a cookie for so long; 0 takes it away."""
    secure = _is_secure(request)
    response.set_cookie(name, value, max_age=seconds, path="/", secure=secure, httponly=True, samesite=_SAME_SITE)


def _is_secure(request: Request) -> bool:
    """Return whether the cookie goes over TLS only: always, unless people reach doorstep on this very machine."""
    settings: Settings = request.app.state.platform.settings
    public = urlsplit(settings.public_url)
    return request.url.scheme == "https" or public.scheme != "http" or public.hostname not in _LOOPBACK
