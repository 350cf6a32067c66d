"""Carriers' invoices: sent as a file, held against the books, approved or disputed line by line."""

from typing import Annotated, Literal

from anyio.to_thread import run_sync
from fastapi import Depends, Path, Query, Request
from starlette.responses import Response

from doorstep.api.access.guarded import guarded_router
from doorstep.api.desk import Acting, MaybeVersion, Reading
from doorstep.api.models.base import Page
from doorstep.api.models.fields import CallerId, ObjectId, ReferenceId
from doorstep.api.models.money import CarrierInvoice, InvoiceDecision, InvoiceLine, LineState, Outcome
from doorstep.api.paging import PageWish, wanted_page
from doorstep.api.problems import ProblemError, documented
from doorstep.api.uploads import refuse_faults
from doorstep.api.views.money import find_invoice, list_invoices, list_lines
from doorstep.connectors.carrier_invoice_file import read_invoice_lines
from doorstep.domain.lifecycles import LIFECYCLES
from doorstep.operations.money.invoices import Decision, NewLine, decide_lines, take_invoice
from doorstep.storage import Connection

router = guarded_router("money", "/carrier-invoices")
ENDINGS: dict[str, Literal["csv", "jsonl"]] = {"text/csv": "csv", "application/jsonl": "jsonl"}
BODY = {
    "requestBody": {
        "required": True,
        "content": {media_type: {"schema": {"type": "string", "format": "binary"}} for media_type in ENDINGS},
    }
}
InvoiceId = Annotated[ObjectId, Path()]
State = Annotated[str, Query(json_schema_extra={"enum": [*LIFECYCLES["carrier_invoice"].states]})]


@router.post(
    "",
    status_code=201,
    response_model=CarrierInvoice,
    responses=documented("conflict", "unsupported_media_type", "body_too_large", "invalid", "idempotency_key_reused"),
    openapi_extra=BODY,
)
async def send_carrier_invoice(
    request: Request,
    desk: Acting,
    carrier_id: Annotated[ReferenceId, Query()],
    number: Annotated[CallerId, Query(description="the carrier's own name for the invoice")],
) -> Response:
    """Hold a carrier's invoice against what its deliveries were to cost, line by line; nothing is posted by that.

    The body has a line for each charge: `reference` (booking, delivery, or the carrier's own id), `kind` (`delivery`,
    `cancellation`, `return`, `adjustment`), `amount_minor` and `day`. If anything is wrong with it nothing is stored,
    and `errors` names every fault with its row and column. The same invoice sent again is the same invoice.
    """
    ending = ENDINGS.get(request.headers.get("content-type", "").partition(";")[0].strip())
    if ending is None:
        raise ProblemError("unsupported_media_type", f"The body is read as {' or '.join(ENDINGS)} only.")
    raw = await request.body()
    table, faults = await run_sync(read_invoice_lines, raw, ending)
    refuse_faults(faults)
    lines = [
        NewLine(reference=reference, kind=kind, amount_minor=minor, day=day)
        for reference, kind, minor, day in table.select(
            "reference", "kind", "amount_minor", table["day"].to_physical()
        ).iter_rows()
    ]

    def act(connection: Connection) -> CarrierInvoice:
        tolerance_minor = desk.platform.settings.invoice_tolerance_minor
        invoice_id = take_invoice(
            connection, desk.caller, carrier_id, number, lines, tolerance_minor=tolerance_minor, now=desk.now
        )
        return find_invoice(connection, desk.tenant_id, invoice_id, currency=desk.currency)

    return await desk.act(act, status=201)


@router.get("", response_model=Page[CarrierInvoice], responses=documented("bad_cursor"))
async def read_carrier_invoices(
    desk: Reading,
    wish: Annotated[PageWish, Depends(wanted_page)],
    carrier_id: Annotated[ReferenceId | None, Query()] = None,
    state: State | None = None,
) -> Response:
    """List carriers' invoices, the newest first."""
    return await desk.show_page(
        wish,
        lambda connection: list_invoices(
            connection, desk.tenant_id, currency=desk.currency, limit=wish.limit + 1, before=wish.after,
            carrier_id=carrier_id, state=state,
        ),
        lambda invoice: (0, invoice.id),
    )  # fmt: skip


@router.get("/{invoice_id}", response_model=CarrierInvoice, responses=documented("not_found", "bad_version"))
async def read_carrier_invoice(invoice_id: InvoiceId, desk: Reading) -> Response:
    """Show a carrier's invoice with its totals, and what there is to dispute."""
    return await desk.show(
        lambda connection: find_invoice(connection, desk.tenant_id, invoice_id, currency=desk.currency)
    )


@router.get("/{invoice_id}/lines", response_model=Page[InvoiceLine], responses=documented("not_found", "bad_cursor"))
async def read_carrier_invoice_lines(
    invoice_id: InvoiceId,
    desk: Reading,
    wish: Annotated[PageWish, Depends(wanted_page)],
    outcome: Outcome | None = None,
    state: LineState | None = None,
) -> Response:
    """List the lines of a carrier's invoice: what was billed, what was expected, and how they differ."""
    return await desk.show_page(
        wish,
        lambda connection: list_lines(
            connection, desk.tenant_id, invoice_id, currency=desk.currency, limit=wish.limit + 1, after=wish.number,
            outcome=outcome, state=state,
        ),
        lambda line: (0, str(line.line_no)),
    )  # fmt: skip


@router.post(
    "/{invoice_id}/{step}",
    response_model=CarrierInvoice,
    responses=documented(
        "not_found", "illegal_transition", "conflict", "version_changed", "bad_version", "idempotency_key_reused"
    ),
)
async def decide_carrier_invoice(
    invoice_id: InvoiceId,
    step: Annotated[Literal["approve", "dispute", "withdraw", "review"], Path()],
    decided: InvoiceDecision,
    desk: Acting,
    version: MaybeVersion,
) -> Response:
    """Approve, dispute or withdraw lines, after looking at all open ones again; `review` only looks.

    What is approved is owed to the carrier in the place of what was expected.
    """
    decision = Decision(step=step, line_nos=decided.lines, reason=decided.reason)
    return await desk.step(
        "carrier_invoice",
        invoice_id,
        version,
        lambda connection: decide_lines(
            connection, desk.caller, invoice_id, decision,
            tolerance_minor=desk.platform.settings.invoice_tolerance_minor, now=desk.now,
        ),
        lambda connection: find_invoice(connection, desk.tenant_id, invoice_id, currency=desk.currency),
    )  # fmt: skip
