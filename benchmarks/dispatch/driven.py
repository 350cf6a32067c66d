"""Vans on the true roads: they do what the plan says, in the time that it takes in truth."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from benchmarks.dispatch.troubled import Day
from doorstep.dispatch import Seen
from doorstep.foundation.units import distance_cost_minor, time_cost_minor
from doorstep.vehicle_routing import RoutePlan, VehicleRoute
from doorstep.vehicle_routing.hours import Hours, hours_of
from doorstep.vehicle_routing.running import RunningPlan, settled_trips

LOADING = -1


@dataclass(slots=True, kw_only=True)
class Van:
    """A vehicle that has begun or will: its visits (``LOADING`` or a stop), when they begin and end in truth [s].

    ``halted_at`` is when it broke down, 0 if it runs; ``first`` is its route's number in the morning's plan, -1 if it
    has none.
    """

    first: int = -1
    visits: list[int] = field(default_factory=list)
    begins: list[int] = field(default_factory=list)
    leaves: list[int] = field(default_factory=list)
    halted_at: int = 0

    def seen(self, now: int) -> Seen:
        """Return what the dispatcher has seen of it."""
        if not self.begins:
            return Seen()
        return Seen(begins=tuple(self.begins), left_at=self.leaves[-1] if self.leaves[-1] <= now else None)

    def forget(self, count: int) -> None:
        """Forget what it did after its first visits: a loading for nobody."""
        del self.visits[count:], self.begins[count:], self.leaves[count:]


@dataclass(frozen=True, slots=True)
class Truth:
    """The true roads of a day."""

    day: Day
    hours: tuple[Hours, ...]

    @classmethod
    def of(cls, day: Day) -> "Truth":
        """Return them."""
        true = replace(day.problem, traffic=day.slow)
        return cls(day, tuple(hours_of(true, profile) for profile in range(true.roads.profiles)))

    def advance(self, van: Van, route: VehicleRoute, now: int) -> None:
        """Let a van do what its route says until ``now``."""
        problem, visits = self.day.problem, [stop for trip in route.trips for stop in (LOADING, *trip)]
        while not van.halted_at and len(van.begins) < len(visits):
            number = len(van.begins)
            stop = visits[number]
            if not van.begins:
                at = route.load_at[0]
            elif van.leaves[-1] > now:
                return
            else:
                at = self.arrives(route.vehicle, van.visits[-1], stop, van.leaves[-1])
            if stop == LOADING and number:
                trip = route.trips[visits[: number + 1].count(LOADING) - 1]
                at = max(at, int(problem.stops.release_at[list(trip)].max(initial=at)))
            elif stop != LOADING:
                at = max(at, int(problem.stops.start_at[stop]))
            if at > now:
                return
            van.visits.append(stop)
            van.begins.append(at)
            van.leaves.append(at + self._stays(stop))

    def arrives(self, vehicle: int, origin: int, target: int, at: int) -> int:
        """Return when a drive ends between stops or the depot (``LOADING``)."""
        profile = int(self.day.problem.vehicles.profile[vehicle])
        seconds = self._road(profile, origin, target)[1]
        longer = 1.0 if target == LOADING else float(self.day.drive[target])
        return self.hours[profile].arrival(at, round(seconds * longer))

    def cost_minor(self, van: Van, vehicle: int) -> int:
        """Return what a van cost that has begun: it ends at the depot, or where it broke down."""
        kinds, legs = self.day.problem.vehicles, list(zip(van.visits, van.visits[1:], strict=False))
        back = self.arrives(vehicle, van.visits[-1], LOADING, van.leaves[-1])
        if van.halted_at:
            back = max(van.halted_at, van.leaves[-1])
        else:
            legs.append((van.visits[-1], LOADING))
        metres = sum(self._road(int(kinds.profile[vehicle]), *leg)[0] for leg in legs)
        return (
            int(kinds.fixed_minor[vehicle])
            + distance_cost_minor(metres, int(kinds.per_km_minor[vehicle]))
            + time_cost_minor(back - van.begins[0], int(kinds.per_hour_minor[vehicle]))
        )

    def _road(self, profile: int, origin: int, target: int) -> tuple[int, int]:
        roads, sites = self.day.problem.roads, len(self.day.problem.depots)
        here, there = ([0] if stop == LOADING else [sites + stop] for stop in (origin, target))
        metres, seconds = roads.along(profile, np.array(here), np.array(there))
        return int(metres[0]), int(seconds[0])

    def _stays(self, stop: int) -> int:
        problem = self.day.problem
        if stop == LOADING:
            return int(problem.depots.loading_s[0])
        return round(float(self.day.service[stop]) * int(problem.stops.service_s[stop]))


def followed(running: RunningPlan, vans: Sequence[Van], plan: RoutePlan) -> list[Van]:
    """Return the vans of a new plan's routes: those that have begun come first, in their order.

    Raises
    ------
    ValueError
        If what is settled is not as it was: a route is missing, or begins another way.
    """
    found: list[Van] = []
    for route, count, van in zip(running.plan.routes, running.settled, vans, strict=True):
        if not count:
            continue
        settled = settled_trips(route, count)
        if not settled[-1] and len(found) < len(plan.routes) and len(plan.routes[len(found)].trips) < len(settled):
            count -= 1
            van.forget(count)
        new = plan.routes[len(found)] if len(found) < len(plan.routes) else None
        same = new is not None and _settled(new, count) == _settled(route, count)
        if same and count:
            found.append(van)
        elif any(settled):
            raise ValueError(f"the settled visits of the route with {settled} have changed")
    fresh = [Van() for _ in plan.routes[len(found) :]]
    _name(fresh, plan.routes[len(found) :], running, vans)
    return found + fresh


def _name(fresh: Sequence[Van], routes: Sequence[VehicleRoute], running: RunningPlan, vans: Sequence[Van]) -> None:
    """Let routes that have not begun be driven by the van whose route they share most stops with."""
    shared = [
        (len({*route.stops} & {*old.stops}), van.first, n)
        for old, count, van in zip(running.plan.routes, running.settled, vans, strict=True)
        for n, route in enumerate(routes)
        if not count and van.first >= 0 and old.vehicle == route.vehicle
    ]
    given: set[int] = set()
    for most, first, n in sorted(shared, reverse=True):
        if most and first not in given and fresh[n].first < 0:
            fresh[n].first = first
            given.add(first)


def _settled(route: VehicleRoute, count: int) -> list[tuple[int, int]]:
    """Return the first visits of a route, and when they begin."""
    times = zip(route.trips, route.load_at, route.service_at, strict=True)
    return [
        visit for trip, load_at, begins in times for visit in ((LOADING, load_at), *zip(trip, begins, strict=True))
    ][:count]
