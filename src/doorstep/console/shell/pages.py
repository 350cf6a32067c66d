"""The frame around every page, and the words in it."""

from collections.abc import Mapping
from functools import cache

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse

from doorstep.api.dependencies import Platform
from doorstep.console import words
from doorstep.console.shell.files import address_of, is_built
from doorstep.console.shell.said import said_to, with_nothing_said
from doorstep.console.shell.streets import STREETS

FILTERS = {
    "money": words.money, "plain": words.plain, "when": words.when, "count": words.count, "clock": words.clock,
    "duration": words.duration, "many": words.many, "sentence": words.sentence, "distance": words.distance,
}  # fmt: skip


def page(request: Request, template: str, names: Mapping[str, object], *, status: int = 200) -> HTMLResponse:
    """Return a page; what was said to the person since the last one stands at its top, once."""
    said = said_to(request)
    shown = _environment().get_template(template).render(
        here=request.url.path, said=said, built=is_built(), ground=ground_of(request), **_defaults(names)
    )  # fmt: skip
    response = HTMLResponse(shown, status_code=status, headers={"Cache-Control": "no-store"})
    return with_nothing_said(response) if said else response


def ground_of(request: Request) -> dict[str, str]:
    """Return what lies under the maps of pages, as attributes of theirs: tiles, our own streets, or nothing."""
    platform: Platform = request.app.state.platform
    settings, found = platform.settings, {}
    if settings.map_tiles:
        found = {"tiles": settings.map_tiles, "tiles-credit": settings.map_credit}
    elif platform.database.streets is not None:
        found = {"streets": STREETS, "tiles-credit": platform.database.streets.credit}
    return {name: value for name, value in found.items() if value}


def part(template: str, names: Mapping[str, object]) -> str:
    """Return a part of a page, to be put into one that is open."""
    return _environment().get_template(template).render(built=is_built(), **_defaults(names))


def _defaults(names: Mapping[str, object]) -> dict[str, object]:
    return {"person": None, "csrf": "", "face": "", "currency": "USD"} | dict(names)


@cache
def _environment() -> jinja2.Environment:
    found = jinja2.Environment(
        loader=jinja2.PackageLoader("doorstep.console"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters.update(FILTERS)
    found.globals["file"] = address_of
    return found
