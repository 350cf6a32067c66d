"""Routes on live maps, drawn along the streets of the platform; each is found once and kept as long as it is shown."""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from threading import Lock
from typing import TypeAlias

import numpy as np
from starlette.requests import Request

from doorstep.geography import Places
from doorstep.geography.roads import RoadTimes
from doorstep.geography.roads.courses import courses

MOST_KEPT = 2_000
MOST_POINTS = 60_000
"""A map gets no more points of lines than this; routes for which there is no room are straight between stops."""
PATIENCE_S = 1.0
"""Finding lines takes so long at a time; the rest is straight until it is asked for again."""
MOST_OFF_M = 4.0
DECIMALS = 5
Stops: TypeAlias = tuple[tuple[float, float], ...]
"""Where a route goes, (lat, lon)."""
Line: TypeAlias = list[list[float]]
"""Positions of GeoJSON: longitude first."""


class RouteLines:
    """Lines of routes along streets.

    Parameters
    ----------
    seconds
        A clock that never steps back.
    """

    def __init__(self, streets: RoadTimes, *, seconds: Callable[[], float] = time.monotonic) -> None:
        self.streets = streets
        self._seconds = seconds
        self._kept: OrderedDict[Stops, Line] = OrderedDict()
        self._lock = Lock()

    def of(self, routes: Sequence[Stops]) -> list[Line]:
        """Return the lines of routes, the first of them along streets as far as room and patience go."""
        until, room = self._seconds() + PATIENCE_S, MOST_POINTS
        found = []
        for stops in routes:
            line = self._line(stops, until)
            if len(line) > room:
                line = straight(stops)
            room -= len(line)
            found.append(line)
        return found

    def _line(self, stops: Stops, until: float) -> Line:
        with self._lock:
            line = self._kept.pop(stops, None)
        if line is None:
            if self._seconds() > until:
                return straight(stops)
            line = self._found(stops)
        with self._lock:
            self._kept[stops] = line
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return line

    def _found(self, stops: Stops) -> Line:
        lat, lon = np.array(stops, dtype=np.float64).T.copy()
        (course,) = courses(self.streets, Places(lat=lat, lon=lon), np.array([0, lat.size]))
        if not course:
            return straight(stops)
        drawn = [stretch.simplified(MOST_OFF_M) for stretch in course]
        points = np.concatenate([np.column_stack([stretch.lon, stretch.lat]) for stretch in drawn])
        line: Line = np.round(points, DECIMALS).tolist()
        return line


def straight(stops: Stops) -> Line:
    """Return the line from stop to stop."""
    return [[lon, lat] for lat, lon in stops]


def route_lines_of(request: Request) -> RouteLines | None:
    """Return the lines of routes that this application keeps, None where it has no streets to draw them along."""
    state = request.app.state
    streets = state.platform.database.streets
    if not isinstance(streets, RoadTimes):
        return None
    kept: RouteLines | None = getattr(state, "route_lines", None)
    if kept is None or kept.streets is not streets:
        kept = state.route_lines = RouteLines(streets)
    return kept
