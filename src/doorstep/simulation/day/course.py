"""The line on which a van drives: along streets where there are any, as fast on each as it goes there."""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from doorstep.geography import Places, TravelTimes
from doorstep.geography.distance import haversine_m
from doorstep.geography.roads import RoadTimes, find_way
from doorstep.geography.roads.access import StreetsOrEstimate


class Spot(NamedTuple):
    """A place on earth."""

    lat: float
    lon: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Spots that a drive comes by, and which ``share`` of its time has gone by at each, from 0 to 1."""

    spots: tuple[Spot, ...]
    shares: tuple[float, ...]

    @classmethod
    def straight(cls, start: Spot, end: Spot) -> "Course":
        """Return the line from one spot to another."""
        return cls(spots=(start, end), shares=(0.0, 1.0))

    def stretch(self, share: float) -> tuple[Spot, Spot, float, float]:
        """Return between which spots a van is after some of its time, and the shares of them."""
        after = min(max(bisect_right(self.shares, share), 1), len(self.spots) - 1)
        return self.spots[after - 1], self.spots[after], self.shares[after - 1], self.shares[after]


def course_between(travel: TravelTimes, start: Spot, end: Spot) -> Course:
    """Return the line of the fastest way on streets; the straight one where there are none."""
    if not isinstance(travel, StreetsOrEstimate) or not isinstance(travel.streets, RoadTimes):
        return Course.straight(start, end)
    ends = Places(lat=np.array([start.lat, end.lat]), lon=np.array([start.lon, end.lon]))
    if travel.beyond(ends).any():
        return Course.straight(start, end)
    way = find_way(travel.streets, start, end)
    line = [Spot(lat, lon) for lat, lon in zip(way.lat.tolist(), way.lon.tolist(), strict=True)]
    along_m = np.concatenate([[0.0], np.cumsum([haversine_m(*a, *b) for a, b in pairwise(line)])])
    legs_dm = np.concatenate([[0], np.cumsum([leg.dm for leg in way.legs])])
    legs_s = np.concatenate([[0], np.cumsum([leg.ms for leg in way.legs])]) / 1_000
    gone_s = np.interp(along_m * (legs_dm[-1] / max(along_m[-1], 1e-9)), legs_dm, legs_s)
    to_s, from_s = travel.access_s(ends).tolist()
    whole_s = to_s + float(legs_s[-1]) + from_s
    if whole_s <= 0:
        return Course.straight(start, end)
    shares = np.concatenate([[0.0], to_s + gone_s, [whole_s]]) / whole_s
    return Course(spots=(start, *line, end), shares=tuple(shares.tolist()))
