"""The page behind a link: shown, renewed, and acted on by plain forms."""

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from anyio.to_thread import run_sync
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from doorstep.api.dependencies import Platform
from doorstep.api.desk import committed
from doorstep.api.reading import reading
from doorstep.console.shell.forms import form_of
from doorstep.console.shell.pages import page, part
from doorstep.console.shell.said import go
from doorstep.console.shopper.about import About, about
from doorstep.console.shopper.acts import do
from doorstep.console.shopper.choices import Time, offered, other_places, times
from doorstep.console.shopper.guard import ShopperRoute
from doorstep.console.shopper.on_map import layers
from doorstep.console.shopper.sentences import status, steps
from doorstep.console.words import sentence
from doorstep.domain.lifecycles import IllegalTransitionError
from doorstep.foundation import ConflictError, DoorstepError, NotFoundError
from doorstep.operations.bring.proofs import Proof, find_proof
from doorstep.operations.intake.network import live_network
from doorstep.operations.shoppers.links import PATH, Link, find_link
from doorstep.storage import Connection

T = TypeVar("T")
TOKEN = re.compile(r"[0-9A-Z]{32}")
RENEW_S, MAP_S = 15, 5
router = APIRouter(prefix=PATH.rstrip("/"), include_in_schema=False, route_class=ShopperRoute)


class Visit:
    """One look by a link: what it leads to is found anew each time."""

    def __init__(self, request: Request, token: str) -> None:
        self.request, self.token = request, token
        self.platform: Platform = request.app.state.platform
        self.now = self.platform.clock.now()

    def link(self, connection: Connection) -> Link:
        """Return where the link leads."""
        if not TOKEN.fullmatch(self.token):
            raise NotFoundError("this link leads nowhere.", hint="Maybe it was not copied whole.")
        return find_link(connection, self.token, now=self.now)

    async def read(self, query: Callable[[Connection, Link], T]) -> T:
        """Return what a query finds."""
        return await run_sync(reading, self.platform, lambda c: query(c, self.link(c)))

    async def write(self, operation: Callable[[Connection, Link], T]) -> T:
        """Return what an operation gives, after its commit."""
        return await committed(self.platform.writer.call(lambda c: operation(c, self.link(c))))


@router.get("/{token}")
async def show_delivery(token: str, request: Request) -> Response:
    """Show the page."""
    return await _page(Visit(request, token))


@router.get("/{token}/status")
async def show_status(token: str, request: Request, seen: str = "") -> Response:
    """Show how it stands now, for a page that is open; one that shows another state is told to look again."""
    at = Visit(request, token)
    of = await at.read(about)
    return HTMLResponse(part("shopper/status.html", _status(at, of) | {"moved": seen not in ("", _seen(of))}))


@router.get("/{token}/map.json")
async def show_map(token: str, request: Request) -> Response:
    """Return what the map shows: nothing unless the van is out and near."""
    at = Visit(request, token)
    return JSONResponse(await at.read(lambda c, link: layers(c, link.caller.tenant_id, about(c, link), now=at.now)))


@router.get("/{token}/photos/{proof_id}")
async def show_photo(token: str, proof_id: str, request: Request) -> Response:
    """Show a photo that was taken when the delivery of this link was delivered; nobody keeps it."""
    at = Visit(request, token)

    def read(connection: Connection, link: Link) -> Proof:
        if proof_id not in about(connection, link).photos:
            raise NotFoundError("this delivery has no such photo.")
        return find_proof(connection, link.caller.tenant_id, link.delivery_id, proof_id)

    found = await at.read(read)
    return Response(found.content, media_type=found.media_type, headers={"Content-Disposition": "inline"})


@router.post("/{token}/{what}")
async def act(token: str, what: str, request: Request) -> Response:
    """Do what a button says; if that is refused, say why, on a page that keeps what was typed."""
    at, form = Visit(request, token), await form_of(request)
    try:
        done = await at.write(lambda c, link: do(c, link, what, form, now=at.now))
    except NotFoundError:
        raise
    except DoorstepError as fault:
        await at.read(about)  # a link that is gone has no page to say it on
        code = 409 if isinstance(fault, ConflictError) else 422
        return await _page(at, failed=what, form=form, why=_why(fault), code=code)
    return go(request, f"{PATH}{token}", done=done)


async def _page(
    at: Visit, *, failed: str = "", form: Mapping[str, str] | None = None, why: str = "", code: int = 200
) -> Response:
    def read(connection: Connection, link: Link) -> dict[str, object]:
        of = about(connection, link)
        may, network = offered(of), live_network(connection, link.caller.tenant_id)
        found: list[Time] = times(of, network, link.site_id, now=at.now) if "reschedule" in may else []
        places = other_places(of, network) if "pick-up-point" in may else []
        may -= {name for name, choice in (("reschedule", found), ("pick-up-point", places)) if not choice}
        mapped = "bounds" in layers(connection, link.caller.tenant_id, of, now=at.now)
        return _status(at, of) | {"may": may, "times": found, "places": places, "mapped": mapped}

    names = await at.read(read)
    asked = {"path": f"{PATH}{at.token}", "failed": failed, "form": form or {}, "why": why}
    return page(at.request, "shopper/page.html", names | asked | {"page": asked, "moved": False}, status=code)


def _status(at: Visit, of: About) -> dict[str, object]:
    return {"title": f"Order {of.code}", "of": of, "status": status(of, now=at.now), "steps": steps(of),
            "path": f"{PATH}{at.token}", "seen": _seen(of), "renew_s": RENEW_S, "map_s": MAP_S}  # fmt: skip


def _seen(of: About) -> str:
    """Return a word for what an open page offers: it changes when another page would be shown."""
    return f"{of.state}{'-live' if of.live else ''}"


def _why(fault: DoorstepError) -> str:
    if isinstance(fault, IllegalTransitionError):
        return "This is not possible any more. The page shows what is."
    return f"{sentence(fault.message)} {fault.hint or ''}".strip()
