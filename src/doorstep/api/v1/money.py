"""Money: refunds, what parties are owed, and margins."""

from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import Depends, Path, Query
from starlette.responses import Response, StreamingResponse

from doorstep.api.access.guarded import guarded_router
from doorstep.api.desk import Acting, Desk, Reading
from doorstep.api.models.base import Page
from doorstep.api.models.fields import DayIn, ObjectId, ReferenceId
from doorstep.api.models.money import Balance, Margin, MoneyEntry, Refund, RefundCreate
from doorstep.api.models.parts import Money
from doorstep.api.paging import PageWish, wanted_page
from doorstep.api.problems import documented
from doorstep.api.v1.exports import FILES, table_file
from doorstep.api.views.money import MARGIN_COLUMNS, list_balances, list_entries, margin_row, show_margin
from doorstep.operations.money import refund_order
from doorstep.operations.money.accounts import PARTIES, RESULT
from doorstep.operations.money.margins import Margin as Left
from doorstep.operations.money.margins import Span, margins
from doorstep.storage import Connection

router = guarded_router("money")
By = Annotated[Literal["order", "day", "zone", "mode", "carrier"], Query(description="what margins are grouped by")]
FirstDay = Annotated[DayIn | None, Query(description="local day of the first entries; default: from the beginning")]
LastDay = Annotated[DayIn | None, Query(description="local day of the last entries; default: to the end")]
Party = Annotated[str, Query(json_schema_extra={"enum": [*PARTIES]})]
AnyAccount = Annotated[str, Query(json_schema_extra={"enum": [*RESULT, *PARTIES]})]
SEEN = "="
"""Stands before the key of the last group seen in a cursor: a key may be empty, a cursor may not."""


@router.post(
    "/orders/{order_id}/refunds",
    status_code=201,
    response_model=Refund,
    responses=documented("not_found", "conflict", "idempotency_key_reused"),
)
async def give_refund(order_id: Annotated[ObjectId, Path()], wanted: RefundCreate, desk: Acting) -> Response:
    """Note that a part of what was paid for an order is given back; never more in all than was paid."""

    def act(connection: Connection) -> Refund:
        made = refund_order(
            connection, desk.caller, order_id, amount_minor=wanted.amount_minor, reason=wanted.reason, now=desk.now
        )
        return Refund(
            id=made.refund_id,
            order_id=made.order_id,
            amount=Money(amount=made.amount_minor, currency=desk.currency),
            reason=made.reason,
            created_at=made.created_at,
            left=Money(amount=made.left_minor, currency=desk.currency),
        )

    return await desk.act(act, status=201)


@router.get("/money-entries", response_model=Page[MoneyEntry], responses=documented("bad_cursor"))
async def read_money_entries(
    desk: Reading,
    wish: Annotated[PageWish, Depends(wanted_page)],
    account: AnyAccount | None = None,
    party_id: Annotated[ReferenceId | None, Query()] = None,
    order_id: Annotated[ObjectId | None, Query()] = None,
    delivery_id: Annotated[ObjectId | None, Query()] = None,
) -> Response:
    """List the entries of the books, the newest first: of a delivery they say what each party is owed for it."""
    return await desk.show_page(
        wish,
        lambda connection: list_entries(
            connection, desk.tenant_id, limit=wish.limit + 1, before=wish.after, account=account, party_id=party_id,
            order_id=order_id, delivery_id=delivery_id,
        ),
        lambda entry: (0, entry.id),
    )  # fmt: skip


@router.get("/balances", response_model=Page[Balance], responses=documented("bad_cursor"))
async def read_balances(
    desk: Reading, wish: Annotated[PageWish, Depends(wanted_page)], account: Party | None = None
) -> Response:
    """List what is open with carriers, drivers, vehicles, sites, shoppers and whoever collects payments."""
    return await desk.show_page(
        wish,
        lambda connection: list_balances(
            connection, desk.tenant_id, limit=wish.limit + 1, after=wish.after, account=account
        ),
        lambda balance: (0, f"{balance.account}/{balance.party_id}"),
    )


@router.get("/margins", response_model=Page[Margin], responses=documented("bad_cursor"))
async def read_margins(
    desk: Reading,
    wish: Annotated[PageWish, Depends(wanted_page)],
    by: By = "day",
    first_day: FirstDay = None,
    last_day: LastDay = None,
) -> Response:
    """List contribution margins by order, local day, zone, mode or carrier, from the entries of some days."""
    key = wish.after.removeprefix(SEEN)
    after: str | int | None = (int(key) if key.isdecimal() else 0) if by == "day" else key
    if not wish.after:
        after = None
    found = _margins(desk, by, Span(first_day=first_day, last_day=last_day), after=after, limit=wish.limit + 1)
    places: dict[str, str] = {}

    def read(connection: Connection) -> list[Margin]:
        rows = found(connection)
        shown = [show_margin(left, desk.currency) for left in rows]
        places.update({margin.key: f"{SEEN}{left.key}" for margin, left in zip(shown, rows, strict=True)})
        return shown

    return await desk.show_page(wish, read, lambda margin: (0, places[margin.key]))


@router.get("/margins.{ending}", response_class=StreamingResponse, responses=FILES)
async def export_margins(
    ending: Annotated[Literal["csv", "jsonl"], Path()],
    desk: Reading,
    by: By = "day",
    first_day: FirstDay = None,
    last_day: LastDay = None,
) -> Response:
    """Send contribution margins as a file: the same rows as `/v1/margins`, all of them."""
    rows = await desk.read(_margins(desk, by, Span(first_day=first_day, last_day=last_day)))
    return table_file("margins", ending, MARGIN_COLUMNS, [margin_row(left, desk.currency) for left in rows])


def _margins(
    desk: Desk, by: str, span: Span, *, after: str | int | None = None, limit: int | None = None
) -> Callable[[Connection], list[Left]]:
    return lambda connection: margins(connection, desk.tenant_id, by, span, after=after, limit=limit)
