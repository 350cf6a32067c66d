"""The shopper's side of a delivery: links to its page, and what was said there."""

from typing import Annotated

from fastapi import Path
from starlette.responses import Response

from doorstep.api.access.guarded import guarded_router
from doorstep.api.desk import Acting, Reading
from doorstep.api.models.fields import ObjectId
from doorstep.api.models.shoppers import DeliveryLink, Remarks
from doorstep.api.problems import documented
from doorstep.api.views.shoppers import list_remarks
from doorstep.operations.shoppers.links import PATH, issue_link, revoke_links
from doorstep.storage import Connection

router = guarded_router("deliveries", "/deliveries")
DeliveryId = Annotated[ObjectId, Path()]


@router.post(
    "/{delivery_id}/links",
    status_code=201,
    response_model=DeliveryLink,
    responses=documented("not_found", "conflict", "idempotency_key_reused"),
)
async def issue_delivery_link(delivery_id: DeliveryId, desk: Acting) -> Response:
    """Make a link to a delivery for its shopper; it is told this once. Others that it has stay good."""

    def act(connection: Connection) -> DeliveryLink:
        token, until = issue_link(connection, desk.caller, delivery_id, now=desk.now)
        return DeliveryLink(token=token, path=f"{PATH}{token}", expires_at=until)

    return await desk.act(act, status=201, secrets={"token": "", "path": ""})


@router.delete("/{delivery_id}/links", status_code=204, response_class=Response, responses=documented("not_found"))
async def revoke_delivery_links(delivery_id: DeliveryId, desk: Acting) -> Response:
    """End every link to a delivery at once."""

    def act(connection: Connection) -> None:
        revoke_links(connection, desk.caller, delivery_id, now=desk.now)

    return await desk.act(act)


@router.get("/{delivery_id}/remarks", response_model=Remarks, responses=documented("not_found", "bad_version"))
async def read_delivery_remarks(delivery_id: DeliveryId, desk: Reading) -> Response:
    """Show what the shopper of a delivery said: instructions, a safe place, a rating, problems."""
    return await desk.show(lambda connection: list_remarks(connection, desk.tenant_id, delivery_id, now=desk.now))
