"""What one more stop would cost, here and there: a map of the service area in money, for a reference stop."""

from dataclasses import dataclass, replace

import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.vehicle_routing.cheapest import NOWHERE, TRIES, cheapest_insertions
from doorstep.vehicle_routing.plan import RoutePlan
from doorstep.vehicle_routing.positions import positions_of
from doorstep.vehicle_routing.problem import REQUIRED, MoreWindows, RoutingProblem
from doorstep.vehicle_routing.reasons import reasons_for
from doorstep.vehicle_routing.unserved import Unserved


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStop:
    """A stop as it might be ordered: ``load`` in M dimensions, service within one of ``windows`` [epoch s]."""

    load: tuple[int, ...]
    windows: tuple[tuple[int, int], ...]
    service_s: int = 0
    release_at: int | None = None
    requirements: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CostMap:
    """What one more stop costs at G points, one stop at a time.

    ``points`` (G, 2) are in the coordinates of ``Roads.points``. Where it is not ``possible`` (G,), ``cost_minor`` (G,)
    is 0 and ``reasons`` says why, by the number of the point; where not ``proven`` (G,), a longer look may find less.
    Costs below zero occur: where the way over a new stop is shorter than the way without.
    """

    points: Floats
    possible: Bools
    cost_minor: Ints
    proven: Bools
    reasons: dict[int, Unserved]


def cost_of_one_more(
    problem: RoutingProblem, plan: RoutePlan, points: Floats, stop: NewStop, *, tries: int = TRIES
) -> CostMap:
    """Return what a stop would cost at each of G points at least, the plan being what it is.

    Parameters
    ----------
    points : (G, 2)
        In the coordinates of ``Roads.points``; ``AskedRoads.points_of`` gives those of latitudes and longitudes.
    tries
        Clocks that are asked for at most for one point.

    Raises
    ------
    InputError
        If the roads know nothing beyond their places, or the stop's load has other dimensions than the vehicles.
    """
    larger = with_new_stops(problem, points, stop)
    stops = np.arange(len(points)) + len(problem.stops)
    positions = positions_of(larger, plan)
    found = cheapest_insertions(larger, plan, stops, tries=tries, positions=positions)
    nowhere = np.flatnonzero(found.position == NOWHERE)
    why = reasons_for(larger, plan, stops[nowhere])
    return CostMap(
        points=points,
        possible=found.position != NOWHERE,
        cost_minor=found.cost_minor,
        proven=found.proven,
        reasons=dict(zip(nowhere.tolist(), why, strict=True)),
    )


def grid_over(problem: RoutingProblem, *, columns: int, rows: int) -> Floats:
    """Return the middles of ``columns`` x ``rows`` cells (G, 2) over the stops, row by row from the lower left.

    Raises
    ------
    InputError
        If it is not known where the stops are, or there are none.
    """
    points = problem.roads.points()[len(problem.depots) :]
    if not len(points):
        raise InputError("a grid needs stops whose coordinates the roads know.")
    low, high = points.min(axis=0), points.max(axis=0)
    x = low[0] + (high[0] - low[0]) * (np.arange(columns) + 0.5) / columns
    y = low[1] + (high[1] - low[1]) * (np.arange(rows) + 0.5) / rows
    return np.column_stack([np.tile(x, rows), np.repeat(y, columns)])


def with_new_stops(problem: RoutingProblem, points: Floats, stop: NewStop) -> RoutingProblem:
    """Return the problem with a stop more at each of G points, after all others.

    Raises
    ------
    InputError
        As ``cost_of_one_more``.
    """
    count, old = len(points), len(problem.stops)
    dims = problem.vehicles.capacity.shape[1]
    if len(stop.load) != dims or not stop.windows:
        raise InputError(
            f"a new stop needs a load in {dims} dimensions and a window, not {stop.load} and {stop.windows}."
        )
    opens = int(problem.vehicles.shift_start_at.min(initial=stop.windows[0][0]))
    values = {
        "start_at": stop.windows[0][0],
        "end_at": stop.windows[0][1],
        "release_at": opens if stop.release_at is None else stop.release_at,
        "service_s": stop.service_s,
        "prize_minor": REQUIRED,
        "requirements": stop.requirements,
        "due_at": stop.windows[0][1],
        "building": -1,
        "group": -1,
        "vehicle": -1,
    }
    known = problem.stops
    columns = {
        name: np.append(getattr(known, name), np.full(count, values.get(name, 0), dtype=np.int64))
        for name in known.__slots__
        if name not in ("load", "pickup")
    }
    load = np.tile(np.array(stop.load, dtype=np.int64), (count, 1))
    stops = replace(
        known,
        load=np.vstack([known.load.reshape(-1, dims), load]),
        pickup=np.vstack([known.pickup.reshape(-1, dims), 0 * load]),
        **columns,
    )
    return replace(
        problem,
        stops=stops,
        roads=problem.roads.extended(points),
        windows=_with_windows(problem.windows, np.arange(old, old + count), stop.windows[1:]),
    )


def _with_windows(windows: MoreWindows, stops: Ints, more: tuple[tuple[int, int], ...]) -> MoreWindows:
    further = np.array(more, dtype=np.int64).reshape(-1, 2)
    return MoreWindows(
        stop=np.append(windows.stop, np.repeat(stops, len(further))),
        start_at=np.append(windows.start_at, np.tile(further[:, 0], stops.size)),
        end_at=np.append(windows.end_at, np.tile(further[:, 1], stops.size)),
    )
