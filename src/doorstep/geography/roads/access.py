"""Travel times that never fail: on streets where there are any, estimated to and from them, and estimated elsewhere."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from doorstep.foundation import UpstreamError
from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.geography.places import Places
from doorstep.geography.travel_times import BoundedTimes, GreatCircleTimes, TravelTimes

FREE_M = 50
"""What lies between a door and its street takes nothing up to this far."""


class StreetTimes(TravelTimes, Protocol):
    """Travel times on streets, our own or a server's, that also say how far places lie from them."""

    @property
    def within_m(self) -> int:
        """Points farther from any street are refused."""
        ...

    def snapped_m(self, places: Places) -> Ints:
        """Return how far places (N,) lie from the nearest street [m], however far that is."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StreetsOrEstimate:
    """Travel times of a platform that shoppers anywhere may ask, see ``TravelTimes``.

    A point farther than ``FREE_M`` from any street is reached by an estimated drive from there; between points of which
    one lies farther than ``streets.within_m``, where the extract ends, the whole drive is an estimate. So it is while a
    road server does not answer.

    Parameters
    ----------
    estimate
        Of what lies between a point and its street, and of whole drives.
    elsewhere
        Of whole drives, if it is another: one that knows of obstacles.
    """

    streets: StreetTimes
    estimate: GreatCircleTimes
    elsewhere: TravelTimes | None = None

    def between(self, origins: Places, destinations: Places) -> tuple[Ints, Ints]:
        """Return metres and seconds row by row, see ``TravelTimes``."""
        try:
            a, b = self.streets.snapped_m(origins), self.streets.snapped_m(destinations)
            near = np.flatnonzero((a <= self.streets.within_m) & (b <= self.streets.within_m))
            street_m, street_s = self.streets.between(origins.take(near), destinations.take(near))
        except UpstreamError:
            return self._whole.between(origins, destinations)
        more_m, more_s = (x + y for x, y in zip(self._access(a[near]), self._access(b[near]), strict=True))
        metres, seconds = street_m + more_m, street_s + more_s
        if near.size < len(origins):
            whole = self._whole.between(origins, destinations)
            whole[0][near], whole[1][near] = metres, seconds
            metres, seconds = whole
        same = (origins.lat == destinations.lat) & (origins.lon == destinations.lon)
        return np.where(same, 0, metres), np.where(same, 0, seconds)

    def matrix(self, places: Places) -> tuple[Ints, Ints]:
        """Return metres and seconds of all pairs, see ``TravelTimes``."""
        try:
            away_m = self.streets.snapped_m(places)
            near = np.flatnonzero(away_m <= self.streets.within_m)
            street_m, street_s = self.streets.matrix(places.take(near))
        except UpstreamError:
            return self._whole.matrix(places)
        access_m, access_s = self._access(away_m[near])
        metres, seconds = street_m + access_m[:, None] + access_m, street_s + access_s[:, None] + access_s
        if near.size < len(places):
            whole = self._whole.matrix(places)
            for table, own in zip(whole, (metres, seconds), strict=True):
                table[np.ix_(near, near)] = own
            metres, seconds = whole
        same = (places.lat[:, None] == places.lat) & (places.lon[:, None] == places.lon)
        return np.where(same, 0, metres), np.where(same, 0, seconds)

    def beyond(self, places: Places) -> Bools:
        """Return which places (N,) lie beyond the streets: all drives from and to them are estimates."""
        try:
            return self.streets.snapped_m(places) > self.streets.within_m
        except UpstreamError:
            return np.ones(len(places), dtype=np.bool_)

    def farthest_m(self, reach_s: Ints) -> Floats:
        """Return the longest straight lines that drives of some seconds can lead to, any shape; infinite if unknown."""
        if not isinstance(self.streets, BoundedTimes) or not isinstance(self._whole, BoundedTimes):
            return np.full(reach_s.shape, np.inf)
        # a drive on streets may begin and end with an estimated one, which is never faster than the estimate is
        faster = (self.streets.farthest_m(reach_s), self.estimate.farthest_m(reach_s), self._whole.farthest_m(reach_s))
        most: Floats = np.max(faster, axis=0) + 2.0 * FREE_M
        return most

    def access_s(self, places: Places) -> Ints:
        """Return how long it takes from places (N,) to their street, or back [s]."""
        return self._access(self.streets.snapped_m(places))[1]

    @property
    def _whole(self) -> TravelTimes:
        return self.elsewhere or self.estimate

    def _access(self, away_m: Ints) -> tuple[Ints, Ints]:
        return self.estimate.on_road(np.where(away_m > FREE_M, away_m, 0).astype(np.float64))
