"""What a problem may ask for that the engine does not know yet."""

import numpy as np

from doorstep.vehicle_routing.problem import RoutingProblem
from doorstep.vehicle_routing.roads import UNREACHABLE

MOST_ARCS = 20_000_000
"""Arcs that are looked through at most to learn that what is brought comes before what is fetched."""


def unsupported(problem: RoutingProblem) -> tuple[str, ...]:
    """Return the names of what the problem asks for and this engine cannot plan.

    Reloads elsewhere than at the start are allowed, never used.
    """
    stops, kinds = problem.stops, problem.vehicles
    if not len(kinds):
        return ()
    paired = np.concatenate([problem.pairs.pickup, problem.pairs.delivery])
    asked = {
        "loads at stops of pairs": bool(stops.load[paired].any() or stops.pickup[paired].any()),
        "groups of stops of pairs": bool((stops.group[paired] >= 0).any()),
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
