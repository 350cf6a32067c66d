"""Routes that let nobody in without the scope that they need."""

from collections.abc import Awaitable, Callable

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from doorstep.api.access.scopes import SCOPE_OF
from doorstep.api.access.visitors import Visitor
from doorstep.api.problems import ProblemError
from doorstep.operations.access import is_csrf_of

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_HEADER = "x-csrf-token"
Handler = Callable[[Request], Awaitable[Response]]
Shortcut = Callable[[Request], Awaitable[Response | None]]
"""Answers a request that is as it should be, and leaves any other one to the framework by returning None."""

SHORTCUTS: dict[str, Shortcut] = {}
"""Shortcuts by the name of the endpoint: the framework costs more than accepting an order does."""


class GuardedRoute(APIRoute):
    """A route that checks its caller before it reads a body or a parameter.

    Raises
    ------
    KeyError
        When it is made, if ``SCOPE_OF`` does not name the scope of the endpoint: no endpoint is open by mistake.
    """

    def get_route_handler(self) -> Handler:  # type: ignore[override]
        """Return the handler behind its check."""
        needed, handle = SCOPE_OF[self.name], super().get_route_handler()
        shortcut = SHORTCUTS.get(self.name)

        async def guarded(request: Request) -> Response:
            admit(request, needed)
            short = await shortcut(request) if shortcut else None
            return short or await handle(request)

        return guarded


def guarded_router(tag: str, path: str = "") -> APIRouter:
    """Return a router below ``/v1`` whose routes are guarded."""
    return APIRouter(prefix=f"/v1{path}", tags=[tag], route_class=GuardedRoute)


def admit(request: Request, needed: str) -> Visitor:
    """Return who asks, if they may.

    Raises
    ------
    ProblemError
        ``unauthenticated`` if nobody is known to ask, ``forbidden`` if they lack the scope or the CSRF word.
    """
    visitor: Visitor | None = request.scope.get("state", {}).get("visitor")
    if visitor is None:
        raise ProblemError(
            "unauthenticated",
            "This needs a valid API key or session.",
            hint="Maybe the header is missing: Authorization: Bearer ds_live_...",
        )
    if not visitor.holder.may(needed):
        raise ProblemError("forbidden", f"This needs the scope {needed}.", hint="Maybe another key has it.")
    if visitor.has_session and request.method not in SAFE:
        word = request.headers.get(CSRF_HEADER, "")
        if not is_csrf_of(visitor.holder, word):
            raise ProblemError("forbidden", "This request of a session needs the header X-CSRF-Token.")
    return visitor
