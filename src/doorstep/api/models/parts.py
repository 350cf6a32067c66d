"""What several subjects have in common: money, windows, places, lines, contacts."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from doorstep.api.models.base import Reply, Request, shown
from doorstep.api.models.fields import (
    Country,
    Currency,
    Email,
    Latitude,
    Locale,
    Longitude,
    Moment,
    MomentIn,
    Name,
    Phone,
    PostalCode,
    Quantity,
    ReferenceId,
    Signed,
)

MOST_LINES = 200


class Money(Reply):
    """An amount in whole minor units of a currency: 1299 of USD are 12.99 dollars."""

    model_config = shown(amount=1299, currency="USD")

    amount: Signed = Field(description="minor units")
    currency: Currency


class Eta(Reply):
    """When a van that is out is likely to be at the door: with 90 % probability from `from` until `until`."""

    model_config = shown(expected_at="2026-03-02T15:52:00Z", from_at="2026-03-02T15:41:00Z",
                         until_at="2026-03-02T16:09:00Z", made_at="2026-03-02T15:20:00Z")  # fmt: skip

    expected_at: Moment
    from_at: Moment
    until_at: Moment
    made_at: Moment = Field(description="when this was worked out")


class Window(Reply):
    """A half-open span of time: ``end`` does not belong to it."""

    model_config = shown(start="2026-03-02T15:00:00Z", end="2026-03-02T17:00:00Z")

    start: Moment
    end: Moment

    @classmethod
    def of_closed(cls, start_at: int, last_at: int) -> "Window":
        """Return the window of a closed span of epoch seconds, as doorstep keeps it inside.

        Windows of service levels end on a whole minute, which belongs to them by one second only: that is left out.
        """
        return cls(start=start_at, end=last_at if last_at % 60 == 0 and last_at > start_at else last_at + 1)


class WindowWish(Request):
    """A half-open span of time that the caller wants: ``end`` does not belong to it."""

    model_config = shown(start="2026-03-02T09:00:00-06:00", end="2026-03-02T11:00:00-06:00")

    start: MomentIn
    end: MomentIn

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.end <= self.start:
            raise PydanticCustomError("inconsistent", "end must be after start")
        return self

    @property
    def closed(self) -> tuple[int, int]:
        """First and last second, both belonging to it [epoch s], as doorstep keeps it inside."""
        return self.start, self.end - 1


class Access(Request):
    """How to get to the door."""

    model_config = shown(code="4711", floor="3", unit="12B", preference="building_reception")

    code: Annotated[Name, Field(max_length=40)] = ""
    floor: Annotated[Name, Field(max_length=40)] = ""
    unit: Annotated[Name, Field(max_length=40)] = ""
    preference: Literal[
        "", "front_door", "back_door", "side_porch", "building_reception", "mailroom_or_staff", "garage"
    ] = ""


class Address(Request):
    """A postal address as people write it."""

    model_config = shown(lines=["233 S Wacker Dr", "Chicago, IL"], country="US", access={"floor": "3"})

    lines: Annotated[list[Name], Field(min_length=1, max_length=6)]
    country: Country
    access: Access | None = None


class Place(Request):
    """The door."""

    model_config = shown(lat=41.8789, lon=-87.6359, postal_code="60606")

    lat: Latitude
    lon: Longitude
    postal_code: PostalCode = ""
    address: Address | None = None
    landing_site: bool = Field(default=False, description="drones of the air may land there or lower a parcel")


class Contact(Request):
    """Who receives it. Kept apart from the order, and erased in time."""

    model_config = shown(name="A. Shopper", phone="+12025550143", email="shopper@example.com", locale="en-US")

    name: Name = ""
    phone: Phone = ""
    email: Email = ""
    locale: Locale = ""


class Line(Request):
    """Units of one product; a product may stand on two lines."""

    model_config = shown(product_id="SKU-1001", quantity=2)

    product_id: ReferenceId
    quantity: Quantity


Lines = Annotated[list[Line], Field(min_length=1, max_length=MOST_LINES)]


class CostPart(Reply):
    """A part of a cost."""

    model_config = shown(part="line_haul", amount=210)

    part: str = Field(description="what the money is for, such as pick, carton, line_haul, stem, drop, carrier_fee")
    amount: Signed = Field(description="minor units of the same currency as the sum")
