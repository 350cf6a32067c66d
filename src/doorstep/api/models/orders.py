"""Orders: placing them one by one or in bulk, reading and cancelling them."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, ValidationError, WrapValidator
from pydantic.json_schema import SkipJsonSchema

from doorstep.api.models.base import Example, Reply, Request, shown
from doorstep.api.models.fields import (
    CallerId,
    LineNo,
    Moment,
    Name,
    Note,
    ObjectId,
    OptionId,
    Quantity,
    ReasonCode,
    ReferenceId,
    Tags,
    Version,
    state_of,
)
from doorstep.api.models.parts import Contact, Lines, Money, Place, Window, WindowWish
from doorstep.api.problems.answers import FieldFault
from doorstep.api.problems.documented import Problem
from doorstep.api.problems.faults import faults_of

MOST_ORDERS = 1_000

_EXAMPLE: dict[str, Example] = {
    "external_id": "web-10042",
    "service_level_id": "same_day",
    "place": {"lat": 41.8789, "lon": -87.6359, "postal_code": "60606"},
    "lines": [{"product_id": "SKU-1001", "quantity": 2}],
}


class OrderContent(Request):
    """What is wanted, where and how fast."""

    model_config = shown(
        service_level_id="same_day",
        place={"lat": 41.8789, "lon": -87.6359, "postal_code": "60606"},
        lines=[{"product_id": "SKU-1001", "quantity": 2}],
    )

    service_level_id: ReferenceId = Field(description="delivery option")
    place: Place
    lines: Lines
    contact: Contact | None = None
    requirements: Tags = Field(default=[])
    extras: Tags = Field(default=[], description="work at the door besides bringing, such as assembly; adds to the fee")
    pickup_site_id: ReferenceId | None = Field(default=None, description="where the shopper collects")
    if_short: Literal["refuse", "backorder"] = Field(default="refuse", description="what to do if stock lacks")
    note: Note = Field(default="", description="for those who pick and deliver")
    membership: Name = Field(
        default="", description="plan that the shopper is a member of, where the shop keeps its members itself"
    )
    member_id: ObjectId | None = Field(default=None, description="the shopper's membership, which says the plan")
    neighbour_ok: bool = Field(
        default=False, description="the shopper lets it be left with a neighbour; see redirects of deliveries"
    )


class OrderCreate(OrderContent):
    """An order to place."""

    model_config = shown(**_EXAMPLE, payment="settled")

    external_id: CallerId | None = Field(default=None, description="the caller's own name; unique for a merchant")
    window: WindowWish | None = Field(default=None, description="a window of its own; else that of the service level")
    payment: Literal["settled", "pending"] = Field(
        default="settled", description="pending: stock is held for a while, until the order is placed or cancelled"
    )
    option_id: OptionId | None = Field(
        default=None,
        description="an option that was offered: its window, its slot and, for the basket that was quoted, its price",
    )
    hold_id: ObjectId | None = Field(default=None, description="a hold on a slot, confirmed with the order")


class Promise(Reply):
    """What was promised."""

    model_config = shown(
        window={"start": "2026-03-02T15:00:00Z", "end": "2026-03-02T17:00:00Z"},
        service_level_id="same_day",
        fee={"amount": 799, "currency": "USD"},
        extras=[],
        membership="",
        membership_discount={"amount": 0, "currency": "USD"},
    )

    window: Window
    service_level_id: str
    fee: Money
    extras: list[str] = Field(description="work at the door besides bringing; the fee counts it")
    membership: str = Field(description="plan of the shopper; empty: none")
    membership_discount: Money = Field(description="what the member did not pay of what others would")


class OrderLine(Reply):
    """A line of an order."""

    model_config = shown(line_no=1, product_id="SKU-1001", quantity=2)

    line_no: LineNo
    product_id: str
    quantity: Quantity


class Allocation(Reply):
    """Which site serves how many units of a line."""

    model_config = shown(line_no=1, site_id="store-7", quantity=2, receipt_id=None)

    line_no: LineNo
    site_id: str
    quantity: Quantity
    receipt_id: str | None = Field(description="receipt with which they are to come; null: they are there")


class OrderShipment(Reply):
    """The lines of an order that one site picks and hands over."""

    model_config = shown(
        id="shp_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        site_id="store-7",
        state="picking",
        delivery_id="dlv_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        ready_at="2026-03-02T14:55:00Z",
    )

    id: str
    site_id: str
    state: Annotated[str, state_of("shipment")]
    delivery_id: str | None
    ready_at: Moment | None


class Order(Reply):
    """An order."""

    model_config = shown(
        id="ord_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        code="K7M4Q2XN",
        external_id="web-10042",
        state="allocated",
        version=2,
        placed_at="2026-03-02T14:31:00Z",
        promise={
            "window": {"start": "2026-03-02T15:00:00Z", "end": "2026-03-02T17:00:00Z"},
            "service_level_id": "same_day",
            "fee": {"amount": 799, "currency": "USD"},
            "extras": [],
            "membership": "",
            "membership_discount": {"amount": 0, "currency": "USD"},
        },
        lines=[{"line_no": 1, "product_id": "SKU-1001", "quantity": 2}],
        allocations=[{"line_no": 1, "site_id": "store-7", "quantity": 2, "receipt_id": None}],
        shipments=[],
        deliveries=["dlv_01JNB8X4T5V6W7X8Y9Z0A1B2C3"],
    )

    id: str
    code: str = Field(description="eight characters that people can read out")
    external_id: str | None
    state: Annotated[str, state_of("order")]
    version: Version
    placed_at: Moment
    promise: Promise
    lines: list[OrderLine]
    allocations: list[Allocation] = Field(description="what is kept for it, or was taken")
    shipments: list[OrderShipment]
    deliveries: list[str] = Field(description="ids of its deliveries")


class RowFaults(Request):
    """A row of a bulk request that cannot be read; it does not spoil the others."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    faults: list[FieldFault]


def _order_or_faults(value: object, _: object) -> OrderCreate | RowFaults:
    try:
        return OrderCreate.model_validate(value)
    except ValidationError as error:
        return RowFaults(faults=faults_of(error.errors()))


OrderRow = Annotated[OrderCreate | SkipJsonSchema[RowFaults], WrapValidator(_order_or_faults)]


class OrdersBulk(Request):
    """Many orders at once; each row is accepted or refused for itself."""

    model_config = shown(orders=[_EXAMPLE])

    orders: Annotated[list[OrderRow], Field(min_length=1, max_length=MOST_ORDERS)]


class BulkRow(Reply):
    """What became of one row: an order, or a problem."""

    model_config = shown(row=0, status=201, order_id="ord_01JNB8X4T5V6W7X8Y9Z0A1B2C3", problem=None)

    row: int = Field(ge=0, lt=MOST_ORDERS, description="place in the request, from 0")
    status: int = Field(description="HTTP status that the row alone would have had")
    order_id: str | None
    problem: Problem | None


class OrdersBulkReply(Reply):
    """What became of each row, in the order of the request."""

    model_config = shown(
        accepted=1, refused=0, rows=[{"row": 0, "status": 201, "order_id": "ord_01JNB8X4T5V6", "problem": None}]
    )

    accepted: int
    refused: int
    rows: list[BulkRow]


class Cancellation(Request):
    """Why something is cancelled, held or changed by hand.

    Usual reasons: ``customer_changed_mind``, ``duplicate``, ``fraud_suspected``, ``payment_failed``, ``wrong_address``,
    ``out_of_stock``, ``holiday``, ``other``.
    """

    model_config = shown(reason="customer_changed_mind")

    reason: ReasonCode
