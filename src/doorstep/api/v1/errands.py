"""Errands of concierge orders: given to an agent, read by everybody concerned, done or refused."""

from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import Depends, Path, Query
from starlette.responses import Response

from doorstep.api.access.guarded import guarded_router
from doorstep.api.conventions.versions import IfMatch
from doorstep.api.desk import Acting, Desk, MaybeVersion, Reading, expect_version
from doorstep.api.models.base import Page
from doorstep.api.models.errands import Errand, ErrandAssign, ErrandEnd, Errands, ErrandsCreate
from doorstep.api.models.fields import ObjectId
from doorstep.api.paging import PageWish, wanted_page
from doorstep.api.problems import documented
from doorstep.api.views.errands import find_errand, list_errands
from doorstep.domain.lifecycles import LIFECYCLES
from doorstep.operations import concierge
from doorstep.operations.concierge import MOST_ERRANDS, NewErrand
from doorstep.storage import Connection

of_order = guarded_router("errands", "/orders")
router = guarded_router("errands", "/errands")
ErrandId = Annotated[ObjectId, Path()]
State = Annotated[str, Query(json_schema_extra={"enum": [*LIFECYCLES["errand"].states]})]
STEPS = documented(
    "not_found", "illegal_transition", "conflict", "version_changed", "bad_version", "idempotency_key_reused"
)


@of_order.post(
    "/{order_id}/errands",
    status_code=201,
    response_model=Errands,
    responses=documented("not_found", "conflict", "idempotency_key_reused"),
)
async def add_errands(order_id: Annotated[ObjectId, Path()], wanted: ErrandsCreate, desk: Acting) -> Response:
    """Give an agent errands to see to for a concierge order; answers with all that it has by then."""
    new = [
        NewErrand(kind=one.kind, text=one.text, site_id=one.site_id or "", place=one.place, limit_minor=one.limit_minor)
        for one in wanted.errands
    ]

    def act(connection: Connection) -> Errands:
        concierge.add_errands(connection, desk.caller, order_id, wanted.agent_id, new, now=desk.now)
        found = list_errands(
            connection, desk.tenant_id, currency=desk.currency, limit=MOST_ERRANDS, order_id=order_id
        )  # fmt: skip
        return Errands(errands=found)

    return await desk.act(act, status=201)


@router.get("", response_model=Page[Errand], responses=documented("bad_cursor"))
async def read_errands(
    desk: Reading,
    wish: Annotated[PageWish, Depends(wanted_page)],
    state: State | None = None,
    order_id: Annotated[ObjectId | None, Query()] = None,
    agent_id: Annotated[ObjectId | None, Query()] = None,
) -> Response:
    """List errands, the oldest first: with `agent_id` an agent's, with `order_id` those of an order, as it has them."""
    return await desk.show_page(
        wish,
        lambda connection: list_errands(
            connection, desk.tenant_id, currency=desk.currency, limit=wish.limit + 1, after=wish.after, state=state,
            order_id=order_id, agent_id=agent_id,
        ),
        lambda errand: (0, errand.id),
    )  # fmt: skip


@router.post("/{errand_id}/assign", response_model=Errand, responses=STEPS)
async def assign_errand(errand_id: ErrandId, to: ErrandAssign, desk: Acting, version: MaybeVersion) -> Response:
    """Give an open errand to another agent."""
    return await _act(
        desk,
        errand_id,
        version,
        lambda c: concierge.assign_errand(c, desk.caller, errand_id, to.agent_id, now=desk.now),
    )


@router.post("/{errand_id}/{step}", response_model=Errand, responses=STEPS)
async def end_errand(
    errand_id: ErrandId,
    step: Annotated[Literal["finish", "refuse"], Path()],
    said: ErrandEnd,
    desk: Acting,
    version: MaybeVersion,
) -> Response:
    """Report that an errand is done, or refuse it for a reason; the last one completes an order that has arrived."""
    return await _act(
        desk, errand_id, version,
        lambda c: concierge.end_errand(
            c, desk.caller, errand_id, step, now=desk.now, reason=said.reason, spent_minor=said.spent_minor
        ),
    )  # fmt: skip


async def _act(
    desk: Desk, errand_id: str, version: IfMatch | None, operation: Callable[[Connection], object]
) -> Response:
    """Do a step of an errand; its order is locked before it, as everywhere."""

    def act(connection: Connection) -> Errand:
        concierge.lock_errand(connection, desk.caller, errand_id)
        expect_version(connection, desk.caller, "errand", errand_id, version)
        operation(connection)
        return find_errand(connection, desk.tenant_id, errand_id, currency=desk.currency)

    return await desk.act(act)
