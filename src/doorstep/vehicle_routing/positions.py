"""Every position of a plan at which one more stop could go, and what it would cost there at least, all at once.

``cheapest`` proves by the exact clock of few positions what these bounds say of many.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from doorstep.foundation.arrays import Bools, Ints
from doorstep.foundation.units import METRES_PER_KM, SECONDS_PER_HOUR
from doorstep.vehicle_routing.bounds import clock_bounds
from doorstep.vehicle_routing.plan import RoutePlan, VehicleRoute
from doorstep.vehicle_routing.problem import RoutingProblem
from doorstep.vehicle_routing.roads import UNREACHABLE
from doorstep.vehicle_routing.schedule import approach_seconds

NO_WAY = 1 << 40
"""Metres and seconds where there is no road."""
MONEY = METRES_PER_KM * SECONDS_PER_HOUR
"""Parts of a minor unit in which detours are priced."""
ROUNDED = 4
"""Minor units by which the costs of two routes, each of four rounded parts, may differ from what they differ by."""
NEW = -1
"""Route of a position that is a route of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Positions:
    """A positions, all arrays (A,) but ``room`` and ``pickup_room`` (A, M) in M dimensions of capacity.

    A stop goes to place ``at`` of trip ``trip`` of route ``route`` (``NEW``: a route of its own), driven by a vehicle
    of type ``vehicle``; ``fresh`` says that it is a trip of its own there. It comes between the places ``before`` and
    ``after``, in place of ``old_m`` and ``old_s``, which are less than nothing where a loading is added. The vehicle
    can leave ``before`` at ``leave_at`` and must begin at ``after`` by ``reach_at``, see ``clock_bounds``.

    ``room_m`` is left of its range; ``work_s`` of the route's ``worked_s`` are not waiting, and no clock of the route
    is below ``floor_s``. ``spare_minor`` is what the route's lateness costs, which might fall.
    """

    route: Ints
    vehicle: Ints
    trip: Ints
    at: Ints
    fresh: Bools
    before: Ints
    after: Ints
    old_m: Ints
    old_s: Ints
    leave_at: Ints
    reach_at: Ints
    room: Ints
    pickup_room: Ints
    room_m: Ints
    work_s: Ints
    worked_s: Ints
    floor_s: Ints
    spare_minor: Ints

    def __len__(self) -> int:
        return int(self.route.size)

    def take(self, rows: Ints) -> "Positions":
        """Return some of the positions."""
        return replace(self, **{name: getattr(self, name)[rows] for name in self.__slots__})


def positions_of(problem: RoutingProblem, plan: RoutePlan) -> Positions:
    """Return all positions: on every trip, as a trip of its own where reloads are left, and as a route of its own."""
    parts = [part for number, route in enumerate(plan.routes) for part in _on_route(problem, number, route)]
    out = np.bincount([route.vehicle for route in plan.routes], minlength=len(problem.vehicles))
    parts += [_new_route(problem, kind) for kind in np.flatnonzero(problem.vehicles.count > out).tolist()]
    return _joined(problem, parts)


def positions_on(problem: RoutingProblem, plan: RoutePlan) -> Positions:
    """Return the positions on the trips that there are."""
    return _joined(problem, [next(_on_route(problem, number, route)) for number, route in enumerate(plan.routes)])


def detours(problem: RoutingProblem, positions: Positions, stops: Ints) -> tuple[Ints, Ints]:
    """Return the metres and seconds that M stops add at each position (A, M), service and last steps among them.

    ``NO_WAY`` or more where no road leads.
    """
    metres, seconds, _ = ways_over(problem, positions, stops)
    return metres, seconds


def least_cost(problem: RoutingProblem, positions: Positions, metres: Ints, seconds: Ints, stops: Ints) -> Ints:
    """Return what M stops cost at least at each position (A, M) [minor], whatever else forbids it.

    Parameters
    ----------
    metres, seconds : (A, M)
        What they add, see ``detours``.
    """
    kinds, v = problem.vehicles, positions.vehicle
    rows = slice(None), None
    worked, over_after = positions.worked_s[rows], kinds.overtime_after_s[v][rows]
    work = positions.work_s[rows] + seconds * _fastest(problem)[v][rows] // 100
    lasts = np.maximum(work, np.where(seconds >= 0, positions.floor_s[rows], 0))
    over = np.maximum(lasts - over_after, 0) - np.maximum(worked - over_after, 0)
    hours = (lasts - worked) * kinds.per_hour_minor[v][rows] + over * kinds.overtime_per_hour_minor[v][rows]
    money = metres * (kinds.per_km_minor[v][rows] * SECONDS_PER_HOUR) + hours * METRES_PER_KM
    fixed = np.where(positions.route == NEW, kinds.fixed_minor[v], 0) - positions.spare_minor - ROUNDED
    cost: Ints = money // MONEY + fixed[rows] + problem.stops.extra_minor[stops]
    return cost


