"""Making a running plan right again after something has happened, without changing more of it than allowed.

First what can stay stays: routes whose clock still holds; from others, as few stops as possible leave. Then all stops
in no route are put where they cost least (``quotes.py``). Then an engine searches a few routes at a time, first near
what has happened, and what it finds is taken if all changes together are within the budget.

A limit of shifts is kept by narrower windows around the times that people know, so no engine can break it. Where the
events alone break it, a later time cannot be helped, and it is said.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from doorstep.foundation import InputError, Iterations, Stop
from doorstep.foundation.arrays import Ints
from doorstep.vehicle_routing.changes import Budget, moved_stops, sequences_of, times_of
from doorstep.vehicle_routing.patch import patch_of
from doorstep.vehicle_routing.plan import RoutePlan, VehicleRoute
from doorstep.vehicle_routing.positions import rooms_on
from doorstep.vehicle_routing.problem import REQUIRED, MoreWindows, RoutingProblem
from doorstep.vehicle_routing.quotes import LivePlan, Offer
from doorstep.vehicle_routing.remaining import Remaining, Trips, remaining
from doorstep.vehicle_routing.running import RunningPlan
from doorstep.vehicle_routing.schedule import schedule_route
from doorstep.vehicle_routing.sisr import SisrSolver
from doorstep.vehicle_routing.solver import Solver

ROUND = 20_000
"""Iterations of a search of a few routes."""
ROUTES = (2, 3, 4)
"""Routes that are searched together, in turns."""
Key = tuple[int, Trips, bytes]
Memory = dict[Key, VehicleRoute | None]
"""What could stay of routes, by what it depends on."""
GENTLE = SisrSolver(threads=1, heat=0.1)
"""An engine that starts cool, so that it changes little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """A plan made right, and what that changed.

    ``moved`` stops are on another route or in another order, ``displaced`` ones were on routes that are halted.
    ``shift_s`` says by how much later each other stop that stays is served, ``relaxed`` which stops more than the
    budget allows, because it could not be helped. ``left_out`` were to be served and are not; ``cost_before_minor`` is
    what the plan would have cost had nothing happened. ``problem`` is the one that the plan is of: the running plan's,
    less pairs that were fetched and can no longer be brought, which come home.
    """

    problem: RoutingProblem = field(compare=False)
    plan: RoutePlan
    moved: frozenset[int]
    displaced: frozenset[int]
    shift_s: dict[int, int]
    relaxed: frozenset[int]
    left_out: frozenset[int]
    cost_before_minor: int
    cost_minor: int
    objective_minor: int


def repair(
    running: RunningPlan,
    budget: Budget,
    stop: Stop,
    *,
    seed: int,
    solver: Solver = GENTLE,
    memory: Memory | None = None,
) -> Repair:
    """Return the running plan made right again.

    Stops in no route join where they pay; what is settled stays. ``budget`` counts stops that move by choice: not those
    that leave a route because they must. With a ``memory``, which may only know running plans that differ in windows
    and lateness, routes in which nothing differs are not looked at again.

    Raises
    ------
    InputError
        If the engine cannot plan what the problem asks for.
    """
    stop.spent()  # its clock begins here
    now = running
    found = _restored(now, budget, {} if memory is None else memory)
    while lost := found.lost():
        now = now.given_up(lost)
        found = _restored(now, budget, {})
    first = [*_open(found.left, found.base), *_neighbours(found.left, found.base, found.known)]
    plan = _searched(found.left, found.base, found.plan, first, budget.moved, stop, seed, solver)
    return _report(running, now.problem, found.left.join(plan), budget)


def replan(running: RunningPlan, stop: Stop, *, seed: int, solver: Solver) -> Repair:
    """Return the running plan made anew by an engine: what is settled stays, everything else may change.

    Raises
    ------
    InputError
        If the engine cannot plan what the problem asks for.
    """
    stop.spent()
    now = running
    found = _restored(now, Budget(), {})
    while lost := found.lost():
        now = now.given_up(lost)
        found = _restored(now, Budget(), {})
    plan = solver.solve(found.left.problem, stop, seed=seed, start=found.plan)
    return _report(running, now.problem, found.left.join(plan), Budget())


