"""A part of a problem and of a plan as the arrays that the kernels work on, and the plan read back from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from doorstep.foundation.arrays import Ints
from doorstep.vehicle_routing.problem import LAST, REQUIRED, RoutingProblem
from doorstep.vehicle_routing.roads import PlaneRoads, TableRoads
from doorstep.vehicle_routing.schedule import approach_seconds
from doorstep.vehicle_routing.sisr import layout as at
from doorstep.vehicle_routing.sisr._links import refresh_all
from doorstep.vehicle_routing.sisr._random import seeded
from doorstep.vehicle_routing.sisr.columns import calendar, kind_rows, mixes, origin_at, stop_rows, visit_rows, walked
from doorstep.vehicle_routing.sisr.layout import Ints32, Search
from doorstep.vehicle_routing.sisr.money import Money
from doorstep.vehicle_routing.sisr.neighbours import nearest_by_points, nearest_by_table, soonest_first, way_there

AROUND = 100
"""Near stops that a ruin walks through."""
REACH, REACH_TIMED, REACH_PAIRED = 30, 40, 60
"""Near stops beside which an insertion looks for a place."""
SPARE_ROUTES = 8
"""Empty routes of each type that are kept beside the used ones."""


class Route(NamedTuple):
    """A vehicle type and the stops of its trips."""

    kind: int
    trips: list[list[int]]

    @property
    def stops(self) -> list[int]:
        """All stops in order."""
        return [stop for trip in self.trips for stop in trip]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some stops of a problem with the routes that serve them; ``rows`` (R,) are their stops, in the order of nodes."""

    problem: RoutingProblem
    rows: Ints
    search: Search


def pack(
    problem: RoutingProblem,
    rows: Ints,
    routes: Sequence[Route],
    fleet: Ints,
    money: Money,
    rng: np.random.Generator,
    near: Ints32 | None = None,
) -> Part:
    """Return the arrays of some stops, with the routes that serve them linked.

    Parameters
    ----------
    rows : (R,)
        Stops of the part. Those in no route are left out at first.
    routes
        Vehicle type and trips (stops of the problem, all in ``rows``) of each route.
    fleet : (V,)
        Vehicles of each type that the part may use.
    money
        What everything costs.
    near : (R, K), optional
        Nearest rows of each row, if they are known.
    """
    kind = kind_rows(problem, money)
    roads, depots = problem.roads, len(problem.depots)
    places = np.concatenate([np.arange(depots), depots + rows])
    points = roads.points()
    xy, table = np.zeros((1, 2)), np.zeros((1, 1, 1, 2), dtype=np.int32)
    if isinstance(roads, PlaneRoads):
        xy = np.ascontiguousarray(points[places])
    else:
        table = _table(problem, places)
    paired = len(problem.pairs) > 0
    near = near if near is not None else _nearest(problem, rows, table)
    near = soonest_first(problem, rows, near) if paired else near
    route, node = _nodes(problem, rows, routes, fleet, kind)
    mixed = problem.stops.load.shape[1] if mixes(problem) else 0
    timed = int(mixed > 0 or walked(problem) or _is_timed(problem, rows))
    number = np.zeros(at.NUMBERS, dtype=np.int64)
    number[at.DIMS] = kind.shape[1] - at.CAPACITY
    number[at.REACH] = min(REACH_PAIRED if paired else REACH_TIMED if timed else REACH, near.shape[1])
    number[at.PLANE], number[at.TIMED] = isinstance(roads, PlaneRoads), timed
    number[at.PAID] = timed and _is_paid(problem)
    number[at.RELOADS] = (kind[:, at.MOST_TRIPS] > 1).any()
    number[at.CHAINED] = timed and (number[at.RELOADS] or released(problem, rows))
    number[at.LOST], number[at.MISSING] = -1, money.missing
    number[at.CARGO], number[at.PAIRED] = mixed, paired
    number[at.WALKED], number[at.PERIODS] = walked(problem), len(problem.traffic)
    number[at.OPTIONAL] = bool((problem.stops.prize_minor[rows] != REQUIRED).any())
    number[at.LEAST_PER_M] = kind[:, at.PER_M].min(initial=at.FAR)
    search = Search(
        node=node,
        stop=stop_rows(problem, rows, money),
        visit=visit_rows(problem, rows, money),
        route=route,
        calendar=calendar(problem, kind),
        kind=kind,
        cargo=np.zeros((node.shape[0], 3 * mixed), dtype=np.int32),
        near=near,
        near_m=way_there(problem, rows, near),
        xy=xy,
        table=table,
        spare=np.zeros((kind.shape[0], route.shape[0]), dtype=np.int64),
        pool=np.zeros(rows.size + 1, dtype=np.int64),
        work=np.zeros((node.shape[0] + 1, at.WORK_COLUMNS), dtype=np.int64),
        best=np.zeros((node.shape[0], 3), dtype=np.int32),
        number=number,
        real=np.array([roads.scale, roads.offset] if isinstance(roads, PlaneRoads) else [1.0, 0.0]),
        random=seeded(rng),
    )
    part = Part(problem=problem, rows=rows, search=search)
    _link(part, routes)
    return part


