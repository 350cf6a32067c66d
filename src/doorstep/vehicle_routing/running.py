"""A plan that is being driven: which visits are settled, and what may still be changed.

``remaining.py`` makes an ordinary problem of what is left, and a plan of the whole of its answer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from doorstep.foundation import InputError
from doorstep.vehicle_routing.plan import Begun, RoutePlan, VehicleRoute
from doorstep.vehicle_routing.problem import REQUIRED, Pairs, RoutingProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningPlan:
    """A plan at the moment ``now``; of route r the first ``settled[r]`` visits, loadings among them, stay as they are.

    They are done, under way or promised. Where a route's plan no longer holds behind them, its clock there is void.
    ``dropped`` stops are no longer to be served: cancelled, or on board of a van that is lost. The ``halted`` routes
    take nothing more.

    Raises
    ------
    InputError
        If ``settled`` does not fit the routes, or a vehicle has left its last settled visit for one that is not.
    """

    problem: RoutingProblem
    plan: RoutePlan
    now: int
    settled: tuple[int, ...]
    dropped: frozenset[int] = frozenset()
    halted: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        if len(self.settled) != len(self.plan.routes):
            raise InputError(f"settled has {len(self.settled)} numbers for {len(self.plan.routes)} routes.")
        for number, (route, count) in enumerate(zip(self.plan.routes, self.settled, strict=True)):
            visits = len(route.trips) + len(route.stops)
            if not 0 <= count <= visits:
                raise InputError(f"settled[{number}] is {count}, route {number} has {visits} visits.")
            going = 0 < count < visits and number not in self.halted
            if going and leaves_at(self.problem, route)[count - 1] < self.now:
                raise InputError(
                    f"route {number} left visit {count - 1} before {self.now}, and the next one is not settled.",
                    hint="Maybe take RunningPlan.at, which settles what has begun.",
                )

    @classmethod
    def at(cls, problem: RoutingProblem, plan: RoutePlan, now: int, *, promised_by: int | None = None) -> "RunningPlan":
        """Return a plan with those visits settled to which vehicles are on their way, or will be by ``promised_by``."""
        until = now if promised_by is None else max(now, promised_by)
        settled = tuple(_begun(problem, route, until) for route in plan.routes)
        return cls(problem=problem, plan=plan, now=now, settled=settled)

    @property
    def settled_stops(self) -> set[int]:
        """The stops that are settled."""
        return {
            stop
            for route, count in zip(self.plan.routes, self.settled, strict=True)
            for trip in settled_trips(route, count)
            for stop in trip
        }

    @property
    def riding(self) -> set[int]:
        """The deliveries of pairs that are fetched and not brought yet, as far as is settled."""
        settled = self.settled_stops
        pairs = zip(self.problem.pairs.pickup.tolist(), self.problem.pairs.delivery.tolist(), strict=True)
        return {delivery for pickup, delivery in pairs if pickup in settled and delivery not in settled}

    def without(self, stops: Sequence[int]) -> "RunningPlan":
        """Return the plan without some stops, which nobody wants any more: they leave their routes and cost nothing.

        What was fetched for one of them comes home.

        Raises
        ------
        InputError
            If one of them is settled.
        """
        if late := sorted(set(stops) & self.settled_stops):
            raise InputError(f"stops {late} are settled.", hint="Maybe they were served, or a van is on its way there.")
        prize = self.problem.stops.prize_minor.copy()
        prize[list(stops)] = 0
        return replace(self, problem=self.problem.with_prizes(prize)).given_up(stops)

    def given_up(self, stops: Iterable[int]) -> "RunningPlan":
        """Return the plan in which some stops will not be served, at their prize; what rides to them comes home."""
        gone = set(stops)
        problem = _unpaired(self.problem, gone & self.riding)
        return replace(self, problem=problem, dropped=self.dropped | gone)

    def promised(self, stop: int, window: tuple[int, int]) -> "RunningPlan":
        """Return the plan in which a stop must be served in that window, as an offer that was taken says."""
        prize = self.problem.stops.prize_minor.copy()
        prize[stop] = REQUIRED
        return replace(self, problem=self.problem.with_window(stop, window).with_prizes(prize))

    def delayed(self, route: int, seconds: int) -> "RunningPlan":
        """Return the plan in which the vehicle of a route is that much later behind its last settled visit.

        The service there takes longer; where it is a loading, it begins later.

        Raises
        ------
        InputError
            If nothing of the route is settled.
        """
        count, old = self.settled[route], self.plan.routes[route]
        if not count:
            raise InputError(f"nothing of route {route} is settled.", hint="Maybe its type has a later shift.")
        *_, trip = settled_trips(old, count)
        if trip:
            service_s = self.problem.stops.service_s.copy()
            service_s[trip[-1]] += seconds
            return replace(self, problem=replace(self.problem, stops=replace(self.problem.stops, service_s=service_s)))
        number = len(settled_trips(old, count)) - 1
        load_at = tuple(at + seconds * (n == number) for n, at in enumerate(old.load_at))
        rest_at = Begun.of(old, count).rests  # later ones may come before that loading now
        return replace(self, plan=_with_route(self.plan, route, replace(old, load_at=load_at, rest_at=rest_at)))

    def lost(self, route: int, *, parcels_at: int | None = None) -> "RunningPlan":
        """Return the plan in which a vehicle serves nobody any more; what it was on its way to is not done.

        Its parcels are back at the depot at ``parcels_at``, or out of reach if that is None.
        """
        old, count = self.plan.routes[route], self.settled[route]
        begins = [at for load_at, times in zip(old.load_at, old.service_at, strict=True) for at in (load_at, *times)]
        done = sum(at <= self.now for at in begins[:count])
        trips = settled_trips(old, done)
        on_board = old.trips[len(trips) - 1][len(trips[-1]) :] if trips else ()
        settled = tuple(done if n == route else c for n, c in enumerate(self.settled))
        found = replace(self, settled=settled, halted=self.halted | {route})
        riding = found.riding.intersection(on_board)
        lost = [stop for stop in on_board if self.problem.stops.load[stop].any() or stop in riding]
        if parcels_at is None:
            return found.given_up(lost)
        problem = _unpaired(self.problem, riding, brought=True)
        release_at = problem.stops.release_at.copy()
        release_at[lost] = np.maximum(release_at[lost], parcels_at)
        return replace(found, problem=replace(problem, stops=replace(problem.stops, release_at=release_at)))


def settled_trips(route: VehicleRoute, visits: int) -> list[tuple[int, ...]]:
    """Return the stops of each trip that are among the first visits of a route; the last trip may have none yet."""
    found = []
    for trip in route.trips:
        if visits < 1:
            break
        found.append(trip[: visits - 1])
        visits -= 1 + len(trip)
    return found


def leaves_at(problem: RoutingProblem, route: VehicleRoute) -> list[int]:
    """Return when each visit of a route ends: loadings and services."""
    kinds, depots, v = problem.vehicles, problem.depots, route.vehicle
    found = []
    for number, (trip, load_at, times) in enumerate(zip(route.trips, route.load_at, route.service_at, strict=True)):
        depot = (kinds.reload if number else kinds.start)[v]
        found.append(load_at + int(depots.loading_s[depot]))
        found += [at + int(problem.stops.service_s[stop]) for stop, at in zip(trip, times, strict=True)]
    return found


def _begun(problem: RoutingProblem, route: VehicleRoute, until: int) -> int:
    """Return how many visits vehicles are on their way to before a moment."""
    return sum(at < until for at in [route.start_at, *leaves_at(problem, route)[:-1]])


def _unpaired(problem: RoutingProblem, deliveries: set[int], *, brought: bool = False) -> RoutingProblem:
    """Return the problem without the pairs of some deliveries: what they fetch comes to the depot.

    If it is still to be ``brought``, from there.
    """
    pairs, stops = problem.pairs, problem.stops
    broken = np.isin(pairs.delivery, list(deliveries))
    if not broken.any():
        return problem
    load, pickup = stops.load.copy(), stops.pickup.copy()
    np.add.at(pickup, pairs.pickup[broken], pairs.load[broken])
    if brought:
        np.add.at(load, pairs.delivery[broken], pairs.load[broken])
    left = Pairs(**{column.name: getattr(pairs, column.name)[~broken] for column in fields(Pairs)})
    return replace(problem, stops=replace(stops, load=load, pickup=pickup), pairs=left)


def _with_route(plan: RoutePlan, number: int, route: VehicleRoute) -> RoutePlan:
    return RoutePlan(routes=(*plan.routes[:number], route, *plan.routes[number + 1 :]))
