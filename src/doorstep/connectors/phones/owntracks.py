"""OwnTracks on iOS and Android: one JSON object a message, the same by HTTP and by MQTT.

References
----------
OwnTracks booklet: JSON, HTTP mode. ``vel`` is in km/h, ``tst`` in epoch seconds.
"""

import msgspec

from doorstep.connectors.phones.reading import MOST_M, MOST_MPS, Read, course, decode, measured
from doorstep.foundation import InputError
from doorstep.tracking import Position
from doorstep.tracking.positions import Source

REPLY = b"[]"
"""The app expects a list of messages to it."""
KMH_PER_MPS = 3.6


class _Kind(msgspec.Struct):
    type: str = msgspec.field(name="_type")


class _Location(msgspec.Struct):
    lat: float
    lon: float
    tst: float
    acc: float | None = None
    vel: float | None = None
    cog: float | None = None
    batt: float | None = None


_kind, _location = msgspec.json.Decoder(_Kind), msgspec.json.Decoder(_Location)


def read(body: bytes, *, device: str) -> Read:
    """Return the position in a message; an empty one, and every type but ``location``, has none.

    Raises
    ------
    InputError
        If it is no message of OwnTracks.
    """
    if not body or decode(_kind, body).type != "location":
        return Read([])
    try:
        told = decode(_location, body)
        return Read([_position(told, device)])
    except InputError:
        return Read([], 1)


def _position(told: _Location, device: str) -> Position:
    speed_kmh, percent = measured(told.vel, MOST_MPS * KMH_PER_MPS), measured(told.batt, 100.0)
    return Position(
        device=device,
        at=int(told.tst // 1),
        lat=told.lat,
        lon=told.lon,
        source=Source.OWNTRACKS,
        speed_mps=None if speed_kmh is None else speed_kmh / KMH_PER_MPS,
        course_deg=course(told.cog),
        accuracy_m=measured(told.acc, MOST_M),
        battery=None if percent is None else percent / 100,
    )
