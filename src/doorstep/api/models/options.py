"""Options at checkout, slots, and holds on them."""

from typing import Annotated, Literal

from pydantic import Field

from doorstep.api.models.base import Example, Reply, Request, shown
from doorstep.api.models.fields import AS_WHOLE, LARGEST, Moment, MomentIn, ReferenceId, Version, Whole, state_of
from doorstep.api.models.parts import Lines, Money, Place, Window, WindowWish

Room = Annotated[int, Field(ge=0, le=1_000_000, description="orders that fit"), AS_WHOLE]
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
    at: MomentIn | None = Field(
        default=None, description="when the order would be placed, at most two weeks ahead; default: now"
    )


class Option(Reply):
    """A delivery option that this basket can have, or why it cannot."""

    model_config = shown(
        option_id="opt_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        service_level_id="same_day",
        method="same_day",
        window=dict(_WINDOW),
        cutoff_at="2026-03-02T19:00:00Z",
        fee={"amount": 799, "currency": "USD"},
        sites=["store-7"],
        feasible=True,
        reason="",
    )

    option_id: str | None = Field(
        description="names the option in the order, for `hold_minutes`; null: it cannot be had, or is asked for later"
    )
    service_level_id: str
    method: str = Field(description="how the order reaches the shopper", examples=["same_day"])
    window: Window | None
    cutoff_at: Moment | None = Field(description="ordered later, it is promised for later")
    fee: Money
    sites: list[str] = Field(description="sites that would serve it, or where it can be collected")
    feasible: bool
    reason: str = Field(description="why it cannot be had; empty if it can")


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


class Hold(Reply):
    """A hold on a slot."""

    model_config = shown(
        id="hld_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        slot_id="slt_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        state="held",
        version=1,
        expires_at="2026-03-02T14:46:00Z",
        order_id=None,
    )

    id: str
    slot_id: str
    state: Annotated[str, state_of("slot_hold")]
    version: Version
    expires_at: Moment | None
    order_id: str | None
