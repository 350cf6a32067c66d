"""Travel times between points: the protocol of the whole house, and the estimate from straight lines."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Floats, Ints
from doorstep.foundation.units import METRES_PER_KM, SECONDS_PER_HOUR
from doorstep.geography.distance import great_circle_m
from doorstep.geography.places import Places


class TravelTimes(Protocol):
    """Whole road metres and seconds between points: asymmetric in general, never negative, zero to the point itself."""

    def between(self, origins: Places, destinations: Places) -> tuple[Ints, Ints]:
        """Return metres (N,) and seconds (N,) from each of N origins to the destination of the same row."""
        ...

    def matrix(self, places: Places) -> tuple[Ints, Ints]:
        """Return metres (N, N) and seconds (N, N) from every point (row) to every point (column)."""
        ...


@runtime_checkable
class BoundedTimes(TravelTimes, Protocol):
    """Travel times that know how far a drive can lead at most."""

    def farthest_m(self, reach_s: Ints) -> Floats:
        """Return straight lines that no drive of so many seconds leads beyond, any shape [m]."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class GreatCircleTimes:
    """An estimate: straight lines times a circuity, driven at one speed at first and another beyond.

    Road metres are ``great circle x circuity_pct / 100``, rounded. The first ``near_distance_m`` of every drive go at
    ``near_speed_kmh``, the rest at ``far_speed_kmh``; seconds are rounded up. Both obey the triangle inequality up to
    rounding, because the time is concave in the distance where the far speed is not the slower one.

    Raises
    ------
    InputError
        If the far speed is below the near one or a value is not positive.
    """

    circuity_pct: int = 130
    near_speed_kmh: int = 30
    far_speed_kmh: int = 50
    near_distance_m: int = 5_000

    def __post_init__(self) -> None:
        if min(self.circuity_pct, self.near_speed_kmh, self.near_distance_m + 1) <= 0:
            raise InputError(f"circuity, speeds and distance of {self} must be positive.")
        if self.far_speed_kmh < self.near_speed_kmh:
            raise InputError(
                f"far_speed_kmh {self.far_speed_kmh} is below near_speed_kmh {self.near_speed_kmh}.",
                hint="Maybe the two were swapped.",
            )

    def between(self, origins: Places, destinations: Places) -> tuple[Ints, Ints]:
        """Return metres and seconds row by row, see ``TravelTimes``."""
        straight = great_circle_m(lat_a=origins.lat, lon_a=origins.lon, lat_b=destinations.lat, lon_b=destinations.lon)
        return self.on_road(straight)

    def matrix(self, places: Places) -> tuple[Ints, Ints]:
        """Return metres and seconds of all pairs, see ``TravelTimes``."""
        straight = great_circle_m(
            lat_a=places.lat[:, None], lon_a=places.lon[:, None], lat_b=places.lat, lon_b=places.lon
        )
        return self.on_road(straight)

    def on_road(self, straight_m: Floats) -> tuple[Ints, Ints]:
        """Return road metres and seconds of straight-line distances, any shape."""
        metres = np.rint(straight_m * (self.circuity_pct / 100.0)).astype(np.int64)
        return metres, self.seconds(metres)

    def farthest_m(self, reach_s: Ints) -> Floats:
        """Return the longest straight lines that drives of some seconds can lead to, any shape."""
        # the longest road of which ``seconds`` still makes the reach, in its own integers
        work = reach_s * (self.near_speed_kmh * self.far_speed_kmh * METRES_PER_KM) // SECONDS_PER_HOUR
        beyond = work - self.near_distance_m * self.far_speed_kmh
        road = np.where(beyond <= 0, work // self.far_speed_kmh, self.near_distance_m + beyond // self.near_speed_kmh)
        # roads are rounded to whole metres
        exact: Floats = (road + 0.5) * (100.0 / self.circuity_pct)
        return exact

    def seconds(self, metres: Ints) -> Ints:
        """Return the driving time of road distances, any shape [s]."""
        near = np.minimum(metres, self.near_distance_m)
        far = metres - near
        # time in units of 1 / (near x far) hours per metre, exact in integers, then rounded up
        work = near * self.far_speed_kmh + far * self.near_speed_kmh
        speed = self.near_speed_kmh * self.far_speed_kmh * METRES_PER_KM
        seconds: Ints = -(-work * SECONDS_PER_HOUR // speed)
        return seconds
