"""Memberships of the shop's customers."""

from typing import Annotated

from pydantic import Field

from doorstep.api.models.base import Reply, Request, shown
from doorstep.api.models.fields import CallerId, Moment, MomentIn, ReferenceId, Version, state_of


class MembershipCreate(Request):
    """A customer who becomes a member."""

    model_config = shown(customer_id="cust-77", plan_id="plus", on_trial=True)

    customer_id: CallerId = Field(description="the shop's own name for the customer, nothing that tells who it is")
    plan_id: ReferenceId
    starts_at: MomentIn | None = Field(default=None, description="default: now")
    on_trial: bool = Field(default=False, description="for the trial days of the plan, instead of a period")


class Membership(Reply):
    """A membership."""

    model_config = shown(
        id="mbr_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        customer_id="cust-77",
        plan_id="plus",
        state="trial",
        version=1,
        starts_at="2026-03-01T10:00:00Z",
        ends_at="2026-03-31T10:00:00Z",
        created_at="2026-03-01T10:00:00Z",
    )

    id: str
    customer_id: str
    plan_id: str
    state: Annotated[str, state_of("membership")]
    version: Version
    starts_at: Moment
    ends_at: Moment = Field(description="end of the period that was paid for, or of the trial: benefits end with it")
    created_at: Moment
