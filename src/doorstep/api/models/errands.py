"""Errands of concierge orders: asked for, seen to, and read by agent, driver and shop."""

from typing import Annotated

from pydantic import Field

from doorstep.api.models.base import Reply, Request, shown
from doorstep.api.models.fields import (
    MaybeReasonCode,
    Moment,
    Name,
    Note,
    ObjectId,
    ReferenceId,
    Version,
    Whole,
    state_of,
)
from doorstep.api.models.parts import Money
from doorstep.operations.concierge import MOST_ERRANDS, Kind

Wanted = Annotated[Note, Field(description="what is wanted, in the shopper's words; erased with them")]
Agent = Annotated[ObjectId, Field(description="the person of the retailer who sees to it")]


class ErrandWish(Request):
    """Something to see to: ``request`` and ``call_ahead`` at the door, the other kinds at a site or another place."""

    model_config = shown(kind="purchase", text="Two baguettes", place="Bakery, 12 Elm St", limit_minor=900)

    kind: Kind
    text: Wanted = ""
    site_id: ReferenceId | None = Field(default=None, description="a site of the retailer")
    place: Name = Field(default="", description="a place of somebody else, in words")
    limit_minor: Whole | None = Field(default=None, description="the most that a purchase may cost")


class ErrandsCreate(Request):
    """What an agent is to see to for an order."""

    model_config = shown(
        agent_id="per_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        errands=[{"kind": "call_ahead"}, {"kind": "request", "text": "Put the milk in the fridge"}],
    )

    agent_id: Agent
    errands: Annotated[list[ErrandWish], Field(min_length=1, max_length=MOST_ERRANDS)]


class ErrandAssign(Request):
    """Who sees to an errand from now on."""

    model_config = shown(agent_id="per_01JNB8X4T5V6W7X8Y9Z0A1B2C3")

    agent_id: Agent


class ErrandEnd(Request):
    """How an errand ended: a refusal says why, a purchase what it cost.

    Usual reasons: ``not_available``, ``too_dear``, ``no_time``, ``not_allowed``, ``consignee_asked``.
    """

    model_config = shown(reason="not_available")

    reason: MaybeReasonCode = ""
    spent_minor: Whole | None = None


class Errand(Reply):
    """Something that an agent sees to for an order."""

    model_config = shown(
        id="ern_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        order_id="ord_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        sequence=3,
        kind="purchase",
        text="Two baguettes",
        site_id=None,
        place="Bakery, 12 Elm St",
        limit={"amount": 900, "currency": "USD"},
        spent=None,
        agent_id="per_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        state="open",
        version=1,
        reason="",
        created_at="2026-03-02T14:31:00Z",
    )

    id: str
    order_id: str
    sequence: int
    kind: Kind
    text: str
    site_id: str | None
    place: str
    limit: Money | None
    spent: Money | None
    agent_id: str
    state: Annotated[str, state_of("errand")]
    version: Version
    reason: str = Field(description="why it was refused")
    created_at: Moment


class Errands(Reply):
    """All errands of an order."""

    model_config = shown(errands=[])

    errands: list[Errand]
