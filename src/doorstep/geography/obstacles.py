"""Travel times on a day when roads are closed or slow: what other travel times say, and what it takes more.

Legs are straight lines here, like the estimates that they correct. A leg that crosses a closed line goes by the end of
the line by which it is there sooner; so close a road with both its ends where one can drive around. The share of a leg
within a slow circle takes so many per cent longer. Two lines that are both crossed cost the sum of their detours.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.geography.distance import EARTH_RADIUS_M
from doorstep.geography.places import Places
from doorstep.geography.travel_times import TravelTimes


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedLine:
    """A line that nobody can cross: a street, a bridge, a river, through two points or more."""

    points: Places

    def __post_init__(self) -> None:
        if len(self.points) < 2:
            raise InputError(f"a closed line needs two points or more, not {len(self.points)}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowCircle:
    """An area in which drives take ``slower_pct`` longer [per cent of their time]; its radius in metres."""

    lat: float
    lon: float
    radius_m: int
    slower_pct: int

    def __post_init__(self) -> None:
        if self.radius_m < 1 or self.slower_pct < 1:
            raise InputError(f"radius_m {self.radius_m} and slower_pct {self.slower_pct} must be 1 or more.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ObstructedTimes:
    """Travel times with obstacles in the way, see ``TravelTimes``; ``travel`` knows nothing of them."""

    travel: TravelTimes
    closed: tuple[ClosedLine, ...] = ()
    slow: tuple[SlowCircle, ...] = ()

    def between(self, origins: Places, destinations: Places) -> tuple[Ints, Ints]:
        """Return metres and seconds row by row, see ``TravelTimes``."""
        metres, seconds = self.travel.between(origins, destinations)
        return self._obstructed(origins, destinations, metres, seconds)

    def matrix(self, places: Places) -> tuple[Ints, Ints]:
        """Return metres and seconds of all pairs, see ``TravelTimes``."""
        metres, seconds = self.travel.matrix(places)
        row, column = np.divmod(np.arange(metres.size), max(1, len(places)))
        found = self._obstructed(places.take(row), places.take(column), metres.ravel(), seconds.ravel())
        return found[0].reshape(metres.shape), found[1].reshape(seconds.shape)

    def _obstructed(self, origins: Places, destinations: Places, metres: Ints, seconds: Ints) -> tuple[Ints, Ints]:
        """Return what N legs take with everything in their way."""
        slower = np.zeros(len(origins))
        for circle in self.slow:
            slower += shares_within(circle, origins, destinations) * (circle.slower_pct / 100)
        longer = np.ceil(np.round(seconds * slower, 6)).astype(np.int64)
        more_m, more_s = np.zeros_like(metres), longer
        for line in self.closed:
            rows = np.flatnonzero(crossings(line, origins, destinations))
            if rows.size:
                around_m, around_s = self._around(line, origins.take(rows), destinations.take(rows))
                more_m[rows] += np.maximum(0, around_m - metres[rows])
                more_s[rows] += np.maximum(0, around_s - seconds[rows])
        return metres + more_m, seconds + more_s

    def _around(self, line: ClosedLine, origins: Places, destinations: Places) -> tuple[Ints, Ints]:
        """Return metres and seconds of legs that go by one end of a line, by which they are there sooner."""
        ways = []
        for end in (0, -1):
            there = line.points.take(np.full(len(origins), end))
            to, on = self.travel.between(origins, there), self.travel.between(there, destinations)
            ways.append((to[0] + on[0], to[1] + on[1]))
        (first_m, first_s), (last_m, last_s) = ways
        first = first_s <= last_s
        return np.where(first, first_m, last_m), np.where(first, first_s, last_s)


def crossings(line: ClosedLine, origins: Places, destinations: Places) -> Bools:
    """Return whether each of N legs (N,) crosses a line; one that begins or ends on it does not."""
    middle = (float(line.points.lat[0]), float(line.points.lon[0]))
    a, b, corners = (_on_plane(places, middle) for places in (origins, destinations, line.points))
    found = np.zeros(len(origins), dtype=np.bool_)
    rows = np.flatnonzero(_may_touch(a, b, corners.min(axis=0), corners.max(axis=0)))
    a, b = a[rows], b[rows]
    for p, q in pairwise(corners):
        apart = _turn(p, q, a) * _turn(p, q, b) < 0
        found[rows] |= apart & (_turn(a, b, p) * _turn(a, b, q) <= 0)
    return found


def shares_within(circle: SlowCircle, origins: Places, destinations: Places) -> Floats:
    """Return which share of each of N legs (N,) lies within a circle, from 0 to 1."""
    middle = (circle.lat, circle.lon)
    a, b = _on_plane(origins, middle), _on_plane(destinations, middle)
    shares = np.zeros(len(origins))
    reach = np.full(2, float(circle.radius_m))
    rows = np.flatnonzero(_may_touch(a, b, -reach, reach))
    start, way = a[rows], b[rows] - a[rows]
    # |start + t way| = radius: square t^2 + 2 half t + rest = 0
    square = np.maximum((way * way).sum(axis=1), 1e-9)
    half, rest = (start * way).sum(axis=1), (start * start).sum(axis=1) - float(circle.radius_m) ** 2
    root = np.sqrt(np.maximum(0.0, half * half - square * rest))
    shares[rows] = np.clip((root - half) / square, 0.0, 1.0) - np.clip((-root - half) / square, 0.0, 1.0)
    return shares


def _on_plane(places: Places, middle: tuple[float, float]) -> Floats:
    """Return metres (N, 2) east and north of a point, true near it."""
    lat, lon = middle
    east = (places.lon - lon + 180.0) % 360.0 - 180.0
    plane: Floats = EARTH_RADIUS_M * np.radians(np.column_stack([east * np.cos(np.radians(lat)), places.lat - lat]))
    return plane


def _may_touch(a: Floats, b: Floats, low: Floats, high: Floats) -> Bools:
    """Return for which legs the box around them touches a box."""
    within = (np.maximum(a, b) >= low) & (np.minimum(a, b) <= high)
    return within[:, 0] & within[:, 1]


def _turn(p: Floats, q: Floats, r: Floats) -> Floats:
    """Return on which side of the line from p to q each r lies: positive to the left, 0 on it."""
    way, out = q - p, r - p
    turn: Floats = way[..., 0] * out[..., 1] - way[..., 1] * out[..., 0]
    return turn
