"""Where one more stop costs least, exactly: bounds of all positions, then the clocks of the cheapest until proven."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from doorstep.foundation.arrays import Bools, Ints
from doorstep.vehicle_routing.plan import RoutePlan, VehicleRoute
from doorstep.vehicle_routing.positions import NEW, Positions, least_cost, open_to, positions_of
from doorstep.vehicle_routing.problem import RoutingProblem
from doorstep.vehicle_routing.schedule import schedule_route

NOWHERE = -1
"""Position of a stop that can be inserted nowhere."""
UNKNOWN = np.iinfo(np.int64).max // 4
TRIES = 400
"""Clocks that are asked for at most for one stop."""
CELLS = 1 << 19
"""Positions times stops that are looked at together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Insertions:
    """The cheapest of ``positions`` for each of M stops, all arrays (M,).

    ``position`` is its row, ``NOWHERE`` where none is feasible, ``cost_minor`` what the plan then costs more, 0 there.
    Where not ``proven``, more clocks than were asked for might find a cheaper one, or one at all.
    """

    positions: Positions
    position: Ints
    cost_minor: Ints
    proven: Bools


def cheapest_insertions(
    problem: RoutingProblem, plan: RoutePlan, stops: Ints, *, tries: int = TRIES, positions: Positions | None = None
) -> Insertions:
    """Return where each of M stops that are not in a plan would cost least, the plan being what it is.

    Each is inserted alone: at any place of any trip, as a trip of its own where a route may reload, or as a route of
    its own where a vehicle is left. Stops of pairs are taken as if single. Cost and clock are bounded at all positions
    at once; then the exact clocks of the cheapest are asked for, until no bound is below the best of them.

    Parameters
    ----------
    stops : (M,)
    tries
        Clocks that are asked for at most for one stop.
    positions
        Those of the plan, if they are known, or some of them.
    """
    places = positions_of(problem, plan) if positions is None else positions
    costs = [route.cost_minor(problem) for route in plan.routes]
    position, cost = np.full(stops.size, NOWHERE, dtype=np.int64), np.zeros(stops.size, dtype=np.int64)
    proven = np.ones(stops.size, dtype=np.bool_)
    for rows in in_chunks(stops.size, len(places)):
        fits, metres, seconds = open_to(problem, places, stops[rows])
        bound = np.where(fits, least_cost(problem, places, metres, seconds, stops[rows]), UNKNOWN)
        for column, m in enumerate(rows.tolist()):
            best = UNKNOWN
            order = _ordered(bound[:, column], tries + 1)
            for asked, row in enumerate(order.tolist()):
                if bound[row, column] >= best:
                    break
                if asked == tries:
                    proven[m] = False
                    break
                new = with_stop(problem, plan.routes, places, row, int(stops[m]))
                if new is None:
                    continue
                number = int(places.route[row])
                more = new.cost_minor(problem) - (costs[number] if number != NEW else 0)
                if more < best:
                    best, position[m], cost[m] = more, row, more
    return Insertions(positions=places, position=position, cost_minor=cost, proven=proven)


def with_stop(
    problem: RoutingProblem, routes: Sequence[VehicleRoute], positions: Positions, row: int, stop: int
) -> VehicleRoute | None:
    """Return the route of a position with the stop there; None if the clock does not allow it."""
    number = int(positions.route[row])
    trips = [list(trip) for trip in routes[number].trips] if number != NEW else []
    if positions.fresh[row]:
        trips.insert(int(positions.trip[row]), [stop])
    else:
        trips[int(positions.trip[row])].insert(int(positions.at[row]), stop)
    return schedule_route(problem, int(positions.vehicle[row]), trips)


def in_chunks(count: int, places: int) -> Iterator[Ints]:
    """Yield the numbers 0 .. count - 1 in pieces that, times ``places``, are few enough to work on at once."""
    step = max(1, CELLS // max(1, places))
    for first in range(0, count, step):
        yield np.arange(first, min(first + step, count))


def _ordered(bound: Ints, most: int) -> Ints:
    """Return the ``most`` rows with the lowest bounds, those that are out of the question left out, lowest first."""
    if bound.size > most:
        rows = np.argpartition(bound, most)[:most]
    else:
        rows = np.arange(bound.size)
    rows = rows[bound[rows] < UNKNOWN]
    ordered: Ints = rows[np.argsort(bound[rows], kind="stable")]
    return ordered