class _Restored(NamedTuple):
    """What remains, of it what could stay (``base``), when people expect us, and the plan with all that has a place."""

    left: Remaining
    base: RoutePlan
    known: Ints
    plan: RoutePlan

    def lost(self) -> set[int]:
        """Return the stops to which something rides that can no longer be brought to them."""
        return self.left.running.riding - set(self.left.stop[list(self.plan.served())].tolist())


def _restored(running: RunningPlan, budget: Budget, memory: Memory) -> _Restored:
    """Return the plan that keeps its rules again, without an engine."""
    left = remaining(running)
    base = _base(left, memory)
    known = _known_times(left, running.plan)
    left = _narrowed(left, base, known, budget.shift_s)
    live = _filled(LivePlan.of(left.problem, base), _open(left, base))
    stuck = [n for n in _open(left, live.plan) if known[n] >= 0 or left.problem.stops.prize_minor[n] == REQUIRED]
    if stuck:
        left = _widened(left, running, stuck)
        live = _filled(live.over(left.problem), stuck)
        stuck = [n for n in stuck if n not in live.plan.served()]
    if stuck:  # to be served at all counts more than when: who could serve them may be later elsewhere
        numbers = {r for n in stuck for r in _who_may(left, live.plan, n)}
        rows = sorted({n for r in numbers for n in live.plan.routes[r].stops if known[n] >= 0})
        left = _widened(left, running, rows)
        live = _filled(LivePlan.of(left.problem, live.plan), stuck)
    return _Restored(left, base, known, live.plan)


def _base(left: Remaining, memory: Memory) -> RoutePlan:
    """Return what can stay as it is: routes without the stops that must leave them."""
    routes = []
    for vehicle, trips in left.sequences():
        key = _key(left, vehicle, trips)
        if key not in memory:
            memory[key] = _route(left.problem, vehicle, trips) or _shortened(left, vehicle, trips)
        route = memory[key]
        if route is not None:
            routes.append(route)
        elif vehicle >= left.own:
            number = left.routes[vehicle - left.own]
            raise InputError(
                f"the vehicle of route {number} cannot be home in time, even if it serves nobody.",
                hint="Maybe its shift must be longer.",
            )
    return RoutePlan(routes=tuple(routes))


def _key(left: Remaining, vehicle: int, trips: Trips) -> Key:
    """Return a route, and all of its stops that chances change."""
    stops, rows = left.problem.stops, [stop for trip in trips for stop in trip]
    asked = (left.stop, stops.start_at, stops.end_at, stops.due_at, stops.late_per_hour_minor)
    return vehicle, trips, b"".join(column[rows].tobytes() for column in asked)


def _shortened(left: Remaining, vehicle: int, trips: Trips) -> VehicleRoute | None:
    """Return a route that keeps its clock without one stop, rather not one on board, else with those that fit."""
    problem, anchors = left.problem, len(left.routes)
    free = [stop for trip in trips for stop in trip if stop >= anchors]
    ways = []
    for stop in free:
        route = _route(problem, vehicle, _less(problem, trips, {stop}))
        if route is not None:
            ways.append((bool(problem.stops.vehicle[stop] >= 0), route.cost_minor(problem), stop, route))
    if ways:
        return min(ways, key=lambda way: way[:3])[3]
    gone = set(free)
    best = _route(problem, vehicle, _less(problem, trips, gone))
    for stop in free:
        route = _route(problem, vehicle, _less(problem, trips, gone - {stop}))
        if route is not None:
            gone, best = gone - {stop}, route
    return best


def _route(problem: RoutingProblem, vehicle: int, trips: Trips) -> VehicleRoute | None:
    """Return a route that keeps its clock and has room for all on board: more than planned if some of it rides on."""
    full = any(trip and rooms_on(problem, vehicle, trip)[0][-1].min() < 0 for trip in trips)
    return None if full else schedule_route(problem, vehicle, trips)


