"""Orders: placing, reading, and what people decide about them."""

import re
from typing import Annotated

from fastapi import Depends, Path, Query, Request
from pydantic import ValidationError
from starlette.responses import Response

from doorstep.api.access.guarded import SHORTCUTS, guarded_router
from doorstep.api.desk import JSON, KEY_PATTERN, Acting, Desk, MaybeVersion, Reading, answer, committed, expect_version
from doorstep.api.models.base import Page
from doorstep.api.models.fields import CallerId, MomentIn, ObjectId
from doorstep.api.models.orders import (
    Allocation,
    Cancellation,
    Order,
    OrderCreate,
    OrderLine,
    OrdersBulk,
    OrdersBulkReply,
    Promise,
)
from doorstep.api.models.parts import Money, Window
from doorstep.api.new_orders import new_intake
from doorstep.api.once import Named
from doorstep.api.paging import PageWish, wanted_page
from doorstep.api.problems import documented
from doorstep.api.v1.bulk import take_rows
from doorstep.api.views.orders import find_external, find_order, list_orders
from doorstep.domain.lifecycles import LIFECYCLES
from doorstep.domain.new_order import TakenOrder
from doorstep.foundation import InputError
from doorstep.operations.forgetting import erase_contact
from doorstep.operations.fulfil import route_orders
from doorstep.operations.intake.take import take_orders
from doorstep.operations.orders import (
    cancel_order,
    complete_short,
    hold_order,
    place_order,
    reroute_order,
    resume_order,
)
from doorstep.storage import Connection

router = guarded_router("orders", "/orders")
REFUSALS = documented(
    "duplicate", "insufficient_stock", "no_compartment", "slot_full", "illegal_transition", "conflict", "gone",
    "not_found", "idempotency_key_reused",
)  # fmt: skip
STEPS = documented("not_found", "illegal_transition", "conflict", "version_changed", "bad_version",
                   "idempotency_key_reused")  # fmt: skip
OrderId = Annotated[ObjectId, Path()]
KEY = re.compile(KEY_PATTERN)
State = Annotated[str, Query(json_schema_extra={"enum": [*LIFECYCLES["order"].states]})]


async def create_quickly(request: Request) -> Response | None:
    """Accept an order without the framework's machinery; what is not plain and sound is left to it."""
    key = request.headers.get("idempotency-key")
    if request.headers.get("content-type") != JSON or (key is not None and not KEY.fullmatch(key)):
        return None
    try:
        order = OrderCreate.model_validate_json(await request.body())
    except ValidationError:
        return None
    return await _accept(Desk(request, Named(key, "") if key else None), order)


SHORTCUTS["create_order"] = create_quickly


@router.post("", status_code=201, response_model=Order, responses=REFUSALS | {200: {"model": Order}})
async def create_order(order: OrderCreate, desk: Acting) -> Response:
    """Accept an order with its stock and picking capacity reserved, or say why not.

    Sent again with the same `Idempotency-Key`, or with the same `external_id` and contents, it is the same order.
    """
    return await _accept(desk, order)


@router.put(
    "/external/{external_id}", status_code=201, response_model=Order, responses=REFUSALS | {200: {"model": Order}}
)
async def put_order(external_id: Annotated[CallerId, Path()], order: OrderCreate, desk: Acting) -> Response:
    """Accept an order under the caller's own name: 201 if it is new, 200 with its present state if it was there.

    An order with other contents is `duplicate` (409) and is left as it is: cancel it and order under another name.
    """
    if order.external_id not in (None, external_id):
        raise InputError(f"external_id {order.external_id} is not the one in the path, {external_id}.")
    taken = await _take(desk, order.model_copy(update={"external_id": external_id}))
    if taken.repeated:
        return await desk.show(lambda connection: _find(connection, desk, taken.order_id))
    return answer(201, _render(order, taken, desk.currency, external_id), taken.version)


@router.get("", response_model=Page[Order], responses=documented("bad_cursor"))
async def read_orders(
    desk: Reading,
    wish: Annotated[PageWish, Depends(wanted_page)],
    state: State | None = None,
    external_id: Annotated[CallerId | None, Query()] = None,
    placed_from: Annotated[MomentIn | None, Query(description="placed then or later")] = None,
    placed_until: Annotated[MomentIn | None, Query(description="placed before")] = None,
) -> Response:
    """List orders, the newest first."""
    return await desk.show_page(
        wish,
        lambda connection: list_orders(
            connection, desk.tenant_id, currency=desk.currency, limit=wish.limit + 1, before=wish.after, state=state,
            external_id=external_id, placed_from=placed_from, placed_until=placed_until,
        ),
        lambda order: (order.placed_at, order.id),
    )  # fmt: skip


@router.get("/external/{external_id}", response_model=Order, responses=documented("not_found", "bad_version"))
async def read_external_order(external_id: Annotated[CallerId, Path()], desk: Reading) -> Response:
    """Show the order that the caller gave a name."""
    return await desk.show(
        lambda connection: find_external(connection, desk.tenant_id, external_id, currency=desk.currency)
    )


@router.get("/{order_id}", response_model=Order, responses=documented("not_found", "bad_version"))
async def read_order(order_id: OrderId, desk: Reading) -> Response:
    """Show an order with its lines, sites, shipments and deliveries."""
    return await desk.show(lambda connection: _find(connection, desk, order_id))


@router.post("/{order_id}/place", response_model=Order, responses=STEPS)
async def place_draft(order_id: OrderId, desk: Acting, version: MaybeVersion) -> Response:
    """Place an order whose payment was pending: it is paid now, and keeps what it holds."""
    return await desk.step(
        "order",
        order_id,
        version,
        lambda connection: place_order(connection, desk.caller, order_id, now=desk.now),
        lambda connection: _find(connection, desk, order_id),
    )


