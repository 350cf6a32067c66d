"""Options at checkout, slots, and holds on them."""

from typing import Annotated, Literal

from pydantic import Field

from doorstep.api.models.base import Example, Reply, Request, shown
from doorstep.api.models.fields import (
    AS_WHOLE,
    LARGEST,
    Moment,
    MomentIn,
    Name,
    ObjectId,
    ReferenceId,
    Tags,
    Version,
    Whole,
    state_of,
)
from doorstep.api.models.parts import Lines, Money, Place, Window, WindowWish
from doorstep.operations.intake.offered_slots import Unit
from doorstep.operations.promise.offers import Code
from doorstep.operations.promise.own_vans import Basis

Room = Annotated[int, Field(ge=0, le=1_000_000, description="how much fits, in `unit`"), AS_WHOLE]
Work = Annotated[int, Field(ge=1, le=1_000_000), AS_WHOLE]
UNIT = "what the capacity counts: orders, their lines, or minutes of work"
_SLOT: dict[str, Example] = {
    "zone": "606",
    "site_id": "store-7",
    "service_level_id": "scheduled",
    "window": {"start": "2026-03-02T09:00:00-06:00", "end": "2026-03-02T11:00:00-06:00"},
    "cutoff_at": "2026-03-02T07:00:00-06:00",
    "capacity": 20,
    "fee_minor": 499,
}
_WINDOW = {"start": "2026-03-02T15:00:00Z", "end": "2026-03-02T17:00:00Z"}


class OptionsRequest(Request):
    """A basket and its door."""

    model_config = shown(
        place={"lat": 41.8789, "lon": -87.6359, "postal_code": "60606"},
        lines=[{"product_id": "SKU-1001", "quantity": 2}],
    )

    place: Place
    lines: Lines
    extras: Tags = Field(default=[], description="work at the door besides bringing, such as assembly; adds to the fee")
    membership: Name = Field(
        default="", description="plan that the shopper is a member of, where the shop keeps its members itself"
    )
    member_id: ObjectId | None = Field(default=None, description="the shopper's membership, which says the plan")
    with_costs: bool = Field(
        default=False, description="tell what each option costs the merchant; needs the scope decisions:read, and time"
    )
    at: MomentIn | None = Field(
        default=None, description="when the order would be placed, at most two weeks ahead; default: now"
    )


class OwnVanCost(Reply):
    """What bringing it by an own van would add, before the risk of failure, or why none can."""

    model_config = shown(
        marginal={"amount": 131, "currency": "USD"}, basis="standing_route", route_id="rte_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        feasible=True, reason="",
    )  # fmt: skip

    marginal: Money | None = Field(description="null: no van can bring it")
    basis: Basis = Field(
        description="`standing_route`: the cheapest place in a route that has not left; `new_route`: a van more; "
        "`estimate`: no routes stand for it yet, so what a drop usually costs"
    )
    route_id: str | None = Field(description="the route that it would join; null: none")
    feasible: bool
    reason: str = Field(description="what is in the way; empty if a van can")


class OptionCost(Reply):
    """What an option is expected to cost the merchant, and to leave."""

    model_config = shown(
        expected={"amount": 412, "currency": "USD"}, margin={"amount": 987, "currency": "USD"}, own_van=None
    )

    expected: Money = Field(description="picking, packing and bringing, as order routing would decide now")
    margin: Money = Field(description="margin of the goods and fee, less that cost")
    own_van: OwnVanCost | None = Field(description="null: collected, or its sites have no vehicles")


