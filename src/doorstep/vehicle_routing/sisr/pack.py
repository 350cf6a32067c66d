"""A part of a problem and of a plan as the arrays that the kernels work on, and the plan read back from them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from doorstep.foundation.arrays import Ints
from doorstep.vehicle_routing.problem import LAST, REQUIRED, RoutingProblem
from doorstep.vehicle_routing.roads import PlaneRoads, TableRoads
from doorstep.vehicle_routing.schedule import approach_seconds
from doorstep.vehicle_routing.sisr import layout as at
from doorstep.vehicle_routing.sisr._links import refresh_all
from doorstep.vehicle_routing.sisr._random import seeded
from doorstep.vehicle_routing.sisr.layout import Ints32, Search
from doorstep.vehicle_routing.sisr.money import Money
from doorstep.vehicle_routing.sisr.neighbours import nearest_by_points, nearest_by_table, way_there

AROUND = 100
"""Near stops that a ruin walks through."""
REACH, REACH_TIMED = 30, 40
"""Near stops beside which an insertion looks for a place."""
SPARE_ROUTES = 8
"""Empty routes of each type that are kept beside the used ones."""

Sequences = Sequence[tuple[int, Sequence[int]]]
"""Vehicle type and stops of each route."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some stops of a problem with the routes that serve them; ``rows`` (R,) are their stops, in the order of nodes."""

    problem: RoutingProblem
    rows: Ints
    search: Search