@router.post("/{order_id}/cancel", response_model=Order, responses=STEPS)
async def cancel(order_id: OrderId, why: Cancellation, desk: Acting, version: MaybeVersion) -> Response:
    """Cancel an order that is not on its way; what it holds is free again."""
    return await desk.step(
        "order",
        order_id,
        version,
        lambda connection: cancel_order(connection, desk.caller, order_id, now=desk.now, reason=why.reason),
        lambda connection: _find(connection, desk, order_id),
    )


@router.post("/{order_id}/complete", response_model=Order, responses=STEPS)
async def complete(order_id: OrderId, why: Cancellation, desk: Acting, version: MaybeVersion) -> Response:
    """Complete an order of which a part has arrived and nobody will bring the rest."""
    return await desk.step(
        "order",
        order_id,
        version,
        lambda connection: complete_short(connection, desk.caller, order_id, now=desk.now, reason=why.reason),
        lambda connection: _find(connection, desk, order_id),
    )


@router.post("/{order_id}/hold", response_model=Order, responses=STEPS)
async def hold(order_id: OrderId, why: Cancellation, desk: Acting, version: MaybeVersion) -> Response:
    """Stop an order where it is, until it is released; it keeps what it holds."""
    return await desk.step(
        "order",
        order_id,
        version,
        lambda connection: hold_order(connection, desk.caller, order_id, now=desk.now, reason=why.reason),
        lambda connection: _find(connection, desk, order_id),
    )


@router.post("/{order_id}/release", response_model=Order, responses=STEPS)
async def release(order_id: OrderId, desk: Acting, version: MaybeVersion) -> Response:
    """Let a held order go on; its sites are chosen anew."""
    return await desk.step(
        "order",
        order_id,
        version,
        lambda connection: resume_order(connection, desk.caller, order_id, now=desk.now),
        lambda connection: _find(connection, desk, order_id),
    )


@router.post("/{order_id}/allocate", response_model=Order, responses=STEPS)
async def allocate(order_id: OrderId, desk: Acting, version: MaybeVersion) -> Response:
    """Choose the sites of an order now, and choose others if it has some already and picking has not begun."""

    def act(connection: Connection) -> Order:
        expect_version(connection, desk.caller, "order", order_id, version)
        if _find(connection, desk, order_id).state == "allocated":
            reroute_order(connection, desk.caller, order_id, now=desk.now, reason="asked_for")
        route_orders(connection, desk.caller, [order_id], now=desk.now)
        return _find(connection, desk, order_id)

    return await desk.act(act)


@router.post(
    "/{order_id}/erase-contact",
    status_code=204,
    response_class=Response,
    responses=documented("not_found", "idempotency_key_reused"),
)
async def erase_person(order_id: OrderId, desk: Acting) -> Response:
    """Forget who an order was for, and where exactly once it has ended; what was ordered and what it cost stays.

    The subscription that placed it is paused, and forgets the same.
    """

    def act(connection: Connection) -> None:
        erase_contact(connection, desk.caller, order_id, now=desk.now)

    return await desk.act(act)


async def _accept(desk: Desk, order: OrderCreate) -> Response:
    taken = await _take(desk, order)
    if taken.repeated and not desk.named:
        return await desk.show(lambda connection: _find(connection, desk, taken.order_id))
    return answer(201, _render(order, taken, desk.currency), taken.version, replayed=taken.repeated)


async def _take(desk: Desk, order: OrderCreate) -> TakenOrder:
    key = desk.named.key if desk.named else None
    intake = new_intake(order, desk.caller, now=desk.now, key=key, secret=desk.offer_secret)
    return await committed(desk.platform.writer.together(take_orders, intake))


def _find(connection: Connection, desk: Desk, order_id: str) -> Order:
    return find_order(connection, desk.tenant_id, order_id, currency=desk.currency)


def _render(order: OrderCreate, taken: TakenOrder, currency: str, external_id: str | None = None) -> bytes:
    """Return a new order as JSON, from what was asked and what became of it: nothing is read again."""
    shown = Order(
        id=taken.order_id,
        code=taken.code,
        external_id=external_id or order.external_id,
        state=taken.state,
        version=taken.version,
        placed_at=taken.placed_at,
        promise=Promise(
            window=Window.of_closed(taken.window_start_at, taken.window_end_at),
            service_level_id=order.service_level_id,
            fee=Money(amount=taken.fee_minor, currency=currency),
            extras=list(order.extras),
            membership=taken.membership,
            membership_discount=Money(amount=taken.membership_discount_minor, currency=currency),
        ),
        lines=[
            OrderLine(line_no=number, product_id=line.product_id, quantity=line.quantity)
            for number, line in enumerate(order.lines, 1)
        ],
        allocations=[
            Allocation(line_no=line_no, site_id=site_id, quantity=units, receipt_id=receipt_id)
            for line_no, site_id, units, receipt_id in (*((*held, None) for held in taken.held), *taken.coming)
        ],
        shipments=[],
        deliveries=[],
    )
    return shown.model_dump_json(by_alias=True).encode()


# Colons in paths: actions on the whole collection.
bulk_router = guarded_router("orders")


@bulk_router.post(
    "/orders:bulk", response_model=OrdersBulkReply, responses=documented("idempotency_key_reused"), name="create_orders"
)
async def create_orders(orders: OrdersBulk, desk: Acting) -> Response:
    """Accept up to a thousand orders, each for itself: the reply says what became of every row.

    With an `Idempotency-Key` each row is named by it and its place, so that the whole can be sent again.
    """
    rows = await take_rows(desk, orders.orders)
    return answer(200, rows.model_dump_json(by_alias=True, exclude_unset=True))
