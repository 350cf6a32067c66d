"""Traccar Client 9 and later: one JSON object a message, speed in m/s, -1 for what it does not know."""

from datetime import datetime

import msgspec

from doorstep.connectors.phones.reading import MOST_M, MOST_MPS, Read, course, decode, epoch_of, measured
from doorstep.foundation import InputError
from doorstep.tracking import Position
from doorstep.tracking.positions import Source

REPLY = b""


class _Coordinates(msgspec.Struct):
    latitude: float
    longitude: float
    accuracy: float | None = None
    speed: float | None = None
    heading: float | None = None


class _Battery(msgspec.Struct):
    level: float | None = None


class _Location(msgspec.Struct):
    timestamp: datetime
    coords: _Coordinates | None = None
    is_moving: bool | None = None
    battery: _Battery | None = None


class _Message(msgspec.Struct):
    location: msgspec.Raw
    device_id: str = ""


_message, _location = msgspec.json.Decoder(_Message), msgspec.json.Decoder(_Location)


def device_in(body: bytes) -> str:
    """Return the device identifier in a message, empty if it has none.

    Raises
    ------
    InputError
        If it is no message of Traccar Client.
    """
    return decode(_message, body).device_id


def read(body: bytes, *, device: str) -> Read:
    """Return the position in a message; one without coordinates has none.

    Raises
    ------
    InputError
        If it is no message of Traccar Client.
    """
    message = decode(_message, body)
    try:
        told = decode(_location, message.location)
        return Read([] if told.coords is None else [_position(told, told.coords, device)])
    except InputError:
        return Read([], 1)


def _position(told: _Location, where: _Coordinates, device: str) -> Position:
    return Position(
        device=device,
        at=epoch_of(told.timestamp),
        lat=where.latitude,
        lon=where.longitude,
        source=Source.TRACCAR,
        speed_mps=measured(where.speed, MOST_MPS),
        course_deg=course(where.heading),
        accuracy_m=measured(where.accuracy, MOST_M),
        battery=measured(told.battery.level if told.battery else None, 1.0),
        moving=told.is_moving,
    )
