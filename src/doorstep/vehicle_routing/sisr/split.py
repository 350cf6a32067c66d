"""Which routes are searched together: halves of the city along a line drawn anew each time."""

from collections.abc import Sequence

import numpy as np

from doorstep.foundation.arrays import Floats, Ints
from doorstep.vehicle_routing.problem import RoutingProblem
from doorstep.vehicle_routing.sisr.pack import Route


def split_routes(
    problem: RoutingProblem, points: Floats, routes: Sequence[Route], left: Ints, parts: int, rng: np.random.Generator
) -> list[tuple[list[Route], Ints]]:
    """Return ``parts`` groups of routes that lie beside one another, each with the stops left out near it.

    Routes are ordered along a line at a random angle, or around the first depot, and cut where the stops are even.

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
    angle = rng.uniform(0.0, 2.0 * np.pi)
    around = rng.random() < 0.5
    by_route, by_stop = (_along(place - points[0], angle, around=around) for place in (centre, points[depots:]))
    order = np.argsort(by_route, kind="stable")
    sizes = np.cumsum([len(routes[n].stops) for n in order])
    part_of = np.minimum(sizes * parts // max(1, sizes[-1] + 1 if sizes.size else 1), parts - 1)
    home = np.full(len(problem.stops), -1, dtype=np.int64)
    for n, part in zip(order, part_of, strict=True):
        home[routes[n].stops] = part
    beside = _companions(problem, home)[left]
    upper = [float(by_route[order][part_of == part].max(initial=-np.inf)) for part in range(parts - 1)]
    by_line = np.searchsorted(np.maximum.accumulate(upper), by_stop[beside])
    stop_part = np.where(home[beside] >= 0, home[beside], by_line)
    return [
        ([routes[n] for n, where in zip(order, part_of, strict=True) if where == part], left[stop_part == part])
        for part in range(parts)
    ]


def _companions(problem: RoutingProblem, home: Ints) -> Ints:
    """Return for each stop (N,) the one that it goes with: of a pair the pickup, of a group the one with a ``home``."""
    found, group = np.arange(len(problem.stops)), problem.stops.group
    found[problem.pairs.delivery] = problem.pairs.pickup
    grouped = np.flatnonzero(group >= 0)
    grouped = grouped[np.lexsort((home[grouped] < 0, group[grouped]))]
    _, first, of = np.unique(group[grouped], return_index=True, return_inverse=True)
    found[grouped] = grouped[first[of]]
    return found


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
