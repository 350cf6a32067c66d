"""Goods on their way back."""

from typing import Annotated, Literal

from pydantic import Field

from doorstep.api.models.base import Reply, Request, shown
from doorstep.api.models.fields import LineNo, Moment, ObjectId, Quantity, ReferenceId, Version, state_of

Method = Literal["courier", "store", "locker"]
Reason = Literal["unwanted", "wrong_item", "damaged", "defective", "late", "other"]


class ReturnLineCreate(Request):
    """Units of a line of the order that come back."""

    model_config = shown(line_no=1, quantity=1)

    line_no: LineNo
    quantity: Quantity


class ReturnCreate(Request):
    """A return to ask for."""

    model_config = shown(
        order_id="ord_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        lines=[{"line_no": 1, "quantity": 1}],
        reason="damaged",
        method="store",
        site_id="store-7",
    )

    order_id: ObjectId
    lines: Annotated[list[ReturnLineCreate], Field(min_length=1, max_length=200)]
    reason: Reason
    method: Method
    site_id: ReferenceId | None = Field(default=None, description="where it goes; default: where it came from")


class ReturnLine(Reply):
    """Units of a line of the order that come back."""

    model_config = shown(line_no=1, quantity=1, restockable=None)

    line_no: LineNo
    quantity: Quantity
    restockable: bool | None = Field(description="whether it can be sold again; null: not inspected yet")


class InspectedLine(Request):
    """Units of a line as they were found."""

    model_config = shown(line_no=1, quantity=1, restockable=True)

    line_no: LineNo
    quantity: Quantity
    restockable: bool = Field(description="whether they can be sold again")


class ReturnReceipt(Request):
    """What came back, as it was found."""

    model_config = shown(inspected=[{"line_no": 1, "quantity": 1, "restockable": True}])

    inspected: Annotated[list[InspectedLine], Field(max_length=400)]


class Return(Reply):
    """A return."""

    model_config = shown(
        id="ret_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        order_id="ord_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        state="requested",
        version=1,
        lines=[{"line_no": 1, "quantity": 1, "restockable": None}],
        reason="damaged",
        method="store",
        site_id="store-7",
        created_at="2026-03-04T10:00:00Z",
    )

    id: str
    order_id: str
    state: Annotated[str, state_of("return")]
    version: Version
    lines: list[ReturnLine]
    reason: str
    method: str
    site_id: str | None
    created_at: Moment
