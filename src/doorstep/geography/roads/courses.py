"""The lines by which routes are drawn: along the streets that they drive on, straight where a drive is an estimate."""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import polars as pl

from doorstep.foundation.arrays import Bools, Floats, Ints, ints
from doorstep.geography.distance import EARTH_RADIUS_M
from doorstep.geography.places import Places
from doorstep.geography.roads.access import FREE_M, StreetsOrEstimate
from doorstep.geography.roads.snap import Snapped
from doorstep.geography.roads.times import RoadTimes
from doorstep.geography.roads.way import Way, find_ways
from doorstep.geography.simplify import points_kept
from doorstep.geography.travel_times import TravelTimes

Line: TypeAlias = tuple[Floats, Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A part of a course, ``lat``, ``lon`` (P,): along streets, or straight where the drive is ``estimated``."""

    lat: Floats
    lon: Floats
    estimated: bool

    def simplified(self, most_off_m: float) -> "Stretch":
        """Return it with so many points that it is nowhere farther than this from where it was [m]."""
        north = np.radians(self.lat) * EARTH_RADIUS_M
        east = np.radians(self.lon) * EARTH_RADIUS_M * np.cos(np.radians(self.lat.mean()))
        kept = points_kept(east, north, np.array([0, self.lat.size]), most_off_m)
        return replace(self, lat=self.lat[kept], lon=self.lon[kept])


Course: TypeAlias = tuple[Stretch, ...]
"""A route as it is drawn, in the order in which it is driven."""


def streets_of(travel: TravelTimes) -> RoadTimes | None:
    """Return the streets that travel times drive on, None where they are estimates or those of a server."""
    streets = travel.streets if isinstance(travel, StreetsOrEstimate) else travel
    return streets if isinstance(streets, RoadTimes) else None


def courses(streets: RoadTimes, places: Places, first: Ints) -> list[Course]:
    """Return how R routes are drawn, each through ``places[first[r] : first[r + 1]]``.

    They are drawn as ``StreetsOrEstimate`` asks for times: a place is joined with the street before it by an estimate
    if that is more than ``FREE_M`` away; where a place lies farther than ``streets.within_m`` from any, the whole drive
    is one.
    """
    legs = np.ones(max(len(places) - 1, 0), dtype=np.bool_)
    legs[first[1:-1][(first[1:-1] > 0) & (first[1:-1] < len(places))] - 1] = False
    legs &= (np.diff(places.lat) != 0) | (np.diff(places.lon) != 0)
    snapped = streets.snap(places)
    far = snapped.metres > streets.within_m
    driven = np.flatnonzero(legs & ~far[:-1] & ~far[1:])
    ways = dict(zip(driven.tolist(), find_ways(streets, places.take(driven), places.take(driven + 1)), strict=True))
    return [_course(places, snapped, ways, legs, range(a, b - 1)) for a, b in pairwise(first.tolist())]


def line_through(streets: RoadTimes, places: Places, *, most_off_m: float) -> Line:
    """Return the line of one route through places, nowhere farther from its course than this [m]."""
    (course,) = courses(streets, places, np.array([0, len(places)]))
    drawn = [stretch.simplified(most_off_m) for stretch in course]
    if not drawn:
        return places.lat, places.lon
    return np.concatenate([each.lat for each in drawn]), np.concatenate([each.lon for each in drawn])


def courses_of_routes(streets: RoadTimes, stops: pl.DataFrame) -> dict[str, Course]:
    """Return how the routes of a table of stops are drawn, by ``route_id``."""
    ordered = stops.sort("route_id", "sequence")
    counts = ordered.group_by("route_id", maintain_order=True).len()
    first = np.concatenate([[0], np.cumsum(ints(counts["len"]))])
    drawn = courses(streets, Places.from_table(ordered), first)
    return dict(zip(counts["route_id"], drawn, strict=True))


def _course(places: Places, snapped: Snapped, ways: dict[int, Way], legs: Bools, rows: range) -> Course:
    """Return one course: its lines in order, those of one kind that follow one another as one.

    Between doors at the same place of a street nothing is driven, and nothing is drawn.
    """
    found: list[tuple[bool, list[Line]]] = []

    def go_on(line: Line, *, estimated: bool) -> None:
        if not found or found[-1][0] != estimated:
            found.append((estimated, []))
        found[-1][1].append(line)

    for row in rows:
        if not legs[row]:
            continue
        way = ways.get(row)
        if way is None:
            go_on(_straight(places, places, row, row + 1), estimated=True)
            continue
        if snapped.metres[row] > FREE_M:
            go_on(_straight(places, snapped, row, row), estimated=True)
        go_on((way.lat, way.lon), estimated=False)
        if snapped.metres[row + 1] > FREE_M:
            go_on(_straight(snapped, places, row + 1, row + 1), estimated=True)
    drawn = (_stretch(lines, estimated=estimated) for estimated, lines in found)
    return tuple(stretch for stretch in drawn if stretch.lat.size > 1)


def _straight(a: Places | Snapped, b: Places | Snapped, i: int, j: int) -> Line:
    return np.array([a.lat[i], b.lat[j]]), np.array([a.lon[i], b.lon[j]])


def _stretch(lines: list[Line], *, estimated: bool) -> Stretch:
    """Return lines as one, without the points at which it stands still."""
    lat, lon = (np.concatenate([line[axis] for line in lines]) for axis in (0, 1))
    goes = np.append(True, (np.diff(lat) != 0) | (np.diff(lon) != 0))
    return Stretch(lat=lat[goes], lon=lon[goes], estimated=estimated)