def _less(problem: RoutingProblem, trips: Trips, gone: set[int]) -> Trips:
    """Return trips without some stops and those that are paired with them."""
    pairs = problem.pairs
    for one, other in zip(pairs.pickup.tolist(), pairs.delivery.tolist(), strict=True):
        if one in gone or other in gone:
            gone = gone | {one, other}
    return tuple(tuple(stop for stop in trip if stop not in gone) for trip in trips)


def _known_times(left: Remaining, plan: RoutePlan) -> Ints:
    """Return when people expect us at each remaining stop (N,), -1 where they do not."""
    times = times_of(plan)
    return np.array([times.get(stop, -1) for stop in left.stop.tolist()], dtype=np.int64)


def _open(left: Remaining, plan: RoutePlan) -> list[int]:
    """Return the stops in no route, those that must be served first, then the narrow ones."""
    stops, served = left.problem.stops, plan.served()
    return sorted(
        (n for n in range(len(left.routes), len(stops)) if n not in served),
        key=lambda n: (stops.prize_minor[n] != REQUIRED, stops.end_at[n] - stops.start_at[n], n),
    )


def _narrowed(left: Remaining, base: RoutePlan, known: Ints, shift_s: int) -> Remaining:
    """Return what remains with windows around the times that people know, as far as the base keeps them."""
    times, problem, stops = times_of(base), left.problem, left.problem.stops
    start_at, end_at = stops.start_at.copy(), stops.end_at.copy()
    narrow = np.flatnonzero(known >= 0)
    for n in narrow.tolist():
        at = times.get(n, int(known[n]))
        low, high = min(known[n] - shift_s, at), max(known[n] + shift_s, at)
        opens, closes = min(problem.windows_of(n), key=lambda window: (not window[0] <= at <= window[1], window))
        start_at[n], end_at[n] = max(opens, low), min(closes, high)
        if start_at[n] > end_at[n]:
            start_at[n], end_at[n] = opens, closes  # a window that has changed counts more than a time known before
    return _with_windows(left, replace(problem, stops=replace(stops, start_at=start_at, end_at=end_at)), narrow)


def _widened(left: Remaining, running: RunningPlan, stops: Sequence[int]) -> Remaining:
    """Return what remains with the windows that some stops have in truth; who has several keeps the narrowed one."""
    truth = remaining(running).problem
    rows = np.array([n for n in stops if n not in truth.windows.stop], dtype=np.int64)
    return _with_windows(left, truth, rows)


def _with_windows(left: Remaining, other: RoutingProblem, rows: Ints) -> Remaining:
    """Return what remains with the first windows of some stops from another problem, and no further ones."""
    whole = left.running.problem
    parts = []
    for problem, here in ((left.problem, rows), (whole, left.stop[rows])):
        start_at, end_at = problem.stops.start_at.copy(), problem.stops.end_at.copy()
        start_at[here], end_at[here] = other.stops.start_at[rows], other.stops.end_at[rows]
        more = problem.windows
        kept = ~np.isin(more.stop, here)
        windows = MoreWindows(stop=more.stop[kept], start_at=more.start_at[kept], end_at=more.end_at[kept])
        parts.append(replace(problem, stops=replace(problem.stops, start_at=start_at, end_at=end_at), windows=windows))
    return replace(left, problem=parts[0], running=replace(left.running, problem=parts[1]))


def _filled(live: LivePlan, stops: Sequence[int]) -> LivePlan:
    """Return the plan with stops put where they cost least, if they must be served or it pays."""
    problem = live.problem
    paired = {*problem.pairs.pickup.tolist(), *problem.pairs.delivery.tolist()}
    for stop in stops:
        if stop in paired:
            continue
        found = [one for one in live.quote(stop) if isinstance(one, Offer)]
        best = min(found, key=lambda offer: offer.cost_minor, default=None)
        prize = int(problem.stops.prize_minor[stop])
        if best is not None and (prize == REQUIRED or best.cost_minor < prize):
            live = live.with_offer(best)
    return live


def _who_may(left: Remaining, plan: RoutePlan, stop: int) -> list[int]:
    """Return the routes of the vehicle that alone may serve a stop, or those that come nearest."""
    only = int(left.problem.stops.vehicle[stop])
    own = [r for r, route in enumerate(plan.routes) if route.vehicle == only]
    return own or _nearest_routes(left.problem, plan, stop, max(ROUTES))


