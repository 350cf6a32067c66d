"""Places on the equator, given by their kilometre, driven at ten metres a second."""

import math
from collections.abc import Sequence

import numpy as np

from doorstep.foundation.arrays import Ints
from doorstep.geography import GreatCircleTimes, Places
from doorstep.geography.distance import EARTH_RADIUS_M
from doorstep.network.catchments import CatchmentProblem, catchment_problem

TIMES = GreatCircleTimes(circuity_pct=100, near_speed_kmh=36, far_speed_kmh=36)


def on_line(km: Sequence[float]) -> Places:
    lon = np.array([math.degrees(1000 * x / EARTH_RADIUS_M) for x in km])
    return Places(lat=np.zeros(lon.size), lon=lon)


def line_problem(
    places: Sequence[tuple[float, int]],
    sites: Sequence[float],
    *,
    reach_s: int | Ints,
    capacity: Sequence[int] | None = None,
    group: Sequence[int] | None = None,
) -> CatchmentProblem:
    """Return the problem of places with their weight, and sites."""
    return catchment_problem(
        on_line([km for km, _ in places]),
        np.array([weight for _, weight in places], np.int64),
        on_line(sites),
        reach_s=reach_s,
        capacity=None if capacity is None else np.array(capacity, np.int64),
        group=None if group is None else np.array(group, np.int64),
    )
