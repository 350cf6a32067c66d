"""Routes that let nobody in without the scope that they need."""

from collections.abc import Awaitable, Callable
from functools import partial

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from doorstep.api.access.scopes import OPEN, SIGNED_IN, needed_by
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
        When it is made, if ``access.scopes`` does not name the endpoint: none is open by mistake.
    """

    def get_route_handler(self) -> Handler:  # type: ignore[override]
        """Return the handler behind its check."""
        needed, handle = needed_by(self.name), super().get_route_handler()
        shortcut = SHORTCUTS.get(self.name)
        if self.name in OPEN:
            return handle
        check = admit_person if self.name in SIGNED_IN else partial(admit, needed=needed)

        async def guarded(request: Request) -> Response:
            check(request)
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
    visitor = _known(request)
    if visitor is None:
        raise ProblemError(
            "unauthenticated",
            "This needs a valid API key or session.",
            hint="Maybe the header is missing: Authorization: Bearer ds_live_...",
        )
    if not visitor.holder.may(needed):
        raise ProblemError("forbidden", f"This needs the scope {needed}.", hint="Maybe another key has it.")
    _check_word(request, visitor)
    return visitor


def admit_person(request: Request) -> Visitor:
    """Return who asks, if it is a person with a session.

    Raises
    ------
    ProblemError
        ``unauthenticated`` if it is not, ``forbidden`` if the CSRF word is missing.
    """
    visitor = _known(request)
    if visitor is None or not visitor.has_session:
        raise ProblemError("unauthenticated", "This needs the session of a person.", hint="Maybe sign in again.")
    _check_word(request, visitor)
    return visitor


def _known(request: Request) -> Visitor | None:
    visitor: Visitor | None = request.scope.get("state", {}).get("visitor")
    return visitor


def _check_word(request: Request, visitor: Visitor) -> None:
    if visitor.has_session and request.method not in SAFE:
        word = request.headers.get(CSRF_HEADER, "")
        if not is_csrf_of(visitor.holder, word):
            raise ProblemError("forbidden", "This request of a session needs the header X-CSRF-Token.")
