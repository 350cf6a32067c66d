"""A running plan at the present moment, made of the plan and of what was seen of its vehicles.

The past is told in the words of the plan: who was at a stop for longer or shorter than planned, or whose drive took
another time, begins the next visit when it was seen to begin. Where a drive was faster than the roads know, the service
before it was shorter; where even that is not enough, the visit counts as begun a little later than it did.

Rests are not seen: a plan with rests keeps those that it has, at the moments that it has for them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from doorstep.foundation import InputError
from doorstep.vehicle_routing import RoutePlan, RoutingProblem, VehicleRoute
from doorstep.vehicle_routing.hours import Hours, hours_of
from doorstep.vehicle_routing.running import RunningPlan
from doorstep.vehicle_routing.schedule import approach_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was seen of a vehicle: when each of its first visits, loadings among them, began [epoch s].

    ``left_at`` is when it left the last of them, None if it is there still; then ``due_at`` is when it will begin the
    next one by what tracking says, None for what the roads say.
    """

    begins: tuple[int, ...] = ()
    left_at: int | None = None
    due_at: int | None = None


NOTHING = Seen()
"""A vehicle that has not begun."""


def present(
    problem: RoutingProblem,
    plan: RoutePlan,
    seen: Sequence[Seen],
    now: int,
    *,
    dropped: frozenset[int] = frozenset(),
    halted: frozenset[int] = frozenset(),
) -> RunningPlan:
    """Return the plan as it runs at ``now``: what has begun, and what vehicles are on their way to, is settled.

    The problem is the one that the plan was made for, and expects: its windows of settled stops become the moments at
    which they were served, its service times there what they took.

    Raises
    ------
    InputError
        If something was seen of more or fewer routes than there are, or of more visits than a route has.
    """
    if len(seen) != len(plan.routes):
        raise InputError(f"seen tells of {len(seen)} routes, the plan has {len(plan.routes)}.")
    start_at, end_at = problem.stops.start_at.copy(), problem.stops.end_at.copy()
    release_at, service_s = problem.stops.release_at.copy(), problem.stops.service_s.copy()
    routes, settled = [], []
    for number, (route, one) in enumerate(zip(plan.routes, seen, strict=True)):
        if len(one.begins) > len(route.trips) + len(route.stops):
            raise InputError(f"seen[{number}] has {len(one.begins)} visits, more than route {number}.")
        past = _past(problem, route, one, now, is_halted=number in halted)
        settled.append(len(past))
        routes.append(_retold(route, past))
        loaded = [visit.begin for visit in past[: len(one.begins)] if visit.stop < 0]
        for trip, load_at in zip(route.trips, loaded, strict=False):
            release_at[list(trip)] = np.minimum(release_at[list(trip)], load_at)
        for visit in past:
            if visit.stop >= 0:
                start_at[visit.stop] = end_at[visit.stop] = visit.begin
                service_s[visit.stop] = visit.stay_s
    stops = replace(problem.stops, start_at=start_at, end_at=end_at, release_at=release_at, service_s=service_s)
    return RunningPlan(
        problem=replace(problem, stops=stops),
        plan=RoutePlan(routes=tuple(routes)),
        now=now,
        settled=tuple(settled),
        dropped=dropped,
        halted=halted,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Visit:
    """A visit that is settled: the stop (-1: a loading), when the vehicle arrives, begins, and how long it stays."""

    stop: int
    arrive: int
    begin: int
    stay_s: int


def _past(problem: RoutingProblem, route: VehicleRoute, seen: Seen, now: int, *, is_halted: bool) -> list[_Visit]:
    """Return the visits that are settled, as the roads of the problem allow them."""
    if not seen.begins:
        return []
    hours, legs = hours_of(problem, int(problem.vehicles.profile[route.vehicle])), _legs(problem, route)
    begins, count = list(seen.begins), len(route.trips) + len(route.stops)
    if seen.left_at is not None and len(begins) < count and not is_halted:
        drive_s, walk_s = legs[len(begins)]
        arrives = max(now, hours.arrival(seen.left_at, drive_s) + walk_s) if seen.due_at is None else seen.due_at
        begins.append(_opens(problem, route, len(begins), max(now, arrives)))
    stops, found = _stops(route), list[_Visit]()
    reached, arrived = begins[0], begins[0]
    for n, begin in enumerate(begins):
        begin = max(begin, reached)
        planned = _planned_s(problem, route, n)
        if n + 1 < len(begins):
            drive_s, walk_s = legs[n + 1]
            stay_s = planned if stops[n] < 0 else _stay_s(hours, begin, planned, drive_s, begins[n + 1] - walk_s)
            next_at = hours.arrival(begin + stay_s, drive_s)
        else:
            is_next = n >= len(seen.begins)
            since = begin if is_halted else now
            stay_s, begin = _still_there(seen, planned, begin, since, is_loading=stops[n] < 0, is_next=is_next)
            next_at, walk_s = begin + stay_s, 0
        found.append(_Visit(stop=stops[n], arrive=arrived, begin=begin, stay_s=stay_s))
        arrived, reached = next_at, next_at + walk_s
    return found


def _still_there(
    seen: Seen, planned_s: int, begin: int, now: int, *, is_loading: bool, is_next: bool
) -> tuple[int, int]:
    """Return how long the last settled visit takes, and when it begins: a loading that takes longer begins later."""
    if is_next:
        return planned_s, begin
    leaves = max(now, begin + planned_s) if seen.left_at is None else max(begin, seen.left_at)
    return (planned_s, max(begin, leaves - planned_s)) if is_loading else (leaves - begin, begin)


def _stay_s(hours: Hours, begin: int, planned_s: int, drive_s: int, by: int) -> int:
    """Return the longest stay, at most as planned, after which a drive ends in time; none at all if none does."""
    if hours.arrival(begin + planned_s, drive_s) <= by:
        return planned_s
    low, high = 0, planned_s
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if hours.arrival(begin + middle, drive_s) <= by else (low, middle)
    return low


def _stops(route: VehicleRoute) -> list[int]:
    """Return the stop of each visit, -1 for loadings."""
    return [stop for trip in route.trips for stop in (-1, *trip)]


def _legs(problem: RoutingProblem, route: VehicleRoute) -> list[tuple[int, int]]:
    """Return the seconds on the road and on foot to each visit; to a loading those from the trip before."""
    origins, targets = route.arcs(problem)
    _, seconds = problem.roads.along(int(problem.vehicles.profile[route.vehicle]), origins, targets)
    walks = approach_seconds(problem, origins, targets)
    return [(0, 0), *zip(seconds.tolist(), walks.tolist(), strict=True)][:-1]


def _planned_s(problem: RoutingProblem, route: VehicleRoute, visit: int) -> int:
    stop = _stops(route)[visit]
    depot = int((problem.vehicles.reload if visit else problem.vehicles.start)[route.vehicle])
    return int(problem.depots.loading_s[depot] if stop < 0 else problem.stops.service_s[stop])


def _opens(problem: RoutingProblem, route: VehicleRoute, visit: int, arrives: int) -> int:
    """Return when a visit may begin for a vehicle that arrives; at once where it is too late for every window."""
    stop = _stops(route)[visit]
    if stop >= 0:
        opens = [max(arrives, start) for start, end in problem.windows_of(stop) if end >= arrives]
        return min(opens, default=arrives)
    trip = _stops(route)[: visit + 1].count(-1) - 1
    depot = int(problem.vehicles.reload[route.vehicle])
    released = int(problem.stops.release_at[list(route.trips[trip])].max(initial=arrives))
    return max(arrives, released, int(problem.depots.open_at[depot]))


def _retold(route: VehicleRoute, past: Sequence[_Visit]) -> VehicleRoute:
    """Return the route with the moments of its settled visits."""
    load_at = list(route.load_at)
    arrive_at, service_at = [list(row) for row in route.arrive_at], [list(row) for row in route.service_at]
    trip, place = -1, 0
    for visit in past:
        if visit.stop < 0:
            trip, place = trip + 1, 0
            load_at[trip] = visit.begin
        else:
            arrive_at[trip][place], service_at[trip][place] = visit.arrive, visit.begin
            place += 1
    return replace(
        route,
        load_at=tuple(load_at),
        arrive_at=tuple(tuple(row) for row in arrive_at),
        service_at=tuple(tuple(row) for row in service_at),
    )
