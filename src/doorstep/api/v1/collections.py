"""What shoppers fetch: for the people at the site, and for whoever holds a link, who needs no account."""

from collections.abc import Callable
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import Path, Query
from starlette.requests import Request
from starlette.responses import Response

from doorstep.api.access.guarded import guarded_router
from doorstep.api.conventions.geojson import Point
from doorstep.api.dependencies import Platform
from doorstep.api.desk import Acting, MaybeVersion, Reading, answer, committed
from doorstep.api.models.collections import (
    Arrival,
    BayAssignment,
    Collection,
    CollectionCode,
    Collections,
    Location,
    OnMyWay,
    Restock,
    ShopperCollection,
)
from doorstep.api.models.fields import ObjectId, ReferenceId
from doorstep.api.problems import documented
from doorstep.api.reading import reading
from doorstep.api.views.collections import find_collection, list_coming, show_to_shopper
from doorstep.operations.bring.change import Decided, change_delivery
from doorstep.operations.collect import kerb
from doorstep.operations.collect.codes import issue_code
from doorstep.operations.collect.lockers import deposit
from doorstep.operations.shoppers.links import Link, find_collection_link
from doorstep.storage import Connection

of_delivery = guarded_router("collections", "/deliveries")
router = guarded_router("collections", "/collections")
DeliveryId = Annotated[ObjectId, Path()]
Token = Annotated[str, Path(pattern="^[0-9A-Z]{32}$", description="from the link")]
STEPS = documented("not_found", "illegal_transition", "conflict", "version_changed", "bad_version",
                   "idempotency_key_reused")  # fmt: skip
BY_LINK = documented("not_found", "gone", "illegal_transition", "conflict")


@router.get("", response_model=Collections)
async def read_collections(desk: Reading, site_id: Annotated[ReferenceId | None, Query()] = None) -> Response:
    """List the shoppers who are there or on their way, the most urgent first."""
    return await desk.show(lambda c: Collections(items=list_coming(c, desk.tenant_id, site_id=site_id)))


@of_delivery.get(
    "/{delivery_id}/collection", response_model=Collection, responses=documented("not_found", "bad_version")
)
async def read_delivery_collection(delivery_id: DeliveryId, desk: Reading) -> Response:
    """Show how a delivery waits for its shopper: until when, in which compartments, and who is coming."""
    return await desk.show(lambda connection: find_collection(connection, desk.tenant_id, delivery_id))


@of_delivery.post("/{delivery_id}/collection-code", status_code=201, response_model=CollectionCode, responses=STEPS)
async def issue_collection_code(delivery_id: DeliveryId, desk: Acting) -> Response:
    """Make a code without which a delivery is not handed over; it is told this once, and voids an earlier one."""

    def act(connection: Connection) -> CollectionCode:
        return CollectionCode(code=issue_code(connection, desk.caller, delivery_id, now=desk.now))

    return await desk.act(act, status=201, secrets={"code": ""})


@of_delivery.post("/{delivery_id}/assign-bay", response_model=Collection, responses=STEPS)
async def assign_bay(delivery_id: DeliveryId, where: BayAssignment, desk: Acting, version: MaybeVersion) -> Response:
    """Give a shopper who is there a bay to stand in, or another one."""
    return await desk.step(
        "collection", delivery_id, version,
        lambda c: kerb.assign_bay(c, desk.caller, delivery_id, bay=where.bay, now=desk.now),
        lambda c: find_collection(c, desk.tenant_id, delivery_id),
    )  # fmt: skip


@of_delivery.post(
    "/{delivery_id}/deposit", response_model=Collection, responses=STEPS | documented("no_compartment", "conflict")
)
async def deposit_parcels(delivery_id: DeliveryId, desk: Acting, version: MaybeVersion) -> Response:
    """Put the parcels of a delivery into compartments, each into one of its own; the answer says into which."""
    return await desk.step(
        "collection", delivery_id, version,
        lambda c: deposit(c, desk.caller, delivery_id, now=desk.now),
        lambda c: find_collection(c, desk.tenant_id, delivery_id),
    )  # fmt: skip


