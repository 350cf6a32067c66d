"""What all pages of the store share: the sites that a person works at, the frame, and how something is done there."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Depends, Path
from fastapi.routing import APIRoute
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response

from doorstep.console import words
from doorstep.console.shell.guard import Look, console_router, look
from doorstep.console.shell.pages import page
from doorstep.console.shell.said import go
from doorstep.console.shell.start import FACES, Face, frame
from doorstep.foundation import DoorstepError, NotFoundError
from doorstep.storage import Connection
from doorstep.storage.schema.reference import REFERENCE

STORE, NEEDS, NAME = "/store", "deliveries:write", "Store"
T = TypeVar("T")
Handler = Callable[[Request], Awaitable[Response]]
router = console_router(STORE, NEEDS)
_Guarded: type[APIRoute] = router.route_class
FACES.append(
    Face(path=STORE, needs=NEEDS, name=NAME,
         does="Pick, pack, scan, hand over, meet shoppers at the kerb, take returns.")
)  # fmt: skip


class _TellingRoute(_Guarded):  # type: ignore[misc,valid-type]
    """A guarded route that says on a page what does not exist, instead of failing."""

    def get_route_handler(self) -> Handler:
        """Return the handler."""
        handle: Handler = super().get_route_handler()

        async def told(request: Request) -> Response:
            try:
                return await handle(request)
            except NotFoundError as error:
                return page(
                    request,
                    "store/nothing.html",
                    {"title": "Not here", "text": words.sentence(error.message)},
                    status=404,
                )

        return told


router.route_class = _TellingRoute


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A site that somebody works at; ``bays`` are its numbered bays for cars."""

    site_id: str
    kind: str
    name: str
    zone: str
    bays: int

    @property
    def path(self) -> str:
        """Where its pages lie."""
        return f"{STORE}/{self.site_id}"

    @property
    def title(self) -> str:
        """Its name for people."""
        return self.name or self.site_id


def sites_of(connection: Connection, tenant_id: str) -> list[Site]:
    """Return all sites of a tenant, by name."""
    of = REFERENCE["sites"].c
    query = select(of.site_id, of.kind, of.name, of.time_zone, of.curbside_bays).where(of.tenant_id == tenant_id)
    found = [
        Site(site_id=row.site_id, kind=row.kind, name=row.name or "", zone=row.time_zone, bays=row.curbside_bays or 0)
        for row in connection.execute(query).all()
    ]
    return sorted(found, key=lambda site: (site.title, site.site_id))


Looking = Annotated[Look, Depends(look)]


async def site_here(site_id: Annotated[str, Path()], at: Looking) -> Site:
    """Return the site of a page.

    Raises
    ------
    NotFoundError
        If there is none, or the person does not work there: both are told alike.
    """
    if at.sees(site_id):
        for site in await at.read(lambda connection: sites_of(connection, at.tenant_id)):
            if site.site_id == site_id:
                return site
    raise NotFoundError(f"you work at no site {site_id}.")


Here = Annotated[Site, Depends(site_here)]


async def show(at: Look, template: str, title: str, site: Site | None = None, **names: object) -> Response:
    """Return a page of the store."""
    known: Mapping[str, object] = {"title": title, "site": site} | await frame(at, NAME)
    return page(at.request, f"store/{template}", known | names)  # type: ignore[operator]


async def do(
    at: Look, operation: Callable[[Connection], T], *, to: str, done: str | Callable[[T], str], back: str = ""
) -> Response:
    """Do something and go on to a page that says so; what is refused is said on the page ``back``."""
    try:
        found = await at.write(operation)
    except DoorstepError as error:
        return go(at.request, back or to, refused=refusal(error))
    return go(at.request, to, done=done if isinstance(done, str) else done(found))


def refusal(error: DoorstepError) -> str:
    """Return what is said about something refused."""
    return f"{words.sentence(error.message)} {error.hint}".strip()
