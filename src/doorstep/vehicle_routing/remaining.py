"""What remains of a running plan, as an ordinary problem for any engine, and its answer as a plan of the whole.

Every vehicle that has begun is a type of its own with one vehicle. It starts at a depot of its own, where its last
settled visit is, and "loads" there from the loading of its trip to the end of that visit, so that the clock and what
depends on its length are those of the whole route. Its first stop, the anchor, is at the same place at the moment it is
free: bound to it and required, so that its way home is always counted, and holding as load and pickup what settled
visits leave of its room. Parcels on board are bound to it. Parcels that lie at a depot are released after its loading,
or ask for a skill that it lacks, so that they cannot join a trip that has left; what is fetched can.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Bools, Ints
from doorstep.vehicle_routing.begun import BegunVan, begun_vans
from doorstep.vehicle_routing.plan import Begun, RoutePlan, VehicleRoute
from doorstep.vehicle_routing.problem import (
    REQUIRED,
    Breaks,
    Depots,
    MoreWindows,
    Pairs,
    RoutingProblem,
    Stops,
    VehicleTypes,
)
from doorstep.vehicle_routing.roads import picked
from doorstep.vehicle_routing.running import RunningPlan, settled_trips
from doorstep.vehicle_routing.schedule import FOREVER, schedule_route

Trips = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remaining:
    """The ``problem`` of what remains: stop n of it is ``stop[n]`` (N,) of the running plan's, -1 for an anchor.

    Anchor a, its stop number a, belongs to route ``routes[a]`` of the running plan, whose vehicle is type V + a.
    """

    running: RunningPlan
    problem: RoutingProblem
    stop: Ints
    routes: tuple[int, ...]

    @property
    def own(self) -> int:
        """The first type of vehicle that stands for one vehicle that has begun."""
        return len(self.running.problem.vehicles)

    def sequences(self) -> list[tuple[int, Trips]]:
        """Return type and trips of what the running plan still has to do, whether its clock allows it or not."""
        number = {int(stop): n for n, stop in enumerate(self.stop) if stop >= 0}
        found: list[tuple[int, Trips]] = []
        for anchor, r in enumerate(self.routes):
            route, settled = (
                self.running.plan.routes[r],
                settled_trips(self.running.plan.routes[r], self.running.settled[r]),
            )
            trip = route.trips[len(settled) - 1][len(settled[-1]) :]
            trips = (trip, *route.trips[len(settled) :])
            first, *later = (tuple(number[stop] for stop in trip if stop in number) for trip in trips)
            found.append((self.own + anchor, ((anchor, *first), *(trip for trip in later if trip))))
        for r, (route, count) in enumerate(zip(self.running.plan.routes, self.running.settled, strict=True)):
            left = tuple(tuple(number[s] for s in trip if s in number) for trip in route.trips)
            if count == 0 and r not in self.running.halted and any(left):
                found.append((route.vehicle, tuple(trip for trip in left if trip)))
        return found

    def number(self, stop: int) -> int:
        """Return the number that a stop of the running plan has in what remains.

        Raises
        ------
        InputError
            If it has none, for it is settled or dropped.
        """
        here = np.flatnonzero(self.stop == stop)
        if not here.size:
            raise InputError(f"stop {stop} is settled or dropped.")
        return int(here[0])

    def start(self) -> RoutePlan:
        """Return the running plan as a plan of what remains.

        Raises
        ------
        InputError
            If the clock of a route no longer allows what it has to do: ``repair`` is for that.
        """
        routes = []
        for vehicle, trips in self.sequences():
            route = schedule_route(self.problem, vehicle, trips)
            if route is None:
                raise InputError(
                    f"vehicle {vehicle} cannot keep the clock of {list(trips)}.", hint="Maybe repair the plan."
                )
            routes.append(route)
        return RoutePlan(routes=tuple(routes))

    def join(self, plan: RoutePlan) -> RoutePlan:
        """Return the plan of the whole: settled visits keep their moments; routes keep their order, new ones follow.

        Raises
        ------
        InputError
            If a vehicle that has begun is not in the plan, or a route breaks a rule of the clock.
        """
        going = {route.vehicle: route for route in plan.routes if route.vehicle >= self.own}
        if missing := [r for a, r in enumerate(self.routes) if self.own + a not in going]:
            raise InputError(f"routes {missing} have begun and are not in the plan.")
        own = {r: self._stops(going[self.own + anchor]) for anchor, r in enumerate(self.routes)}
        running = self.running
        found = []
        for r, (route, count) in enumerate(zip(running.plan.routes, running.settled, strict=True)):
            if count == 0:
                continue
            trips, later = settled_trips(route, count), []
            if r in own:
                trips, later = [*trips[:-1], (*trips[-1], *own[r][0])], own[r][1:]
            begun = Begun.of(route, count)
            if not trips[-1]:  # loaded for stops that are no more: a trip without stops is none
                depot = running.problem.vehicles.start if len(trips) == 1 else running.problem.vehicles.reload
                free_at = begun.begins[-1] + int(running.problem.depots.loading_s[depot[route.vehicle]])
                trips, begun = trips[:-1], replace(begun, now=max(running.now, free_at), begins=begun.begins[:-1])
            trips = [*trips, *later]
            if trips:
                found.append(self._scheduled(route.vehicle, trips, begun))
        fresh = [route for route in plan.routes if route.vehicle < self.own]
        found += [self._scheduled(route.vehicle, self._stops(route), Begun(now=running.now)) for route in fresh]
        return RoutePlan(routes=tuple(found))

    def _stops(self, route: VehicleRoute) -> list[tuple[int, ...]]:
        """Return the trips of a route in stops of the running plan, without the anchor."""
        return [tuple(int(self.stop[n]) for n in trip if self.stop[n] >= 0) for trip in route.trips]

    def _scheduled(self, vehicle: int, trips: Sequence[tuple[int, ...]], begun: Begun) -> VehicleRoute:
        route = schedule_route(self.running.problem, vehicle, trips, begun=begun)
        if route is None:
            raise InputError(f"vehicle {vehicle} cannot keep the clock of {list(trips)}.")
        return route


def remaining(running: RunningPlan) -> Remaining:
    """Return what remains of a running plan; vehicles that are on their way home take nothing more.

    Raises
    ------
    InputError
        If all 63 skills are in use.
    """
    problem = running.problem
    vans, kept = list(begun_vans(running)), _kept(running)
    sites, here = len(problem.depots), _column(van.place for van in vans)
    lying, until = _lying(problem, vans), np.full(len(problem.stops), FOREVER)
    for van in vans:
        for _, delivery, latest in van.rides:
            until[delivery] = latest
    stops = _stops(running, vans, lying, until)
    needs, skills = _permits(problem, vans, stops.vehicle, lying)
    stops = replace(
        stops,
        requirements=stops.requirements | needs,
        vehicle=np.where(stops.vehicle >= len(problem.vehicles), stops.vehicle, -1),
    )
    return Remaining(
        running=running,
        problem=RoutingProblem(
            stops=_behind(_anchors(problem, vans), stops, kept),
            vehicles=_vehicles(running, vans, skills),
            depots=_depots(problem, vans),
            roads=picked(problem.roads, np.concatenate([np.arange(sites), here, here, sites + kept])),
            windows=_windows(problem, kept, len(vans), until),
            pairs=_pairs(problem, kept, len(vans)),
            breaks=_breaks(problem, vans),
            traffic=problem.traffic,
        ),
        stop=np.concatenate([np.full(len(vans), -1), kept]),
        routes=tuple(van.route for van in vans),
    )


def _kept(running: RunningPlan) -> Ints:
    """Return the stops that may still be served: not settled, dropped, of a group that is done, or half a pair."""
    stops, pairs = running.problem.stops, running.problem.pairs
    settled, rows = list(running.settled_stops), np.arange(len(stops))
    done: Bools = np.isin(rows, settled)
    gone: Bools = np.isin(rows, [*settled, *running.dropped])
    gone[np.isin(stops.group, stops.group[done & (stops.group >= 0)])] = True
    half = gone[pairs.delivery] | (gone[pairs.pickup] & ~done[pairs.pickup])
    gone[pairs.pickup[half]] = gone[pairs.delivery[half]] = True
    return np.flatnonzero(~gone)


def _lying(problem: RoutingProblem, vans: Sequence[BegunVan]) -> Bools:
    """Return which stops' parcels are at a depot (N,), not on board; what loads nothing has none."""
    lying: Bools = problem.stops.load.sum(axis=1) > 0
    lying[[stop for van in vans if van.left for stop in van.ahead]] = False
    return lying


