"""What the clock of a route allows each of its visits, for judging in O(1) what a change of the route would do."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Ints
from doorstep.vehicle_routing.plan import NOTHING
from doorstep.vehicle_routing.problem import RoutingProblem
from doorstep.vehicle_routing.schedule import FOREVER, way_of


class Bounds(NamedTuple):
    """What a visit takes at least and when it may begin at all: way there, stay, first and last moment."""

    drive_s: int
    stay_s: int
    opens: int
    closes: int


def visit_bounds(problem: RoutingProblem, vehicle: int, trips: Sequence[Sequence[int]]) -> tuple[list[Bounds], bool]:
    """Return the bounds of all visits of a route, and whether they are all that its clock knows.

    Loadings and the return are visits too. Traffic counts at its fastest, rests and limits of rides do not.

    Raises
    ------
    InputError
        If no clock allows the route.
    """
    way = way_of(problem, vehicle, tuple(tuple(trip) for trip in trips), NOTHING)
    if way is None:
        raise InputError(f"vehicle {vehicle} cannot drive {[list(trip) for trip in trips]}.")
    least = int(problem.traffic.percent[problem.vehicles.profile[vehicle]].min()) if way.hours.starts else 100
    bounds = [
        Bounds(
            v.drive_s * least // 100 + v.approach_s, v.stay_s, v.windows[0][0], max(closes for _, closes in v.windows)
        )
        for v in way.visits
    ]
    return bounds, way.rigid and not way.rides


def clock_bounds(problem: RoutingProblem, vehicle: int, trips: Sequence[Sequence[int]]) -> tuple[Ints, Ints]:
    """Return for each visit of a route when it can be over at the earliest and must have begun at the latest.

    Both (V,); visits are the loading and the stops of each trip, then the return. They are exact where each stop has
    one window and there are no traffic, rests or limits.

    Raises
    ------
    InputError
        If the route itself has no clock.
    """
    visits, _ = visit_bounds(problem, vehicle, trips)
    over: list[int] = []
    begun: list[int] = []
    at, latest = visits[0].opens, FOREVER
    for visit in visits:
        begin = max(at + visit.drive_s, visit.opens)
        if begin > visit.closes:
            raise InputError(f"a route of vehicle {vehicle} with trips {trips} has no clock that keeps its windows.")
        at = begin + visit.stay_s
        over.append(at)
    for visit in reversed(visits):
        begun.append(min(latest - visit.stay_s, visit.closes))
        latest = begun[-1] - visit.drive_s
    return np.array(over, dtype=np.int64), np.array(begun[::-1], dtype=np.int64)
