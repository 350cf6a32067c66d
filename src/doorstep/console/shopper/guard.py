"""What guards the page: nobody keeps it, lists it or learns its address, and no other site sends its forms."""

from collections.abc import Awaitable, Callable
from functools import wraps

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from doorstep.api.access.guarded import SAFE
from doorstep.console.shell.pages import page
from doorstep.foundation import NotFoundError
from doorstep.operations.shoppers.links import LinkGoneError

HEADERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "no-referrer"}
Handler = Callable[[Request], Awaitable[Response]]


class ShopperRoute(APIRoute):
    """A route whose link is all that its caller shows: a page says so if it leads nowhere, or does no longer."""

    def get_route_handler(self) -> Handler:  # type: ignore[override]
        """Return the handler behind its guard."""
        return behind_link(super().get_route_handler())


def behind_link(handle: Handler) -> Handler:
    """Return a handler whose link is all that its caller shows."""

    @wraps(handle)
    async def guarded(request: Request) -> Response:
        response = await _guarded(request, handle)
        response.headers.update(HEADERS)
        return response

    return guarded


async def _guarded(request: Request, handle: Handler) -> Response:
    if request.method not in SAFE and not _from_here(request):
        return _refused(request, "Sent from elsewhere", "This was sent from another site, so nothing was done.", 403)
    try:
        return await handle(request)
    except LinkGoneError:
        return _refused(request, "This link has expired", "The shop can send you a new one.", 410)
    except NotFoundError:
        return _refused(request, "This link leads nowhere", "Maybe it was not copied whole: open it again from the "
                        "message that you got.", 404)  # fmt: skip


def _from_here(request: Request) -> bool:
    """Return whether a form was sent from this page.

    Browsers that do not say from which site name an origin, which is ``null`` here, as pages give no referrer.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin", "null")
    return origin in ("null", f"{request.url.scheme}://{request.headers.get('host', '')}")


def _refused(request: Request, title: str, why: str, code: int) -> Response:
    return page(request, "shopper/refused.html", {"title": title, "why": why}, status=code)
