"""How far it is between the places of a routing problem: tables, the plane, or travel times asked for in blocks.

Places are numbered 0 .. P - 1: the depots first, then the stops. Nothing here ever holds more than the caller asked
for, so a problem of 30,000 stops needs no table of 30,000 x 30,000.
"""

import math
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Floats, Ints, SmallInts
from doorstep.geography import Places, TravelTimes

UNREACHABLE = 1 << 28
"""Metres or seconds from which on there is no way [m, s]."""

Rounding = Literal["nearest", "down", "up"]
METRES_PER_DEGREE = 111_195.0


class Roads(Protocol):
    """Whole metres and seconds between places, for each of K profiles of vehicles; asymmetric in general."""

    def __len__(self) -> int:
        """Return the number of places P."""
        ...

    @property
    def profiles(self) -> int:
        """The number of profiles K, one or more."""
        ...

    def points(self) -> Floats:
        """Return coordinates (P, 2) in which near places are near, or (0, 2) if nothing is known of where they are."""
        ...

    def along(self, profile: int, origins: Ints, destinations: Ints) -> tuple[Ints, Ints]:
        """Return metres (A,) and seconds (A,) of A arcs."""
        ...

    def block(self, profile: int, rows: Ints) -> tuple[SmallInts, SmallInts]:
        """Return metres (R, R) and seconds (R, R) among R places."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRoads:
    """Everything in tables: ``metres`` (P, P) for all profiles, ``seconds`` (P, P), or (K, P, P) for each profile.

    An entry of ``UNREACHABLE`` or more says that there is no way.

    Raises
    ------
    InputError
        If shapes disagree or an entry is negative.
    """

    metres: SmallInts
    seconds: SmallInts

    def __post_init__(self) -> None:
        size = self.metres.shape[-1] if self.metres.ndim else 0
        for name, table in (("metres", self.metres), ("seconds", self.seconds)):
            if table.ndim not in (2, 3) or table.shape[-2:] != (size, size):
                raise InputError(f"{name} {table.shape} must be (P, P) or (K, P, P) with the same P = {size}.")
            if table.size and int(table.min()) < 0:
                where = np.argwhere(table < 0)[0].tolist()
                raise InputError(f"{name} at {where} is {int(table[tuple(where)])}, below zero.")

    def __len__(self) -> int:
        return int(self.metres.shape[-1])

    @property
    def profiles(self) -> int:
        """The number of profiles."""
        return max(int(table.shape[0]) if table.ndim == 3 else 1 for table in (self.metres, self.seconds))

    def points(self) -> Floats:
        """Return no coordinates."""
        return np.empty((0, 2))

    def along(self, profile: int, origins: Ints, destinations: Ints) -> tuple[Ints, Ints]:
        """Return metres and seconds of arcs."""
        metres, seconds = self._of(profile)
        return metres[origins, destinations].astype(np.int64), seconds[origins, destinations].astype(np.int64)

    def block(self, profile: int, rows: Ints) -> tuple[SmallInts, SmallInts]:
        """Return metres and seconds among some places."""
        metres, seconds = self._of(profile)
        return metres[np.ix_(rows, rows)], seconds[np.ix_(rows, rows)]

    def _of(self, profile: int) -> tuple[SmallInts, SmallInts]:
        metres = self.metres if self.metres.ndim == 2 else self.metres[min(profile, self.metres.shape[0] - 1)]
        seconds = self.seconds if self.seconds.ndim == 2 else self.seconds[min(profile, self.seconds.shape[0] - 1)]
        return metres, seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaneRoads:
    """Straight lines in a plane: ``x`` (P,), ``y`` (P,); a unit of distance takes a unit of time.

    An arc is ``scale`` times the Euclidean distance, rounded to the nearest whole number (halves up), down or up: the
    conventions of the public benchmark instances.
    """

    x: Floats
    y: Floats
    scale: float = 1.0
    rounding: Rounding = "nearest"

    def __post_init__(self) -> None:
        if self.x.shape != self.y.shape or self.x.ndim != 1:
            raise InputError(f"x {self.x.shape} and y {self.y.shape} must both be (P,).")

    def __len__(self) -> int:
        return int(self.x.size)

    @property
    def profiles(self) -> int:
        """One profile."""
        return 1

    @property
    def offset(self) -> float:
        """What is added before rounding down."""
        return {"nearest": 0.5, "down": 0.0, "up": 1.0 - 1e-9}[self.rounding]

    def points(self) -> Floats:
        """Return the coordinates."""
        return np.column_stack([self.x, self.y])

    def along(self, profile: int, origins: Ints, destinations: Ints) -> tuple[Ints, Ints]:  # noqa: ARG002
        """Return metres and seconds of arcs."""
        arcs = self._whole(self.x[origins] - self.x[destinations], self.y[origins] - self.y[destinations])
        return arcs, arcs

    def block(self, profile: int, rows: Ints) -> tuple[SmallInts, SmallInts]:  # noqa: ARG002
        """Return metres and seconds among some places."""
        x, y = self.x[rows], self.y[rows]
        arcs = self._whole(x[:, None] - x, y[:, None] - y)
        return arcs, arcs

    def _whole(self, dx: Floats, dy: Floats) -> Ints:
        return np.floor(self.scale * np.sqrt(dx * dx + dy * dy) + self.offset).astype(np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedRoads:
    """Travel times asked for as needed: ``travel`` holds one ``TravelTimes`` for each profile of vehicles."""

    places: Places
    travel: tuple[TravelTimes, ...]

    def __len__(self) -> int:
        return len(self.places)

    @property
    def profiles(self) -> int:
        """The number of profiles."""
        return len(self.travel)

    def points(self) -> Floats:
        """Return metres east and north of the middle of the places."""
        if not len(self.places):
            return np.empty((0, 2))
        lat, lon = self.places.lat, self.places.lon
        shrink = math.cos(math.radians(float(lat.mean())))
        east = (lon - lon.mean()) * METRES_PER_DEGREE * shrink
        return np.column_stack([east, (lat - lat.mean()) * METRES_PER_DEGREE])

    def along(self, profile: int, origins: Ints, destinations: Ints) -> tuple[Ints, Ints]:
        """Return metres and seconds of arcs."""
        return self.travel[profile].between(self.places.take(origins), self.places.take(destinations))

    def block(self, profile: int, rows: Ints) -> tuple[SmallInts, SmallInts]:
        """Return metres and seconds among some places."""
        return self.travel[profile].matrix(self.places.take(rows))


@dataclass(frozen=True, slots=True, kw_only=True)
class PickedRoads:
    """Some places of other roads: place p is their place ``place[p]``, and one may be there several times."""

    roads: Roads
    place: Ints

    def __len__(self) -> int:
        return int(self.place.size)

    @property
    def profiles(self) -> int:
        """The number of profiles."""
        return self.roads.profiles

    def points(self) -> Floats:
        """Return the coordinates of the places."""
        points = self.roads.points()
        return points[self.place] if points.shape[0] else points

    def along(self, profile: int, origins: Ints, destinations: Ints) -> tuple[Ints, Ints]:
        """Return metres and seconds of arcs, none from a place to itself."""
        here, there = self.place[origins], self.place[destinations]
        metres, seconds = self.roads.along(profile, here, there)
        return np.where(here == there, 0, metres), np.where(here == there, 0, seconds)

    def block(self, profile: int, rows: Ints) -> tuple[SmallInts, SmallInts]:
        """Return metres and seconds among some places."""
        here = self.place[rows]
        metres, seconds = self.roads.block(profile, here)
        same = here[:, None] == here
        return np.where(same, 0, metres), np.where(same, 0, seconds)


def picked(roads: Roads, place: Ints) -> Roads:
    """Return some places of roads as roads of their own, of the same kind where coordinates are all there is."""
    if isinstance(roads, PlaneRoads):
        return PlaneRoads(x=roads.x[place], y=roads.y[place], scale=roads.scale, rounding=roads.rounding)
    return PickedRoads(roads=roads, place=place)
