"""Money: entries of the books, balances, margins, refunds, and carriers' invoices."""

from typing import Annotated, Literal

from pydantic import Field

from doorstep.api.models.base import Reply, Request, shown
from doorstep.api.models.fields import (
    AS_WHOLE,
    LARGEST,
    Currency,
    MaybeReasonCode,
    Moment,
    ReasonCode,
    Signed,
    Version,
    Whole,
    state_of,
)
from doorstep.api.models.parts import Money

Outcome = Literal["matched", "price_differs", "unknown_delivery", "duplicate", "not_delivered"]
LineState = Literal["open", "approved", "disputed", "withdrawn"]
BilledKind = Literal["delivery", "cancellation", "return", "adjustment"]
MOST_LINES = 10_000
LineNo = Annotated[int, Field(ge=1, le=LARGEST), AS_WHOLE]


class RefundCreate(Request):
    """Money to give back to the shopper.

    Usual reasons: ``late``, ``not_delivered``, ``short``, ``damaged``, ``returned``, ``goodwill``, ``cancelled``.
    """

    model_config = shown(amount_minor=500, reason="late")

    amount_minor: Annotated[int, Field(ge=1, le=LARGEST, description="minor units"), AS_WHOLE]
    reason: ReasonCode


class Refund(Reply):
    """Money given back to the shopper."""

    model_config = shown(
        id="rfd_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        order_id="ord_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        amount={"amount": 500, "currency": "USD"},
        reason="late",
        created_at="2026-03-02T15:15:00Z",
        left={"amount": 2199, "currency": "USD"},
    )

    id: str
    order_id: str
    amount: Money
    reason: str
    created_at: Moment
    left: Money = Field(description="what of the payment could still be given back")


class MoneyEntry(Reply):
    """A line of a posting; the lines of each posting sum to zero, and none is ever changed."""

    model_config = shown(
        id="ent_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        subject_id="bkg_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        posting_no=1,
        account="carrier",
        party_id="citycourier",
        amount={"amount": 900, "currency": "USD"},
        order_id="ord_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        delivery_id="dlv_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        zone="store-7",
        mode="on_demand",
        carrier_id="citycourier",
        day="2026-03-02",
        reason="carrier_booking.ended",
        occurred_at="2026-03-02T15:15:00Z",
        posted_at="2026-03-02T15:15:04Z",
    )

    id: str
    subject_id: str = Field(description="order, delivery, booking, route or line of an invoice that is posted")
    posting_no: Whole = Field(description="counts the postings about the subject")
    account: str
    party_id: str = Field(description="whose account; empty for accounts of the result")
    amount: Money = Field(description="positive: earned, or owed to the party; negative: borne, or owed by it")
    order_id: str
    delivery_id: str
    zone: str = Field(description="site nearest to the door")
    mode: str
    carrier_id: str
    day: str = Field(description="local day", json_schema_extra={"format": "date"})
    reason: str = Field(description="type of the event behind it")
    occurred_at: Moment
    posted_at: Moment


class Balance(Reply):
    """What a party is owed."""

    model_config = shown(account="carrier", party_id="citycourier", owed={"amount": 18000, "currency": "USD"})

    account: str
    party_id: str
    owed: Money = Field(description="negative: the party owes it")


class Margin(Reply):
    """What a group of orders left: what was earned and, negative, what it cost, in minor units."""

    model_config = shown(
        key="2026-03-02", orders=2, currency="USD", delivery_fee=1000, goods=4600, goods_cost=-3000, pick=-400,
        carton=-80, line_haul=0, last_mile=-1800, failure=0, write_off=0, refund=-250, margin=70,
    )  # fmt: skip

    key: str = Field(description="order, local day, zone, mode or carrier; empty: none of them")
    orders: Whole
    currency: Currency
    delivery_fee: Signed = Field(description="fees of orders that have arrived")
    goods: Signed = Field(description="what was paid for goods that arrived")
    goods_cost: Signed = Field(description="what these goods cost, less what came back to the shelf")
    pick: Signed = Field(description="picking, handling and staging")
    carton: Signed = Field(description="cartons")
    line_haul: Signed = Field(description="lanes and cross-docking")
    last_mile: Signed = Field(description="own vans and carriers that reached the door")
    failure: Signed = Field(description="own vans and carriers that did not; returns and cancellations")
    write_off: Signed = Field(description="goods that were lost on the way")
    refund: Signed = Field(description="given back beyond what had not arrived")
    margin: Signed = Field(description="the sum of the amounts")


class InvoiceTotal(Reply):
    """What lines of an invoice with one state and outcome come to."""

    model_config = shown(
        state="open", outcome="price_differs", lines=2, billed={"amount": 2100, "currency": "USD"},
        expected={"amount": 1800, "currency": "USD"},
    )  # fmt: skip

    state: LineState
    outcome: Outcome
    lines: Whole
    billed: Money
    expected: Money


class CarrierInvoice(Reply):
    """What a carrier billed, and how far it agrees with the books."""

    model_config = shown(
        id="inv_01JNB8X4T5V6W7X8Y9Z0A1B2C3", carrier_id="citycourier", number="2026-117", state="open", version=1,
        created_at="2026-04-01T09:00:00Z",
        totals=[{"state": "open", "outcome": "price_differs", "lines": 2,
                 "billed": {"amount": 2100, "currency": "USD"}, "expected": {"amount": 1800, "currency": "USD"}}],
        to_dispute={"amount": 300, "currency": "USD"},
    )  # fmt: skip

    id: str
    carrier_id: str
    number: str = Field(description="the carrier's own name for it")
    state: Annotated[str, state_of("carrier_invoice")]
    version: Version
    created_at: Moment
    totals: list[InvoiceTotal]
    to_dispute: Money = Field(description="billed beyond what was expected, in undecided lines that do not agree")


class InvoiceLine(Reply):
    """A line of a carrier's invoice, and what became of it."""

    model_config = shown(
        line_no=1, reference="bkg_01JNB8X4T5V6W7X8Y9Z0A1B2C3", kind="delivery", day="2026-03-02",
        billed={"amount": 1050, "currency": "USD"}, expected={"amount": 900, "currency": "USD"},
        outcome="price_differs", state="open", reason="", delivery_id="dlv_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
    )  # fmt: skip

    line_no: LineNo
    reference: str
    kind: BilledKind
    day: str = Field(json_schema_extra={"format": "date"})
    billed: Money
    expected: Money
    outcome: Outcome
    state: LineState
    reason: str = Field(description="why it was disputed, approved or withdrawn")
    delivery_id: str = Field(description="empty: nothing of ours has that reference")


class InvoiceDecision(Request):
    """Which lines a step is about, and why.

    Without lines: approves all that are open and matched, disputes all others that are open, withdraws all disputed.
    """

    model_config = shown(lines=[3, 7], reason="price_not_as_quoted")

    lines: Annotated[list[LineNo], Field(min_length=1, max_length=MOST_LINES)] | None = None
    reason: MaybeReasonCode = ""
