"""Goods on their way back."""

from typing import Annotated, Literal

from fastapi import Depends, Path, Query
from starlette.responses import Response

from doorstep.api.access.guarded import guarded_router
from doorstep.api.desk import Acting, MaybeVersion, Reading
from doorstep.api.models.base import Page
from doorstep.api.models.fields import ObjectId
from doorstep.api.models.orders import Cancellation
from doorstep.api.models.returns import Return, ReturnCreate, ReturnReceipt
from doorstep.api.paging import PageWish, wanted_page
from doorstep.api.problems import documented
from doorstep.api.views.returns import find_return, list_returns
from doorstep.domain.lifecycles import LIFECYCLES
from doorstep.operations.returns import Inspected, ReturnLine, receive_return, request_return, step_return
from doorstep.storage import Connection

router = guarded_router("returns", "/returns")
ReturnId = Annotated[ObjectId, Path()]
Step = Annotated[Literal["approve", "decline", "send", "lose", "cancel", "expire"], Path()]
State = Annotated[str, Query(json_schema_extra={"enum": [*LIFECYCLES["return"].states]})]
STEPS = documented(
    "not_found", "illegal_transition", "conflict", "version_changed", "bad_version", "idempotency_key_reused"
)


@router.post(
    "",
    status_code=201,
    response_model=Return,
    responses=documented("not_found", "conflict", "idempotency_key_reused"),
)
async def create_return(wanted: ReturnCreate, desk: Acting) -> Response:
    """Ask for a return of what has arrived; asking the same again gives the same return."""
    lines = [ReturnLine(line_no=line.line_no, quantity=line.quantity) for line in wanted.lines]

    def act(connection: Connection) -> Return:
        return_id = request_return(
            connection, desk.caller, wanted.order_id, lines, now=desk.now, reason=wanted.reason,
            method=wanted.method, site_id=wanted.site_id or "",
        )  # fmt: skip
        return find_return(connection, desk.tenant_id, return_id)

    return await desk.act(act, status=201)


@router.get("", response_model=Page[Return], responses=documented("bad_cursor"))
async def read_returns(
    desk: Reading,
    wish: Annotated[PageWish, Depends(wanted_page)],
    state: State | None = None,
    order_id: Annotated[ObjectId | None, Query()] = None,
) -> Response:
    """List returns, the newest first."""
    return await desk.show_page(
        wish,
        lambda connection: list_returns(
            connection, desk.tenant_id, limit=wish.limit + 1, before=wish.after, state=state, order_id=order_id
        ),
        lambda each: (each.created_at, each.id),
    )


@router.get("/{return_id}", response_model=Return, responses=documented("not_found", "bad_version"))
async def read_return(return_id: ReturnId, desk: Reading) -> Response:
    """Show a return."""
    return await desk.show(lambda connection: find_return(connection, desk.tenant_id, return_id))


@router.post("/{return_id}/receive", response_model=Return, responses=STEPS)
async def receive_goods(return_id: ReturnId, found: ReturnReceipt, desk: Acting, version: MaybeVersion) -> Response:
    """Receive a return with what the inspection found: good units are on the shelf again, and the return is closed."""
    inspected = [
        Inspected(line_no=line.line_no, quantity=line.quantity, restockable=line.restockable)
        for line in found.inspected
    ]
    return await desk.step(
        "return",
        return_id,
        version,
        lambda connection: receive_return(connection, desk.caller, return_id, now=desk.now, inspected=inspected),
        lambda connection: find_return(connection, desk.tenant_id, return_id),
    )


@router.post("/{return_id}/{step}", response_model=Return, responses=STEPS)
async def decide_return(
    return_id: ReturnId, step: Step, why: Cancellation, desk: Acting, version: MaybeVersion
) -> Response:
    """Approve, decline, cancel or expire a return, or say that it was sent or lost."""
    return await desk.step(
        "return",
        return_id,
        version,
        lambda connection: step_return(connection, desk.caller, return_id, step, now=desk.now, reason=why.reason),
        lambda connection: find_return(connection, desk.tenant_id, return_id),
    )
