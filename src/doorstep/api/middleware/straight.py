"""Requests that are asked thousands of times a second go straight to their endpoints.

The framework tries one route after another, which takes longer than keeping a position.
"""

import re
from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from doorstep.api.problems.handlers import on_doorstep_error
from doorstep.foundation import DoorstepError

Endpoint = Callable[[Request], Awaitable[Response]]
Straights = Mapping[tuple[str, str], Endpoint]
"""Endpoints that take the bare request, by method and path; ``{name}`` in a path stands for any word."""

_WORD = re.compile(r"\{(\w+)\}")


class Straight:
    """Calls the endpoint of such a request, and leaves any other one to the framework."""

    def __init__(self, app: ASGIApp, *, endpoints: Straights) -> None:
        self.app = app
        self.endpoints = endpoints
        self.templates = [
            (method, _pattern_of(path), endpoint) for (method, path), endpoint in endpoints.items() if "{" in path
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, or pass it on."""
        endpoint = self._endpoint(scope) if scope["type"] == "http" else None
        if endpoint is None:
            return await self.app(scope, receive, send)
        scope["endpoint"] = getattr(endpoint, "__wrapped__", endpoint)
        request = Request(scope, receive)
        try:
            answer = await endpoint(request)
        except DoorstepError as fault:
            answer = await on_doorstep_error(request, fault)
        return await answer(scope, receive, send)

    def _endpoint(self, scope: Scope) -> Endpoint | None:
        asked, path = scope["method"], scope["path"]
        found = self.endpoints.get((asked, path))
        if found is not None:
            return found
        for method, template, endpoint in self.templates:
            words = template.fullmatch(path) if method == asked else None
            if words is not None:
                scope["path_params"] = words.groupdict()
                return endpoint
        return None


def _pattern_of(path: str) -> re.Pattern[str]:
    """Return what finds the words of a path."""
    parts = _WORD.split(path)  # plain text and names take turns
    return re.compile("".join(f"(?P<{each}>[^/]+)" if n % 2 else re.escape(each) for n, each in enumerate(parts)))
