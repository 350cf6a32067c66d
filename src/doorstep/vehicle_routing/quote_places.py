"""Places for one more stop in a route, with all that is needed to price it there without driving the route anew."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from doorstep.foundation.arrays import Ints
from doorstep.vehicle_routing import _quotes as at
from doorstep.vehicle_routing.bounds import Bounds, visit_bounds
from doorstep.vehicle_routing.plan import VehicleRoute
from doorstep.vehicle_routing.problem import RoutingProblem
from doorstep.vehicle_routing.quote_clock import RouteClock, route_clock
from doorstep.vehicle_routing.roads import UNREACHABLE

NEW_TRIP = -1
"""Number in its trip of a stop that has a new trip, behind the one named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The Q places of one route, or of an empty one.

    ``rows`` (Q, 10) and ``route`` (3,) are as in ``_quotes``; ``ends`` (Q, 2) the road's places before and behind;
    ``spot`` (Q, 2) the trip and the number in it; ``before`` and ``behind`` (Q, M) the most that is on board up to
    there and from there on. ``plain`` says that segments are all that the clock of the route knows; else they only
    bound it, and ``clock`` is exact where there is one.
    """

    rows: Ints
    route: Ints
    ends: Ints
    spot: Ints
    before: Ints
    behind: Ints
    plain: bool
    clock: RouteClock | None = None


def places_of(problem: RoutingProblem, route: VehicleRoute) -> Places:
    """Return the places in a route: between two visits of a trip, and on a trip behind another if it may reload."""
    kinds, v = problem.vehicles, route.vehicle
    bounds, plain = visit_bounds(problem, v, route.trips)
    origins, targets = route.arcs(problem)
    gaps, _ = problem.roads.along(int(kinds.profile[v]), origins, targets)
    before, behind = (np.vstack(rows) for rows in zip(*(_boards(problem, trip) for trip in route.trips), strict=True))
    spot = np.array([(t, n) for t, trip in enumerate(route.trips) for n in range(len(trip) + 1)], dtype=np.int64)
    loads_at = [bounds[n - number].opens for n, (_, number) in enumerate(spot.tolist())]
    forward, backward = _segments(bounds)
    rows = _rows(v, forward[:-1], backward[1:], gaps, np.array(loads_at, dtype=np.int64))
    lump = int(kinds.fixed_minor[v]) + int(problem.stops.extra_minor[list(route.stops)].sum())
    places = Places(
        rows=rows,
        route=np.array([gaps.sum(), route.cost_minor(problem), lump], dtype=np.int64),
        ends=np.column_stack([origins, targets]),
        spot=spot,
        before=before,
        behind=behind,
        plain=plain,
        clock=route_clock(problem, route),
    )
    if len(route.trips) - 1 >= kinds.max_reloads[v]:
        return places
    return _with_trips(problem, route, places, bounds, backward)


def empty_places(problem: RoutingProblem, kind: int) -> Places:
    """Return the one place of a vehicle that stays at home."""
    kinds, depots = problem.vehicles, problem.depots
    start, end = int(kinds.start[kind]), int(kinds.end[kind])
    back_by = int(min(kinds.shift_end_at[kind], depots.close_at[end]))
    forward, _ = _segments([_loading(problem, kind, start, 0)])
    _, backward = _segments([Bounds(0, 0, -at.BLOCKED, back_by)])
    none = np.zeros((1, kinds.capacity.shape[1]), dtype=np.int64)
    no_gap = np.zeros(1, dtype=np.int64)
    return Places(
        rows=_rows(kind, forward, backward, no_gap, no_gap + _loading(problem, kind, start, 0).opens),
        route=np.array([0, 0, kinds.fixed_minor[kind]], dtype=np.int64),
        ends=np.array([[start, end]], dtype=np.int64),
        spot=np.zeros((1, 2), dtype=np.int64),
        before=none,
        behind=none,
        plain=not len(problem.traffic) and not (problem.breaks.vehicle == kind).any(),
    )


def _with_trips(
    problem: RoutingProblem,
    route: VehicleRoute,
    places: Places,
    bounds: Sequence[Bounds],
    backward: Ints,
) -> Places:
    """Return the places with those on a new trip behind each trip: after a drive to the depot and a loading there."""
    v, depot = route.vehicle, int(problem.vehicles.reload[route.vehicle])
    last = np.flatnonzero(np.append(np.diff(places.spot[:, 0]) > 0, True))
    metres, seconds = problem.roads.along(
        int(problem.vehicles.profile[v]), places.ends[last, 0], np.full(last.size, depot)
    )
    open_road = np.maximum(metres, seconds) < UNREACHABLE
    last, metres, drives_s = last[open_road], metres[open_road], seconds[open_road] * fastest(problem, v) // 100
    loaded = np.empty((last.size, 3), dtype=np.int64)
    for n, (visit, drive_s) in enumerate(zip(last.tolist(), drives_s.tolist(), strict=True)):
        loaded[n] = _segments([*bounds[: visit + 1], _loading(problem, v, depot, drive_s)])[0][-1]
    gaps = places.rows[last, at.GAP] - metres
    opens = np.full(last.size, _loading(problem, v, depot, 0).opens)
    empty = np.zeros((last.size, places.before.shape[1]), dtype=np.int64)
    return Places(
        rows=np.vstack([places.rows, _rows(v, loaded, backward[last + 1], gaps, opens)]),
        route=places.route,
        ends=np.vstack([places.ends, np.column_stack([np.full(last.size, depot), places.ends[last, 1]])]),
        spot=np.vstack([places.spot, np.column_stack([places.spot[last, 0], np.full(last.size, NEW_TRIP)])]),
        before=np.vstack([places.before, empty]),
        behind=np.vstack([places.behind, empty]),
        plain=places.plain,
        clock=places.clock,
    )


def fastest(problem: RoutingProblem, kind: int) -> int:
    """Return the percentage of the road's seconds that a vehicle's drive takes at least."""
    if not len(problem.traffic):
        return 100
    return int(problem.traffic.percent[problem.vehicles.profile[kind]].min())


def _loading(problem: RoutingProblem, kind: int, depot: int, drive_s: int) -> Bounds:
    depots = problem.depots
    opens = max(int(problem.vehicles.shift_start_at[kind]), int(depots.open_at[depot]))
    return Bounds(drive_s, int(depots.loading_s[depot]), opens, int(depots.close_at[depot]))


def _segments(bounds: Sequence[Bounds]) -> tuple[Ints, Ints]:
    table = np.clip(np.array(bounds, dtype=np.int64), -at.BLOCKED, at.BLOCKED)
    forward, backward = np.empty((len(table), 3), dtype=np.int64), np.empty((len(table), 3), dtype=np.int64)
    at.segments(table, forward, backward)
    return forward, backward


def _rows(kind: int, forward: Ints, backward: Ints, gaps: Ints, loads_at: Ints) -> Ints:
    rows = np.zeros((gaps.size, 10), dtype=np.int64)
    rows[:, at.KIND] = kind
    rows[:, at.PD : at.PL + 1], rows[:, at.SD : at.SL + 1] = forward, backward
    rows[:, at.GAP], rows[:, at.LOADS_AT] = gaps, loads_at
    return rows


def _boards(problem: RoutingProblem, trip: Sequence[int]) -> tuple[Ints, Ints]:
    """Return the most on board of a trip up to each place and from it on, (n + 1, M) each."""
    stops, pairs, rows = problem.stops, problem.pairs, list(trip)
    change = stops.pickup[rows] - stops.load[rows]
    for sign, ends in ((1, pairs.pickup), (-1, pairs.delivery)):
        for n, stop in enumerate(rows if len(pairs) else ()):
            for pair in np.flatnonzero(ends == stop).tolist():
                change[n] += sign * pairs.load[pair]
    board = np.vstack([stops.load[rows].sum(axis=0), change]).cumsum(axis=0)
    return np.maximum.accumulate(board), np.maximum.accumulate(board[::-1])[::-1]
