"""Where connected carriers tell what happens to their bookings."""

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import Path, Query
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from doorstep.api.access.guarded import guarded_router
from doorstep.api.dependencies import Platform
from doorstep.api.desk import committed
from doorstep.api.models.fields import ReferenceId
from doorstep.api.problems import documented
from doorstep.foundation import NotFoundError
from doorstep.operations.carriers import take_facts
from doorstep.ports import Carrier, CarrierFact

WORD = r"^[A-Za-z0-9_.~=+-]{1,200}$"
router = guarded_router("deliveries", "/hooks")


@router.post(
    "/{carrier_id}",
    response_class=Response,
    responses=documented("not_found", "invalid"),
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}},
)
async def hear_carrier(carrier_id: Annotated[ReferenceId, Path()], request: Request) -> Response:
    """Take a carrier's webhook: signed as that carrier signs, told once or many times, in any order."""
    platform: Platform = request.app.state.platform
    carrier = _connected(platform, carrier_id)
    body, headers, now = await request.body(), dict(request.headers), platform.clock.now()

    def read() -> tuple[CarrierFact, ...]:
        return carrier.read_webhook(headers, body, now=now)

    facts = await run_sync(read)
    if facts:
        await committed(platform.writer.call(lambda connection: take_facts(connection, carrier_id, facts, now=now)))
    return Response()  # 200: some take every other answer for a failure


@router.get("/{carrier_id}", response_class=PlainTextResponse, responses=documented("not_found", "invalid"))
def answer_carrier(
    carrier_id: Annotated[ReferenceId, Path()], check: Annotated[str, Query(pattern=WORD)], request: Request
) -> PlainTextResponse:
    """Return the word that a carrier wants to hear before it sends webhooks here."""
    _connected(request.app.state.platform, carrier_id)
    return PlainTextResponse(check)


def _connected(platform: Platform, carrier_id: str) -> Carrier:
    carrier = platform.carriers.get(carrier_id)
    if carrier is None:
        raise NotFoundError(f"carrier {carrier_id} is not connected.")
    return carrier
