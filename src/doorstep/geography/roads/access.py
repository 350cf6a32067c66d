"""Travel times that never fail: on streets where there are any, estimated to and from them, and estimated elsewhere."""

from dataclasses import dataclass

import numpy as np

from doorstep.foundation.arrays import Ints
from doorstep.geography.places import Places
from doorstep.geography.roads.snap import too_far
from doorstep.geography.roads.times import RoadTimes
from doorstep.geography.travel_times import GreatCircleTimes

FREE_M = 50
"""What lies between a door and its street takes nothing up to this far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreetsOrEstimate:
    """Travel times of a platform that shoppers anywhere may ask, see ``TravelTimes``.

    A point farther than ``FREE_M`` from any street is reached by an estimated drive from there; between points of which
    one lies farther than ``streets.within_m``, where the extract ends, the whole drive is an estimate.
    """

    streets: RoadTimes
    estimate: GreatCircleTimes

    def between(self, origins: Places, destinations: Places) -> tuple[Ints, Ints]:
        """Return metres and seconds row by row, see ``TravelTimes``."""
        a, b = self.streets.snap(origins), self.streets.snap(destinations)
        near = np.flatnonzero(~too_far(a, self.streets.within_m) & ~too_far(b, self.streets.within_m))
        metres, seconds = self.estimate.between(origins, destinations)
        metres[near], seconds[near] = self.streets.between(origins.take(near), destinations.take(near))
        for snapped in (a, b):
            more_m, more_s = self._access(snapped.metres[near])
            metres[near], seconds[near] = metres[near] + more_m, seconds[near] + more_s
        same = (origins.lat == destinations.lat) & (origins.lon == destinations.lon)
        return np.where(same, 0, metres), np.where(same, 0, seconds)

    def matrix(self, places: Places) -> tuple[Ints, Ints]:
        """Return metres and seconds of all pairs, see ``TravelTimes``."""
        snapped = self.streets.snap(places)
        near = np.flatnonzero(~too_far(snapped, self.streets.within_m))
        street_m, street_s = self.streets.matrix(places.take(near))
        access_m, access_s = self._access(snapped.metres[near])
        metres, seconds = street_m + access_m[:, None] + access_m, street_s + access_s[:, None] + access_s
        if near.size < len(places):
            whole = self.estimate.matrix(places)
            for table, own in zip(whole, (metres, seconds), strict=True):
                table[np.ix_(near, near)] = own
            metres, seconds = whole
        same = (places.lat[:, None] == places.lat) & (places.lon[:, None] == places.lon)
        return np.where(same, 0, metres), np.where(same, 0, seconds)

    def _access(self, away_m: Ints) -> tuple[Ints, Ints]:
        return self.estimate.on_road(np.where(away_m > FREE_M, away_m, 0).astype(np.float64))
