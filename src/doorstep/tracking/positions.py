"""One report of where a device was."""

from dataclasses import dataclass
from enum import IntEnum

from doorstep.foundation import InputError

LATEST_AT = 253_402_300_799
"""The last second of the year 9999."""


class Source(IntEnum):
    """By which app a position came; the numbers are stored."""

    OWN = 1
    OWNTRACKS = 2
    TRACCAR = 3
    OSMAND = 4
    OVERLAND = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a device was, by its own clock [epoch s]; None: the device does not say.

    Parameters
    ----------
    device
        Its id.
    speed_mps, course_deg, accuracy_m
        Speed [m/s], course clockwise from north [0, 360), and the radius within which it probably was [m].
    battery
        Share that is left, from 0 to 1.
    """

    device: str
    at: int
    lat: float
    lon: float
    source: Source
    speed_mps: float | None = None
    course_deg: float | None = None
    accuracy_m: float | None = None
    battery: float | None = None
    moving: bool | None = None

    def __post_init__(self) -> None:
        if not (-90.0 <= self.lat <= 90.0 and -180.0 <= self.lon <= 180.0):
            raise InputError(
                f"lat {self.lat}, lon {self.lon} are no WGS 84 degrees.", hint="Maybe they are the wrong way round."
            )
        if not 0 <= self.at <= LATEST_AT:
            raise InputError(f"time {self.at} is no second from 1970 to 9999.", hint="Maybe it is in milliseconds.")
