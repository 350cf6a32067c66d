"""What one more stop would cost in a plan, for each window that might be offered: in milliseconds, and exactly.

``LivePlan`` keeps for every place between two visits the segments of its route. They price a stop there in O(1). Where
a route's clock knows more than segments (several windows, lateness, traffic, rests, limits of rides), or the stop is
released after the trip's loading may begin, they bound the price from below, and the exact clock prices the places in
the order of their bounds until the best is proven: compiled (``_clock``), or ``schedule_route`` with rests and rides.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Bools, Ints
from doorstep.foundation.units import distance_cost_minor, time_cost_minor
from doorstep.vehicle_routing import _quotes as at
from doorstep.vehicle_routing.plan import RoutePlan, VehicleRoute
from doorstep.vehicle_routing.problem import RoutingProblem
from doorstep.vehicle_routing.quote_places import NEW_TRIP, Places, empty_places, fastest, places_of
from doorstep.vehicle_routing.roads import UNREACHABLE
from doorstep.vehicle_routing.schedule import approach_seconds, schedule_route

Windows = Sequence[tuple[int, int]]

WHY = {
    at.ABLE: "no vehicle may serve it",
    at.ROAD: "no road leads there and on",
    at.ROOM: "no vehicle has room for it",
    at.RANGE: "it is too far for every vehicle that could take it",
    at.LATE: "no vehicle can be there in time",
    at.NEXT: "a later stop or the return would be late",
    at.LONG: "the shift would become too long",
    at.CLOCK: "the clock of no route has room for it",
}
"""What is in the way, by the rule that the place stumbles over that comes farthest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A stop in a window, for ``cost_minor`` more.

    It is on trip ``trip`` of route number ``route`` (None: a vehicle more), between the stops ``after`` and ``before``
    (None: the depot), a detour of ``detour_m`` and ``detour_s``; the route then is ``becomes``.
    """

    stop: int
    window: tuple[int, int]
    cost_minor: int
    route: int | None
    trip: int
    after: int | None
    before: int | None
    detour_m: int
    detour_s: int
    becomes: VehicleRoute


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A window that cannot be offered, and what is in the way in the place that comes nearest, on route ``route``."""

    stop: int
    window: tuple[int, int]
    reason: str
    route: int | None


