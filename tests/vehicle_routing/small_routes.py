"""Routing problems on a line or a grid, and the brute force that judges plans."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import permutations

import numpy as np

from doorstep.foundation.arrays import Ints
from doorstep.vehicle_routing import RoutePlan, RoutingProblem, Stops, VehicleRoute, VehicleTypes, schedule_route
from doorstep.vehicle_routing.plan import prizes_left_minor
from doorstep.vehicle_routing.problem import Breaks, Depots, MoreWindows, Pairs, Traffic
from doorstep.vehicle_routing.roads import TableRoads

SHIFT = (0, 36_000)
FAR = 1 << 40
LONG = 1 << 28


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A stop at a point of the grid [m]; a metre takes a tenth of a second.

    ``due`` is the moment and what an hour later costs; ``more`` are further windows.
    """

    x: int
    y: int = 0
    window: tuple[int, int] = SHIFT
    more: tuple[tuple[int, int], ...] = ()
    release: int = 0
    service: int = 100
    load: int = 1
    pickup: int = 0
    prize: int = 10_000
    needs: int = 0
    due: tuple[int, int] = (FAR, 0)
    building: int = -1
    approach: int = 0
    extra: int = 0
    group: int = -1
    only: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Van:
    """A type of vehicle; a kilometre costs 100 and an hour 3,600, a unit a second.

    ``reload`` is the start where it is -1; ``overtime`` is after how long an hour costs how much more.
    """

    count: int = 1
    capacity: int = 100
    skills: int = 0
    shift: tuple[int, int] = SHIFT
    range_m: int = FAR
    reloads: int = 0
    fixed: int = 500
    per_km: int = 100
    per_hour: int = 3_600
    start: int = 0
    end: int = 0
    reload: int = -1
    profile: int = 0
    longest: int = LONG
    overtime: tuple[int, int] = (LONG, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Depot:
    """A depot at a point of the grid."""

    x: int = 0
    y: int = 0
    hours: tuple[int, int] = (0, FAR)
    loading: int = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two stops by their numbers, and how long what rides between them may."""

    pickup: int
    delivery: int
    load: int = 1
    ride: int = LONG


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """A break of a type of vehicle."""

    vehicle: int = 0
    earliest: int
    latest: int
    length: int


@dataclass(slots=True)
class Found:
    """The least objective that brute force knows, and how many routes it looked at."""

    objective: int
    looked_at: int = field(default=0)


def routing(
    stops: Sequence[Stop],
    vans: Sequence[Van],
    *,
    loading: int = 60,
    depots: Sequence[Depot] = (),
    pairs: Sequence[Pair] = (),
    rests: Sequence[Rest] = (),
    traffic: Sequence[tuple[int, int]] = (),
    slower: Sequence[int] = (),
) -> RoutingProblem:
    """Return the problem of stops around a site at the origin, or around depots.

    ``traffic`` holds from when on driving takes what percentage; ``slower`` a percentage of time for each profile.
    """
    sites = depots or [Depot(loading=loading)]
    xs, ys = (array([*(getattr(d, name) for d in sites), *(getattr(s, name) for s in stops)]) for name in ("x", "y"))
    metres: Ints = np.abs(xs[:, None] - xs) + np.abs(ys[:, None] - ys)
    seconds = metres // 10
    windows = [(n, *window) for n, stop in enumerate(stops) for window in stop.more]
    percent = [[percent for _, percent in traffic]] * max(1, len(slower))
    return RoutingProblem(
        stops=_stops(stops),
        vehicles=_vans(vans),
        depots=Depots(
            open_at=array([d.hours[0] for d in sites]),
            close_at=array([d.hours[1] for d in sites]),
            loading_s=array([d.loading for d in sites]),
        ),
        roads=TableRoads(
            metres=metres, seconds=np.array([seconds * percent // 100 for percent in slower]) if slower else seconds
        ),
        windows=MoreWindows(**columns(("stop", "start_at", "end_at"), windows)),
        pairs=Pairs(
            load=array([p.load for p in pairs])[:, None] if pairs else array([]),
            **columns(("pickup", "delivery", "max_ride_s"), [(p.pickup, p.delivery, p.ride) for p in pairs]),
        ),
        breaks=Breaks(
            **columns(
                ("vehicle", "earliest_at", "latest_at", "length_s"),
                [(r.vehicle, r.earliest, r.latest, r.length) for r in rests],
            )
        ),
        traffic=Traffic(start_at=array([start for start, _ in traffic]), percent=array(percent))
        if traffic
        else Traffic(),
    )


def _stops(stops: Sequence[Stop]) -> Stops:
    return Stops(
        start_at=array([s.window[0] for s in stops]),
        end_at=array([s.window[1] for s in stops]),
        release_at=array([s.release for s in stops]),
        service_s=array([s.service for s in stops]),
        load=array([s.load for s in stops])[:, None],
        pickup=array([s.pickup for s in stops])[:, None],
        prize_minor=array([s.prize for s in stops]),
        requirements=array([s.needs for s in stops]),
        due_at=array([s.due[0] for s in stops]),
        late_per_hour_minor=array([s.due[1] for s in stops]),
        building=array([s.building for s in stops]),
        approach_s=array([s.approach for s in stops]),
        extra_minor=array([s.extra for s in stops]),
        group=array([s.group for s in stops]),
        vehicle=array([s.only for s in stops]),
    )


def _vans(vans: Sequence[Van]) -> VehicleTypes:
    return VehicleTypes(
        count=array([v.count for v in vans]),
        capacity=array([v.capacity for v in vans])[:, None],
        skills=array([v.skills for v in vans]),
        shift_start_at=array([v.shift[0] for v in vans]),
        shift_end_at=array([v.shift[1] for v in vans]),
        max_distance_m=array([v.range_m for v in vans]),
        max_reloads=array([v.reloads for v in vans]),
        fixed_minor=array([v.fixed for v in vans]),
        per_km_minor=array([v.per_km for v in vans]),
        per_hour_minor=array([v.per_hour for v in vans]),
        start=array([v.start for v in vans]),
        end=array([v.end for v in vans]),
        reload=array([v.start if v.reload < 0 else v.reload for v in vans]),
        profile=array([v.profile for v in vans]),
        max_duration_s=array([v.longest for v in vans]),
        overtime_after_s=array([v.overtime[0] for v in vans]),
        overtime_per_hour_minor=array([v.overtime[1] for v in vans]),
    )


def with_roads(problem: RoutingProblem, change: Callable[[Ints, Ints], None]) -> RoutingProblem:
    """Return the problem with other metres and seconds, which ``change`` changes in place."""
    metres, seconds = (table.astype(np.int64) for table in problem.roads.block(0, np.arange(len(problem.roads))))
    change(metres, seconds)
    return replace(problem, roads=TableRoads(metres=metres, seconds=seconds))


def array(values: Sequence[int] | Sequence[Sequence[int]]) -> Ints:
    """Return whole numbers."""
    return np.array(values, dtype=np.int64)


def columns(names: tuple[str, ...], rows: Sequence[Sequence[int]]) -> dict[str, Ints]:
    """Return the columns of rows by name."""
    return {name: array([row[n] for row in rows]) for n, name in enumerate(names)}


def feasible(problem: RoutingProblem, route: VehicleRoute) -> bool:
    """Return whether a scheduled route keeps loads, skills, range, reloads and pairs; the clock is the schedule's."""
    kinds, v = problem.vehicles, route.vehicle
    needs = int(np.bitwise_or.reduce(problem.stops.requirements[list(route.stops)], initial=0))
    return (
        all(_fits(problem, v, trip) for trip in route.trips)
        and not needs & ~int(kinds.skills[v])
        and bool(np.isin(problem.stops.vehicle[list(route.stops)], (-1, v)).all())
        and route.metres(problem) <= kinds.max_distance_m[v]
        and len(route.trips) - 1 <= kinds.max_reloads[v]
    )


def _fits(problem: RoutingProblem, v: int, trip: Sequence[int]) -> bool:
    """Return whether what is on board always fits, and every pair rides from its pickup to its delivery."""
    stops, pairs = problem.stops, problem.pairs
    on_board = [stops.load[list(trip)].sum(axis=0)]
    riding: set[int] = set()
    for stop in trip:
        change = stops.pickup[stop] - stops.load[stop]
        for pair in range(len(pairs)):
            if stop == pairs.pickup[pair]:
                riding.add(pair)
                change = change + pairs.load[pair]
            if stop == pairs.delivery[pair]:
                if pair not in riding:
                    return False
                riding.remove(pair)
                change = change - pairs.load[pair]
        on_board.append(on_board[-1] + change)
    return not riding and all((load <= problem.vehicles.capacity[v]).all() for load in on_board)


def sound(problem: RoutingProblem, plan: RoutePlan) -> bool:
    """Return whether a plan keeps every rule and brings no stop twice, and no two of a group."""
    stops = [stop for route in plan.routes for stop in route.stops]
    groups = [group for group in problem.stops.group[stops].tolist() if group >= 0]
    out = np.bincount([route.vehicle for route in plan.routes], minlength=len(problem.vehicles))
    again = [schedule_route(problem, route.vehicle, route.trips) for route in plan.routes]
    return (
        len(stops) == len(set(stops))
        and len(groups) == len(set(groups))
        and bool((out <= problem.vehicles.count).all())
        and all(feasible(problem, route) for route in plan.routes)
        and again == list(plan.routes)
    )


def brute_force(problem: RoutingProblem) -> Found:
    """Return the least objective over all sequences of all subsets on every vehicle, of which each type has one.

    One trip for each vehicle, or two where it may reload.
    """
    found = Found(0)
    best = {0: 0}
    for v in range(len(problem.vehicles)):
        cost = {0: 0}
        for mask, trips in _routes(len(problem.stops), reloads=bool(problem.vehicles.max_reloads[v])):
            found.looked_at += 1
            route = schedule_route(problem, v, trips)
            if route is not None and feasible(problem, route):
                cost[mask] = min(cost.get(mask, FAR), route.cost_minor(problem))
        both: dict[int, int] = {}
        for a, paid in best.items():
            for b, more in cost.items():
                if not a & b:
                    both[a | b] = min(both.get(a | b, FAR), paid + more)
        best = both
    served = {mask: [s for s in range(len(problem.stops)) if mask >> s & 1] for mask in best}
    groups = {mask: [g for g in problem.stops.group[stops].tolist() if g >= 0] for mask, stops in served.items()}
    found.objective = min(
        paid + prizes_left_minor(problem, served[mask])
        for mask, paid in best.items()
        if len(groups[mask]) == len(set(groups[mask]))
    )
    return found


def _routes(count: int, *, reloads: bool) -> Iterator[tuple[int, list[tuple[int, ...]]]]:
    """Yield every sequence of every subset of stops as a bit set and trips."""
    for size in range(1, count + 1):
        for order in permutations(range(count), size):
            mask = sum(1 << stop for stop in order)
            yield mask, [order]
            if reloads:
                yield from ((mask, [order[:cut], order[cut:]]) for cut in range(1, size))
