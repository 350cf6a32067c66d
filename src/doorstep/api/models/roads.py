"""Closed roads and slow traffic, and what vans drove."""

from typing import Annotated

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from doorstep.api.conventions.geojson import Coordinates, Point
from doorstep.api.models.base import Example, Reply, Request, shown
from doorstep.api.models.fields import AS_WHOLE, Moment, MomentIn, Note, Whole

MOST_POINTS = 200
_LINE: list[Example] = [[-87.631, 41.886], [-87.628, 41.886]]
_TIMES: dict[str, Example] = {"starts_at": "2026-03-03T14:00:00Z", "ends_at": "2026-03-03T18:00:00Z"}
Line = Annotated[
    list[Coordinates],
    Field(max_length=MOST_POINTS, description="a line that cannot be crossed, two points or more; empty: an area"),
]
RadiusM = Annotated[int, Field(ge=0, le=100_000, description="radius of the area [m]; 0: a line"), AS_WHOLE]
SlowerPct = Annotated[
    int, Field(ge=0, le=1_000, description="per cent by which drives within the area take longer; 0: a line"), AS_WHOLE
]


class RoadEventCreate(Request):
    """A line that cannot be crossed, or an area in which drives take longer, for a while."""

    model_config = shown(line=_LINE, note="Lift bridge open", **_TIMES)

    line: Line = Field(default=[])
    centre: Point | None = Field(default=None, description="middle of the area; null: a line")
    radius_m: RadiusM = 0
    slower_pct: SlowerPct = 0
    starts_at: MomentIn | None = Field(default=None, description="default: now")
    ends_at: MomentIn
    note: Note = ""

    @model_validator(mode="after")
    def _is_one(self) -> "RoadEventCreate":
        area = (self.centre is not None, self.radius_m > 0, self.slower_pct > 0)
        fits = len(self.line) > 1 and not any(area) if self.line else all(area)
        if not fits:
            raise PydanticCustomError(
                "line_or_area", "must have a line of two points or more, or else centre, radius_m and slower_pct"
            )
        return self


class RoadEvent(Reply):
    """A line that cannot be crossed, or an area in which drives take longer, for a while."""

    model_config = shown(
        id="road_01JNB8X4T5V6W7X8Y9Z0A1B2C3", line=_LINE, centre=None, radius_m=0, slower_pct=0,
        note="Lift bridge open", created_at="2026-03-03T14:00:00Z", **_TIMES,
    )  # fmt: skip

    id: str
    line: Line
    centre: Point | None
    radius_m: RadiusM
    slower_pct: SlowerPct
    starts_at: Moment
    ends_at: Moment
    note: str
    created_at: Moment


class HourSpeed(Reply):
    """How long drives take at some hours, of what they take where traffic is light."""

    model_config = shown(weekend=False, from_hour=15, to_hour=18, percent=128, observations=41_260)

    weekend: bool
    from_hour: Whole = Field(description="local time")
    to_hour: Whole
    percent: Whole = Field(description="of the time that the same streets take where traffic is light, in the middle")
    observations: Whole = Field(description="stretches of streets that were driven then")


class StreetSpeeds(Reply):
    """What own vans taught about the speed of streets in the last weeks."""

    model_config = shown(learnt_at="2026-03-03T01:00:00Z", drives=812, observations=213_480, streets_driven=5_310,
                         streets=23_610, hours=[])  # fmt: skip

    learnt_at: Moment | None = Field(description="null: nothing was learnt yet")
    drives: Whole
    observations: Whole
    streets_driven: Whole = Field(description="pieces of streets, each direction by itself, that were driven")
    streets: Whole = Field(description="of so many")
    hours: list[HourSpeed]


class StreetDriven(Reply):
    """A street that was driven, and how far."""

    model_config = shown(name="Hauptstraße", distance_m=420)

    name: str = Field(description="empty: it has none")
    distance_m: Whole


class Stretch(Reply):
    """What was driven without a gap in the positions."""

    model_config = shown(line=[[8.69, 49.41], [8.70, 49.41]], confidence_pct=98, streets=[])

    line: list[Coordinates]
    confidence_pct: Whole = Field(description="how likely it is that the van drove on these streets")
    streets: list[StreetDriven] = Field(description="in the order in which they were driven")


class StopPassed(Reply):
    """How near the van came to a stop."""

    model_config = shown(sequence=1, delivery_id="dlv_01JNB8X4T5V6W7X8Y9Z0A1B2C3", distance_m=9,
                         at="2026-03-02T15:38:00Z")  # fmt: skip

    sequence: Whole
    delivery_id: str
    distance_m: Whole | None = Field(description="null: nothing is known of where it was")
    at: Moment | None


class RouteCourse(Reply):
    """The streets that the van of a route drove, by the positions of who rode with it."""

    model_config = shown(began_at="2026-03-02T15:02:00Z", ended_at="2026-03-02T19:21:00Z", positions=1_480,
                         matched_pct=99, distance_m=47_900, planned_m=48_200, stretches=[], stops=[])  # fmt: skip

    began_at: Moment
    ended_at: Moment = Field(description="the present, where it is under way")
    positions: Whole
    matched_pct: Whole = Field(description="share of the positions that these streets explain")
    distance_m: Whole = Field(description="driven, without what lies between two stretches")
    planned_m: Whole
    stretches: list[Stretch]
    stops: list[StopPassed]
