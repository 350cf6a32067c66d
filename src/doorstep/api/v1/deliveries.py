"""Deliveries: how far they are, and what is decided about them by hand."""

from typing import Annotated

from fastapi import Depends, Path, Query
from starlette.responses import Response

from doorstep.api.access.guarded import guarded_router
from doorstep.api.conventions.versions import IfMatch
from doorstep.api.desk import Acting, Desk, MaybeVersion, Reading, expect_version
from doorstep.api.models.base import Page
from doorstep.api.models.collections import HandOver
from doorstep.api.models.deliveries import (
    CarrierBooking,
    Delivery,
    DeliveryCancel,
    DeliveryEvent,
    DeliveryEventCreate,
    DeliveryRedirect,
    DeliveryReschedule,
)
from doorstep.api.models.fields import ObjectId, ReferenceId
from doorstep.api.paging import PageWish, wanted_page
from doorstep.api.problems import ProblemError, documented
from doorstep.api.views.deliveries import (
    find_delivery,
    kept_details,
    list_bookings,
    list_deliveries,
    list_delivery_events,
    show_report,
)
from doorstep.domain.lifecycles import LIFECYCLES
from doorstep.operations.bring import ReportedEvent, record_event
from doorstep.operations.bring.change import Decided, change_delivery, send_next_door
from doorstep.operations.collect.codes import check_code
from doorstep.operations.fulfil.hand_over import hand_over_delivery, lock_delivery
from doorstep.storage import Connection

router = guarded_router("deliveries", "/deliveries")
DeliveryId = Annotated[ObjectId, Path()]
STEPS = documented(
    "not_found", "illegal_transition", "conflict", "version_changed", "bad_version", "idempotency_key_reused"
)
_STATES = [*dict.fromkeys((*LIFECYCLES["delivery"].states, *LIFECYCLES["collection"].states))]
State = Annotated[str, Query(json_schema_extra={"enum": [*_STATES]})]


@router.get("", response_model=Page[Delivery], responses=documented("bad_cursor"))
async def read_deliveries(
    desk: Reading,
    wish: Annotated[PageWish, Depends(wanted_page)],
    state: State | None = None,
    order_id: Annotated[ObjectId | None, Query()] = None,
    route_id: Annotated[ObjectId | None, Query()] = None,
    site_id: Annotated[ReferenceId | None, Query()] = None,
) -> Response:
    """List deliveries, the newest first."""
    return await desk.show_page(
        wish,
        lambda connection: list_deliveries(
            connection, desk.tenant_id, currency=desk.currency, limit=wish.limit + 1, before=wish.after, state=state,
            order_id=order_id, route_id=route_id, site_id=site_id,
        ),
        lambda delivery: (0, delivery.id),
    )  # fmt: skip


@router.get("/{delivery_id}", response_model=Delivery, responses=documented("not_found", "bad_version"))
async def read_delivery(delivery_id: DeliveryId, desk: Reading) -> Response:
    """Show a delivery."""
    return await desk.show(lambda connection: _find(connection, desk, delivery_id))


@router.get(
    "/{delivery_id}/events", response_model=Page[DeliveryEvent], responses=documented("not_found", "bad_cursor")
)
async def read_delivery_events(
    delivery_id: DeliveryId, desk: Reading, wish: Annotated[PageWish, Depends(wanted_page)]
) -> Response:
    """List what was reported and decided about a delivery, in the order in which it happened."""
    return await desk.show_page(
        wish,
        lambda connection: list_delivery_events(
            connection, desk.tenant_id, delivery_id, limit=wish.limit + 1, after=wish.after
        ),
        lambda event: (event.occurred_at, f"{event.occurred_at}|{event.event_id}"),
    )


@router.get(
    "/{delivery_id}/bookings", response_model=Page[CarrierBooking], responses=documented("not_found", "bad_cursor")
)
async def read_delivery_bookings(
    delivery_id: DeliveryId, desk: Reading, wish: Annotated[PageWish, Depends(wanted_page)]
) -> Response:
    """List what was asked of connected carriers for a delivery: prices, tracking pages, and why others were tried."""
    return await desk.show_page(
        wish,
        lambda connection: list_bookings(
            connection, desk.tenant_id, delivery_id, currency=desk.currency, limit=wish.limit + 1, after=wish.after
        ),
        lambda booking: (0, booking.id),
    )


