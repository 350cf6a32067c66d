"""The page behind a link: shown, renewed, and acted on by plain forms."""

import re
from collections.abc import Callable, Mapping, Sequence
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
from doorstep.console.shell.shared import Shared
from doorstep.console.shell.together import Together
from doorstep.console.shopper.about import About, about
from doorstep.console.shopper.acts import do
from doorstep.console.shopper.choices import Time, offered, other_places, times
from doorstep.console.shopper.guard import ShopperRoute, behind_link
from doorstep.console.shopper.on_map import Coming, Layers, find_coming, good, layers
from doorstep.console.shopper.sentences import status, steps
from doorstep.console.words import sentence
from doorstep.domain.lifecycles import IllegalTransitionError
from doorstep.foundation import ConflictError, DoorstepError, NotFoundError
from doorstep.operations.bring.proofs import Proof, find_proof
from doorstep.operations.intake.network import live_network
from doorstep.operations.shoppers.links import PATH, Link, find_link
from doorstep.operations.tracking.seen import Rider, newest_seen
from doorstep.storage import Connection
from doorstep.tracking.events import Seen

T = TypeVar("T")
TOKEN = re.compile(r"[0-9A-Z]{32}")
RENEW_S, MAP_S = 15, 2
router = APIRouter(prefix=PATH.rstrip("/"), include_in_schema=False, route_class=ShopperRoute)


class _AllMaps:
    """What the maps of all pages share."""

    def __init__(self, platform: Platform) -> None:
        async def find(tokens: Sequence[str]) -> Mapping[str, Coming]:
            return await run_sync(reading, platform, lambda connection: find_coming(connection, tokens))

        self.comings = Together(find)
        self.vans = Shared[dict[Rider, Seen]]()


def _shared_of(request: Request, platform: Platform) -> _AllMaps:
    state = request.app.state
    if not hasattr(state, "shopper_maps"):
        state.shopper_maps = _AllMaps(platform)
    found: _AllMaps = state.shopper_maps
    return found


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

    async def layers(self) -> Layers:
        """Return what the map shows: links are looked up together, and vans once a second for all who look."""
        shared = _shared_of(self.request, self.platform)
        found = await shared.comings.get(self.token) if TOKEN.fullmatch(self.token) else None
        coming = good(found, self.now)
        vans = await shared.vans.get(coming.tenant_id, lambda: self._vans(coming.tenant_id)) if coming.live else {}
        return layers(coming, vans)

    async def _vans(self, tenant_id: str) -> dict[Rider, Seen]:
        return await run_sync(reading, self.platform, lambda c: newest_seen(c, tenant_id, now=self.now))

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
async def show_map(request: Request) -> Response:
    """Return what the map shows: nothing unless the van is out and near."""
    return JSONResponse(await Visit(request, request.path_params["token"]).layers())


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
        return _status(at, of) | {"may": may, "times": found, "places": places}

    names = await at.read(read) | {"mapped": "bounds" in await at.layers()}
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


STRAIGHTS = {("GET", f"{PATH}{{token}}/map.json"): behind_link(show_map)}
"""Every map asks for it each two seconds."""
