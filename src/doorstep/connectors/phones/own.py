"""Our own batches, as the driver's page sends them: ``{"positions": [{"at": "2026-03-03T14:00:00Z", ...}]}``."""

from datetime import datetime
from typing import Annotated

import msgspec

from doorstep.connectors.phones.reading import MOST_M, MOST_MPS, Read, course, decode, epoch_of, measured, read_each
from doorstep.tracking import Position
from doorstep.tracking.positions import Source


class _Position(msgspec.Struct):
    at: Annotated[datetime, msgspec.Meta(tz=True)]
    lat: float
    lon: float
    speed_mps: float | None = None
    course_deg: float | None = None
    accuracy_m: float | None = None
    battery: float | None = None
    moving: bool | None = None


class _Batch(msgspec.Struct):
    positions: msgspec.Raw


_batch = msgspec.json.Decoder(_Batch)
_positions, _single = msgspec.json.Decoder(list[_Position]), msgspec.json.Decoder(_Position)


def read(body: bytes, *, device: str) -> Read:
    """Return the positions in a batch.

    Raises
    ------
    InputError
        If it is no batch.
    """
    return read_each(_positions, _single, decode(_batch, body).positions, lambda told: _position(told, device))


def reply(found: Read) -> bytes:
    """Return how many positions were taken, and how many are none; the others are not to be sent again."""
    return b'{"accepted":%d,"refused":%d}' % (len(found.positions), found.passed_over)


def _position(told: _Position, device: str) -> Position:
    return Position(
        device=device,
        at=epoch_of(told.at),
        lat=told.lat,
        lon=told.lon,
        source=Source.OWN,
        speed_mps=measured(told.speed_mps, MOST_MPS),
        course_deg=course(told.course_deg),
        accuracy_m=measured(told.accuracy_m, MOST_M),
        battery=measured(told.battery, 1.0),
        moving=told.moving,
    )