@of_delivery.post("/{delivery_id}/restock", response_model=Collection, responses=STEPS)
async def restock(delivery_id: DeliveryId, why: Restock, desk: Acting, version: MaybeVersion) -> Response:
    """Say that goods which nobody came for are on the shelf again; their compartments are free."""
    decided = Decided(event="restock", reason=why.reason)
    return await desk.step(
        "collection", delivery_id, version,
        lambda c: change_delivery(c, desk.caller, delivery_id, decided, now=desk.now),
        lambda c: find_collection(c, desk.tenant_id, delivery_id),
    )  # fmt: skip


@router.get("/{token}", response_model=ShopperCollection, responses=documented("not_found", "gone"))
async def read_collection(token: Token, request: Request) -> Response:
    """Tell a shopper what waits for them, where, and until when."""
    platform: Platform = request.app.state.platform
    now = platform.clock.now()

    def show(connection: Connection) -> ShopperCollection:
        return show_to_shopper(connection, find_collection_link(connection, token, now=now))

    return answer(200, (await run_sync(reading, platform, show)).model_dump_json(by_alias=True))


@router.post("/{token}/on-my-way", response_model=ShopperCollection, responses=BY_LINK)
async def set_out(token: Token, told: OnMyWay, request: Request) -> Response:
    """Say that a shopper is on the way, in what car, and when they will be there or where they are."""
    expected_at = told.arrive_at
    if expected_at is None and told.point is not None:
        expected_at = await _arrives_at(request, token, told.point)

    def act(connection: Connection, link: Link, now: int) -> None:
        kerb.set_out(connection, link, vehicle=told.vehicle, expected_at=expected_at, now=now)

    return await _by_link(request, token, act)


@router.post("/{token}/location", response_model=ShopperCollection, responses=BY_LINK)
async def tell_location(token: Token, told: Location, request: Request) -> Response:
    """Say where a shopper on the way is: it becomes a moment of arrival, and is not kept."""
    expected_at = await _arrives_at(request, token, told.point)
    return await _by_link(request, token, lambda c, link, _now: kerb.expect_at(c, link, expected_at))


@router.post("/{token}/arrived", response_model=ShopperCollection, responses=BY_LINK)
async def arrive(token: Token, told: Arrival, request: Request) -> Response:
    """Say that a shopper is there, and in which bay."""
    return await _by_link(request, token, lambda c, link, now: kerb.arrive(c, link, bay=told.bay, now=now))


@router.post("/{token}/left", response_model=ShopperCollection, responses=BY_LINK)
async def leave(token: Token, request: Request) -> Response:
    """Say that a shopper has turned back; the goods go on waiting."""
    return await _by_link(request, token, lambda c, link, now: kerb.leave(c, link, now=now))


async def _by_link(request: Request, token: str, act: Callable[[Connection, Link, int], None]) -> Response:
    """Do what whoever holds a link asks, and answer with what waits for them."""
    platform: Platform = request.app.state.platform
    now = platform.clock.now()

    def do(connection: Connection) -> ShopperCollection:
        link = find_collection_link(connection, token, now=now)
        act(connection, link, now)
        return show_to_shopper(connection, link)

    return answer(200, (await committed(platform.writer.call(do))).model_dump_json(by_alias=True))


async def _arrives_at(request: Request, token: str, point: Point) -> int:
    """Return when a shopper who is at a point now should be at the site [epoch s]; nothing is written meanwhile."""
    platform: Platform = request.app.state.platform
    now = platform.clock.now()

    def find(connection: Connection) -> int:
        link = find_collection_link(connection, token, now=now)
        return kerb.arrives_at(connection, link, (point.lat, point.lon), now=now)

    return await run_sync(reading, platform, find)
