"""Options at checkout."""

from starlette.responses import Response

from doorstep.api.access.guarded import guarded_router
from doorstep.api.desk import Reading, answer
from doorstep.api.models.options import OptionsReply, OptionsRequest
from doorstep.api.new_orders import asked_of
from doorstep.api.views.options import options_for
from doorstep.domain.new_order import NewLine, NewOrder
from doorstep.foundation import InputError

router = guarded_router("options", "/options")
FARTHEST_S = 14 * 86_400


@router.post("", response_model=OptionsReply)
async def offer_options(basket: OptionsRequest, desk: Reading) -> Response:
    """Say for every service level whether this basket can have it, when, from where and at which fee, or why not.

    Nothing is kept for it: stock is only kept for an order, a window only for a hold on a slot.
    """
    at = desk.now if basket.at is None else basket.at
    if not desk.now <= at <= desk.now + FARTHEST_S:
        raise InputError("at must be now or within the next two weeks.")
    order = NewOrder(
        service_level_id="",
        lat=basket.place.lat,
        lon=basket.place.lon,
        postal_code=basket.place.postal_code,
        lines=tuple(NewLine(product_id=line.product_id, quantity=line.quantity) for line in basket.lines),
    )
    asked = asked_of(desk.tenant_id, "{level}", basket.place) if at == desk.now else ""
    options = await desk.read(
        lambda connection: options_for(
            connection, desk.caller, order, at=at, currency=desk.currency, asked=asked,
            offered_until=desk.now + desk.platform.settings.hold_minutes * 60,
        )
    )  # fmt: skip
    return answer(200, OptionsReply(options=options).model_dump_json(by_alias=True))