@dataclass(frozen=True, kw_only=True)
class LivePlan:
    """A plan that is asked for prices; it never changes, ``with_offer`` and ``without`` return another one.

    ``routes`` are the places in the routes of ``plan``, ``home`` those of each type of vehicle, None if all are out.
    """

    problem: RoutingProblem
    plan: RoutePlan
    routes: tuple[Places, ...]
    home: tuple[Places | None, ...]

    @classmethod
    def of(cls, problem: RoutingProblem, plan: RoutePlan) -> "LivePlan":
        """Return a plan ready for quotes.

        Raises
        ------
        InputError
            If no clock allows one of its routes.
        """
        home = tuple(empty_places(problem, kind) for kind in range(len(problem.vehicles)))
        routes = tuple(places_of(problem, route) for route in plan.routes)
        return cls(problem=problem, plan=plan, routes=routes, home=_at_home(problem, plan, home))

    def over(self, problem: RoutingProblem) -> "LivePlan":
        """Return the same plan of a problem that has more stops, behind the others."""
        return replace(self, problem=problem)

    def quote(self, stop: int, windows: Windows | None = None) -> tuple[Offer | Refusal, ...]:
        """Return the cheapest way to serve a stop in each of some windows, or why there is none.

        Without ``windows`` those of the stop are asked for. Everything else about it is the problem's.

        Raises
        ------
        InputError
            If the stop is in the plan, or in a pair.
        """
        pairs = self.problem.pairs
        if stop in pairs.pickup or stop in pairs.delivery:
            raise InputError(f"stop {stop} is in a pair, which is not quoted.")
        if any(stop in route.stops for route in self.plan.routes):
            raise InputError(f"stop {stop} is in the plan.")
        asked = self.problem.windows_of(stop) if windows is None else list(windows)
        cost = self._costs(stop, asked)
        sure = self._sure(stop)
        return tuple(self._best(stop, window, row, sure) for window, row in zip(asked, cost, strict=True))

    def with_offer(self, offer: Offer) -> "LivePlan":
        """Return the plan with an offer taken: the stop has the window that was offered from now on."""
        problem = self.problem.with_window(offer.stop, offer.window)
        number = len(self.plan.routes) if offer.route is None else offer.route
        return self._changed(problem, number, offer.becomes)

    def without(self, stop: int) -> "LivePlan":
        """Return the plan without one of its stops; the other stop of a pair leaves with it.

        Raises
        ------
        InputError
            If the stop is not in the plan, or its route has no clock without it.
        """
        number = next((n for n, route in enumerate(self.plan.routes) if stop in route.stops), None)
        if number is None:
            raise InputError(f"stop {stop} is not in the plan.")
        old = self.plan.routes[number]
        pairs = self.problem.pairs
        gone = {stop, *pairs.delivery[pairs.pickup == stop].tolist(), *pairs.pickup[pairs.delivery == stop].tolist()}
        trips = [[s for s in trip if s not in gone] for trip in old.trips]
        route = schedule_route(self.problem, old.vehicle, trips)
        if route is None and any(trips):
            raise InputError(f"route {number} has no clock without stop {stop}.")
        return self._changed(self.problem, number, route)

    def _changed(self, problem: RoutingProblem, number: int, route: VehicleRoute | None) -> "LivePlan":
        """Return the plan in which a route has become another one, or is no more."""
        new = () if route is None else (route,)
        plan = RoutePlan(routes=(*self.plan.routes[:number], *new, *self.plan.routes[number + 1 :]))
        places = tuple(places_of(problem, one) for one in new)
        routes = (*self.routes[:number], *places, *self.routes[number + 1 :])
        kinds = range(len(problem.vehicles))
        known = tuple(self.home[kind] or empty_places(problem, kind) for kind in kinds)
        return LivePlan(problem=problem, plan=plan, routes=routes, home=_at_home(problem, plan, known))

    @cached_property
    def _blocks(self) -> tuple[Places, ...]:
        return (*self.routes, *(places for places in self.home if places is not None))

    @cached_property
    def _firsts(self) -> Ints:
        """The row of the first place of each block."""
        sizes = np.array([len(block.rows) for block in self._blocks], dtype=np.int64)
        return np.cumsum(sizes) - sizes

    @cached_property
    def _table(self) -> Places:
        """All places one behind another; their ``plain`` is that of all together."""
        blocks = self._blocks
        rows = np.concatenate([block.rows for block in blocks]) if blocks else np.zeros((0, 10), dtype=np.int64)
        rows[:, at.ROUTE] = np.repeat(np.arange(len(blocks)), [len(block.rows) for block in blocks])
        dims = self.problem.vehicles.capacity.shape[1]
        stack = {
            name: np.concatenate([getattr(block, name) for block in blocks] or [np.zeros((0, wide), dtype=np.int64)])
            for name, wide in (("ends", 2), ("spot", 2), ("before", dims), ("behind", dims))
        }
        route = np.array([block.route for block in blocks], dtype=np.int64).reshape(-1, 3)
        return Places(rows=rows, route=route, plain=all(block.plain for block in blocks), clock=None, **stack)

    def _costs(self, stop: int, windows: Windows) -> Ints:
        """Return what the stop costs more in each window and place (W, Q), or at least."""
        kinds, table, stops = self.problem.vehicles, self._table, self.problem.stops
        columns = (kinds.max_distance_m, kinds.max_duration_s, kinds.per_km_minor, kinds.per_hour_minor,
                   kinds.overtime_after_s, kinds.overtime_per_hour_minor)  # fmt: skip
        way = self._way(stop)
        cost = np.empty((len(windows), len(table.rows)), dtype=np.int64)
        at.added_costs(
            table.rows,
            table.route,
            np.column_stack(columns),
            way,
            self._barred(stop, way),
            np.clip(np.array(windows, dtype=np.int64).reshape(-1, 2), -at.BLOCKED, at.BLOCKED),
            int(stops.service_s[stop]),
            int(stops.extra_minor[stop]),
            cost,
        )
        return cost

    def _way(self, stop: int) -> Ints:
        """Return metres and seconds at least from the visit before each place and to the one behind (Q, 4)."""
        problem, table = self.problem, self._table
        way = np.empty((len(table.rows), 4), dtype=np.int64)
        here = np.full(len(table.rows), problem.place(stop))
        profile, kind = problem.vehicles.profile[table.rows[:, at.KIND]], table.rows[:, at.KIND]
        least = np.array([fastest(problem, k) for k in range(len(problem.vehicles))], dtype=np.int64)[kind]
        for columns, origins, targets in (
            ((at.INTO_M, at.INTO_S), table.ends[:, 0], here),
            ((at.OUT_M, at.OUT_S), here, table.ends[:, 1]),
        ):
            for road in np.unique(profile).tolist():
                rows = np.flatnonzero(profile == road)
                metres, seconds = problem.roads.along(road, origins[rows], targets[rows])
                gone = np.maximum(metres, seconds) >= UNREACHABLE
                way[rows[:, None], columns] = np.column_stack([np.where(gone, UNREACHABLE, metres), seconds])
            seconds = way[:, columns[1]] * least // 100 if len(problem.traffic) else way[:, columns[1]]
            way[:, columns[1]] = seconds + approach_seconds(problem, origins, targets)
        return way

    def _priced(self, stop: int, window: tuple[int, int], q: int) -> int | None:
        """Return what the stop costs more in a place, ``BLOCKED`` if its clock does not allow it, None if unknown."""
        problem, row, (_, place) = self.problem, self._table.rows[q], self._table.spot[q].tolist()
        number = self._number(q)
        known = None if number is None or place == NEW_TRIP else self.routes[number].clock
        if known is None:
            return None
        stops, kinds, k = problem.stops, problem.vehicles, int(row[at.KIND])
        here = int(q - self._firsts[number])
        ends = np.array([self._table.ends[q, 0], problem.place(stop), self._table.ends[q, 1]])
        metres, seconds = problem.roads.along(int(kinds.profile[k]), ends[:2], ends[1:])
        way = np.column_stack([seconds, approach_seconds(problem, ends[:2], ends[1:])]).ravel()
        needs = np.array([stops.service_s[stop], stops.due_at[stop], stops.late_per_hour_minor[stop]])
        start, end, late = known.priced(here, way, needs, int(stops.release_at[stop]), window)
        if end < 0:
            return at.BLOCKED
        worked = end - start
        if worked > int(kinds.max_duration_s[k]):  # who leaves later may be out for less
            return None
        _, paid, lump = self._table.route[row[at.ROUTE]].tolist()
        driven = int(self._table.route[row[at.ROUTE], at.METRES] + metres.sum() - row[at.GAP])
        over = max(0, worked - int(kinds.overtime_after_s[k]))
        return int(
            lump
            + int(stops.extra_minor[stop])
            + distance_cost_minor(driven, int(kinds.per_km_minor[k]))
            + time_cost_minor(worked, int(kinds.per_hour_minor[k]))
            + time_cost_minor(over, int(kinds.overtime_per_hour_minor[k]))
            + time_cost_minor(late, 1)
            - paid
        )

    def _barred(self, stop: int, way: Ints) -> Ints:
        """Return the rule that bars the stop from each place (Q,), whatever the window, or -1."""
        stops, kinds, table = self.problem.stops, self.problem.vehicles, self._table
        kind, group, only = table.rows[:, at.KIND], int(stops.group[stop]), int(stops.vehicle[stop])
        able = (stops.requirements[stop] & ~kinds.skills == 0) & ((np.arange(len(kinds)) == only) | (only < 0))
        if group >= 0 and any((stops.group[list(route.stops)] == group).any() for route in self.plan.routes):
            able &= False
        room = kinds.capacity[kind]
        full = (table.before + stops.load[stop] > room) | (table.behind + stops.pickup[stop] > room)
        barred = np.where(full.any(axis=1), at.ROOM, -1)
        gone = np.maximum(way[:, at.INTO_M], way[:, at.OUT_M]) >= UNREACHABLE
        barred[gone] = at.ROAD
        barred[~able[kind]] = at.ABLE
        return barred

    def _sure(self, stop: int) -> Bools:
        """Return in which places the cost is no bound but exact (Q,)."""
        stops, table = self.problem.stops, self._table
        plain = np.repeat([block.plain for block in self._blocks], [len(block.rows) for block in self._blocks])
        late = int(stops.late_per_hour_minor[stop]) > 0
        sure: Bools = plain.astype(np.bool_) & (table.rows[:, at.LOADS_AT] >= stops.release_at[stop]) & (not late)
        return sure

    def _best(self, stop: int, window: tuple[int, int], cost: Ints, sure: Bools) -> Offer | Refusal:
        """Return the cheapest place in a window: the best that is sure, or one whose exact cost undercuts it."""
        open_ = cost < at.BLOCKED
        exact = np.where(sure & open_, cost, at.BLOCKED)
        best = int(exact.argmin()) if exact.size else -1
        least = int(exact[best]) if exact.size else at.BLOCKED
        maybe = np.flatnonzero(open_ & ~sure & (cost < least))
        problem = self.problem.with_window(stop, window)
        found: VehicleRoute | None = None
        for q in maybe[np.argsort(cost[maybe], kind="stable")].tolist():
            if cost[q] >= least:
                break
            cheap = self._priced(stop, window, q)
            if cheap is not None:
                if cheap < least:
                    best, least, found = q, cheap, None
                continue
            route = schedule_route(problem, *self._sequence(stop, q))
            if route is not None and (price := route.cost_minor(problem) - self._paid(q)) < least:
                best, least, found = q, price, route
        if least >= at.BLOCKED:
            return self._refusal(stop, window, cost)
        found = found or schedule_route(problem, *self._sequence(stop, best))
        if found is None or found.cost_minor(problem) - self._paid(best) != least:
            raise InputError(f"route {self._number(best)} is not as the problem has it: its plan is of another one.")
        return self._offer(stop, window, best, found)

    def _refusal(self, stop: int, window: tuple[int, int], cost: Ints) -> Refusal:
        if not cost.size:
            return Refusal(stop=stop, window=window, reason="there is no vehicle", route=None)
        rule = np.where(cost >= at.BLOCKED, cost - at.BLOCKED, at.CLOCK)
        nearest = int(rule.argmax())
        return Refusal(stop=stop, window=window, reason=WHY[int(rule[nearest])], route=self._number(nearest))

    def _offer(self, stop: int, window: tuple[int, int], q: int, route: VehicleRoute) -> Offer:
        number = self._number(q)
        old = None if number is None else self.plan.routes[number]
        trip = int(self._table.spot[q, 0]) + int(self._table.spot[q, 1] == NEW_TRIP)
        row = route.trips[trip]
        place = row.index(stop)
        worked, before = route.end_at - route.start_at, 0 if old is None else old.end_at - old.start_at
        return Offer(
            stop=stop,
            window=window,
            cost_minor=route.cost_minor(self.problem) - self._paid(q),
            route=number,
            trip=trip,
            after=row[place - 1] if place else None,
            before=row[place + 1] if place + 1 < len(row) else None,
            detour_m=route.metres(self.problem) - int(self._table.route[self._table.rows[q, at.ROUTE], at.METRES]),
            detour_s=worked - before,
            becomes=route,
        )

    def _number(self, q: int) -> int | None:
        """Return the number of a place's route, None for a vehicle at home."""
        block = int(self._table.rows[q, at.ROUTE])
        return block if block < len(self.plan.routes) else None

    def _paid(self, q: int) -> int:
        """Return what the route of a place costs as it is."""
        return int(self._table.route[self._table.rows[q, at.ROUTE], at.COST])

    def _sequence(self, stop: int, q: int) -> tuple[int, list[tuple[int, ...]]]:
        """Return the type and trips of a place's route with the stop in it."""
        number, (trip, place) = self._number(q), self._table.spot[q].tolist()
        if number is None:
            return int(self._table.rows[q, at.KIND]), [(stop,)]
        trips = list(self.plan.routes[number].trips)
        if place == NEW_TRIP:
            trips.insert(trip + 1, (stop,))
        else:
            trips[trip] = (*trips[trip][:place], stop, *trips[trip][place:])
        return self.plan.routes[number].vehicle, trips


def _at_home(problem: RoutingProblem, plan: RoutePlan, places: Sequence[Places | None]) -> tuple[Places | None, ...]:
    out = Counter(route.vehicle for route in plan.routes)
    counts = problem.vehicles.count.tolist()
    return tuple(one if out[kind] < counts[kind] else None for kind, one in enumerate(places))
