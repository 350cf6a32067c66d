"""What shoppers fetch: what they are told by their link, what they tell, and what the people at the site see."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from doorstep.api.conventions.geojson import Point
from doorstep.api.models.base import Example, Reply, Request, shown
from doorstep.api.models.fields import (
    AS_WHOLE,
    MaybeReasonCode,
    Moment,
    MomentIn,
    Note,
    Version,
    Whole,
)
from doorstep.domain.lifecycles import LIFECYCLES

State = Annotated[str, Field(json_schema_extra={"enum": [*LIFECYCLES["collection"].states]})]
MOST_BAYS = 10_000
Bay = Annotated[int, Field(ge=1, le=MOST_BAYS, description="number of a bay of the site"), AS_WHOLE]


def _one_line(value: str) -> str:
    return " ".join(value.split())


Vehicle = Annotated[
    Note, Field(max_length=80, description="for people, such as: blue van, CAB 123"), AfterValidator(_one_line)
]


class CollectionCode(Reply):
    """A code that is asked for at hand-over, shown this once only; one that was there before is void."""

    model_config = shown(code="0417")

    code: str = Field(description="four digits; empty where a request is repeated")


class HandOver(Request):
    """What the shopper says at hand-over."""

    model_config = shown(code="0417")

    code: Annotated[str, Field(pattern=r"^([0-9]{4})?$", description="where the delivery has one")] = ""


class BayAssignment(Request):
    """Where a shopper who is there should stand."""

    model_config = shown(bay=3)

    bay: Bay | None = Field(default=None, description="null: the lowest free one")


class Restock(Request):
    """Why goods that nobody came for are on the shelf again."""

    model_config = shown(reason="not_collected")

    reason: MaybeReasonCode = "not_collected"


class CompartmentTaken(Reply):
    """A compartment in which a parcel lies."""

    model_config = shown(parcel_id="pcl_01JNB8X4T5V6W7X8Y9Z0A1B2C3", compartment_id="L1-small", number=7)

    parcel_id: str
    compartment_id: str
    number: Whole


_WAITING: dict[str, Example] = {
    "state": "customer_arrived",
    "parcels": 2,
    "ready_at": "2026-03-02T14:55:00Z",
    "keep_until": "2026-03-05T14:55:00Z",
    "vehicle": "blue van, CAB 123",
    "expected_at": "2026-03-02T15:40:00Z",
    "arrived_at": "2026-03-02T15:41:00Z",
    "bay": None,
    "needs_code": True,
    "compartments": [],
}


class Collection(Reply):
    """A delivery that its shopper fetches, for the people at the site."""

    model_config = shown(
        delivery_id="dlv_01JNB8X4T5V6W7X8Y9Z0A1B2C3", order_id="ord_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        order_code="K7QF2M9X", site_id="store-7", version=5, **_WAITING,
    )  # fmt: skip

    delivery_id: str
    order_id: str
    order_code: str = Field(description="the order's eight letters for people")
    site_id: str
    version: Version
    state: State
    parcels: Whole
    ready_at: Moment | None
    keep_until: Moment | None = Field(description="when it lapses if nobody comes; null: never")
    vehicle: str
    expected_at: Moment | None = Field(description="when the shopper should be there; null: nobody knows")
    arrived_at: Moment | None
    bay: int | None
    needs_code: bool = Field(description="whether a code is asked for at hand-over")
    compartments: list[CompartmentTaken]


class Collections(Reply):
    """Those who are there and those who are coming."""

    model_config = shown(items=[])

    items: list[Collection] = Field(description="the most urgent first: who waits the longest, then who comes next")


class CollectionSite(Reply):
    """Where it waits."""

    model_config = shown(
        name="Store 7", address="7 Lake St, Chicago", point={"type": "Point", "coordinates": [-87.6, 41.8]}, bays=4
    )

    name: str
    address: str
    point: Point
    bays: Whole = Field(description="bays with a number, from 1; 0: none has one")


class ShopperCollection(Reply):
    """What waits for a shopper, as their link tells it."""

    model_config = shown(
        order_code="K7QF2M9X",
        method="curbside",
        site={
            "name": "Store 7",
            "address": "7 Lake St, Chicago",
            "point": {"type": "Point", "coordinates": [-87.6, 41.8]},
            "bays": 4,
        },
        **_WAITING,
    )

    order_code: str
    method: Literal["click_and_collect", "curbside", "locker", "pickup_point"] | None = Field(
        description="null: the service level is gone"
    )
    site: CollectionSite | None = Field(description="null: the site is gone")
    state: State
    parcels: Whole
    ready_at: Moment | None
    keep_until: Moment | None = Field(description="when it goes back if nobody comes; null: never")
    vehicle: str
    expected_at: Moment | None
    arrived_at: Moment | None
    bay: int | None
    needs_code: bool = Field(description="whether a code is asked for at hand-over")
    compartments: list[CompartmentTaken]


class OnMyWay(Request):
    """A shopper who sets out, or has more to tell about it."""

    model_config = shown(vehicle="blue van, CAB 123", point={"type": "Point", "coordinates": [-87.7, 41.9]})

    vehicle: Vehicle = ""
    point: Point | None = Field(default=None, description="where they are; it is not kept")
    arrive_at: MomentIn | None = Field(default=None, description="when they will be there, if they know it better")


class Location(Request):
    """Where a shopper on the way is; only when they should be there is kept."""

    model_config = shown(point={"type": "Point", "coordinates": [-87.65, 41.85]})

    point: Point


class Arrival(Request):
    """A shopper who is there."""

    model_config = shown(bay=3)

    bay: Bay | None = Field(default=None, description="number of the bay that they stand in; null: they do not say")