def _nearest(problem: RoutingProblem, rows: Ints, table: Ints32) -> Ints32:
    """Return the nearest rows of each row, by a table (1, P, P, 2) of its places where there is one to be read."""
    points, depots = problem.roads.points(), len(problem.depots)
    if points.shape[0] and not isinstance(problem.roads, TableRoads):  # tables know better what is near
        return nearest_by_points(points[depots + rows], AROUND)
    return nearest_by_table(table[0, depots:, depots:, 0], AROUND)


def unpack(part: Part, *, best: bool) -> list[Route]:
    """Return the routes of the best plan or of the current one, by their heads."""
    s = part.search
    following = (s.best[:, 0] if best else s.node[:, at.NEXT]).tolist()
    rows, stops = part.rows.tolist(), part.rows.size
    found: dict[int, Route] = {}
    for r, (kind, head) in enumerate(s.route[:, [at.KIND, at.HEAD]].tolist()):
        depot, trip = stops + r, []
        v = following[depot]
        while v != depot:
            trip.append(rows[v])
            v = following[v]
        if trip:
            found.setdefault(head, Route(kind, [])).trips.append(trip)
    return list(found.values())


def _nodes(
    problem: RoutingProblem, rows: Ints, routes: Sequence[Route], fleet: Ints, kind: Ints
) -> tuple[Ints, Ints32]:
    """Return the trips of used and of spare vehicles, and the nodes of stops and depots, not linked yet."""
    stops, vehicles, depots = problem.stops, problem.vehicles, problem.depots
    used = np.bincount(np.array([route.kind for route in routes], dtype=np.int64), minlength=len(vehicles))
    spare = SPARE_ROUTES + (rows.size - sum(len(route.stops) for route in routes))
    owners = np.repeat(np.arange(len(vehicles)), np.minimum(fleet, np.minimum(used + spare, rows.size)))
    slots = kind[owners, at.SLOTS]
    kinds = np.repeat(owners, slots)
    route = np.zeros((kinds.size, at.ABOARD + kind.shape[1] - at.CAPACITY), dtype=np.int64)
    route[:, at.KIND] = kinds
    route[:, at.HEAD] = np.repeat(np.cumsum(slots) - slots, slots)
    route[:, at.BEFORE_L] = LAST
    node = _aligned(rows.size + kinds.size)
    start = origin_at(problem)
    here = node[: rows.size]
    here[:, at.ROUTE] = -1
    opens, closes = stops.start_at.copy(), stops.end_at.copy()
    np.minimum.at(opens, problem.windows.stop, problem.windows.start_at)
    np.maximum.at(closes, problem.windows.stop, problem.windows.end_at)
    here[:, at.OPEN] = np.clip(opens[rows] - start, 0, LAST)
    here[:, at.CLOSE] = np.clip(closes[rows] - start, -1, LAST)
    here[:, at.SERVICE] = stops.service_s[rows]
    here[:, at.PLACE] = here[:, at.INTO] = len(depots) + np.arange(rows.size)
    home = node[rows.size :]
    begin, end = vehicles.start[kinds], vehicles.end[kinds]
    home[:, at.NEXT] = home[:, at.PREV] = rows.size + np.arange(kinds.size)
    home[:, at.ROUTE] = np.arange(kinds.size)
    home[:, at.PLACE], home[:, at.INTO] = begin, end
    shift = np.column_stack([vehicles.shift_start_at[kinds], vehicles.shift_end_at[kinds]]) - start
    home[:, at.PD] = depots.loading_s[begin]
    home[:, at.PE] = home[:, at.OPEN] = np.maximum(shift[:, 0], depots.open_at[begin] - start)
    home[:, at.PL] = np.clip(np.minimum(shift[:, 1], depots.close_at[begin] - start), -1, LAST)
    home[:, at.SL] = home[:, at.CLOSE] = np.clip(np.minimum(shift[:, 1], depots.close_at[end] - start), -1, LAST)
    return route, node


def _aligned(rows: int) -> Ints32:
    """Return zeros (rows, 16) whose every row is one line of the cache."""
    raw = np.zeros(rows * at.NODE_COLUMNS + 16, dtype=np.int32)
    skip = (-raw.ctypes.data % 64) // 4
    return raw[skip : skip + rows * at.NODE_COLUMNS].reshape(rows, at.NODE_COLUMNS)


def _table(problem: RoutingProblem, places: Ints) -> Ints32:
    """Return metres and seconds (K, P, P, 2) of the profiles, with steps to doors if these are not walked."""
    table = np.empty((problem.roads.profiles, places.size, places.size, 2), dtype=np.int32)
    for profile in range(problem.roads.profiles):
        metres, seconds = problem.roads.block(profile, places)
        np.minimum(metres, LAST, out=table[profile, ..., 0], casting="unsafe")
        np.minimum(seconds, LAST, out=table[profile, ..., 1], casting="unsafe")
    if problem.stops.approach_s.any() and not walked(problem):
        for row, origin in enumerate(places.tolist()):
            table[:, row, :, 1] += approach_seconds(problem, np.full(places.size, origin), places).astype(np.int32)
        np.minimum(table, LAST, out=table)
    return table


