"""How much worse a plan may become for a while: temperatures, in what a stop costs on average."""

import math

import numpy as np

from doorstep.foundation import AnyOf, Iterations, Seconds, Stop
from doorstep.vehicle_routing.problem import REQUIRED, RoutingProblem
from doorstep.vehicle_routing.sisr import layout as at
from doorstep.vehicle_routing.sisr.pack import Part

PER_SECOND = 150_000
"""Iterations of a CPU second, from which those of a patience in seconds are guessed."""
LONG_PATIENCE = 10_000_000
"""Iterations that a patience without a number is taken for."""
DEAR_FIXED = 3.0
"""Mean arcs up to which the fixed cost of a stop's vehicle counts in a temperature."""
HEAT = 6.0
"""First temperature in mean arcs: hot enough to give up whole routes."""
OPTIONAL_HEAT, LEAST_OPTIONAL_HEAT, MOST_OPTIONAL_HEAT = 0.0075, 0.5, 2.0
"""The same where stops are optional: by the root of the iterations for each stop, at least, and at most."""


def money_by_stop(part: Part) -> float:
    """Return what a stop costs on average: the drive to it, and its share of the fixed cost of the routes."""
    s, stops = part.search, part.rows.size
    to = np.flatnonzero((s.node[:stops, at.ROUTE] >= 0) & (s.node[:stops, at.PREV] < stops))
    kind = s.kind[s.route[s.node[to, at.ROUTE], at.KIND]]
    paid = s.node[to, at.BACK].astype(np.float64) * kind[:, at.PER_M]
    if s.number[at.PAID] == 1:
        place = len(part.problem.depots) + part.rows
        here, there = place[s.node[to, at.PREV]], place[to]
        for profile in np.unique(kind[:, at.PROFILE]).tolist():
            on = kind[:, at.PROFILE] == profile
            paid[on] += part.problem.roads.along(profile, here[on], there[on])[1] * kind[on, at.PER_S]
    arc = float(paid.mean()) if to.size else 0.0
    used = s.route[s.route[:, at.TRIPS] > 0]
    fixed = float(s.kind[used[:, at.KIND], at.FIXED].sum()) / max(1, int(s.number[at.SERVED]))
    return max(1.0, arc + min(fixed, DEAR_FIXED * arc))


def expected_iterations(stop: Stop) -> int:
    """Return how many iterations a patience allows, guessed where it is not counted in them."""
    if isinstance(stop, AnyOf):
        return min((expected_iterations(one) for one in stop.criteria), default=LONG_PATIENCE)
    if isinstance(stop, Iterations):
        return stop.limit
    return int(stop.limit * PER_SECOND) if isinstance(stop, Seconds) else LONG_PATIENCE


def is_counted(stop: Stop) -> bool:
    """Return whether a patience counts iterations, so that plans must repeat whatever the threads."""
    return any(map(is_counted, stop.criteria)) if isinstance(stop, AnyOf) else isinstance(stop, Iterations)


def first_heat(problem: RoutingProblem, iterations: int) -> float:
    """Return the first temperature in mean arcs.

    Optional stops move in and out at their prizes, which are as small as arcs, so they need less.
    """
    if (problem.stops.prize_minor == REQUIRED).all():
        return HEAT
    warm = OPTIONAL_HEAT * math.sqrt(iterations / max(1, len(problem.stops)))
    return float(np.clip(warm, LEAST_OPTIONAL_HEAT, MOST_OPTIONAL_HEAT))
