"""Notices: what shoppers were told, what a retailer tells them, and what they want, by the link in each notice."""

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import Depends, Path
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from doorstep.api.access.guarded import guarded_router
from doorstep.api.dependencies import Platform
from doorstep.api.desk import Acting, MaybeVersion, Reading, answer, committed
from doorstep.api.models.base import Page
from doorstep.api.models.fields import ObjectId
from doorstep.api.models.notices import (
    Notice,
    NoticePreferences,
    NoticePreferencesChange,
    NoticeRulesChange,
    NoticeRulesShown,
)
from doorstep.api.paging import PageWish, wanted_page
from doorstep.api.problems import documented
from doorstep.api.views.notices import list_notices, rules_of, show_rules, show_wishes
from doorstep.api.wishes_page import wishes_page
from doorstep.operations.notices.rules import load_rules, store_rules
from doorstep.operations.notices.wishes import change_wishes, locale_of, wishes_of
from doorstep.storage import Connection
from doorstep.tracking.notices import CHANNELS

of_order = guarded_router("notices", "/orders")
router = guarded_router("notices", "/notice-rules")
by_link = guarded_router("notices", "/notice-preferences")
OrderId = Annotated[ObjectId, Path()]
Token = Annotated[str, Path(pattern="^[0-9A-Z]{32}$", description="from the link")]


@of_order.get("/{order_id}/notices", response_model=Page[Notice], responses=documented("not_found", "bad_cursor"))
async def read_notices(order_id: OrderId, desk: Reading, wish: Annotated[PageWish, Depends(wanted_page)]) -> Response:
    """List what the shopper of an order was told and will be, and why they were not, the oldest first."""
    return await desk.show_page(
        wish,
        lambda c: list_notices(c, desk.tenant_id, order_id, limit=wish.limit + 1, after=wish.after),
        lambda notice: (0, notice.id),
    )


@router.get("", response_model=NoticeRulesShown, responses=documented("bad_version"))
async def read_notice_rules(desk: Reading) -> Response:
    """Show what shoppers are told, when not, and in which words of the retailer's own."""
    return await desk.show(lambda connection: show_rules(load_rules(connection, desk.tenant_id)))


@router.put("", response_model=NoticeRulesShown, responses=documented("version_changed", "bad_version"))
async def put_notice_rules(wanted: NoticeRulesChange, desk: Acting, version: MaybeVersion) -> Response:
    """Say what shoppers are told, in place of what was said before."""
    rules = rules_of(wanted)

    def act(connection: Connection) -> NoticeRulesShown:
        if version is not None:
            version.check(load_rules(connection, desk.tenant_id).version)
        return show_rules(store_rules(connection, desk.caller, rules, now=desk.now))

    return await desk.act(act)


@by_link.get("/{token}", response_model=NoticePreferences, responses=documented("not_found"))
async def read_notice_preferences(token: Token, request: Request) -> Response:
    """Tell a shopper by which channels they are told things."""
    platform: Platform = request.app.state.platform
    found = await run_sync(_reading, platform, token)
    return answer(200, show_wishes(found[0]).model_dump_json(by_alias=True))


@by_link.post("/{token}", response_model=NoticePreferences, responses=documented("not_found"))
async def change_notice_preferences(token: Token, wanted: NoticePreferencesChange, request: Request) -> Response:
    """Say by which channels a shopper wants to be told things."""
    said = {name: value for name, value in wanted.model_dump().items() if value is not None}
    return answer(200, show_wishes(await _change(request, token, said)).model_dump_json(by_alias=True))


@by_link.get("/{token}/page", response_class=HTMLResponse, responses=documented("not_found"))
async def show_notice_preferences(token: Token, request: Request) -> Response:
    """Show a shopper a page with a button that ends all notices; it needs no script."""
    platform: Platform = request.app.state.platform
    wishes, locale = await run_sync(_reading, platform, token)
    return HTMLResponse(wishes_page(wishes, locale, token))


@by_link.post("/{token}/stop", response_class=HTMLResponse, responses=documented("not_found"))
async def stop_notices(token: Token, request: Request) -> Response:
    """End all notices to a shopper: the button of the page, and of mail programs (RFC 8058)."""
    wishes = await _change(request, token, dict.fromkeys(CHANNELS, False))
    platform: Platform = request.app.state.platform
    _, locale = await run_sync(_reading, platform, token)
    return HTMLResponse(wishes_page(wishes, locale, token))


def _reading(platform: Platform, token: str) -> tuple[dict[str, bool], str]:
    with platform.database.reading() as connection:
        return wishes_of(connection, token), locale_of(connection, token)


async def _change(request: Request, token: str, wanted: dict[str, bool]) -> dict[str, bool]:
    platform: Platform = request.app.state.platform
    now = platform.clock.now()
    return await committed(platform.writer.call(lambda c: change_wishes(c, token, wanted, now=now)))
