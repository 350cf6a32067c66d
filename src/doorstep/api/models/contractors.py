"""Contractors and what is offered to them, for the retailer and for themselves."""

from typing import Annotated, Literal

from pydantic import Field

from doorstep.api.conventions.geojson import Point
from doorstep.api.models.base import Reply, Request, shown
from doorstep.api.models.deliveries import ForPeople, LeftWith, ProofReference
from doorstep.api.models.fields import (
    AS_WHOLE,
    CallerId,
    MaybeReasonCode,
    Moment,
    MomentIn,
    Name,
    Phone,
    PostalCode,
    ReasonCode,
    ReferenceId,
    Tags,
    Version,
    Whole,
    state_of,
)
from doorstep.api.models.parts import Money, Window
from doorstep.operations.contractors.answering import REPORTED

MOST = 100
WORD = r"^[^;\u0000]{1,20}$"
AtOnce = Annotated[int, Field(ge=1, le=MOST, description="deliveries accepted and not brought yet"), AS_WHOLE]
Limit = Annotated[int, Field(ge=1, le=10**9), AS_WHOLE]
Sites = Annotated[list[ReferenceId], Field(max_length=MOST, description="where they load; none: everywhere")]
Zones = Annotated[
    list[Annotated[str, Field(pattern=WORD)]],
    Field(max_length=MOST, description="beginnings of the postal codes that they go to; none: every place"),
]


class ContractorCreate(Request):
    """Somebody who brings single deliveries with a vehicle of their own."""

    model_config = shown(
        carrier_id="crew",
        name="Ana R.",
        phone="+12025550143",
        vehicle="blue estate car",
        max_weight_g=80_000,
        skills=["signature"],
        site_ids=["store-7"],
        zones=["606"],
    )

    carrier_id: ReferenceId = Field(description="the market that they work for: an on-demand carrier of the retailer")
    name: Annotated[Name, Field(min_length=1)]
    phone: Phone = ""
    vehicle: Name = ""
    max_weight_g: Limit | None = None
    max_volume_ml: Limit | None = None
    skills: Tags = Field(default=[])
    site_ids: Sites = Field(default=[])
    zones: Zones = Field(default=[])
    most_at_once: AtOnce = 1


class Contractor(Reply):
    """A contractor."""

    model_config = shown(
        id="con_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        carrier_id="crew",
        name="Ana R.",
        phone="+12025550143",
        vehicle="blue estate car",
        state="active",
        version=1,
        max_weight_g=80_000,
        max_volume_ml=None,
        skills=["signature"],
        site_ids=["store-7"],
        zones=["606"],
        most_at_once=1,
        created_at="2026-03-01T10:00:00Z",
    )

    id: str
    carrier_id: str
    name: str
    phone: str
    vehicle: str
    state: Annotated[str, state_of("contractor")]
    version: Version
    max_weight_g: Whole | None
    max_volume_ml: Whole | None
    skills: list[str]
    site_ids: list[str]
    zones: list[str]
    most_at_once: Whole
    created_at: Moment


class ContractorLink(Reply):
    """A link for a contractor, shown this once only; one that was there before ends with it."""

    model_config = shown(
        token="5Q0B8X4T5V6W7X8Y9Z0A1B2C3D4E5F6G", path="/v1/contractor/5Q0B8X4T5V6W7X8Y9Z0A1B2C3D4E5F6G"
    )

    token: str = Field(description="whoever has it acts as the contractor; empty where a request is repeated")
    path: str = Field(description="what it leads to; empty where a request is repeated")


class ContractorOffer(Reply):
    """A delivery as it was offered to one contractor."""

    model_config = shown(
        id="ofr_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        delivery_id="dlv_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        booking_id="bkg_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        contractor_id="con_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        state="declined",
        version=2,
        reason="too_far",
        pay={"amount": 800, "currency": "USD"},
        offered_at="2026-03-02T14:30:00Z",
        expires_at="2026-03-02T14:32:00Z",
    )

    id: str
    delivery_id: str
    booking_id: str
    contractor_id: str
    state: Annotated[str, state_of("contractor_offer")]
    version: Version
    reason: str
    pay: Money
    offered_at: Moment
    expires_at: Moment


