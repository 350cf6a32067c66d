"""Overland on iOS and its Android port: batches of GeoJSON, sent again until they are answered with ``ok``."""

from typing import Annotated

import msgspec

from doorstep.connectors.phones.reading import (
    MOST_M,
    MOST_MPS,
    Read,
    course,
    decode,
    measured,
    moment_of,
    read_each,
)
from doorstep.tracking import Position
from doorstep.tracking.positions import Source

REPLY = b'{"result":"ok"}'


class _Point(msgspec.Struct, tag_field="type", tag="Point"):
    coordinates: Annotated[list[float], msgspec.Meta(min_length=2)]


class _Properties(msgspec.Struct):
    timestamp: str
    speed: float | None = None
    course: float | None = None
    horizontal_accuracy: float | None = None
    battery_level: float | None = None
    motion: list[str] = []


class _Feature(msgspec.Struct):
    geometry: _Point
    properties: _Properties


class _Batch(msgspec.Struct):
    locations: msgspec.Raw


_batch = msgspec.json.Decoder(_Batch)
_features, _feature = msgspec.json.Decoder(list[_Feature]), msgspec.json.Decoder(_Feature)


def read(body: bytes, *, device: str) -> Read:
    """Return the positions in a batch.

    Raises
    ------
    InputError
        If it is no batch of Overland.
    """
    return read_each(_features, _feature, decode(_batch, body).locations, lambda told: _position(told, device))


def _position(told: _Feature, device: str) -> Position:
    lon, lat = told.geometry.coordinates[:2]
    known = told.properties
    return Position(
        device=device,
        at=moment_of(known.timestamp),
        lat=lat,
        lon=lon,
        source=Source.OVERLAND,
        speed_mps=measured(known.speed, MOST_MPS),
        course_deg=course(known.course),
        accuracy_m=measured(known.horizontal_accuracy, MOST_M),
        battery=measured(known.battery_level, 1.0),
        moving="stationary" not in known.motion if known.motion else None,
    )