def _neighbours(left: Remaining, base: RoutePlan, known: Ints) -> list[int]:
    """Return stops near what has happened: beside those that are gone, and the one of each route that is most late."""
    number = {int(stop): n for n, stop in enumerate(left.stop) if stop >= 0}
    gone = left.running.dropped
    found = []
    for route in left.running.plan.routes:
        stops = route.stops
        near = [stops[max(0, n - 1)] for n, stop in enumerate(stops) if stop in gone]
        found += [number[stop] for stop in near if stop in number]
    times = times_of(base)
    for route in base.routes:
        late = [(times[n] - int(known[n]), n) for n in route.stops if known[n] >= 0]
        found += [n for shift_s, n in [max(late, default=(0, 0))] if shift_s > 0]
    return found


def _searched(
    left: Remaining,
    base: RoutePlan,
    plan: RoutePlan,
    first: Sequence[int],
    most: int,
    stop: Stop,
    seed: int,
    solver: Solver,
) -> RoutePlan:
    """Return the plan after an engine has searched a few routes at a time; of the base's stops at most some move."""
    problem, before = left.problem, sequences_of(base)
    for turn, focus in enumerate(_foci(left, first, seed)):
        granted = stop.take(ROUND) if plan.routes else 0
        if granted <= 0:
            break
        numbers = _nearest_routes(problem, plan, focus, ROUTES[turn % len(ROUTES)])
        patch = patch_of(problem, plan, numbers, _open(left, plan))
        found = solver.solve(patch.problem, Iterations(limit=granted), seed=seed + turn, start=patch.start)
        if found.objective_minor(patch.problem) >= patch.start.objective_minor(patch.problem):
            continue
        whole = patch.join(found)
        if len(moved_stops(before, sequences_of(whole))) <= most:
            plan = whole
    return plan


def _foci(left: Remaining, first: Sequence[int], seed: int) -> Iterator[int]:
    """Yield stops around which to search: those near what has happened, twice, then any."""
    rng, count = np.random.default_rng(seed), len(left.problem.stops)
    yield from first
    yield from first
    while count:
        yield int(rng.integers(count))


def _nearest_routes(problem: RoutingProblem, plan: RoutePlan, focus: int, count: int) -> list[int]:
    """Return the routes that come nearest to a stop."""
    stops = np.array([stop for route in plan.routes for stop in route.stops], dtype=np.int64)
    number = np.repeat(np.arange(len(plan.routes)), [len(route.stops) for route in plan.routes])
    sites = len(problem.depots)
    metres, _ = problem.roads.along(0, np.full(stops.size, sites + focus), sites + stops)
    nearest = np.full(len(plan.routes), np.iinfo(np.int64).max)
    np.minimum.at(nearest, number, metres)
    order: list[int] = np.argsort(nearest, kind="stable")[:count].tolist()
    return order


def _report(running: RunningPlan, problem: RoutingProblem, plan: RoutePlan, budget: Budget) -> Repair:
    settled, old, new = running.settled_stops, times_of(running.plan), times_of(plan)
    halted = {stop for r in running.halted for stop in running.plan.routes[r].stops} - settled
    moved = moved_stops(sequences_of(running.plan), sequences_of(plan))
    shift_s = {stop: new[stop] - at for stop, at in old.items() if stop in new and stop not in settled}
    wanted = {*old, *np.flatnonzero(running.problem.stops.prize_minor == REQUIRED).tolist()} - running.dropped
    return Repair(
        problem=problem,
        plan=plan,
        moved=frozenset(moved - halted),
        displaced=frozenset(halted & new.keys()),
        shift_s=shift_s,
        relaxed=frozenset(stop for stop, by in shift_s.items() if abs(by) > budget.shift_s),
        left_out=frozenset(wanted - new.keys()),
        cost_before_minor=running.plan.cost_minor(running.problem),
        cost_minor=plan.cost_minor(problem),
        objective_minor=plan.objective_minor(problem),
    )