class Pickup(Reply):
    """Where a contractor loads."""

    model_config = shown(
        site_id="store-7",
        name="Store 7",
        phone="+13125550100",
        address="12 W Lake St, Chicago, IL",
        point={"type": "Point", "coordinates": [-87.63, 41.88]},
    )

    site_id: str
    name: str
    phone: str
    address: str
    point: Point


class DropOff(Reply):
    """Where a delivery goes: the neighbourhood while it is offered, the door once it is accepted."""

    model_config = shown(
        postal_code="606",
        point={"type": "Point", "coordinates": [-87.64, 41.88]},
        name="",
        phone="",
        address="",
        note="",
    )

    postal_code: PostalCode = Field(description="the first three characters while it is offered")
    point: Point = Field(description="to two decimals of a degree while it is offered")
    name: str
    phone: str
    address: str
    note: str


class ContractorDelivery(Reply):
    """A delivery that a contractor is offered, or has accepted: for how much, from where, to where, and when."""

    model_config = shown(
        offer_id="ofr_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        offer_state="offered",
        delivery_id="dlv_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        delivery_state="booked",
        order_code="K7Q2",
        pay={"amount": 800, "currency": "USD"},
        expires_at="2026-03-02T14:32:00Z",
        pick_up_from="2026-03-02T15:00:00Z",
        window={"start": "2026-03-02T15:00:00Z", "end": "2026-03-02T17:00:00Z"},
        parcels=1,
        weight_g=2400,
        volume_ml=9000,
        requirements=["signature"],
        neighbour_ok=False,
        pickup={
            "site_id": "store-7",
            "name": "Store 7",
            "phone": "+13125550100",
            "address": "12 W Lake St, Chicago, IL",
            "point": {"type": "Point", "coordinates": [-87.63, 41.88]},
        },
        dropoff={
            "postal_code": "606",
            "point": {"type": "Point", "coordinates": [-87.64, 41.88]},
            "name": "",
            "phone": "",
            "address": "",
            "note": "",
        },
    )

    offer_id: str
    offer_state: Annotated[str, state_of("contractor_offer")]
    delivery_id: str
    delivery_state: Annotated[str, state_of("delivery")]
    order_code: str
    pay: Money
    expires_at: Moment = Field(description="until when it can be accepted")
    pick_up_from: Moment | None
    window: Window
    parcels: Whole
    weight_g: Whole
    volume_ml: Whole
    requirements: list[str]
    neighbour_ok: bool = Field(description="the shopper lets it be left with a neighbour")
    pickup: Pickup
    dropoff: DropOff


class ContractorDesk(Reply):
    """What a contractor sees: what they are offered, what they have in hand, and what they are owed."""

    model_config = shown(name="Ana R.", state="active", offered=[], in_hand=[], owed={"amount": 800, "currency": "USD"})

    name: str
    state: Annotated[str, state_of("contractor")]
    offered: list[ContractorDelivery] = Field(description="the one that expires first comes first")
    in_hand: list[ContractorDelivery] = Field(description="accepted and not ended, by the end of their windows")
    owed: Money = Field(description="for all deliveries so far, less what was paid out")


class OfferAnswer(Request):
    """Why a contractor declines or gives back; usual reasons: ``too_far``, ``busy``, ``breakdown``, ``other``."""

    model_config = shown(reason="too_far")

    reason: ReasonCode = "other"


class OfferRecall(Request):
    """Why a delivery is taken from the contractor who accepted it."""

    model_config = shown(reason="no_show")

    reason: ReasonCode


class OfferReport(Request):
    """Something that happened to a delivery; the same ``event_id`` counts once, however often it comes."""

    model_config = shown(
        event_id="e-17",
        type="deliver",
        occurred_at="2026-03-02T15:38:10-06:00",
        proofs=[{"kind": "photo", "proof_id": "prf_01JNB8X4T5V6W7X8Y9Z0A1B2C3"}],
    )

    event_id: CallerId = Field(description="made by the contractor's phone, kept when it is sent again")
    type: Literal[REPORTED]  # type: ignore[valid-type]
    occurred_at: MomentIn
    reason: MaybeReasonCode = ""
    note: ForPeople = ""
    point: Point | None = None
    proofs: Annotated[list[ProofReference], Field(max_length=20)] = Field(default=[])
    neighbour: LeftWith = None
