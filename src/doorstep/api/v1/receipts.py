"""Units on their way to sites: expected, put off, received."""

from typing import Annotated

from fastapi import Depends, Path, Query
from starlette.responses import Response

from doorstep.api.access.guarded import guarded_router
from doorstep.api.desk import Acting, MaybeVersion, Reading
from doorstep.api.models.base import Page
from doorstep.api.models.fields import CallerId, ObjectId, ReferenceId
from doorstep.api.models.orders import Cancellation
from doorstep.api.models.receipts import Receipt, ReceiptArrival, ReceiptChange, ReceiptCreate
from doorstep.api.paging import PageWish, wanted_page
from doorstep.api.problems import documented
from doorstep.api.v1.stock import check_names
from doorstep.api.views.receipts import find_receipt, list_receipts
from doorstep.domain.lifecycles import LIFECYCLES
from doorstep.operations import receipts
from doorstep.operations.receipts import NewReceipt
from doorstep.storage import Connection

router = guarded_router("receipts", "/receipts")
ReceiptId = Annotated[ObjectId, Path()]
State = Annotated[str, Query(json_schema_extra={"enum": [*LIFECYCLES["receipt"].states]})]
STEPS = documented(
    "not_found", "illegal_transition", "conflict", "version_changed", "bad_version", "idempotency_key_reused"
)


@router.post("", status_code=201, response_model=Receipt, responses=documented("conflict", "idempotency_key_reused"))
async def expect_receipt(wanted: ReceiptCreate, desk: Acting) -> Response:
    """Say what is on its way: orders whose window it comes in time for can be promised it from now on."""

    def act(connection: Connection) -> Receipt:
        check_names(connection, desk.tenant_id, site_id=wanted.site_id, product_id=wanted.product_id)
        new = NewReceipt(
            site_id=wanted.site_id,
            product_id=wanted.product_id,
            units=wanted.units,
            expected_at=wanted.expected_at,
            external_id=wanted.external_id,
        )
        receipt_id = receipts.expect_receipt(connection, desk.caller, new, now=desk.now)
        return find_receipt(connection, desk.tenant_id, receipt_id)

    return await desk.act(act, status=201)


@router.get("", response_model=Page[Receipt], responses=documented("bad_cursor"))
async def read_receipts(
    desk: Reading,
    wish: Annotated[PageWish, Depends(wanted_page)],
    state: State | None = None,
    site_id: Annotated[ReferenceId | None, Query()] = None,
    product_id: Annotated[ReferenceId | None, Query()] = None,
    external_id: Annotated[CallerId | None, Query()] = None,
) -> Response:
    """List receipts, the newest first."""
    return await desk.show_page(
        wish,
        lambda connection: list_receipts(
            connection, desk.tenant_id, limit=wish.limit + 1, before=wish.after, state=state,
            site_id=site_id, product_id=product_id, external_id=external_id,
        ),
        lambda receipt: (0, receipt.id),
    )  # fmt: skip


@router.get("/{receipt_id}", response_model=Receipt, responses=documented("not_found", "bad_version"))
async def read_receipt(receipt_id: ReceiptId, desk: Reading) -> Response:
    """Show a receipt."""
    return await desk.show(lambda connection: find_receipt(connection, desk.tenant_id, receipt_id))


@router.put("/{receipt_id}", response_model=Receipt, responses=STEPS)
async def change_receipt(receipt_id: ReceiptId, change: ReceiptChange, desk: Acting, version: MaybeVersion) -> Response:
    """Expect other units, or at another time; the orders whose promise that breaks look for other sites."""
    return await desk.step(
        "receipt",
        receipt_id,
        version,
        lambda connection: receipts.change_receipt(
            connection, desk.caller, receipt_id, units=change.units, expected_at=change.expected_at, now=desk.now
        ),
        lambda connection: find_receipt(connection, desk.tenant_id, receipt_id),
    )


@router.post("/{receipt_id}/receive", response_model=Receipt, responses=STEPS)
async def take_in_receipt(
    receipt_id: ReceiptId, arrival: ReceiptArrival, desk: Acting, version: MaybeVersion
) -> Response:
    """Put what has come on the shelf, once: it is held there by the orders it was promised to, and they are routed."""
    return await desk.step(
        "receipt",
        receipt_id,
        version,
        lambda connection: receipts.receive_receipt(
            connection, desk.caller, receipt_id, units=arrival.units, now=desk.now
        ),
        lambda connection: find_receipt(connection, desk.tenant_id, receipt_id),
    )


@router.post("/{receipt_id}/cancel", response_model=Receipt, responses=STEPS)
async def cancel_receipt(receipt_id: ReceiptId, why: Cancellation, desk: Acting, version: MaybeVersion) -> Response:
    """Expect it no more; the orders that were promised any of it look for other sites."""
    return await desk.step(
        "receipt",
        receipt_id,
        version,
        lambda connection: receipts.cancel_receipt(
            connection, desk.caller, receipt_id, reason=why.reason, now=desk.now
        ),
        lambda connection: find_receipt(connection, desk.tenant_id, receipt_id),
    )
