"""From degrees to whole map units: Mercator, scaled so that the larger extent is ``UNITS`` units; y grows southward."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np

from doorstep.foundation.arrays import Floats, Ints

UNITS = 40_000
MOST_LATITUDE = 85.0
EARTH_RADIUS_M = 6_371_008.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """Mercator around given places; one unit spans ``1 / units_per_radian`` radians of longitude."""

    west: float
    north: float
    units_per_radian: float

    @classmethod
    def around(cls, lat: Floats, lon: Floats) -> Self:
        """Return the projection in which all given places have units from 0 to ``UNITS``; no place is fine too."""
        if not lat.size:
            return cls(west=0.0, north=0.0, units_per_radian=UNITS)
        x, y = np.radians(lon), _northing(lat)
        extent = max(float(np.ptp(x)), float(np.ptp(y)), 1e-5)
        return cls(west=float(x.min()), north=float(y.max()), units_per_radian=UNITS / extent)

    def units(self, lat: Floats, lon: Floats) -> tuple[Ints, Ints]:
        """Return whole units eastward and southward."""
        x = (np.radians(lon) - self.west) * self.units_per_radian
        y = (self.north - _northing(lat)) * self.units_per_radian
        return np.rint(x).astype(np.int64), np.rint(y).astype(np.int64)

    def metres_per_unit(self, lat: float) -> float:
        """Return the length of a unit at a latitude [m]."""
        return EARTH_RADIUS_M * math.cos(math.radians(lat)) / self.units_per_radian


def _northing(lat: Floats) -> Floats:
    clipped = np.radians(np.clip(lat, -MOST_LATITUDE, MOST_LATITUDE))
    return np.asarray(np.log(np.tan(np.pi / 4 + clipped / 2)), dtype=np.float64)
