"""Proposals for the stock: what to buy, move, ship from elsewhere or mark down."""

from typing import Annotated, Literal

from pydantic import Field

from doorstep.api.models.base import Reply, Request, shown
from doorstep.api.models.fields import Moment, ReasonCode, Version, Whole, state_of
from doorstep.api.models.parts import Money

Action = Literal["buy", "transfer", "ship_from", "markdown"]


class ProposalRejection(Request):
    """Why a proposal is turned down."""

    model_config = shown(reason="truck_is_full")

    reason: ReasonCode


class StockProposal(Reply):
    """What the last plan proposes for units of a product, and what became of it."""

    model_config = shown(
        id="spr_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        state="proposed",
        version=1,
        action="transfer",
        product_id="SKU-1001",
        site_id="store-7",
        from_site_id="fc-1",
        units=12,
        value={"amount": 4310, "currency": "USD"},
        reason="12 units are expected to sell here before more can come, and 40 too many lie at fc-1.",
        deadline_at="2026-03-03T02:00:00Z",
        arrives_at="2026-03-03T13:00:00Z",
        receipt_id=None,
    )

    id: str
    state: Annotated[str, state_of("stock_proposal")]
    version: Version
    action: Action
    product_id: str
    site_id: str = Field(description="where the units are wanted, or lie too many")
    from_site_id: str | None = Field(description="where a transfer starts, or what else serves the zone")
    units: Whole
    value: Money = Field(description="what it is expected to be worth")
    reason: str
    deadline_at: Moment = Field(description="it can be accepted until then")
    arrives_at: Moment = Field(description="when the units would be there")
    receipt_id: str | None = Field(description="the receipt that was made of it")
