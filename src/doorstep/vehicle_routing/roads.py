"""How far it is between the places of a routing problem: tables, the plane, or travel times asked for in blocks.

Places are numbered 0 .. P - 1: the depots first, then the stops. Nothing here ever holds more than the caller asked
for, so a problem of 30,000 stops needs no table of 30,000 x 30,000.
"""

import math
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Bools, Floats, Ints, SmallInts
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

    def extended(self, points: Floats) -> "Roads":
        """Return the same roads with E more places at the end, ``points`` (E, 2) in the coordinates of ``points``.

        Raises
        ------
        InputError
            If the roads know nothing beyond their places.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRoads:
    """Everything in tables: ``metres`` (P, P) for all profiles, ``seconds`` (P, P), or (K, P, P) for each profile.

    An entry of ``UNREACHABLE`` or more says that there is no way. ``x`` (P,) and ``y`` (P,) tell where places lie, if
    that is known: for maps, and for searches that look at parts of a city.

    Raises
    ------
    InputError
        If shapes disagree, entries are no whole numbers or one is negative, or a coordinate is not a number.
    """

    metres: SmallInts
    seconds: SmallInts
    x: Floats = field(default_factory=lambda: np.empty(0))
    y: Floats = field(default_factory=lambda: np.empty(0))

    def __post_init__(self) -> None:
        size = self.metres.shape[-1] if self.metres.ndim else 0
        for name, table in (("metres", self.metres), ("seconds", self.seconds)):
            if table.ndim not in (2, 3) or table.shape[-2:] != (size, size):
                raise InputError(f"{name} {table.shape} must be (P, P) or (K, P, P) with the same P = {size}.")
            if table.dtype.kind not in "iu":
                raise InputError(f"{name} is {table.dtype}, not whole numbers.")
            if table.size and int(table.min()) < 0:
                where = np.argwhere(table < 0)[0].tolist()
                raise InputError(f"{name} at {where} is {int(table[tuple(where)])}, below zero.")
        if self.x.size or self.y.size:
            _check_points(self.x, self.y)
            if self.x.size != size:
                raise InputError(f"x {self.x.shape} and y {self.y.shape} must be ({size},), one for each place.")

    def __len__(self) -> int:
        return int(self.metres.shape[-1])

    @property
    def profiles(self) -> int:
        """The number of profiles."""
        return max(int(table.shape[0]) if table.ndim == 3 else 1 for table in (self.metres, self.seconds))

    def points(self) -> Floats:
        """Return the coordinates, if they are known."""
        return np.column_stack([self.x, self.y])

    def along(self, profile: int, origins: Ints, destinations: Ints) -> tuple[Ints, Ints]:
        """Return metres and seconds of arcs."""
        metres, seconds = self._of(profile)
        return metres[origins, destinations].astype(np.int64), seconds[origins, destinations].astype(np.int64)

    def block(self, profile: int, rows: Ints) -> tuple[SmallInts, SmallInts]:
        """Return metres and seconds among some places."""
        metres, seconds = self._of(profile)
        return metres[np.ix_(rows, rows)], seconds[np.ix_(rows, rows)]

    def extended(self, points: Floats) -> "TableRoads":
        """Refuse: a table knows nothing of other places.

        Raises
        ------
        InputError
            If any place is asked for.
        """
        if len(points):
            raise InputError(
                f"tables of {len(self)} places do not know {len(points)} more.",
                hint="Maybe put them into the tables as stops, or use PlaneRoads or AskedRoads.",
            )
        return self

    def _of(self, profile: int) -> tuple[SmallInts, SmallInts]:
        metres = self.metres if self.metres.ndim == 2 else self.metres[min(profile, self.metres.shape[0] - 1)]
        seconds = self.seconds if self.seconds.ndim == 2 else self.seconds[min(profile, self.seconds.shape[0] - 1)]
        return metres, seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaneRoads:
    """Straight lines in a plane: ``x`` (P,), ``y`` (P,); a unit of distance takes a unit of time.

    An arc is ``scale`` times the Euclidean distance, rounded to the nearest whole number (halves up), down or up: the
    conventions of the public benchmark instances.

    Raises
    ------
    InputError
        If shapes disagree, a coordinate is not a number, or the scale is not above zero.
    """

    x: Floats
    y: Floats
    scale: float = 1.0
    rounding: Rounding = "nearest"

    def __post_init__(self) -> None:
        _check_points(self.x, self.y)
        if not 0 < self.scale < math.inf:
            raise InputError(f"scale {self.scale} must be a number above zero.")

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

    def extended(self, points: Floats) -> "PlaneRoads":
        """Return the same plane with more places at the end."""
        x, y = np.concatenate([self.x, points[:, 0]]), np.concatenate([self.y, points[:, 1]])
        return replace(self, x=x, y=y)

    def _whole(self, dx: Floats, dy: Floats) -> Ints:
        return np.floor(self.scale * np.sqrt(dx * dx + dy * dy) + self.offset).astype(np.int64)


def _check_points(x: Floats, y: Floats) -> None:
    if x.shape != y.shape or x.ndim != 1:
        raise InputError(f"x {x.shape} and y {y.shape} must both be (P,).")
    wrong = np.flatnonzero(~(np.isfinite(x) & np.isfinite(y)))
    if wrong.size:
        place = int(wrong[0])
        raise InputError(f"place {place} lies at ({x[place]:g}, {y[place]:g}), which are not two numbers.")


@dataclass(frozen=True, slots=True, kw_only=True)
class OneWayRoads:
    """The roads ``all_roads`` less some: there is no way from a place of class a to one of class b if ``closed[a, b]``.

    ``kind`` (P,) is the class of each place, ``closed`` (C, C) has a row and a column for each class. It asks the
    roads beneath as they are asked, so it holds no table that they do not hold.
    """

    all_roads: Roads
    kind: Ints
    closed: Bools

    def __post_init__(self) -> None:
        if self.kind.shape != (len(self.all_roads),):
            raise InputError(f"kind {self.kind.shape} must be ({len(self.all_roads)},), one for each place.")

    def __len__(self) -> int:
        return len(self.all_roads)

    @property
    def profiles(self) -> int:
        """The number of profiles."""
        return self.all_roads.profiles

    def points(self) -> Floats:
        """Return the coordinates, those of a plane in its metres."""
        points = self.all_roads.points()
        return points * self.all_roads.scale if isinstance(self.all_roads, PlaneRoads) else points

    def along(self, profile: int, origins: Ints, destinations: Ints) -> tuple[Ints, Ints]:
        """Return metres and seconds of arcs."""
        metres, seconds = self.all_roads.along(profile, origins, destinations)
        shut = self.closed[self.kind[origins], self.kind[destinations]]
        return np.where(shut, UNREACHABLE, metres), np.where(shut, UNREACHABLE, seconds)

    def block(self, profile: int, rows: Ints) -> tuple[SmallInts, SmallInts]:
        """Return metres and seconds among some places."""
        metres, seconds = self.all_roads.block(profile, rows)
        shut = self.closed[np.ix_(self.kind[rows], self.kind[rows])]
        return np.where(shut, UNREACHABLE, metres), np.where(shut, UNREACHABLE, seconds)

    def extended(self, points: Floats) -> "OneWayRoads":
        """Return the same roads with more places at the end, of the class that most places have."""
        beneath = points / self.all_roads.scale if isinstance(self.all_roads, PlaneRoads) else points
        usual = int(np.bincount(self.kind).argmax()) if self.kind.size else 0
        kind = np.concatenate([self.kind, np.full(len(points), usual)])
        return replace(self, all_roads=self.all_roads.extended(beneath), kind=kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedRoads:
    """Travel times asked for as needed: ``travel`` holds one ``TravelTimes`` for each profile of vehicles."""

    places: Places
    travel: tuple[TravelTimes, ...]

    def __post_init__(self) -> None:
        _check_points(self.places.lon, self.places.lat)
        if not self.travel:
            raise InputError("travel must hold the travel times of one profile or more.")

    def __len__(self) -> int:
        return len(self.places)

    @property
    def profiles(self) -> int:
        """The number of profiles."""
        return len(self.travel)

    def points(self) -> Floats:
        """Return metres east and north of the middle of the places."""
        return self.points_of(self.places)

    def points_of(self, places: Places) -> Floats:
        """Return other places (E, 2) in the coordinates of ``points``."""
        if not len(self.places):
            return np.empty((0, 2))
        lat, lon, east_m = self._middle()
        return np.column_stack([(places.lon - lon) * east_m, (places.lat - lat) * METRES_PER_DEGREE])

    def extended(self, points: Floats) -> "AskedRoads":
        """Return the same roads with more places at the end."""
        lat, lon, east_m = self._middle()
        more_lat, more_lon = lat + points[:, 1] / METRES_PER_DEGREE, lon + points[:, 0] / east_m
        places = Places(
            lat=np.concatenate([self.places.lat, more_lat]), lon=np.concatenate([self.places.lon, more_lon])
        )
        return replace(self, places=places)

    def _middle(self) -> tuple[float, float, float]:
        """Return latitude and longitude of the middle of the places, and metres of a degree east there."""
        lat, lon = float(self.places.lat.mean()), float(self.places.lon.mean())
        return lat, lon, METRES_PER_DEGREE * math.cos(math.radians(lat))

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

    def extended(self, points: Floats) -> "PickedRoads":
        """Return the same roads with more places at the end."""
        new = len(self.roads) + np.arange(len(points))
        return replace(self, roads=self.roads.extended(points), place=np.concatenate([self.place, new]))


def picked(roads: Roads, place: Ints) -> Roads:
    """Return some places of roads as roads of their own, of the same kind where coordinates are all there is."""
    if isinstance(roads, PlaneRoads):
        return PlaneRoads(x=roads.x[place], y=roads.y[place], scale=roads.scale, rounding=roads.rounding)
    return PickedRoads(roads=roads, place=place)