def _is_timed(problem: RoutingProblem, rows: Ints) -> bool:
    """Return whether the clock can rule anything out or costs anything."""
    if _is_paid(problem) or not isinstance(problem.roads, PlaneRoads):
        return True
    first, last = origin_at(problem), int(problem.vehicles.shift_end_at.max(initial=0))
    if released(problem, rows):
        return True
    windows = (problem.stops.start_at[rows] > first) | (problem.stops.end_at[rows] < last)
    return bool(windows.any()) or last - first < LAST - 1


def released(problem: RoutingProblem, rows: Ints) -> bool:
    """Return whether some parcel is not ready when the first shift begins."""
    return bool((problem.stops.release_at[rows] > origin_at(problem)).any())


def _is_paid(problem: RoutingProblem) -> bool:
    vehicles = problem.vehicles
    limited = (vehicles.max_duration_s < vehicles.shift_end_at - vehicles.shift_start_at).any()
    return bool(vehicles.per_hour_minor.any() or vehicles.overtime_per_hour_minor.any() or limited)


def _link(part: Part, routes: Sequence[Route]) -> None:
    """Give given routes to vehicles of their types, the trips to the middle of theirs, and count what all costs."""
    s, route = part.search, part.search.route
    number = {int(row): n for n, row in enumerate(part.rows)}
    heads = np.flatnonzero(route[:, at.HEAD] == np.arange(route.shape[0]))
    free = {kind: list(heads[route[heads, at.KIND] == kind][::-1]) for kind in range(s.kind.shape[0])}
    for kind, trips in routes:
        head = int(free[kind].pop())
        route[head, at.SPARE], route[head, at.TRIPS] = -1, len(trips)
        first = head + (int(s.kind[kind, at.SLOTS]) - len(trips)) // 2
        for r, trip in enumerate(trips, start=first):
            _link_trip(part, r, [number[stop] for stop in trip])
    for kind, empty in free.items():
        for head in empty:
            route[head, at.SPARE] = s.kind[kind, at.SPARES]
            s.spare[kind, s.kind[kind, at.SPARES]] = head
            s.kind[kind, at.SPARES] += 1
    if s.number[at.TIMED]:
        for head in np.flatnonzero(route[:, at.TRIPS]).tolist():
            refresh_all(s, head)
    s.number[at.SERVED], s.number[at.USED] = int(route[:, at.COUNT].sum()), np.count_nonzero(route[:, at.COUNT])
    count_money(s)


def _link_trip(part: Part, r: int, sequence: Sequence[int]) -> None:
    s, problem = part.search, part.problem
    node, route, base, depots = s.node, s.route, part.rows.size, len(problem.depots)
    places = np.concatenate([np.arange(depots), depots + part.rows])
    chain = np.array([base + r, *sequence, base + r])
    before, after = chain[:-1], chain[1:]
    profile = int(s.kind[route[r, at.KIND], at.PROFILE])
    gaps, _ = problem.roads.along(profile, places[node[before, at.PLACE]], places[node[after, at.INTO]])
    node[before, at.NEXT], node[after, at.PREV] = after, before
    node[before, at.GAP], node[after, at.BACK] = gaps, gaps
    node[chain[1:-1], at.ROUTE] = r
    route[r, at.COUNT] = len(sequence)
    route[route[r, at.HEAD], at.METRES] += gaps.sum()
    route[r, at.ABOARD :] = s.stop[chain[1:-1], at.LOAD : at.LOAD + int(s.number[at.DIMS])].sum(axis=0)


def left_out(s: Search) -> Ints:
    """Return the leaders of the groups, and the single stops, that are in no route."""
    served = s.node[: s.near.shape[0], at.ROUTE] >= 0
    leader = s.stop[:, at.LEADER]
    return np.setdiff1d(leader, leader[served])


def count_money(s: Search) -> None:
    """Count anew what the current plan costs, and call it the best."""
    used = np.flatnonzero(s.route[:, at.TRIPS])
    kinds = s.route[used, at.KIND]
    money = s.kind[kinds, at.FIXED] + s.kind[kinds, at.PER_M] * s.route[used, at.METRES]
    if s.number[at.TIMED]:
        money += s.route[used, at.TIME]
    served = s.node[: s.near.shape[0], at.ROUTE] >= 0
    total = int(money.sum()) + int(s.stop[served, at.EXTRA].sum()) + int(s.stop[left_out(s), at.PRIZE].sum())
    s.number[at.CURRENT] = s.number[at.BEST] = total
    s.number[at.DIRTY] = 0
    s.best[:, 0], s.best[:, 1], s.best[:, 2] = s.node[:, at.NEXT], s.node[:, at.ROUTE], 0
