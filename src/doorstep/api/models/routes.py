"""Routes of own vehicles."""

from typing import Annotated, Literal

from pydantic import Field

from doorstep.api.conventions.geojson import LineString, Point
from doorstep.api.models.base import Reply, Request, shown
from doorstep.api.models.fields import Moment, Name, ReferenceId, Version, Whole, state_of
from doorstep.api.models.parts import Eta, Money


class RouteStop(Reply):
    """A stop of a route, the site included."""

    model_config = shown(
        sequence=1,
        kind="delivery",
        delivery_id="dlv_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        point={"type": "Point", "coordinates": [-87.6359, 41.8789]},
        arrive_at="2026-03-02T15:38:00Z",
        service_at="2026-03-02T15:38:00Z",
        leave_at="2026-03-02T15:41:00Z",
        distance_m=2300,
        eta=None,
    )

    sequence: Whole
    kind: Literal["start", "delivery", "reload", "end"]
    delivery_id: str | None
    point: Point
    arrive_at: Moment
    service_at: Moment
    leave_at: Moment
    distance_m: Whole = Field(description="from the stop before [m]")
    eta: Eta | None = Field(description="null: the van is not out, or has been there")


class Route(Reply):
    """A shift of one own vehicle."""

    model_config = shown(
        id="rte_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        site_id="store-7",
        vehicle_id="van",
        driver="",
        state="planned",
        version=1,
        starts_at="2026-03-02T15:00:00Z",
        ends_at="2026-03-02T19:30:00Z",
        distance_m=48200,
        trips=1,
        parcels=31,
        cost={"amount": 14260, "currency": "USD"},
        line=None,
        stops=[],
    )

    id: str
    site_id: str
    vehicle_id: str
    driver: str
    state: Annotated[str, state_of("route")]
    version: Version
    starts_at: Moment
    ends_at: Moment
    distance_m: Whole
    trips: Whole
    parcels: Whole
    cost: Money
    line: LineString | None = Field(description="through its stops; null: not asked for")
    stops: list[RouteStop]


class RouteAssignment(Request):
    """Who drives a route."""

    model_config = shown(driver="driver-7")

    driver: Annotated[Name, Field(min_length=1)]


class PlanRequest(Request):
    """Routes to plan for all that is packed or soon will be."""

    model_config = shown(site_ids=["store-7"])

    site_ids: Annotated[list[ReferenceId], Field(min_length=1, max_length=1_000)] | None = Field(
        default=None, description="only those of these sites; default: of all that have vehicles"
    )
