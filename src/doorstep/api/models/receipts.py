"""Receipts: units on their way to a site."""

from typing import Annotated

from pydantic import Field

from doorstep.api.models.base import Reply, Request, shown
from doorstep.api.models.fields import AS_WHOLE, CallerId, Moment, MomentIn, ReferenceId, Version, Whole, state_of
from doorstep.api.models.stock import MOST_UNITS

Units = Annotated[int, Field(ge=1, le=MOST_UNITS), AS_WHOLE]


class ReceiptChange(Request):
    """How many units are expected, and when."""

    model_config = shown(units=24, expected_at="2026-03-03T07:00:00-06:00")

    units: Units
    expected_at: MomentIn = Field(description="when they can be picked there")


class ReceiptCreate(ReceiptChange):
    """Units on their way to a site, for example a line of a purchase order or a transfer."""

    model_config = shown(
        external_id="PO-77-1",
        site_id="store-7",
        product_id="SKU-1001",
        units=24,
        expected_at="2026-03-03T07:00:00-06:00",
    )

    external_id: CallerId | None = Field(default=None, description="the caller's own name; unique for a merchant")
    site_id: ReferenceId
    product_id: ReferenceId


class ReceiptArrival(Request):
    """What has come."""

    model_config = shown(units=23)

    units: Units | None = Field(default=None, description="how many came; default: as many as were expected")


class Receipt(Reply):
    """Units on their way to a site."""

    model_config = shown(
        id="rcp_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        external_id="PO-77-1",
        state="expected",
        version=1,
        site_id="store-7",
        product_id="SKU-1001",
        units=24,
        promised=3,
        received_units=None,
        expected_at="2026-03-03T13:00:00Z",
    )

    id: str
    external_id: str | None
    state: Annotated[str, state_of("receipt")]
    version: Version
    site_id: str
    product_id: str
    units: Whole = Field(description="expected")
    promised: Whole = Field(description="of these, promised to orders; never more than are expected")
    received_units: Whole | None = Field(description="how many came; null: it has not come")
    expected_at: Moment