def _stops(running: RunningPlan, vans: Sequence[BegunVan], lying: Bools, until: Ints) -> Stops:
    """Return all stops, what is on board bound to its vehicle, rides not to last longer, releases made plain.

    What has been fetched must be brought. Of what is released by now engines need not know when it was; but where a
    vehicle that has left may load once more, what lies at a depot is released now: only later trips can take it.
    """
    problem, types = running.problem, len(running.problem.vehicles)
    old, first = problem.stops, int(problem.vehicles.shift_start_at.min(initial=0))
    load, vehicle, prize_minor = old.load.copy(), old.vehicle.copy(), old.prize_minor.copy()
    start_at, end_at = old.start_at.copy(), np.minimum(old.end_at, until)
    for n, van in enumerate(vans):
        for pair, delivery, latest in van.rides:
            load[delivery] += problem.pairs.load[pair]
            vehicle[delivery], prize_minor[delivery] = types + n, REQUIRED
            if latest < old.start_at[delivery]:
                start_at[delivery] = end_at[delivery] = van.free_at - 1  # it cannot be kept any more
        if van.left:
            vehicle[[stop for stop in van.ahead if old.load[stop].any()]] = types + n
    plain = (vehicle >= types) | (lying & (old.release_at <= running.now))
    release_at = np.where(plain, np.minimum(old.release_at, first), old.release_at)
    if any(van.left and problem.vehicles.max_reloads[van.kind] > van.trips for van in vans):
        release_at = np.where(lying, np.maximum(old.release_at, running.now), release_at)
    return replace(
        old,
        load=load,
        vehicle=vehicle,
        prize_minor=prize_minor,
        start_at=start_at,
        end_at=end_at,
        release_at=release_at,
    )