def pack(
    problem: RoutingProblem,
    rows: Ints,
    routes: Sequences,
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
        Vehicle type and stops (of the problem, all in ``rows``) of each route.
    fleet : (V,)
        Vehicles of each type that the part may use.
    money
        What everything costs.
    near : (R, K), optional
        Nearest rows of each row, if they are known.
    """
    kind = _kinds(problem, money)
    roads, depots = problem.roads, len(problem.depots)
    places = np.concatenate([np.arange(depots), depots + rows])
    points = roads.points()
    xy, table_m, table_s = np.zeros((1, 2)), np.zeros((1, 1, 1), np.int32), np.zeros((1, 1, 1), np.int32)
    if isinstance(roads, PlaneRoads):
        xy = np.ascontiguousarray(points[places])
    else:
        table_m, table_s = _tables(problem, places)
    if near is None and points.shape[0] and not isinstance(roads, TableRoads):  # tables know better what is near
        near = nearest_by_points(points[depots + rows], AROUND)
    elif near is None:
        near = nearest_by_table(table_m[0][depots:, depots:], AROUND)
    route, node = _nodes(problem, rows, routes, fleet, kind.shape[1] - at.CAPACITY)
    timed = int(_is_timed(problem, rows))
    number = np.zeros(at.NUMBERS, dtype=np.int64)
    number[at.DIMS] = kind.shape[1] - at.CAPACITY
    number[at.REACH] = min(REACH_TIMED if timed else REACH, near.shape[1])
    number[at.PLANE], number[at.TIMED] = isinstance(roads, PlaneRoads), timed
    number[at.PAID] = timed and _is_paid(problem)
    number[at.LEAST_PER_M] = kind[:, at.PER_M].min(initial=at.FAR)
    search = Search(
        node=node,
        stop=_stop_rows(problem, rows, money),
        route=route,
        kind=kind,
        near=near,
        near_m=way_there(problem, rows, near),
        xy=xy,
        table_m=table_m,
        table_s=table_s,
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


def unpack(part: Part, *, best: bool) -> list[tuple[int, list[int]]]:
    """Return vehicle type and stops of each route, of the best plan or of the current one."""
    s = part.search
    following = (s.best[:, 0] if best else s.node[:, at.NEXT]).tolist()
    stops = part.rows.size
    found = []
    for r, kind in enumerate(s.route[:, at.KIND].tolist()):
        depot, sequence = stops + r, []
        v = following[depot]
        while v != depot:
            sequence.append(int(part.rows[v]))
            v = following[v]
        if sequence:
            found.append((kind, sequence))
    return found


def _kinds(problem: RoutingProblem, money: Money) -> Ints:
    vehicles = problem.vehicles
    capacity = vehicles.capacity if not problem.stops.pickup.any() else np.tile(vehicles.capacity, 2)
    kind = np.zeros((len(vehicles), at.CAPACITY + capacity.shape[1]), dtype=np.int64)
    kind[:, at.PER_M] = money.per_m
    kind[:, at.PER_S] = money.per_s
    kind[:, at.FIXED] = money.fixed
    kind[:, at.MAX_M] = vehicles.max_distance_m
    kind[:, at.MAX_S] = vehicles.max_duration_s
    kind[:, at.OVER_S] = vehicles.overtime_after_s
    kind[:, at.OVER_RATE] = money.over_per_s
    kind[:, at.SKILLS] = vehicles.skills
    kind[:, at.PROFILE] = vehicles.profile
    kind[:, at.CAPACITY :] = capacity
    return kind


def _stop_rows(problem: RoutingProblem, rows: Ints, money: Money) -> Ints:
    stops = problem.stops
    load = stops.load if not stops.pickup.any() else np.hstack([stops.load, stops.pickup])
    stop = np.zeros((rows.size, at.LOAD + load.shape[1]), dtype=np.int64)
    prize = stops.prize_minor[rows]
    sibling, leader = _groups(stops.group[rows])
    stop[:, at.NEEDS] = stops.requirements[rows]
    stop[:, at.ONLY] = stops.vehicle[rows]
    stop[:, at.PRIZE] = np.where(prize == REQUIRED, money.missing, prize * money.minor)
    stop[:, at.EXTRA] = stops.extra_minor[rows] * money.minor
    stop[:, at.SIBLING], stop[:, at.LEADER] = sibling, leader
    np.maximum.at(stop[:, at.PRIZE], leader, stop[:, at.PRIZE].copy())
    stop[:, at.LOAD :] = load[rows]
    return stop


def origin_at(problem: RoutingProblem) -> int:
    """Return the moment from which the kernels count."""
    return int(problem.vehicles.shift_start_at.min(initial=LAST * 8)) if len(problem.vehicles) else 0


def _nodes(problem: RoutingProblem, rows: Ints, routes: Sequences, fleet: Ints, dims: int) -> tuple[Ints, Ints32]:
    """Return the route slots, of used and spare routes, and the nodes of stops and depots, not linked yet."""
    stops, vehicles, depots = problem.stops, problem.vehicles, problem.depots
    used = np.bincount(np.array([kind for kind, _ in routes], dtype=np.int64), minlength=len(vehicles))
    served = sum(len(sequence) for _, sequence in routes)
    spare = SPARE_ROUTES + (rows.size - served)
    kinds = np.repeat(np.arange(len(vehicles)), np.minimum(fleet, np.minimum(used + spare, rows.size)))
    route = np.zeros((kinds.size, at.ABOARD + dims), dtype=np.int64)
    route[:, at.KIND] = kinds
    node = _aligned(rows.size + kinds.size)
    start = origin_at(problem)
    here = node[: rows.size]
    here[:, at.ROUTE] = -1
    here[:, at.OPEN] = np.clip(stops.start_at[rows] - start, 0, LAST)
    here[:, at.CLOSE] = np.clip(stops.end_at[rows] - start, -1, LAST)
    here[:, at.SERVICE] = stops.service_s[rows]
    here[:, at.PLACE] = here[:, at.INTO] = len(depots) + np.arange(rows.size)
    home = node[rows.size :]
    begin, end = vehicles.start[kinds], vehicles.end[kinds]
    home[:, at.NEXT] = home[:, at.PREV] = rows.size + np.arange(kinds.size)
    home[:, at.ROUTE] = np.arange(kinds.size)
    home[:, at.PLACE], home[:, at.INTO] = begin, end
    shift = np.column_stack([vehicles.shift_start_at[kinds], vehicles.shift_end_at[kinds]]) - start
    home[:, at.PD] = depots.loading_s[begin]
    home[:, at.PE] = np.maximum(shift[:, 0], depots.open_at[begin] - start)
    home[:, at.PL] = np.clip(np.minimum(shift[:, 1], depots.close_at[begin] - start), -1, LAST)
    home[:, at.SL] = np.clip(np.minimum(shift[:, 1], depots.close_at[end] - start), -1, LAST)
    return route, node


def _aligned(rows: int) -> Ints32:
    """Return zeros (rows, 16) whose every row is one line of the cache."""
    raw = np.zeros(rows * at.NODE_COLUMNS + 16, dtype=np.int32)
    skip = (-raw.ctypes.data % 64) // 4
    return raw[skip : skip + rows * at.NODE_COLUMNS].reshape(rows, at.NODE_COLUMNS)


def _tables(problem: RoutingProblem, places: Ints) -> tuple[Ints32, Ints32]:
    """Return metres (K, P, P) and seconds (K, P, P), approaches to buildings included, of the profiles in use."""
    metres, seconds = [], []
    origin, target = np.meshgrid(places, places, indexing="ij")
    more = approach_seconds(problem, origin.ravel(), target.ravel()).reshape(origin.shape)
    for profile in range(problem.roads.profiles):
        m, t = problem.roads.block(profile, places)
        metres.append(np.minimum(m, LAST).astype(np.int32))
        seconds.append(np.minimum(t + more, LAST).astype(np.int32))
    same = all((table == metres[0]).all() for table in metres[1:])
    return np.stack(metres[:1] if same else metres), np.stack(seconds)


def _groups(group: Ints) -> tuple[Ints, Ints]:
    """Return for each stop the next stop of its group and the group's first; itself where it is alone."""
    sibling = np.arange(group.size)
    leader = sibling.copy()
    for name in np.unique(group[group >= 0]):
        members = np.flatnonzero(group == name)
        sibling[members] = np.roll(members, -1)
        leader[members] = members[0]
    return sibling, leader


def _is_timed(problem: RoutingProblem, rows: Ints) -> bool:
    """Return whether the clock can rule anything out or costs anything."""
    if _is_paid(problem) or not isinstance(problem.roads, PlaneRoads):
        return True
    first, last = origin_at(problem), int(problem.vehicles.shift_end_at.max(initial=0))
    windows = (problem.stops.start_at[rows] > first) | (problem.stops.end_at[rows] < last)
    return bool(windows.any()) or last - first < LAST - 1


def _is_paid(problem: RoutingProblem) -> bool:
    vehicles = problem.vehicles
    limited = (vehicles.max_duration_s < vehicles.shift_end_at - vehicles.shift_start_at).any()
    return bool(vehicles.per_hour_minor.any() or vehicles.overtime_per_hour_minor.any() or limited)


def _link(part: Part, routes: Sequences) -> None:
    """Put the stops of given routes into slots of their types, and count what the whole costs."""
    s, problem = part.search, part.problem
    node, route = s.node, s.route
    stops = part.rows.size
    number = {int(row): n for n, row in enumerate(part.rows)}
    free = {kind: list(np.flatnonzero(route[:, at.KIND] == kind)[::-1]) for kind in range(s.kind.shape[0])}
    depots = len(problem.depots)
    places = np.concatenate([np.arange(depots), depots + part.rows])
    for kind, sequence in routes:
        r = int(free[kind].pop())
        chain = np.array([stops + r, *(number[stop] for stop in sequence), stops + r])
        before, after = chain[:-1], chain[1:]
        profile = int(s.kind[kind, at.PROFILE])
        gaps, _ = problem.roads.along(profile, places[node[before, at.PLACE]], places[node[after, at.INTO]])
        node[before, at.NEXT], node[after, at.PREV] = after, before
        node[before, at.GAP], node[after, at.BACK] = gaps, gaps
        node[chain[1:-1], at.ROUTE] = r
        route[r, at.COUNT], route[r, at.METRES] = len(sequence), gaps.sum()
        route[r, at.ABOARD :] = s.stop[chain[1:-1], at.LOAD :].sum(axis=0)
        route[r, at.SPARE] = -1
    for kind, slots in free.items():
        for r in slots:
            route[r, at.SPARE] = s.kind[kind, at.SPARES]
            s.spare[kind, s.kind[kind, at.SPARES]] = r
            s.kind[kind, at.SPARES] += 1
    used = np.flatnonzero(route[:, at.COUNT])
    if s.number[at.TIMED]:
        for r in used.tolist():
            refresh_all(s, r)
    s.number[at.SERVED] = int(route[:, at.COUNT].sum())
    count_money(s)


def left_out(s: Search) -> Ints:
    """Return the leaders of the groups, and the single stops, that are in no route."""
    served = s.node[: s.near.shape[0], at.ROUTE] >= 0
    leader = s.stop[:, at.LEADER]
    return np.setdiff1d(leader, leader[served])


def count_money(s: Search) -> None:
    """Count anew what the current plan costs, and call it the best."""
    used = np.flatnonzero(s.route[:, at.COUNT])
    kinds, duration = s.route[used, at.KIND], s.route[used, at.DURATION]
    money = s.kind[kinds, at.FIXED] + s.kind[kinds, at.PER_M] * s.route[used, at.METRES]
    if s.number[at.TIMED]:
        money += s.kind[kinds, at.PER_S] * duration
        money += s.kind[kinds, at.OVER_RATE] * np.maximum(0, duration - s.kind[kinds, at.OVER_S])
    served = s.node[: s.near.shape[0], at.ROUTE] >= 0
    total = int(money.sum()) + int(s.stop[served, at.EXTRA].sum()) + int(s.stop[left_out(s), at.PRIZE].sum())
    s.number[at.CURRENT] = s.number[at.BEST] = total
    s.number[at.DIRTY] = 0
    s.best[:, 0], s.best[:, 1], s.best[:, 2] = s.node[:, at.NEXT], s.node[:, at.ROUTE], 0
