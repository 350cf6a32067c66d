"""The day as it goes: what dispatchers let doorstep do, what it proposes, and what people do by hand."""

from typing import Annotated, Literal

from pydantic import Field

from doorstep.api.models.base import Example, Reply, Request, shown
from doorstep.api.models.fields import Moment, MomentIn, ObjectId, ReasonCode, Version, Whole, state_of
from doorstep.api.models.parts import Money

ProposalKind = Literal["reorder", "swap", "help", "carrier", "call"]
Percent = Annotated[int, Field(ge=0, le=100)]
Seconds = Annotated[int, Field(ge=0, le=86_400)]
_CHANGE: dict[str, Example] = {
    "route_id": "rte_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
    "vehicle_id": "van-3",
    "before": [["dlv_01JNB8X4T5V6W7X8Y9Z0A1B2C3", "dlv_01JNB8X4T5V6W7X8Y9Z0A1B2C4"]],
    "after": [["dlv_01JNB8X4T5V6W7X8Y9Z0A1B2C4", "dlv_01JNB8X4T5V6W7X8Y9Z0A1B2C3"]],
}
_LIMITS: dict[str, Example] = {
    "automatic": ["reorder", "swap"],
    "most_cost_minor": 1000,
    "moved_pct": 5,
    "shift_s": 1800,
    "margin_s": 600,
    "late_per_hour_minor": 6000,
    "call_minor": 200,
    "least_gain_minor": 100,
}


class DispatchLimitsChange(Request):
    """How routes may change during the day, in place of what was said before."""

    model_config = shown(**_LIMITS)

    automatic: list[ProposalKind] = Field(
        default=["reorder", "swap"], description="kinds of proposals that are taken up at once"
    )
    most_cost_minor: Whole = Field(default=1_000, description="what those may cost more than driving on")
    moved_pct: Percent = Field(
        default=5, description="share of the stops ahead that one proposal may move [%]; two may always move"
    )
    shift_s: Seconds = Field(default=1_800, description="by how much the time of a stop may shift that stays [s]")
    margin_s: Seconds = Field(default=600, description="a stop that is less early than that is at risk [s]")
    late_per_hour_minor: Whole = Field(default=6_000, description="what an hour of lateness at a door counts")
    call_minor: Whole = Field(default=200, description="what a call to a customer counts")
    least_gain_minor: Whole = Field(default=100, description="a proposal that is worth less is not made")


class DispatchLimitsShown(Reply):
    """How routes may change during the day."""

    model_config = shown(**_LIMITS, version=1)

    automatic: list[ProposalKind]
    most_cost_minor: Whole
    moved_pct: Percent
    shift_s: Seconds
    margin_s: Seconds
    late_per_hour_minor: Whole
    call_minor: Whole
    least_gain_minor: Whole
    version: Version


class CourseChangeShown(Reply):
    """What a route was to do, and is to do instead: deliveries, trip by trip, those done left out."""

    model_config = shown(**_CHANGE)

    route_id: str | None = Field(description="null: a new route")
    vehicle_id: str
    before: list[list[str]]
    after: list[list[str]]


class DispatchProposal(Reply):
    """What could be done about promises at risk, what it costs and mends, and what became of it."""

    model_config = shown(
        id="dpr_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        state="proposed",
        version=1,
        kind="swap",
        site_id="store-7",
        delivery_id=None,
        carrier_id=None,
        until_at=None,
        cost={"amount": 240, "currency": "USD"},
        gain={"amount": 2310, "currency": "USD"},
        late_before=2,
        late_before_s=1530,
        late_after=0,
        late_after_s=0,
        moved=2,
        shift_s=420,
        changes=[_CHANGE],
        reason="Without it 2 are late, by 26 min in all; with it all are in time.",
        decided_by=None,
        created_at="2026-03-02T15:00:00Z",
        decided_at=None,
    )

    id: str
    state: Annotated[str, state_of("dispatch_proposal")]
    version: Version
    kind: ProposalKind
    site_id: str
    delivery_id: str | None = Field(description="the promise at risk that a carrier or a call is about")
    carrier_id: str | None
    until_at: Moment | None = Field(description="the later time that a call tells")
    cost: Money = Field(description="what it costs more than driving on")
    gain: Money = Field(description="what it is worth: lateness that it saves, less its cost")
    late_before: Whole = Field(description="deliveries that would be late without it")
    late_before_s: Whole = Field(description="by how long, in all [s]")
    late_after: Whole
    late_after_s: Whole
    moved: Whole = Field(description="stops that change their route or their order")
    shift_s: Whole = Field(description="the largest shift of another stop [s]")
    changes: list[CourseChangeShown]
    reason: str
    decided_by: str | None
    created_at: Moment
    decided_at: Moment | None


class ProposalRefusal(Request):
    """Why a proposal is refused."""

    model_config = shown(reason="driver_knows_better")

    reason: ReasonCode


class RouteHalt(Request):
    """A van that goes no further: it broke down, or its driver did not come."""

    model_config = shown(parcels="back_at_site", back_at="2026-03-02T16:00:00Z", reason="breakdown")

    parcels: Literal["back_at_site", "stranded"] = Field(
        description="what is on board is brought back to the site, and rides with others; or it returns undelivered"
    )
    back_at: MomentIn | None = Field(default=None, description="when it is back; null: now")
    until_at: MomentIn | None = Field(default=None, description="its vehicle is out of service until then; null: 12 h")
    reason: ReasonCode


class DeliveryMove(Request):
    """Where a dispatcher wants a delivery."""

    model_config = shown(route_id="rte_01JNB8X4T5V6W7X8Y9Z0A1B2C3", after="dlv_01JNB8X4T5V6W7X8Y9Z0A1B2C4")

    route_id: ObjectId = Field(description="a route of its site, its own to change its place there")
    after: str | None = Field(
        default=None, pattern="^([a-z]{2,5}_[0-9A-Za-z]{1,40})?$",
        description="the delivery behind which it comes; empty: first; null: where it costs least",
    )  # fmt: skip


class LateDelivery(Reply):
    """A delivery that will be late."""

    model_config = shown(delivery_id="dlv_01JNB8X4T5V6W7X8Y9Z0A1B2C4", late_s=540)

    delivery_id: str
    late_s: Whole


class MovedDelivery(Reply):
    """A delivery that was moved, and who will be late on its new route."""

    model_config = shown(
        delivery_id="dlv_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        route_id="rte_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        late=[{"delivery_id": "dlv_01JNB8X4T5V6W7X8Y9Z0A1B2C4", "late_s": 540}],
    )

    delivery_id: str
    route_id: str
    late: list[LateDelivery]
