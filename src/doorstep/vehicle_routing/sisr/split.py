"""Which routes are searched together: halves of the city along a line drawn anew each time."""

from collections.abc import Sequence

import numpy as np

from doorstep.foundation.arrays import Floats, Ints
from doorstep.vehicle_routing.problem import RoutingProblem
from doorstep.vehicle_routing.sisr.pack import Route

HALF = 0.5


def split_routes(
    problem: RoutingProblem, points: Floats, routes: Sequence[Route], left: Ints, parts: int, rng: np.random.Generator
) -> list[tuple[list[Route], Ints]]:
    """Return ``parts`` groups of routes that lie beside one another, each with the stops left out near it.

    Routes are ordered along a line at a random angle, or around the first depot, and cut where the stops are even; the
    parts are cut again in the same way.

    Parameters
    ----------
    points : (P, 2)
        Where the places are.
    left : (L,)
        Stops in no route.
    """
    if parts == 1:
        return [(list(routes), left)]
    depots = len(problem.depots)
    centre = np.array([points[depots + np.array(route.stops)].mean(axis=0) for route in routes]).reshape(-1, 2)
    beside = _companions(problem, routes)[left]
    place = np.concatenate([centre, points[depots + beside]])
    weight = np.array([len(route.stops) for route in routes] + [1] * left.size, dtype=np.int64)
    part_of = _halved(place - points[0], weight, parts, rng)
    home = np.full(len(problem.stops), -1, dtype=np.int64)
    for route, part in zip(routes, part_of, strict=False):
        home[route.stops] = part
    home[left] = np.where(home[beside] >= 0, home[beside], part_of[len(routes) :])
    home[left] = home[beside]
    return [
        ([route for route, where in zip(routes, part_of, strict=False) if where == part], left[home[left] == part])
        for part in range(parts)
    ]


def _companions(problem: RoutingProblem, routes: Sequence[Route]) -> Ints:
    """Return for each stop (N,) the one that it goes with: of a pair the pickup, of a group the one that is served."""
    found, group = np.arange(len(problem.stops)), problem.stops.group
    served = np.zeros(len(problem.stops), dtype=np.bool_)
    for route in routes:
        served[route.stops] = True
    found[problem.pairs.delivery] = problem.pairs.pickup
    grouped = np.flatnonzero(group >= 0)
    grouped = grouped[np.lexsort((~served[grouped], group[grouped]))]
    _, first, of = np.unique(group[grouped], return_index=True, return_inverse=True)
    found[grouped] = grouped[first[of]]
    return found


def _halved(offset: Floats, weight: Ints, parts: int, rng: np.random.Generator) -> Ints:
    """Return the part of each thing, cutting what is too large again and again, each time along another line."""
    part = np.zeros(weight.size, dtype=np.int64)
    if parts == 1:
        return part
    order = np.argsort(_along(offset, rng.uniform(0.0, 2.0 * np.pi), around=rng.random() < HALF), kind="stable")
    sizes = np.cumsum(weight[order])
    first = parts // 2
    near = order[sizes * parts <= first * weight.sum()]
    far = np.setdiff1d(order, near)
    part[near] = _halved(offset[near], weight[near], first, rng)
    part[far] = first + _halved(offset[far], weight[far], parts - first, rng)
    return part


def _along(offset: Floats, angle: float, *, around: bool) -> Floats:
    if around:
        turned: Floats = np.mod(np.arctan2(offset[:, 1], offset[:, 0]) - angle, 2.0 * np.pi)
        return turned
    line: Floats = offset[:, 0] * np.cos(angle) + offset[:, 1] * np.sin(angle)
    return line


def share_fleet(count: Ints, used: Ints, turn: int) -> Ints:
    """Return the vehicles of each type for each part (S, V): those in use, and the free ones in equal shares.

    Parameters
    ----------
    count : (V,)
    used : (S, V)
    turn
        Which part gets the first odd vehicle.
    """
    parts = used.shape[0]
    free = np.maximum(count - used.sum(axis=0), 0)
    odd = (np.arange(parts)[:, None] - turn) % parts < free % parts
    shared: Ints = used + free // parts + odd
    return shared
