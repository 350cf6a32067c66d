"""Shipments: what a site has to pick and pack."""

from typing import Annotated

from fastapi import Depends, Path, Query
from starlette.responses import Response

from doorstep.api.access.guarded import guarded_router
from doorstep.api.desk import Acting, MaybeVersion, Reading
from doorstep.api.models.base import Page
from doorstep.api.models.fields import ObjectId, ReferenceId
from doorstep.api.models.shipments import Shipment
from doorstep.api.paging import PageWish, wanted_page
from doorstep.api.problems import documented
from doorstep.api.views.shipments import find_shipment, list_shipments
from doorstep.domain.lifecycles import LIFECYCLES
from doorstep.operations.fulfil.pack import pack_shipment

router = guarded_router("shipments")
ShipmentId = Annotated[ObjectId, Path()]
State = Annotated[str, Query(json_schema_extra={"enum": [*LIFECYCLES["shipment"].states]})]


@router.get("/shipments", response_model=Page[Shipment], responses=documented("bad_cursor"))
async def read_shipments(
    desk: Reading,
    wish: Annotated[PageWish, Depends(wanted_page)],
    state: State | None = None,
    site_id: Annotated[ReferenceId | None, Query()] = None,
) -> Response:
    """List shipments, those first that have waited longest: with `state=picking`, what a site has to pick."""
    return await desk.show_page(
        wish,
        lambda connection: list_shipments(
            connection, desk.tenant_id, limit=wish.limit + 1, after=wish.after, state=state, site_id=site_id
        ),
        lambda shipment: (0, shipment.id),
    )


@router.get("/shipments/{shipment_id}", response_model=Shipment, responses=documented("not_found", "bad_version"))
async def read_shipment(shipment_id: ShipmentId, desk: Reading) -> Response:
    """Show a shipment with its parcels."""
    return await desk.show(lambda connection: find_shipment(connection, desk.tenant_id, shipment_id))


@router.post(
    "/shipments/{shipment_id}/pack",
    response_model=Shipment,
    responses=documented(
        "not_found", "illegal_transition", "conflict", "version_changed", "bad_version", "idempotency_key_reused"
    ),
)
async def pack(shipment_id: ShipmentId, desk: Acting, version: MaybeVersion) -> Response:
    """Pack what has been picked into cartons; the last shipment of an order makes it ready."""
    return await desk.step(
        "shipment",
        shipment_id,
        version,
        lambda connection: pack_shipment(connection, desk.caller, shipment_id, now=desk.now),
        lambda connection: find_shipment(connection, desk.tenant_id, shipment_id),
    )