def _permits(problem: RoutingProblem, vans: Sequence[BegunVan], vehicle: Ints, lying: Bools) -> tuple[Ints, Ints]:
    """Return more requirements of stops (N,) and skills of types (V + A,).

    One stands for loading at a depot, others for each type that alone may serve some stops, its begun vehicles
    included.
    """
    kinds, types = problem.vehicles, len(problem.vehicles)
    of = np.concatenate([np.arange(types), _column(van.kind for van in vans)])
    used = int(np.bitwise_or.reduce(np.concatenate([problem.stops.requirements, kinds.skills])))
    free = [1 << bit for bit in range(62, -1, -1) if not used >> bit & 1]
    needs, skills = np.zeros(vehicle.size, dtype=np.int64), kinds.skills[of].copy()
    stuck = [types + n for n, v in enumerate(vans) if v.left and kinds.max_reloads[v.kind] <= v.trips]
    only = np.unique(vehicle[(vehicle >= 0) & (vehicle < types)]).tolist()
    if len(free) < bool(stuck) + len(only):
        raise InputError(f"{len(only) + 1} skills are needed to keep stops to their vehicles, {len(free)} are free.")
    if stuck:
        loads = free.pop()
        needs[lying] |= loads
        skills |= loads
        skills[stuck] &= ~loads
    for kind in only:
        mine = free.pop()
        needs[vehicle == kind] |= mine
        skills[of == kind] |= mine
    return needs, skills


def _anchors(problem: RoutingProblem, vans: Sequence[BegunVan]) -> Stops:
    """Return the anchors: where and when each vehicle is free, with what is on board of settled stops."""
    sites, types, none = len(problem.depots), len(problem.vehicles), np.zeros(len(vans), dtype=np.int64)
    first = int(problem.vehicles.shift_start_at.min(initial=0))
    building = [int(problem.stops.building[van.place - sites]) if van.place >= sites else -1 for van in vans]
    free_at, wide = _column(van.free_at for van in vans), (len(vans), problem.stops.load.shape[1])
    return Stops(
        start_at=free_at,
        end_at=free_at,
        release_at=none + first,
        service_s=none,
        load=np.array([van.peak for van in vans], dtype=np.int64).reshape(wide),
        pickup=np.array([van.fetched for van in vans], dtype=np.int64).reshape(wide),
        prize_minor=none + REQUIRED,
        requirements=none,
        due_at=free_at,
        late_per_hour_minor=none,
        building=_column(building),
        approach_s=none,
        extra_minor=none,
        group=none - 1,
        vehicle=types + np.arange(len(vans)),
    )