def open_to(problem: RoutingProblem, positions: Positions, stops: Ints) -> tuple[Bools, Ints, Ints]:
    """Return where M stops may go as far as bounds can tell (A, M), with the metres and seconds that they add.

    Skills, loads, range and roads are exact; so is the clock, but for traffic, rests, limits of rides, the longest
    duration and releases.
    """
    s, kinds, v = problem.stops, problem.vehicles, positions.vehicle
    metres, seconds, ways = ways_over(problem, positions, stops)
    rows = slice(None), None
    fits: Bools = (
        (metres <= positions.room_m[rows])
        & (metres < NO_WAY // 2)
        & ~(s.requirements[stops] & ~kinds.skills[v][rows] != 0)
    )
    fits &= (s.vehicle[stops] < 0) | (s.vehicle[stops] == v[rows])
    for dimension in range(kinds.capacity.shape[1]):
        fits &= s.load[stops, dimension] <= positions.room[:, dimension][rows]
        fits &= s.pickup[stops, dimension] <= positions.pickup_room[:, dimension][rows]
    fastest = _fastest(problem)[v][rows]
    fits &= positions.work_s[rows] + seconds * fastest // 100 <= kinds.max_duration_s[v][rows]
    arrive = positions.leave_at[rows] + ways[0]
    fits &= first_service(problem, stops, arrive) + s.service_s[stops] + ways[1] <= positions.reach_at[rows]
    return fits, metres, seconds


def first_service(problem: RoutingProblem, stops: Ints, arrive_at: Ints) -> Ints:
    """Return when service can begin at each of M stops for arrivals (A, M); ``NO_WAY`` x 2**20 after all windows."""
    never = NO_WAY << 20
    known, more = problem.stops, problem.windows
    begin = np.maximum(arrive_at, known.start_at[stops])
    begin = np.where(begin <= known.end_at[stops], begin, never)
    for column in np.flatnonzero(np.isin(stops, more.stop)).tolist():
        for opens, closes in windows_of(problem, int(stops[column])):
            at = np.maximum(arrive_at[:, column], opens)
            np.minimum(begin[:, column], np.where(at <= closes, at, never), out=begin[:, column])
    return begin


def windows_of(problem: RoutingProblem, stop: int) -> list[tuple[int, int]]:
    """Return the windows of a stop, in the order of their start."""
    windows = [(int(problem.stops.start_at[stop]), int(problem.stops.end_at[stop]))]
    if len(problem.windows):
        here = np.flatnonzero(problem.windows.stop == stop)
        windows += zip(problem.windows.start_at[here].tolist(), problem.windows.end_at[here].tolist(), strict=True)
    return sorted(windows)


def ways_over(problem: RoutingProblem, positions: Positions, stops: Ints) -> tuple[Ints, Ints, tuple[Ints, Ints]]:
    """Return what is added (A, M) [m, s], and the least seconds to the stops and on from them, last steps included."""
    place, shape = len(problem.depots) + stops, (len(positions), stops.size)
    metres, seconds = np.empty(shape, dtype=np.int64), np.empty(shape, dtype=np.int64)
    to, on = np.empty(shape, dtype=np.int64), np.empty(shape, dtype=np.int64)
    profiles = problem.vehicles.profile[positions.vehicle]
    walk = problem.stops.approach_s.any()
    fastest = _fastest(problem)
    for profile in np.unique(profiles).tolist():
        rows = np.flatnonzero(profiles == profile)
        size = rows.size, stops.size
        there = np.tile(place, rows.size)
        before, after = (np.repeat(column[rows], stops.size) for column in (positions.before, positions.after))
        legs = [problem.roads.along(profile, before, there), problem.roads.along(profile, there, after)]
        walks = [np.zeros(1, dtype=np.int64)] * 2
        if walk:
            walks = [approach_seconds(problem, before, there), approach_seconds(problem, there, after)]
        cut = np.maximum.reduce([legs[0][0], legs[0][1], legs[1][0], legs[1][1]]) >= UNREACHABLE
        metres[rows] = np.where(cut, NO_WAY, legs[0][0] + legs[1][0]).reshape(size)
        seconds[rows] = np.where(cut, NO_WAY, legs[0][1] + legs[1][1] + walks[0] + walks[1]).reshape(size)
        percent = int(fastest[positions.vehicle[rows[0]]])
        for way, leg, steps in zip((to, on), legs, walks, strict=True):
            way[rows] = np.asarray(leg[1] * percent // 100 + steps).reshape(size)
    metres -= positions.old_m[:, None]
    seconds += problem.stops.service_s[stops] - positions.old_s[:, None]
    return metres, seconds, (to, on)


def _fastest(problem: RoutingProblem) -> Ints:
    """Return for each type of vehicle the percentage of the roads' seconds that driving takes at least (V,)."""
    if not len(problem.traffic):
        return np.full(len(problem.vehicles), 100, dtype=np.int64)
    least: Ints = np.minimum(problem.traffic.percent.min(axis=1), 100)[problem.vehicles.profile]
    return least


def _on_route(problem: RoutingProblem, number: int, route: VehicleRoute) -> Iterator[dict[str, Ints]]:
    """Yield the positions on the trips of a route, then those of a trip of its own."""
    kinds, v = problem.vehicles, route.vehicle
    before, after = route.arcs(problem)
    old_m, road_s = problem.roads.along(int(kinds.profile[v]), before, after)
    old_s = road_s + approach_seconds(problem, before, after)
    over, begun = clock_bounds(problem, v, route.trips)
    sizes = np.array([len(trip) + 1 for trip in route.trips])
    starts = np.cumsum(sizes) - sizes
    rooms = [rooms_on(problem, v, trip) for trip in route.trips]
    trip_of = np.repeat(np.arange(sizes.size), sizes)
    stops = list(route.stops)
    loading = sum(int(problem.depots.loading_s[place]) for place in before[starts].tolist())
    least = int(_fastest(problem)[v])
    work = loading + int(problem.stops.service_s[stops].sum()) + int(old_s.sum()) * least // 100
    late = problem.stops.late_per_hour_minor[stops].any()
    plain = not (late or len(problem.traffic) or len(problem.breaks) or np.isin(problem.windows.stop, stops).any())
    worked = route.end_at - route.start_at
    common = {
        "route": number,
        "vehicle": v,
        "room_m": int(kinds.max_distance_m[v]) - int(old_m.sum()),
        "work_s": work,
        "worked_s": worked,
        "floor_s": worked if plain else work,
        "spare_minor": _lateness_minor(problem, route),
    }
    yield _filled(common, sizes.sum()) | {
        "trip": trip_of,
        "at": np.arange(trip_of.size) - starts[trip_of],
        "fresh": np.zeros(trip_of.size, dtype=np.int64),
        "before": before,
        "after": after,
        "old_m": old_m,
        "old_s": old_s,
        "leave_at": over[:-1],
        "reach_at": begun[1:],
        "room": np.concatenate([room for room, _ in rooms]),
        "pickup_room": np.concatenate([room for _, room in rooms]),
    }
    if len(route.trips) - 1 < int(kinds.max_reloads[v]):
        ends = np.append(starts, trip_of.size)  # the visit at which each trip, and then the route, begins or ends
        yield from (
            _filled(common, 1) | _own_trip(problem, route, trip, over[visit - 1] if trip else 0, begun[visit])
            for trip, visit in enumerate(ends.tolist())
        )


def _own_trip(problem: RoutingProblem, route: VehicleRoute, trip: int, free_at: int, reach_at: int) -> dict[str, Ints]:
    """Return the position of a trip of its own before trip ``trip`` of a route, or after the last.

    Parameters
    ----------
    free_at
        When the stop before, if there is any, is done at the earliest.
    reach_at
        When what follows must have begun.
    """
    kinds, depots, v = problem.vehicles, problem.depots, route.vehicle
    start, reload, end = int(kinds.start[v]), int(kinds.reload[v]), int(kinds.end[v])
    loads_at = reload if trip else start
    comes_to = reload if trip < len(route.trips) else end
    way_m = way_s = old_m = old_s = 0
    if trip:
        last = problem.place(route.trips[trip - 1][-1])
        here = np.array([last, last])
        metres, seconds = problem.roads.along(int(kinds.profile[v]), here, np.array([loads_at, comes_to]))
        (way_m, old_m), (way_s, old_s) = metres.tolist(), seconds.tolist()
    ready = free_at + way_s * int(_fastest(problem)[v]) // 100 if trip else int(kinds.shift_start_at[v])
    loading = int(depots.loading_s[loads_at])
    single = {
        "trip": trip,
        "at": 0,
        "fresh": 1,
        "before": loads_at,
        "after": comes_to,
        "old_m": old_m - way_m,
        "old_s": old_s - way_s - loading,
        "leave_at": max(ready, int(depots.open_at[loads_at])) + loading,
        "reach_at": reach_at if start == reload or trip else -NO_WAY,  # else the first trip would begin elsewhere
    }
    capacity = kinds.capacity[v][None]
    return _filled(single, 1) | {"room": capacity, "pickup_room": capacity}


def _new_route(problem: RoutingProblem, v: int) -> dict[str, Ints]:
    """Return the position of a route of its own of a type of vehicle."""
    kinds, depots = problem.vehicles, problem.depots
    start, end = int(kinds.start[v]), int(kinds.end[v])
    loading = int(depots.loading_s[start])
    single = dict.fromkeys(Positions.__slots__, 0) | {
        "route": NEW,
        "vehicle": v,
        "fresh": 1,
        "before": start,
        "after": end,
        "leave_at": max(int(kinds.shift_start_at[v]), int(depots.open_at[start])) + loading,
        "reach_at": min(int(kinds.shift_end_at[v]), int(depots.close_at[end])),
        "room_m": int(kinds.max_distance_m[v]),
        "work_s": loading,
    }
    capacity = kinds.capacity[v][None]
    return _filled(single, 1) | {"room": capacity, "pickup_room": capacity}


def rooms_on(problem: RoutingProblem, vehicle: int, trip: Sequence[int]) -> tuple[Ints, Ints]:
    """Return what can still be brought and fetched at each place of a trip (n + 1, M)."""
    stops, pairs = problem.stops, problem.pairs
    change = stops.pickup[list(trip)] - stops.load[list(trip)]
    if len(pairs):
        number = {stop: n for n, stop in enumerate(trip)}
        for pair in np.flatnonzero(np.isin(pairs.pickup, trip)).tolist():
            change[number[int(pairs.pickup[pair])]] += pairs.load[pair]
            change[number[int(pairs.delivery[pair])]] -= pairs.load[pair]
    board = np.vstack([np.zeros_like(change[:1]), np.cumsum(change, axis=0)]) + stops.load[list(trip)].sum(axis=0)
    left = problem.vehicles.capacity[vehicle] - board
    return np.minimum.accumulate(left), np.minimum.accumulate(left[::-1])[::-1]


def _lateness_minor(problem: RoutingProblem, route: VehicleRoute) -> int:
    stops = list(route.stops)
    if not problem.stops.late_per_hour_minor[stops].any():
        return 0
    begins = np.array([at for times in route.service_at for at in times])
    late = np.maximum(0, begins - problem.stops.due_at[stops]) * problem.stops.late_per_hour_minor[stops]
    return -(-int(late.sum()) // SECONDS_PER_HOUR)


def _joined(problem: RoutingProblem, parts: Sequence[dict[str, Ints]]) -> Positions:
    none = np.zeros((0, problem.vehicles.capacity.shape[1]), dtype=np.int64)
    empty = {
        name: none if "room" in name and name != "room_m" else np.zeros(0, dtype=np.int64)
        for name in Positions.__slots__
    }
    columns = {name: np.concatenate([part[name] for part in (empty, *parts)]) for name in empty}
    fresh = columns.pop("fresh") > 0
    return Positions(fresh=fresh, **columns)


def _filled(values: dict[str, int], count: int) -> dict[str, Ints]:
    return {name: np.full(count, value, dtype=np.int64) for name, value in values.items()}
