"""What a problem may ask for that the engine does not know yet."""

import numpy as np

from doorstep.vehicle_routing.problem import LAST, RoutingProblem
from doorstep.vehicle_routing.roads import UNREACHABLE, PlaneRoads

MOST_ARCS = 20_000_000
"""Arcs that are looked through at most to learn that what is brought comes before what is fetched."""


def unsupported(problem: RoutingProblem) -> tuple[str, ...]:
    """Return the names of what the problem asks for and this engine cannot plan.

    Reloads elsewhere than at the start are allowed, never used.
    """
    stops, kinds = problem.stops, problem.vehicles
    if not len(kinds):
        return ()
    last = int(kinds.shift_end_at.max())
    paired = np.concatenate([problem.pairs.pickup, problem.pairs.delivery])
    asked = {
        "limits of rides": bool((problem.pairs.max_ride_s < LAST).any()),
        "loads at stops of pairs": bool(stops.load[paired].any() or stops.pickup[paired].any()),
        "groups of stops of pairs": bool((stops.group[paired] >= 0).any()),
        "breaks": len(problem.breaks) > 0,
        "traffic": bool((problem.traffic.percent != 100).any()),
        "further windows": len(problem.windows) > 0,
        "costs of lateness": bool(((stops.late_per_hour_minor > 0) & (stops.due_at < last)).any()),
        "approaches in a plane": bool(stops.approach_s.any()) and isinstance(problem.roads, PlaneRoads),
    }
    return tuple(name for name, there in asked.items() if there)


def one_way(problem: RoutingProblem) -> bool:
    """Return whether no road leads from a stop that fetches to one that brings: then each has the whole vehicle."""
    depots, stops = len(problem.depots), problem.stops
    fetches, brings = (np.flatnonzero(amount.any(axis=1)) for amount in (stops.pickup, stops.load))
    if np.intersect1d(fetches, brings).size or fetches.size * brings.size > MOST_ARCS:
        return False
    here, there = np.repeat(depots + fetches, brings.size), np.tile(depots + brings, fetches.size)
    return all(
        bool((problem.roads.along(profile, here, there)[1] >= UNREACHABLE).all())
        for profile in range(problem.roads.profiles)
    )