class Option(Reply):
    """A delivery option that this basket can have, or why it cannot."""

    model_config = shown(
        option_id="opt_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        slot_id=None,
        service_level_id="same_day",
        method="same_day",
        window=dict(_WINDOW),
        cutoff_at="2026-03-02T19:00:00Z",
        fee={"amount": 799, "currency": "USD"},
        fee_rule_id=None,
        membership_discount={"amount": 0, "currency": "USD"},
        fee_reason="",
        sites=["store-7"],
        splits=1,
        kept_probability=0.962,
        cost=None,
        feasible=True,
        reason_code=None,
        reason="",
        what_works="",
        available_from=None,
        awaits_receipt=False,
    )

    option_id: str | None = Field(
        description="names the option in the order, for `hold_minutes`; null: it cannot be had, or is asked for later"
    )
    slot_id: str | None = Field(description="the slot it is in; null: the window of the service level")
    service_level_id: str
    method: str = Field(description="how the order reaches the shopper", examples=["same_day"])
    window: Window | None
    cutoff_at: Moment | None = Field(
        description="ordered later, it is promised for later; a slot is closed from then on"
    )
    fee: Money
    fee_rule_id: str | None = Field(description="price rule that made the fee; null: that of the service level or slot")
    membership_discount: Money = Field(description="what a shopper without the membership would pay more")
    fee_reason: str = Field(description="why a member pays less, in words; empty if that is not so")
    sites: list[str] = Field(description="sites that would serve it, or where it can be collected")
    splits: Whole = Field(description="sites that would serve it together; 0: it cannot be had")
    kept_probability: Annotated[float, Field(ge=0, le=1)] | None = Field(
        description="probability that all of it arrives by the end of the window, learnt from past orders"
    )
    cost: OptionCost | None = Field(description="only with `with_costs`; null also where order routing finds no way")
    feasible: bool
    reason_code: Code | None = Field(description="why it cannot be had; null if it can")
    reason: str = Field(description="the same in words; empty if it can be had")
    what_works: str = Field(description="what would work instead; empty if it can be had")
    available_from: Moment | None = Field(
        description="when all that lacks is expected; null: nothing lacks, or nobody knows"
    )
    awaits_receipt: bool = Field(
        description="whether it can be had because a receipt comes in time: units of that are kept"
    )


class OptionsReply(Reply):
    """All delivery options of the merchant for this basket, the possible ones first."""

    model_config = shown(options=[])

    options: list[Option]


class Slot(Reply):
    """A window with limited room."""

    model_config = shown(
        id="slt_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        zone="606",
        site_id="store-7",
        service_level_id="scheduled",
        state="open",
        window=dict(_WINDOW),
        time_zone="America/Chicago",
        cutoff_at="2026-03-02T13:00:00Z",
        unit="orders",
        capacity=20,
        available=7,
        fee={"amount": 499, "currency": "USD"},
    )

    id: str
    zone: str
    site_id: str
    service_level_id: str
    state: Literal["open", "full", "closed"] = Field(description="closed also after its cut-off")
    window: Window
    time_zone: str = Field(description="IANA time zone of the site")
    cutoff_at: Moment
    unit: Unit = Field(description=UNIT)
    capacity: Whole
    available: Whole
    fee: Money


class SlotCreate(Request):
    """A window with limited room to offer."""

    model_config = shown(**_SLOT)

    zone: ReferenceId = Field(
        description="where it is offered; one written in digits is the start of the postal codes in it"
    )
    site_id: ReferenceId
    service_level_id: ReferenceId
    window: WindowWish
    cutoff_at: MomentIn = Field(description="not offered from then on")
    capacity: Room
    fee_minor: Annotated[int, Field(ge=0, le=LARGEST), AS_WHOLE] = 0
    unit: Unit = Field(default="orders", description=UNIT)


class SlotsCreate(Request):
    """Slots to offer; all of them are defined, or none."""

    model_config = shown(slots=[dict(_SLOT)])

    slots: Annotated[list[SlotCreate], Field(min_length=1, max_length=500)]


class SlotChange(Request):
    """What changes about a slot; holds and bookings stay."""

    model_config = shown(capacity=25, fee_minor=499, state="open")

    capacity: Room
    fee_minor: Annotated[int, Field(ge=0, le=LARGEST), AS_WHOLE]
    state: Literal["open", "closed"]


class Slots(Reply):
    """Slots that were defined."""

    model_config = shown(slots=[])

    slots: list[Slot]


class HoldCreate(Request):
    """A hold on a slot, for the time of a checkout."""

    model_config = shown(minutes=10)

    minutes: Annotated[int, Field(ge=1, le=1_440), AS_WHOLE] | None = Field(
        default=None, description="how long; default and most: the setting hold_minutes"
    )
    work: Work = Field(default=1, description="how much of the slot, in its `unit`")
    member_id: ObjectId | None = Field(
        default=None, description="the shopper's membership; some plans have the last share of each slot"
    )


class Hold(Reply):
    """A hold on a slot."""

    model_config = shown(
        id="hld_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        slot_id="slt_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        work=1,
        state="held",
        version=1,
        expires_at="2026-03-02T14:46:00Z",
        order_id=None,
    )

    id: str
    slot_id: str
    work: Whole = Field(description="how much of the slot it holds, in the slot's `unit`")
    state: Annotated[str, state_of("slot_hold")]
    version: Version
    expires_at: Moment | None
    order_id: str | None
