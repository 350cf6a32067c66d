"""A first plan in a second or two: savings where only loads matter, else the cheapest insertion of all stops."""

import math

import numpy as np

from doorstep.foundation.arrays import Ints
from doorstep.vehicle_routing.problem import RoutingProblem
from doorstep.vehicle_routing.sisr import layout as at
from doorstep.vehicle_routing.sisr._savings import join_routes
from doorstep.vehicle_routing.sisr._search import recreate
from doorstep.vehicle_routing.sisr.layout import Ints32
from doorstep.vehicle_routing.sisr.pack import Part, Route, count_money, left_out


def savings(problem: RoutingProblem, near: Ints32) -> list[Route]:
    """Return routes of vehicle type 0 from one depot that keep its capacity; windows and fleet are left aside."""
    depots, count = len(problem.depots), len(problem.stops)
    first = np.repeat(np.arange(count), near.shape[1])
    second = near.ravel().astype(np.int64)
    once = first < second
    first, second = first[once], second[once]
    home, _ = problem.roads.along(0, np.zeros(count, dtype=np.int64), depots + np.arange(count))
    apart, _ = problem.roads.along(0, depots + first, depots + second)
    order = np.argsort(apart - home[first] - home[second], kind="stable")
    links = np.empty((count, 2), dtype=np.int64)
    load = np.ascontiguousarray(problem.stops.load, dtype=np.int64).copy()
    join_routes(order, first, second, load, np.ascontiguousarray(problem.vehicles.capacity[0], dtype=np.int64), links)
    return [Route(0, [chain]) for chain in _chains(links)]


def _chains(links: Ints) -> list[list[int]]:
    """Return the routes of a table of neighbours, each from one end to the other."""
    pairs = links.tolist()
    seen = [False] * len(pairs)
    found = []
    for start, (a, b) in enumerate(pairs):
        if seen[start] or (a >= 0 and b >= 0):
            continue
        chain, before, v = [], -1, start
        while v >= 0:
            seen[v] = True
            chain.append(v)
            x, y = pairs[v]
            before, v = v, (y if x == before and before >= 0 else x)
            if len(chain) == 1:
                v = a if a >= 0 else b
        found.append(chain)
    return found


def insert_all(part: Part) -> None:
    """Insert every stop that is in no route where it costs least, far and narrow ones first, whatever its prize.

    Which stops pay only shows once routes pass near them, so that is left to the search.
    """
    s = part.search
    stops = s.near.shape[0]
    far = s.near_m[:, -1].astype(np.float64)
    width = (s.node[:stops, at.CLOSE] - s.node[:stops, at.OPEN]).astype(np.float64)
    key = far / max(1.0, far.max(initial=1.0)) - width / max(1.0, width.max(initial=1.0))
    left = left_out(s)
    s.pool[: left.size] = left[np.argsort(-key[left], kind="stable")]
    s.number[at.CLOCK] += 1
    recreate(s, left.size, 0, math.inf, 0, 1)
    count_money(s)
