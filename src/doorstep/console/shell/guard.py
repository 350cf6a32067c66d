"""Pages that only those see who have signed in and may: others are shown the way in, or told what is missing."""

from collections.abc import Awaitable, Callable
from functools import wraps
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from doorstep.api.access.cookies import SESSION, cookie_in
from doorstep.api.access.guarded import CSRF_HEADER, SAFE
from doorstep.api.access.visitors import Visitor
from doorstep.api.desk import Desk
from doorstep.console.shell.forms import form_of
from doorstep.console.shell.pages import page
from doorstep.console.shell.said import go, words_of
from doorstep.console.shell.shared import Body, Shared, forget_shared, sent, shared_of
from doorstep.foundation import DoorstepError, NotFoundError
from doorstep.operations.access import csrf_of, is_csrf_of
from doorstep.storage import Connection

SIGN_IN = "/sign-in"
WORD = "csrf"
"""Name of the form field, as scripts use the header of the API."""
Handler = Callable[[Request], Awaitable[Response]]


class Look(Desk):
    """One page being looked at by a person: the desk of a request, and who sits at it."""

    __slots__ = ("_visitor",)

    def __init__(self, request: Request) -> None:
        super().__init__(request)
        self._visitor: Visitor = request.scope["state"]["visitor"]

    @property
    def csrf(self) -> str:
        """The word that everything which changes something must carry."""
        return csrf_of(cookie_in(self.request.scope, SESSION))

    def may(self, scope: str) -> bool:
        """Return whether this person is allowed a scope."""
        return self._visitor.holder.may(scope)

    def sees(self, site_id: str) -> bool:
        """Return whether this person works at a site; who has no sites of their own sees all."""
        sites = self._visitor.holder.sites
        return not sites or site_id in sites

    @property
    def scene(self) -> tuple[str, frozenset[str]]:
        """Whose data this is and of which sites: who has the same sees the same."""
        return self.tenant_id, self._visitor.holder.sites

    async def send_shared(self, name: str, query: Callable[[Connection], object]) -> Response:
        """Send what a query finds as JSON: found once a second for all who see the same sites."""
        key = (name, *self.scene)
        bodies: Shared[Body] = shared_of(self.request, "bodies")
        body = await bodies.get(key, lambda: self.read(lambda c: Body.of(query(c))))
        return sent(self.request, body)

    async def do(self, operation: Callable[[Connection], object], *, then: str, done: str) -> Response:
        """Do something and go to the page ``then``, which says that it is done, or why it cannot be.

        Elements, which want no page, get nothing, or the refusal as a problem of the API.
        """
        try:
            await self.write(operation)
        except DoorstepError as refused:
            if not _wants_page(self.request):
                raise
            return go(self.request, then, refused=words_of(refused))
        finally:
            forget_shared(self.request)
        return go(self.request, then, done=done) if _wants_page(self.request) else Response(status_code=204)


def console_router(path: str, needs: str) -> APIRouter:
    """Return a router for pages of people who may ``needs``; what they post carries the word of their session.

    Parameters
    ----------
    path
        Where its pages lie, for example ``/dispatch``.
    needs
        A scope of the API, empty for whoever is signed in.
    """
    return APIRouter(prefix=path, include_in_schema=False, route_class=_route_for(needs))


async def look(request: Request) -> Look:
    """Return the look of a page: ``Annotated[Look, Depends(look)]``."""
    return Look(request)


def _route_for(needs: str) -> type[APIRoute]:
    class PersonsRoute(APIRoute):
        """A route that lets nobody in who has not signed in, may not, or posts from elsewhere."""

        def get_route_handler(self) -> Handler:  # type: ignore[override]
            """Return the handler behind its check."""
            return behind_check(needs, super().get_route_handler())

    return PersonsRoute


def behind_check(needs: str, handle: Handler) -> Handler:
    """Return a handler that answers only those who have signed in and may ``needs``."""

    @wraps(handle)
    async def guarded(request: Request) -> Response:
        try:
            return await _refusal(request, needs) or await handle(request)
        except DoorstepError as fault:
            if not _wants_page(request):
                raise  # an element asks, and reads problems as those of the API
            status = 404 if isinstance(fault, NotFoundError) else 409
            return page(request, "problem.html", {"title": "Not possible", "fault": fault}, status=status)

    return guarded


def _wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


async def _refusal(request: Request, needs: str) -> Response | None:
    """Return what is shown instead of the page, None if the page may be seen."""
    visitor: Visitor | None = request.scope.get("state", {}).get("visitor")
    if visitor is None or not visitor.has_session:
        back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        where = f"{SIGN_IN}?to={quote(back)}" if request.method in SAFE else SIGN_IN
        return RedirectResponse(where, status_code=303)
    if needs and not visitor.holder.may(needs):
        return page(request, "refused.html", {"title": "Not for this role", "needs": needs}, status=403)
    if request.method not in SAFE:
        word = request.headers.get(CSRF_HEADER) or (await form_of(request)).get(WORD, "")
        if not is_csrf_of(visitor.holder, word):
            return page(request, "refused.html", {"title": "Sent from elsewhere", "needs": ""}, status=403)
    return None
