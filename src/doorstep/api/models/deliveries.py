"""Deliveries, and what drivers, carriers and scanners report about them."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from doorstep.api.conventions.geojson import Point
from doorstep.api.models.base import Reply, Request, shown
from doorstep.api.models.fields import (
    CallerId,
    MaybeReasonCode,
    Moment,
    MomentIn,
    Name,
    Note,
    ObjectId,
    ReasonCode,
    ReferenceId,
    Version,
    Whole,
)
from doorstep.api.models.parts import CostPart, Eta, Money, Place, Window, WindowWish
from doorstep.domain.lifecycles import LIFECYCLES
from doorstep.domain.tables import MODES
from doorstep.operations.bring.facts import CALL

_STATES = [*dict.fromkeys((*LIFECYCLES["delivery"].states, *LIFECYCLES["collection"].states))]
_EVENTS = [*dict.fromkeys(row.event for name in ("delivery", "collection") for row in LIFECYCLES[name].transitions)]
_REPORTED = [*_EVENTS, CALL]


def _known_event(value: str) -> str:
    if value not in _REPORTED:
        raise PydanticCustomError("not_allowed", "must be an event in the life of a delivery or a collection")
    return value


ForPeople = Annotated[Note, Field(description="for people: not published, and erased with the person")]
Outcome = Literal["applied", "terminal", "late", "repeated", "unreachable"]
State = Annotated[str, Field(description="state in the life of the delivery", json_schema_extra={"enum": [*_STATES]})]
BookingState = Annotated[str, Field(json_schema_extra={"enum": [*LIFECYCLES["carrier_booking"].states]})]


class Delivery(Reply):
    """The parcels of one order that reach the shopper together."""

    model_config = shown(
        id="dlv_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        order_id="ord_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        kind="door",
        state="booked",
        version=3,
        site_id="store-7",
        mode="own_fleet",
        carrier_id=None,
        route_id="rte_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        attempts=0,
        neighbour_ok=False,
        ready_at="2026-03-02T14:55:00Z",
        arrive_at="2026-03-02T15:40:00Z",
        eta=None,
        window={"start": "2026-03-02T15:00:00Z", "end": "2026-03-02T17:00:00Z"},
        parcels=1,
        weight_g=2400,
        volume_ml=9000,
        cost={"amount": 512, "currency": "USD"},
        cost_parts=[{"part": "stem", "amount": 212}, {"part": "drop", "amount": 300}],
    )

    id: str
    order_id: str
    kind: Literal["door", "collection"]
    state: State
    version: Version
    site_id: str = Field(description="it leaves from there, or is collected there")
    mode: str = Field(json_schema_extra={"enum": list(MODES)})
    carrier_id: str | None
    route_id: str | None
    attempts: Whole
    neighbour_ok: bool = Field(description="the shopper lets it be left with a neighbour")
    ready_at: Moment | None
    arrive_at: Moment | None = Field(description="planned arrival at the door, or readiness for collection")
    eta: Eta | None = Field(description="null: its van is not out, or has been there")
    window: Window
    parcels: Whole
    weight_g: Whole
    volume_ml: Whole
    cost: Money
    cost_parts: list[CostPart]


class ProofReference(Request):
    """A proof that was uploaded or taken before."""

    model_config = shown(kind="photo", proof_id="prf_01JNB8X4T5V6W7X8Y9Z0A1B2C3")

    kind: Literal["photo", "signature", "barcode", "pin", "age", "note", "geo"]
    proof_id: ObjectId


class ProofKept(Reply):
    """A proof that is kept."""

    model_config = shown(
        id="prf_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        delivery_id="dlv_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        media_type="image/jpeg",
        bytes=184_302,
    )

    id: str
    delivery_id: str
    media_type: str
    bytes: Whole


class Neighbour(Request):
    """With whom a delivery was left; told to the shopper, and erased with them."""

    model_config = shown(name="M. Okafor", number="14b")

    name: Annotated[Name, Field(min_length=1)]
    number: Annotated[Name, Field(min_length=1, description="of the house or the flat")]


LeftWith = Annotated[
    Neighbour | None,
    Field(description="with ``deliver``: who took it instead; needs a proof, and that the shopper allows it"),
]


class DeliveryEventCreate(Request):
    """Something that happened to a delivery. The same ``event_id`` of a source counts once, however often it comes.

    ``call``: the shopper was called before the van is there, as a concierge order may want it.

    Usual reasons of attempts: ``consignee_unavailable``, ``consignee_no_access``, ``consignee_address_unknown``,
    ``consignee_refused``, ``consignee_underage``, ``carrier_damaged``; all: docs/reference/lifecycles.md.
    """

    model_config = shown(
        event_id="phone7-000481",
        type="arrive_at_dropoff",
        occurred_at="2026-03-02T15:38:10-06:00",
        source="driver-app",
        point={"type": "Point", "coordinates": [-87.6359, 41.8789]},
    )

    event_id: CallerId = Field(description="made by whoever saw it, kept when it is sent again")
    type: Annotated[str, Field(max_length=40, json_schema_extra={"enum": [*_REPORTED]}), AfterValidator(_known_event)]
    occurred_at: MomentIn = Field(
        description="by the clock of whoever saw it; what is dated later than it comes counts as of then"
    )
    source: CallerId = Field(description="device, carrier or scanner")
    reason: MaybeReasonCode = ""
    note: ForPeople = ""
    point: Point | None = None
    proofs: Annotated[list[ProofReference], Field(max_length=300)] = Field(default=[])
    neighbour: LeftWith = None


class DeliveryEvent(Reply):
    """A report, or a decision that people made here, and what it changed.

    ``note``, ``point``, ``proofs``, ``neighbour`` and ``place`` are empty once the person is forgotten.
    """

    model_config = shown(
        event_id="phone7-000481",
        type="arrive_at_dropoff",
        occurred_at="2026-03-02T15:38:10Z",
        recorded_at="2026-03-02T15:38:12Z",
        source="driver-app",
        reason="",
        note="",
        point={"type": "Point", "coordinates": [-87.6359, 41.8789]},
        proofs=[],
        neighbour=None,
        place=None,
        outcome="applied",
        state="at_dropoff",
        version=6,
    )

    event_id: str
    type: str
    occurred_at: Moment
    recorded_at: Moment
    source: str = Field(description="device, carrier or scanner; doorstep for what was decided here")
    reason: str
    note: str
    point: Point | None
    proofs: list[ProofReference]
    neighbour: Neighbour | None = Field(description="who took it instead of the shopper")
    place: Place | None = Field(description="the other door that it goes to")
    outcome: Outcome = Field(description="applied, or why it is kept without moving the delivery")
    state: State
    version: Version


class CarrierBooking(Reply):
    """A delivery as it was asked of a connected carrier."""

    model_config = shown(
        id="bkg_01JNB5WQ4X8S9D1T6F7G2H3J4K",
        carrier_id="metro-courier",
        carrier_ref="del_7hQ2",
        state="confirmed",
        reason="",
        expected={"amount": 900, "currency": "USD"},
        price={"amount": 925, "currency": "USD"},
        tracking_url="https://courier.example/track/7hQ2",
        courier="J.",
        arrive_at="2026-03-02T15:40:00Z",
        asked_at="2026-03-02T14:30:00Z",
    )

    id: str = Field(description="the id under which the carrier knows it too")
    carrier_id: str
    carrier_ref: str = Field(description="the carrier's own id")
    state: BookingState
    reason: str = Field(description="why it was refused, given back or called off")
    expected: Money = Field(description="what the plan counted on")
    price: Money = Field(description="what the carrier says by now, fees included")
    tracking_url: str
    courier: str
    arrive_at: Moment | None = Field(description="when the carrier thinks to be at the door")
    asked_at: Moment


class DeliveryCancel(Request):
    """Why a delivery is not made.

    Usual reasons: ``customer_changed_mind``, ``wrong_address``, ``damaged``, ``lost``, ``no_vehicle``, ``other``.
    """

    model_config = shown(reason="wrong_address", note="Moved in May, new address is with the shop.")

    reason: ReasonCode
    note: ForPeople = ""


class DeliveryReschedule(Request):
    """Another window after a failed attempt.

    Usual reasons: ``consignee_unavailable``, ``consignee_asked``, ``consignee_no_access``, ``carrier_late``.
    """

    model_config = shown(
        reason="consignee_unavailable",
        window={"start": "2026-03-03T09:00:00-06:00", "end": "2026-03-03T11:00:00-06:00"},
    )

    reason: ReasonCode
    note: ForPeople = ""
    window: WindowWish


class DeliveryRedirect(Request):
    """Another door, or a site to collect at, after a failed attempt; or a neighbour, also while it is under way.

    ``neighbour_ok`` is the shopper's consent: the driver may leave it with a neighbour from now on, never what is
    age-restricted or has to be signed for.

    Usual reasons: ``consignee_asked``, ``consignee_unavailable``, ``consignee_address_unknown``.
    """

    model_config = shown(reason="consignee_asked", place={"lat": 41.88, "lon": -87.63})

    reason: ReasonCode
    note: ForPeople = ""
    place: Place | None = None
    site_id: ReferenceId | None = None
    neighbour_ok: Literal[True] | None = None

    @model_validator(mode="after")
    def _says_one(self) -> Self:
        if [self.place, self.site_id, self.neighbour_ok].count(None) != 2:
            raise PydanticCustomError("inconsistent", "give one of place, site_id and neighbour_ok")
        return self
