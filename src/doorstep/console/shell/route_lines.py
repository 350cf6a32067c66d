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
from doorstep.geography.roads.courses import line_through

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

    def __init__(self, *, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._streets: RoadTimes | None = None
        self._kept: OrderedDict[Stops, tuple[int, Line]] = OrderedDict()
        self._renewed = 0
        self._lock = Lock()

    def of(self, routes: Sequence[Stops], streets: RoadTimes | None) -> list[Line]:
        """Return the lines of routes, the first of them along streets as far as room and patience go.

        Lines that were found when the streets were driven otherwise stand until there is time to find them anew.
        """
        if streets is None:
            return straights(routes)
        with self._lock:
            if self._streets is not streets:
                self._streets = streets
                self._renewed += 1
        until, room = self._seconds() + PATIENCE_S, MOST_POINTS
        found = []
        for stops in routes:
            line = self._line(stops, streets, until)
            if len(line) > room:
                line = straight(stops)
            room -= len(line)
            found.append(line)
        return found

    def _line(self, stops: Stops, streets: RoadTimes, until: float) -> Line:
        with self._lock:
            of, line = self._kept.pop(stops, (-1, []))
        if of != self._renewed:
            if self._seconds() <= until:
                of, line = self._renewed, _found(stops, streets)
            elif not line:
                return straight(stops)
        with self._lock:
            self._kept[stops] = of, line
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return line


def straight(stops: Stops) -> Line:
    """Return the line from stop to stop."""
    return [[lon, lat] for lat, lon in stops]


def straights(routes: Sequence[Stops]) -> list[Line]:
    """Return the lines of routes from stop to stop."""
    return [straight(stops) for stops in routes]


def route_lines_of(request: Request, tenant_id: str) -> RouteLines:
    """Return the lines of a tenant's routes that this application keeps."""
    kept: dict[str, RouteLines] = request.app.state.__dict__.setdefault("route_lines", {})
    return kept.setdefault(tenant_id, RouteLines())


def _found(stops: Stops, streets: RoadTimes) -> Line:
    """Return the line of a route along streets."""
    lat, lon = np.array(stops, dtype=np.float64).T.copy()
    lat, lon = line_through(streets, Places(lat=lat, lon=lon), most_off_m=MOST_OFF_M)
    line: Line = np.round(np.column_stack([lon, lat]), DECIMALS).tolist()
    return line
