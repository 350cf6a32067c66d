"""The exact clock of a route with one more stop in it, without building the route."""

from dataclasses import dataclass

import numpy as np

from doorstep.foundation.arrays import Ints
from doorstep.vehicle_routing import _clock as at
from doorstep.vehicle_routing.plan import NOTHING, VehicleRoute
from doorstep.vehicle_routing.problem import RoutingProblem
from doorstep.vehicle_routing.schedule import way_of


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteClock:
    """The visits of a route, their windows and the traffic on its roads, as ``_clock`` reads them.

    ``loading`` (L - 1,) is the number of the loading before each place between two visits.
    """

    visits: Ints
    windows: Ints
    hours: Ints
    loading: Ints

    def priced(self, place: int, way: Ints, stop: Ints, release_at: int, window: tuple[int, int]) -> tuple[int, ...]:
        """Return start, end (-1: none) and lateness of the route with a stop behind visit ``place``.

        Parameters
        ----------
        way : (4,)
            Seconds of the road and on foot to the stop, and from it on.
        stop : (3,)
            Its stay, when it is due and what an hour of lateness costs.
        """
        rows, loading = self.windows.shape[0], int(self.loading[place])
        windows = np.vstack([self.windows, np.array([window], dtype=np.int64)])
        visits = np.empty((self.visits.shape[0] + 1, self.visits.shape[1]), dtype=np.int64)
        visits[: place + 1], visits[place + 2 :] = self.visits[: place + 1], self.visits[place + 1 :]
        visits[place + 1] = (way[0], way[1], stop[0], rows, rows + 1, stop[1], stop[2])
        visits[place + 2, at.DRIVE], visits[place + 2, at.WALK] = way[2], way[3]
        opens = int(visits[loading, at.WINDOW_AT])
        windows[opens, 0] = max(windows[opens, 0], release_at)
        if windows[opens, 0] > windows[opens, 1]:
            return 0, -1, 0
        return at.clock(visits, windows, self.hours)


def route_clock(problem: RoutingProblem, route: VehicleRoute) -> RouteClock | None:
    """Return the clock of a route; None where rests or limits of rides need more than one walk."""
    way = way_of(problem, route.vehicle, route.trips, NOTHING)
    if way is None or way.rests or way.rides:
        return None
    stops = problem.stops
    heads = np.cumsum([0, *(1 + len(trip) for trip in route.trips)])
    served = np.setdiff1d(np.arange(heads[-1]), heads)
    visits = np.zeros((len(way.visits), at.RATE + 1), dtype=np.int64)
    visits[:, [at.DRIVE, at.WALK, at.STAY]] = [(v.drive_s, v.approach_s, v.stay_s) for v in way.visits]
    ends = np.cumsum([len(v.windows) for v in way.visits])
    visits[:, at.WINDOW_TO], visits[1:, at.WINDOW_AT] = ends, ends[:-1]
    visits[served, at.DUE] = stops.due_at[list(route.stops)]
    visits[served, at.RATE] = stops.late_per_hour_minor[list(route.stops)]
    hours = [(0, way.hours.parts), *zip(way.hours.starts, way.hours.covered, strict=True)]
    return RouteClock(
        visits=visits,
        windows=np.array([window for v in way.visits for window in v.windows], dtype=np.int64),
        hours=np.array(hours, dtype=np.int64),
        loading=np.repeat(heads[:-1], np.diff(heads)),
    )
