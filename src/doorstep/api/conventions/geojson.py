"""Places at the border as GeoJSON (RFC 7946): longitude comes first here, and only here."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

DECIMALS = 6
"""A tenth of a metre: more digits than any position can mean."""

Longitude = Annotated[float, Field(ge=-180, le=180, strict=True, allow_inf_nan=False)]
Latitude = Annotated[float, Field(ge=-90, le=90, strict=True, allow_inf_nan=False)]
Coordinates = Annotated[
    tuple[Longitude, Latitude],
    Field(strict=False, description="longitude, latitude [degrees, WGS 84]", examples=[[-87.6298, 41.8781]]),
]


class Point(BaseModel):
    """A place."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Literal["Point"] = "Point"
    coordinates: Coordinates

    @property
    def lat(self) -> float:
        """Latitude [degrees]."""
        return self.coordinates[1]

    @property
    def lon(self) -> float:
        """Longitude [degrees]."""
        return self.coordinates[0]


class LineString(BaseModel):
    """A way through at least two places."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Literal["LineString"] = "LineString"
    coordinates: Annotated[list[Coordinates], Field(min_length=2, max_length=100_000)]


class Polygon(BaseModel):
    """An area: its outline first, then its holes, each a ring that ends where it begins."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Literal["Polygon"] = "Polygon"
    coordinates: Annotated[list[list[Coordinates]], Field(min_length=1, max_length=1_000)]


class Feature(BaseModel):
    """A place, a way or an area with what is known about it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Literal["Feature"] = "Feature"
    id: str | None = None
    geometry: Annotated[Point | LineString | Polygon, Field(discriminator="type")]
    properties: dict[str, str | int | float | bool | None]


class FeatureCollection(BaseModel):
    """Several features."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[Feature]


def point(*, lat: float, lon: float) -> Point:
    """Return a place as GeoJSON."""
    return Point(coordinates=_pair(lat=lat, lon=lon))


def line(places: Iterable[tuple[float, float]]) -> LineString:
    """Return a way through places, each given as (lat, lon)."""
    return LineString(coordinates=[_pair(lat=lat, lon=lon) for lat, lon in places])


def _pair(*, lat: float, lon: float) -> tuple[float, float]:
    return round(lon, DECIMALS), round(lat, DECIMALS)
