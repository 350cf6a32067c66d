"""Closed roads and slow traffic."""

from typing import Annotated

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from doorstep.api.conventions.geojson import Coordinates, Point
from doorstep.api.models.base import Example, Reply, Request, shown
from doorstep.api.models.fields import AS_WHOLE, Moment, MomentIn, Note

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