@router.post(
    "/{delivery_id}/events",
    status_code=201,
    response_model=DeliveryEvent,
    responses=documented("not_found", "conflict", "idempotency_key_reused"),
)
async def report_delivery_event(delivery_id: DeliveryId, event: DeliveryEventCreate, desk: Acting) -> Response:
    """Report what happened to a delivery: it is kept whatever it says, and moves the delivery if it is news.

    The same `event_id` of a source counts once, however often it is sent.
    """
    told = ReportedEvent(
        source=event.source,
        source_event_id=event.event_id,
        kind="delivery",
        object_id=delivery_id,
        event=event.type,
        occurred_at=event.occurred_at,
        reason=event.reason,
        details=kept_details(event),
    )

    def act(connection: Connection) -> DeliveryEvent:
        done = record_event(connection, desk.caller, told, now=desk.now)
        return show_report(told, done, recorded_at=desk.now)

    return await desk.act(act, status=201)


@router.post("/{delivery_id}/cancel", response_model=Delivery, responses=STEPS)
async def cancel_delivery(
    delivery_id: DeliveryId, why: DeliveryCancel, desk: Acting, version: MaybeVersion
) -> Response:
    """Cancel a delivery that has not been picked up."""
    decided = Decided(event="cancel", reason=why.reason, details=kept_details(why))
    return await desk.act(lambda connection: _decide(connection, desk, delivery_id, decided, version))


@router.post(
    "/{delivery_id}/hand-over", response_model=Delivery, responses=STEPS | documented("forbidden", "wrong_code")
)
async def hand_over(
    delivery_id: DeliveryId, desk: Acting, version: MaybeVersion, said: HandOver | None = None
) -> Response:
    """Hand the packed parcels of a delivery to a carrier's driver, or to the shopper who collects them.

    Where the delivery has a code, the shopper must say it.
    """
    code = "" if said is None else said.code
    verdict = await desk.write(lambda c: check_code(c, desk.caller, delivery_id, code, now=desk.now))
    if verdict != "right":
        hint = "Maybe make a new code." if verdict == "locked" else "Maybe the shopper has another one."
        raise ProblemError("wrong_code", f"The code of delivery {delivery_id} is {verdict}.", hint=hint)

    def act(connection: Connection) -> Delivery:
        before = _find(connection, desk, delivery_id)
        if version is not None:
            version.check(before.version)
        hand_over_delivery(connection, desk.caller, delivery_id, now=desk.now)
        return _find(connection, desk, delivery_id)

    return await desk.act(act)


@router.post("/{delivery_id}/reschedule", response_model=Delivery, responses=STEPS)
async def reschedule_delivery(
    delivery_id: DeliveryId, change: DeliveryReschedule, desk: Acting, version: MaybeVersion
) -> Response:
    """Try a delivery again in another window, after an attempt that failed."""
    start, end = change.window.closed
    told = {"window_start_at": start, "window_end_at": end}
    decided = Decided(event="reschedule", reason=change.reason, told=told, details=kept_details(change))
    return await desk.act(lambda connection: _decide(connection, desk, delivery_id, decided, version))


@router.post("/{delivery_id}/redirect", response_model=Delivery, responses=STEPS)
async def redirect_delivery(
    delivery_id: DeliveryId, change: DeliveryRedirect, desk: Acting, version: MaybeVersion
) -> Response:
    """Bring a delivery to another door or to a site, after an attempt that failed, or let a neighbour take it."""
    if change.neighbour_ok:
        next_door = Decided(
            event="redirect", reason=change.reason, told={"to": "neighbour"}, details=kept_details(change)
        )
        return await desk.act(lambda connection: _next_door(connection, desk, delivery_id, next_door, version))
    told = {"to": "door"} if change.site_id is None else {"to": "site", "site_id": change.site_id}
    decided = Decided(event="redirect", reason=change.reason, told=told, details=kept_details(change))
    return await desk.act(lambda connection: _decide(connection, desk, delivery_id, decided, version))


def _decide(
    connection: Connection, desk: Desk, delivery_id: str, decided: Decided, version: IfMatch | None
) -> Delivery:
    lock_delivery(connection, desk.caller, delivery_id)
    expect_version(connection, desk.caller, "delivery", delivery_id, version)
    change_delivery(connection, desk.caller, delivery_id, decided, now=desk.now)
    return _find(connection, desk, delivery_id)


def _next_door(
    connection: Connection, desk: Desk, delivery_id: str, decided: Decided, version: IfMatch | None
) -> Delivery:
    lock_delivery(connection, desk.caller, delivery_id)
    expect_version(connection, desk.caller, "delivery", delivery_id, version)
    send_next_door(connection, desk.caller, delivery_id, decided, now=desk.now)
    return _find(connection, desk, delivery_id)


def _find(connection: Connection, desk: Desk, delivery_id: str) -> Delivery:
    return find_delivery(connection, desk.tenant_id, delivery_id, currency=desk.currency)
