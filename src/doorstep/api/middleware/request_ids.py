"""Every request has an id: its caller's own if it is harmless, else a new one; logs and problems name it."""

import random
import re
import secrets
from collections.abc import Callable

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from doorstep.api.middleware.headers import header, sending_headers

_SAFE = re.compile(r"[A-Za-z0-9._~-]{1,64}")


_ID_BITS = 96
_random = random.Random(secrets.randbits(256))  # asking the system each time would let other threads in between


def new_request_id() -> str:
    """Return an id that no other request has; it is no secret."""
    return f"req_{_random.getrandbits(_ID_BITS):024x}"


class RequestIds:
    """Gives each request its id, returns it as ``X-Request-Id``, and binds it to all log lines of the request."""

    def __init__(self, app: ASGIApp, *, new_id: Callable[[], str] = new_request_id) -> None:
        self.app = app
        self.new_id = new_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its id."""
        if scope["type"] not in ("http", "websocket"):
            return await self.app(scope, receive, send)
        given = header(scope, b"x-request-id")
        request_id = given if _SAFE.fullmatch(given) else self.new_id()
        scope.setdefault("state", {})["request_id"] = request_id
        field = ((b"x-request-id", request_id.encode("latin-1")),)
        named = sending_headers(send, lambda: field, replace=True)
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            return await self.app(scope, receive, named)