def _behind(anchors: Stops, stops: Stops, kept: Ints) -> Stops:
    """Return anchors and behind them the stops kept."""
    both = {f.name: np.concatenate([getattr(anchors, f.name), getattr(stops, f.name)[kept]]) for f in fields(Stops)}
    return Stops(**both)


def _vehicles(running: RunningPlan, vans: Sequence[BegunVan], skills: Ints) -> VehicleTypes:
    """Return the types, less the vehicles that have begun, and behind them those vehicles, less what they have used."""
    old, now = running.problem.vehicles, running.now
    of = _column(van.kind for van in vans)
    both = {f.name: np.concatenate([getattr(old, f.name), getattr(old, f.name)[of]]) for f in fields(VehicleTypes)}
    begun = [r for r, count in enumerate(running.settled) if count or r in running.halted]
    out = np.array([running.plan.routes[r].vehicle for r in begun], dtype=np.int64)
    count = old.count - np.bincount(out, minlength=len(old))
    spent = _column(van.seconds for van in vans)
    types, sites = len(old), len(running.problem.depots)
    both["count"] = np.concatenate([np.where(old.shift_end_at < now, 0, count), np.ones_like(of)])
    both["skills"] = skills
    both["start"] = np.concatenate([old.start, sites + np.arange(of.size)])
    both["shift_start_at"][:types] = np.minimum(np.maximum(old.shift_start_at, now), old.shift_end_at)
    both["fixed_minor"][types:] = 0
    both["max_reloads"][types:] -= _column(van.trips for van in vans)
    both["max_distance_m"][types:] -= _column(van.metres for van in vans)
    both["max_duration_s"][types:] -= spent
    both["overtime_after_s"][types:] = np.maximum(both["overtime_after_s"][types:] - spent, 0)
    return VehicleTypes(**both)


def _depots(problem: RoutingProblem, vans: Sequence[BegunVan]) -> Depots:
    old, load_at = problem.depots, _column(van.load_at for van in vans)
    loading_s = _column(van.free_at - van.load_at for van in vans)
    return Depots(
        open_at=np.concatenate([old.open_at, load_at]),
        close_at=np.concatenate([old.close_at, load_at]),
        loading_s=np.concatenate([old.loading_s, loading_s]),
    )


def _windows(problem: RoutingProblem, kept: Ints, anchors: int, until: Ints) -> MoreWindows:
    old, number = problem.windows, _numbers(problem, kept, anchors)
    here = np.flatnonzero((number[old.stop] >= 0) & (old.start_at <= until[old.stop]))
    stop = old.stop[here]
    return MoreWindows(stop=number[stop], start_at=old.start_at[here], end_at=np.minimum(old.end_at[here], until[stop]))


def _pairs(problem: RoutingProblem, kept: Ints, anchors: int) -> Pairs:
    old, number = problem.pairs, _numbers(problem, kept, anchors)
    here = np.flatnonzero((number[old.pickup] >= 0) & (number[old.delivery] >= 0))
    return Pairs(
        pickup=number[old.pickup[here]],
        delivery=number[old.delivery[here]],
        load=old.load[here],
        max_ride_s=old.max_ride_s[here],
    )


def _breaks(problem: RoutingProblem, vans: Sequence[BegunVan]) -> Breaks:
    old, types = problem.breaks, len(problem.vehicles)
    more = [(types + n, b) for n, van in enumerate(vans) for b in van.breaks]
    rows = np.array([*range(len(old)), *(b for _, b in more)], dtype=np.int64)
    return Breaks(
        vehicle=np.concatenate([old.vehicle, _column(v for v, _ in more)]),
        earliest_at=old.earliest_at[rows],
        latest_at=old.latest_at[rows],
        length_s=old.length_s[rows],
    )


def _numbers(problem: RoutingProblem, kept: Ints, anchors: int) -> Ints:
    """Return the number that each stop has in what remains (N,), -1 if none."""
    number = np.full(len(problem.stops), -1, dtype=np.int64)
    number[kept] = anchors + np.arange(kept.size)
    return number


def _column(values: Iterable[int]) -> Ints:
    return np.array(list(values), dtype=np.int64)
