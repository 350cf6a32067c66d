"""A road server under a platform that runs: what fails there holds nobody up here."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import TypeVar

import numpy as np

from doorstep.connectors.osrm import Server as OsrmServer
from doorstep.connectors.osrm import osrm_times
from doorstep.connectors.road_server import NoWayError, ServerTimes
from doorstep.connectors.valhalla import Server as ValhallaServer
from doorstep.connectors.valhalla import valhalla_times
from doorstep.foundation import InputError, UpstreamError
from doorstep.foundation.arrays import Ints
from doorstep.geography import Places

PAUSE_S = 30.0
"""A server that failed is left alone for so long, so that who asks meanwhile need not wait for it."""
REMEMBERED = 200_000
DIGITS = 6
OSRM, VALHALLA = "osrm", "valhalla"
T = TypeVar("T")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveServer:
    """Travel times of a road server, see ``geography.roads.access.StreetTimes``; threads may share it.

    Whatever goes wrong is an ``UpstreamError``, also where there is no way or the server refuses a table:
    ``StreetsOrEstimate`` estimates then. How far points lie from their street is remembered, as few points are asked
    about often.
    """

    times: ServerTimes
    clock: Callable[[], float] = time.monotonic
    _failed: "dict[str, float]" = field(default_factory=dict, init=False, repr=False, compare=False)
    _away: "dict[tuple[float, float], int]" = field(default_factory=dict, init=False, repr=False, compare=False)
    _lock: Lock = field(default_factory=Lock, init=False, repr=False, compare=False)

    @property
    def within_m(self) -> int:
        """Points farther from any street are refused."""
        return self.times.within_m

    def snapped_m(self, places: Places) -> Ints:
        """Return how far places (N,) lie from the nearest street [m].

        Raises
        ------
        UpstreamError
            If the server fails, or did a moment ago.
        """
        points = list(zip(np.round(places.lat, DIGITS).tolist(), np.round(places.lon, DIGITS).tolist(), strict=True))
        with self._lock:
            known = {point: self._away[point] for point in points if point in self._away}
        fresh = [row for point, row in {p: row for row, p in enumerate(points)}.items() if point not in known]
        if fresh:
            rows = np.array(fresh, dtype=np.int64)
            found = self._asked(lambda: self.times.snapped_m(places.take(rows)))
            known |= {points[row]: away for row, away in zip(fresh, found.tolist(), strict=True)}
            with self._lock:
                if len(self._away) + len(fresh) > REMEMBERED:
                    self._away.clear()
                self._away.update(known)
        return np.array([known[point] for point in points], dtype=np.int64)

    def between(self, origins: Places, destinations: Places) -> tuple[Ints, Ints]:
        """Return metres and seconds row by row, see ``TravelTimes``.

        Raises
        ------
        UpstreamError
            If the server fails, or did a moment ago, or knows no way.
        """
        return self._asked(lambda: self.times.between(origins, destinations))

    def matrix(self, places: Places) -> tuple[Ints, Ints]:
        """Return metres and seconds of all pairs, see ``TravelTimes`` and ``between``."""
        return self._asked(lambda: self.times.matrix(places))

    def close(self) -> None:
        """Close the connections."""
        self.times.close()

    def _asked(self, ask: Callable[[], T]) -> T:
        """Return what a question is answered, unless the server failed a moment ago."""
        failed_at = self._failed.get("at")
        if failed_at is not None and self.clock() < failed_at + PAUSE_S:
            raise UpstreamError("the road server failed a moment ago and is not asked again yet.")
        try:
            found = ask()
        except NoWayError as fault:
            raise UpstreamError(str(fault)) from fault
        except UpstreamError as fault:
            self._failed["at"] = self.clock()
            _log.warning("times are estimated for %d s: %s", PAUSE_S, fault)
            raise
        except InputError as fault:  # it would not, but may answer others: a table too large, points too far apart
            _log.warning("times are estimated: %s %s", fault.message, fault.hint)
            raise UpstreamError(fault.message, hint=fault.hint) from fault
        self._failed.clear()
        return found


def live_server(kind: str, base_url: str, *, block: int, timeout_s: float) -> LiveServer:
    """Return the travel times of a server of a kind, ``osrm`` or ``valhalla``.

    Raises
    ------
    InputError
        If the address or a number will not do.
    """
    if kind == VALHALLA:
        return LiveServer(times=valhalla_times(ValhallaServer(base_url=base_url, block=block, timeout_s=timeout_s)))
    return LiveServer(times=osrm_times(OsrmServer(base_url=base_url, block=block, timeout_s=timeout_s)))
