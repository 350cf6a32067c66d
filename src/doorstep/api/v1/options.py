"""Options at checkout."""

from fastapi import Request
from pydantic import ValidationError
from starlette.responses import Response

from doorstep.api.access.guarded import SHORTCUTS, admit, guarded_router
from doorstep.api.desk import JSON, Desk, Reading, answer
from doorstep.api.models.options import OptionsReply, OptionsRequest
from doorstep.api.new_orders import asked_of
from doorstep.api.views.options import options_for
from doorstep.domain.new_order import NewLine, NewOrder
from doorstep.foundation import InputError

router = guarded_router("options", "/options")
FARTHEST_S = 14 * 86_400
COSTS = "decisions:read"
"""Scope of those who may see what an option costs."""


async def offer_quickly(request: Request) -> Response | None:
    """Offer options without the framework's machinery; what is not plain and sound is left to it."""
    if request.headers.get("content-type") != JSON:
        return None
    try:
        basket = OptionsRequest.model_validate_json(await request.body())
    except ValidationError:
        return None
    return await _offer(basket, Desk(request))


SHORTCUTS["offer_options"] = offer_quickly


@router.post("", response_model=OptionsReply)
async def offer_options(basket: OptionsRequest, desk: Reading) -> Response:
    """Say for every service level and open slot whether this basket can have it, when, from where and at which fee.

    Each has the probability that its promise is kept, or why it cannot be had and what would work instead. Nothing
    is kept for it: stock is only kept for an order, a window only for a hold on a slot.
    """
    return await _offer(basket, desk)


async def _offer(basket: OptionsRequest, desk: Desk) -> Response:
    at = desk.now if basket.at is None else basket.at
    if not desk.now <= at <= desk.now + FARTHEST_S:
        raise InputError("at must be now or within the next two weeks.")
    if basket.with_costs:
        admit(desk.request, needed=COSTS)
    order = NewOrder(
        service_level_id="",
        lat=basket.place.lat,
        lon=basket.place.lon,
        postal_code=basket.place.postal_code,
        lines=tuple(NewLine(product_id=line.product_id, quantity=line.quantity) for line in basket.lines),
        extras=";".join(basket.extras),
        landing_site=basket.place.landing_site,
        membership=basket.membership,
        member_id=basket.member_id,
    )
    options = await desk.read(
        lambda connection: options_for(
            connection, desk.caller, order, at=at, now=desk.now, currency=desk.currency,
            asked=asked_of(desk.tenant_id, "{level}", basket.place), secret=desk.offer_secret,
            offered_until=desk.now + desk.platform.settings.hold_minutes * 60, with_costs=basket.with_costs,
        ),
        lane=None if basket.with_costs else desk.request.app.state.quoting,
    )  # fmt: skip
    return answer(200, OptionsReply(options=options).model_dump_json(by_alias=True))
