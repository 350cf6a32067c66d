"""Territories and fairness as soft terms: problems that prefer compact, even routes, for any engine.

A term is money that nobody pays. It is put into a problem that an engine solves; what the plan costs is counted on the
true problem, so that the difference to a plan without terms is the price of the preference.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from doorstep.foundation import InputError, Stop
from doorstep.foundation.arrays import Floats, Ints, SmallInts
from doorstep.vehicle_routing.measures import overlaps
from doorstep.vehicle_routing.plan import RoutePlan, VehicleRoute
from doorstep.vehicle_routing.problem import RoutingProblem
from doorstep.vehicle_routing.roads import UNREACHABLE, Roads
from doorstep.vehicle_routing.room import part_of
from doorstep.vehicle_routing.schedule import schedule_route
from doorstep.vehicle_routing.solver import Solver

NOWHERE = -1
"""Territory of a place that belongs to none, as depots do."""
SLACK_PCT = 125
"""Stops of a territory at most, in percent of an equal share: what is exactly even is not compact."""
ROUNDS = 30
"""Rounds of assignment after which territories are left as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ZonedRoads:
    """Roads on which an arc between two territories is ``extra_m`` longer than it is; seconds stay what they are.

    ``zone`` (P,) is the territory of each place, ``NOWHERE`` for those in none. Only metres that are paid are added, so
    clocks stay true; a limit of metres is reached earlier. The triangle inequality holds if it held: a detour over a
    third place crosses at least as many borders, unless over a depot, where no trip passes.
    """

    roads: Roads
    zone: Ints
    extra_m: int

    def __len__(self) -> int:
        return len(self.roads)

    @property
    def profiles(self) -> int:
        """The number of profiles."""
        return self.roads.profiles

    def points(self) -> Floats:
        """Return the coordinates of the roads."""
        return self.roads.points()

    def along(self, profile: int, origins: Ints, destinations: Ints) -> tuple[Ints, Ints]:
        """Return metres, more of them across a border, and seconds of arcs."""
        metres, seconds = self.roads.along(profile, origins, destinations)
        return metres + self._extra(self.zone[origins], self.zone[destinations], metres), seconds

    def block(self, profile: int, rows: Ints) -> tuple[SmallInts, SmallInts]:
        """Return metres and seconds among some places."""
        metres, seconds = self.roads.block(profile, rows)
        zone = self.zone[rows]
        return metres + self._extra(zone[:, None], zone, metres), seconds

    def extended(self, points: Floats) -> "ZonedRoads":
        """Return the same roads with more places, in no territory."""
        zone = np.append(self.zone, np.full(len(points), NOWHERE, dtype=np.int64))
        return replace(self, roads=self.roads.extended(points), zone=zone)

    def _extra(self, zone: Ints, to_zone: Ints, metres: SmallInts) -> Ints:
        crosses = (zone != to_zone) & (zone >= 0) & (to_zone >= 0) & (metres < UNREACHABLE)
        return np.where(crosses, self.extra_m, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftTerms:
    """How strongly territories and even hours are preferred.

    Crossing from one territory to another counts ``border_m`` metres. ``zone`` (N,) is the territory of each stop, for
    instance the same from day to day so that drivers keep theirs; without it ``territories`` are drawn anew. Every hour
    of a route beyond ``target_s`` counts ``over_target_minor``; the default target is what the routes of the plan
    without terms last on average.
    """

    border_m: int = 0
    territories: int = 1
    zone: Ints | None = None
    over_target_minor: int = 0
    target_s: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferred:
    """A plan made with soft terms, judged on the true problem, beside one made without.

    ``price_minor`` is what it costs more, ``price_pct`` the same in percent of the plan without. ``overlap`` and
    ``stray_share`` are those of ``Density``, None where it is not known where the stops are; ``spread_s`` is the
    standard deviation of what routes last, ``longest_s`` the longest.
    """

    terms: SoftTerms
    plan: RoutePlan
    cost_minor: int
    price_minor: int
    price_pct: float
    overlap: float | None
    stray_share: float | None
    spread_s: float
    longest_s: int


def with_terms(problem: RoutingProblem, terms: SoftTerms, plan: RoutePlan) -> RoutingProblem:
    """Return the problem with soft terms, a target that is not given taken from a plan without.

    A type whose overtime costs something already keeps it, and has no other target.

    Raises
    ------
    InputError
        If a territory is missing, or cannot be drawn because it is not known where the stops are.
    """
    if terms.border_m:
        none = np.full(len(problem.depots), NOWHERE, dtype=np.int64)
        zone = np.concatenate([none, zones_of(problem, terms)])
        problem = replace(problem, roads=ZonedRoads(roads=problem.roads, zone=zone, extra_m=terms.border_m))
    if terms.over_target_minor:
        kinds = problem.vehicles
        free = kinds.overtime_per_hour_minor == 0
        target = terms.target_s if terms.target_s is not None else mean_hours_s(plan)
        kinds = replace(
            kinds,
            overtime_after_s=np.where(free, target, kinds.overtime_after_s),
            overtime_per_hour_minor=np.where(free, terms.over_target_minor, kinds.overtime_per_hour_minor),
        )
        problem = replace(problem, vehicles=kinds)
    return problem


def prefer(
    problem: RoutingProblem,
    solver: Solver,
    patience: Callable[[float], Stop],
    choices: Callable[[RoutePlan], Sequence[SoftTerms]],
    *,
    seed: int,
) -> tuple[Preferred, ...]:
    """Return a plan without soft terms, then one for each of several choices of them, with their prices.

    Without territories a search with terms starts from a first plan without. With territories it starts from each
    territory planned alone: an engine that moves few stops at a time does not find them from routes that roam. The plan
    without terms is searched on from the first plan as well, so that prices compare what had equal time.

    Parameters
    ----------
    patience
        Makes the patience of a search, given which share of the stops it plans. Two whole ones are spent on each plan.
    choices
        Gives the soft terms, from the plan without.
    """
    first = solver.solve(problem, patience(1.0), seed=seed)
    free = solver.solve(problem, patience(1.0), seed=seed, start=first)
    found = [_judged(problem, SoftTerms(), free, free)]
    for terms in choices(free):
        softened = with_terms(problem, terms, free)
        start = first
        if terms.border_m:
            start = by_territory(problem, solver, patience, zones_of(problem, terms), seed=seed)
        plan = solver.solve(softened, patience(1.0), seed=seed, start=timed_anew(softened, start))
        found.append(_judged(problem, terms, timed_anew(problem, plan), free))
    return tuple(found)


def by_territory(
    problem: RoutingProblem, solver: Solver, patience: Callable[[float], Stop], zone: Ints, *, seed: int
) -> RoutePlan:
    """Return the routes of territories planned one after another, each with its share of the vehicles that are left.

    Parameters
    ----------
    zone : (N,)
        The territory of each stop.
    """
    names, size = np.unique(zone, return_counts=True)
    left, waiting = problem.vehicles.count.copy(), len(problem.stops)
    routes: list[VehicleRoute] = []
    for name, stops in zip(names.tolist(), size.tolist(), strict=True):
        rows = np.flatnonzero(zone == name)
        share = -(-left * stops // waiting)
        part = part_of(problem, rows)
        part = replace(part, vehicles=replace(part.vehicles, count=share))
        plan = solver.solve(part, patience(stops / len(problem.stops)), seed=seed)
        for route in plan.routes:
            left[route.vehicle] -= 1
            routes.append(replace(route, trips=tuple(tuple(rows[list(trip)].tolist()) for trip in route.trips)))
        waiting -= stops
    return RoutePlan(routes=tuple(routes))


def zones_of(problem: RoutingProblem, terms: SoftTerms) -> Ints:
    """Return the territory of each stop (N,); the stops of a pair or a group share that of the first.

    Raises
    ------
    InputError
        As ``with_terms``.
    """
    zone = territories(problem, terms.territories) if terms.zone is None else terms.zone.copy()
    if zone.shape != (len(problem.stops),):
        raise InputError(f"zone {zone.shape} must be ({len(problem.stops)},), a territory for each stop.")
    zone[problem.pairs.delivery] = zone[problem.pairs.pickup]
    group = problem.stops.group
    names, firsts = np.unique(group, return_index=True)
    grouped = group >= 0
    zone[grouped] = zone[firsts[np.searchsorted(names, group[grouped])]]
    return zone


def territories(problem: RoutingProblem, count: int) -> Ints:
    """Return a territory 0 .. ``count`` - 1 for each stop (N,), compact, with about as many stops in each.

    Stops are assigned to moving centres in turn, those first that lose most by not getting their nearest, each centre
    taking at most its share: k-means with equal sizes. Repeatable; equal points may go to different territories.

    Raises
    ------
    InputError
        If the roads know no coordinates.

    References
    ----------
    Bradley, Bennett, Demiriz (2000), Constrained k-means clustering, MSR-TR-2000-65: the problem; the rule here is the
    greedy one of largest regret.
    """
    points = problem.roads.points()[len(problem.depots) :]
    if len(points) != len(problem.stops):
        raise InputError(
            "territories need roads that know where the stops are.", hint="Maybe give a zone for each stop."
        )
    count = min(count, len(points))
    if count <= 1:
        return np.zeros(len(points), dtype=np.int64)
    centre = _spread_out(points, count)
    zone = np.full(len(points), NOWHERE, dtype=np.int64)
    for _ in range(ROUNDS):
        before, zone = zone, _assigned(points, centre)
        if (before == zone).all():
            break
        size = np.bincount(zone, minlength=count)
        centre = np.column_stack([np.bincount(zone, points[:, k], count) / np.maximum(1, size) for k in range(2)])
    return zone


def mean_hours_s(plan: RoutePlan) -> int:
    """Return what routes last on average [s]; 0 without routes."""
    return sum(_lasts(route) for route in plan.routes) // max(1, len(plan.routes))


def _lasts(route: VehicleRoute) -> int:
    return route.end_at - route.start_at


def timed_anew(problem: RoutingProblem, plan: RoutePlan) -> RoutePlan:
    """Return a plan's routes with the clocks of a problem in which they may differ."""
    routes = [schedule_route(problem, route.vehicle, route.trips) for route in plan.routes]
    return RoutePlan(routes=tuple(route for route in routes if route is not None))


def _judged(problem: RoutingProblem, terms: SoftTerms, plan: RoutePlan, free: RoutePlan) -> Preferred:
    cost, least = plan.objective_minor(problem), free.objective_minor(problem)
    inside, strays = overlaps(problem, plan)
    stops = sum(len(route.stops) for route in plan.routes)
    known = inside.size == len(plan.routes) > 0
    lasts = [_lasts(route) for route in plan.routes]
    return Preferred(
        terms=terms,
        plan=plan,
        cost_minor=cost,
        price_minor=cost - least,
        price_pct=100 * (cost - least) / least if least else 0.0,
        overlap=int(inside.sum()) / stops if known else None,
        stray_share=int(strays.sum()) / stops if known else None,
        spread_s=float(np.std(lasts)) if lasts else 0.0,
        longest_s=max(lasts, default=0),
    )


def _spread_out(points: Floats, count: int) -> Floats:
    """Return ``count`` of the points, each farthest from those before it; the first is nearest to the middle."""
    chosen = [int(np.argmin(((points - points.mean(axis=0)) ** 2).sum(axis=1)))]
    far = ((points - points[chosen[0]]) ** 2).sum(axis=1)
    while len(chosen) < count:
        chosen.append(int(np.argmax(far)))
        far = np.minimum(far, ((points - points[chosen[-1]]) ** 2).sum(axis=1))
    return points[chosen]


def _assigned(points: Floats, centre: Floats) -> Ints:
    """Return a centre for each point, none with more than its share."""
    far = ((points[:, None, :] - centre) ** 2).sum(axis=2)
    two = np.partition(far, 1, axis=1)
    order = np.argsort(two[:, 0] - two[:, 1], kind="stable")
    room = np.full(len(centre), -(-SLACK_PCT * len(points) // (100 * len(centre))))
    zone = np.empty(len(points), dtype=np.int64)
    for row in order.tolist():
        best = int(np.argmin(np.where(room > 0, far[row], np.inf)))
        zone[row] = best
        room[best] -= 1
    return zone
