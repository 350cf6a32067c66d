"""Whole numbers for everything that costs, as small as the rates of a problem allow.

A minor unit is 3,600,000 parts, so that rates per kilometre and per hour are whole numbers per metre and per second;
what all rates have in common is divided out, so that sums of large problems stay far from 2**63.
"""

import math
from dataclasses import dataclass

import numpy as np

from doorstep.foundation.arrays import Ints
from doorstep.vehicle_routing.problem import LAST, RoutingProblem
from doorstep.vehicle_routing.roads import PlaneRoads, TableRoads
from doorstep.vehicle_routing.sisr.layout import FAR

PARTS = 3_600_000
DETOUR = 3
"""Longest road in straight lines, where roads are asked for one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """Kernel money of the vehicle types, all (V,): per metre, per second, per second of overtime, and fixed.

    ``late_per_s`` (N,) is that of a second of lateness at each stop.

    ``minor`` is the money of one minor unit; ``missing`` that of leaving out a stop that must be served, which is more
    than any way of serving it.
    """

    per_m: Ints
    per_s: Ints
    over_per_s: Ints
    fixed: Ints
    late_per_s: Ints
    minor: int
    missing: int


def money_of(problem: RoutingProblem) -> Money:
    """Return the money of a problem."""
    vehicles, stops = problem.vehicles, problem.stops
    per_m = vehicles.per_km_minor * (PARTS // 1000)
    per_s = vehicles.per_hour_minor * (PARTS // 3600)
    over = vehicles.overtime_per_hour_minor * (PARTS // 3600)
    lump = bool(vehicles.fixed_minor.any() or stops.extra_minor.any() or (stops.prize_minor > 0).any())
    late = stops.late_per_hour_minor * (PARTS // 3600)
    common = math.gcd(*np.concatenate([per_m, per_s, over, np.unique(late)]).tolist(), PARTS if lump else 0) or 1
    minor = max(1, PARTS // common)
    per_m, per_s, over = per_m // common, per_s // common, over // common
    fixed = vehicles.fixed_minor * minor
    shift = int((vehicles.shift_end_at - vehicles.shift_start_at).max(initial=0))
    way = 3 * farthest_m(problem) * int(per_m.max(initial=0)) + shift * int((per_s + over).max(initial=0))
    way += shift * int(late.max(initial=0) // common)
    dearest = int(fixed.max(initial=0)) + way + int(stops.extra_minor.max(initial=0)) * minor
    missing = max(2 * dearest, int(stops.prize_minor.max(initial=0)) * minor) + minor
    most = FAR // (16 * max(1, len(stops)))
    return Money(
        per_m=per_m,
        per_s=per_s,
        over_per_s=over,
        fixed=fixed,
        late_per_s=late // common,
        minor=minor,
        missing=min(missing, most),
    )


def farthest_m(problem: RoutingProblem) -> int:
    """Return an upper bound of the metres between two places that are not out of reach."""
    roads = problem.roads
    if isinstance(roads, TableRoads):
        return int(roads.metres[roads.metres < LAST].max(initial=1))
    points = roads.points()
    span = float(np.hypot(*np.ptp(points, axis=0))) if points.size else 0.0
    return int((roads.scale if isinstance(roads, PlaneRoads) else DETOUR) * span) + 1
