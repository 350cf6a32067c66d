"""Stock: what is where, and corrections of it."""

from typing import Annotated, Literal

from fastapi import Depends, Query
from sqlalchemy import select
from starlette.responses import Response

from doorstep.api.access.guarded import guarded_router
from doorstep.api.desk import Acting, Desk, Reading, answer
from doorstep.api.models.base import Page
from doorstep.api.models.fields import ReferenceId
from doorstep.api.models.stock import StockAdjustment, StockBulk, StockBulkReply, StockBulkRow, StockPosition
from doorstep.api.paging import PageWish, wanted_page
from doorstep.api.problems import documented
from doorstep.api.problems.answers import FaultsError, FieldFault
from doorstep.api.problems.told import as_problem
from doorstep.api.views.stock import list_stock, show_position
from doorstep.foundation import DoorstepError
from doorstep.operations.stock import adjust_stock, count_stock, keep_back
from doorstep.storage import Connection
from doorstep.storage.schema.reference import REFERENCE

router = guarded_router("stock", "/stock")


@router.get("", response_model=Page[StockPosition], responses=documented("bad_cursor"))
async def read_stock(
    desk: Reading,
    wish: Annotated[PageWish, Depends(wanted_page)],
    site_id: Annotated[ReferenceId | None, Query()] = None,
    product_id: Annotated[ReferenceId | None, Query()] = None,
) -> Response:
    """List what is on hand, reserved, kept back and available."""
    found = await desk.read(
        lambda connection: list_stock(
            connection, desk.tenant_id, limit=wish.limit + 1, after=wish.number, site_id=site_id, product_id=product_id
        )
    )
    numbers = {id(position): number for number, position in found}
    page, link = wish.cut([position for _, position in found], lambda position: (0, str(numbers[id(position)])))
    return answer(200, page.model_dump_json(by_alias=True), headers={"Link": link} if link else {})


@router.post("/adjustments", response_model=StockPosition, responses=documented("conflict", "idempotency_key_reused"))
async def adjust(change: StockAdjustment, desk: Acting) -> Response:
    """Correct what is on hand, by how much it changed or by what was counted; or set the safety stock.

    Where fewer remain than orders hold, the youngest orders not yet picked lose them and look for other sites. Where
    only the safety stock is eaten into, nobody loses anything: nothing more is promised until it is whole again.
    """
    return await desk.act(lambda connection: _adjusted(connection, desk, change))


bulk_router = guarded_router("stock")


@bulk_router.post(
    "/stock/adjustments:bulk", response_model=StockBulkReply, responses=documented("idempotency_key_reused")
)
async def adjust_many(changes: StockBulk, desk: Acting) -> Response:
    """Correct up to a thousand positions, each for itself: the reply says what became of every row."""

    def act(connection: Connection) -> StockBulkReply:
        rows = [_row(connection, desk, number, change) for number, change in enumerate(changes.adjustments)]
        accepted = sum(row.position is not None for row in rows)
        return StockBulkReply(accepted=accepted, refused=len(rows) - accepted, rows=rows)

    return await desk.act(act)


def _row(connection: Connection, desk: Desk, number: int, change: StockAdjustment) -> StockBulkRow:
    try:
        with connection.savepoint():
            position = _adjusted(connection, desk, change)
    except DoorstepError as fault:
        problem = as_problem(fault, desk.request.scope)
        return StockBulkRow(row=number, status=problem.status, position=None, problem=problem)
    return StockBulkRow(row=number, status=200, position=position, problem=None)


def _adjusted(connection: Connection, desk: Desk, change: StockAdjustment) -> StockPosition:
    check_names(connection, desk.tenant_id, site_id=change.site_id, product_id=change.product_id)
    site, product, reason = change.site_id, change.product_id, change.reason
    caller, now = desk.caller, desk.now
    if change.safety_stock is not None:
        position = keep_back(connection, caller, site_id=site, product_id=product, units=change.safety_stock,
                             reason=reason, now=now)  # fmt: skip
    if change.counted is not None:
        position = count_stock(connection, caller, site_id=site, product_id=product, counted=change.counted,
                               reason=reason, now=now)  # fmt: skip
    elif change.delta is not None:
        kind: Literal["receive", "adjust"] = "receive" if reason == "received" else "adjust"
        position = adjust_stock(connection, caller, site_id=site, product_id=product, units=change.delta, kind=kind,
                                reason=reason, now=now)  # fmt: skip
    return show_position(change.site_id, change.product_id, position)


def check_names(connection: Connection, tenant_id: str, *, site_id: str, product_id: str) -> None:
    """Refuse a site or a product that the tenant does not have.

    Raises
    ------
    FaultsError
        If it has not; all that is wrong is named.
    """
    faults = []
    for table, column, value in (
        ("sites", "site_id", site_id),
        ("products", "product_id", product_id),
    ):
        rows = REFERENCE[table]
        query = select(rows.c.row_no).where(rows.c.tenant_id == tenant_id, rows.c[column] == value)
        if connection.execute(query).first() is None:
            faults.append(FieldFault(part="body", pointer=f"/{column}", code="not_allowed", detail="does not exist"))
    if faults:
        raise FaultsError(faults)
