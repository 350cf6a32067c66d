"""The engine: a first plan, then phases of ruin and recreate on parts of the city, two at a time."""

import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from doorstep.foundation import InputError, Stop
from doorstep.foundation.arrays import Floats, Ints
from doorstep.vehicle_routing.plan import EMPTY, RoutePlan
from doorstep.vehicle_routing.problem import LAST, REQUIRED, RoutingProblem
from doorstep.vehicle_routing.roads import PlaneRoads, TableRoads
from doorstep.vehicle_routing.schedule import schedule_route
from doorstep.vehicle_routing.sisr import layout as at
from doorstep.vehicle_routing.sisr._search import iterate
from doorstep.vehicle_routing.sisr.columns import most_trips, walked
from doorstep.vehicle_routing.sisr.construct import insert_all, savings
from doorstep.vehicle_routing.sisr.fleet import FleetSearch, closing_heat, closing_shares
from doorstep.vehicle_routing.sisr.money import money_of
from doorstep.vehicle_routing.sisr.neighbours import nearest_by_points
from doorstep.vehicle_routing.sisr.pack import AROUND, Part, Route, pack, released, unpack
from doorstep.vehicle_routing.sisr.retype import retype
from doorstep.vehicle_routing.sisr.split import share_fleet, split_routes
from doorstep.vehicle_routing.sisr.supported import unsupported
from doorstep.vehicle_routing.sisr.temperature import expected_iterations, first_heat, is_counted, money_by_stop

CHUNK = 4_000
"""Iterations between two looks at the clock: about 20 ms."""
PHASE = 150_000
"""Iterations of a part before the city is split anew."""
ALONE = 500
"""Stops up to which all routes are searched together."""
FAR_PHASES = 3
"""How many times longer a phase is where the roads of a part are asked for anew each time."""
TABLE_PART = 1_250
"""Stops of a part whose roads are in tables."""
END_TEMPERATURE = 0.01
"""Temperature at the end, in mean arcs between stops."""


NO_TABLE = np.zeros((1, 1, 1, 2), dtype=np.int32)


class Plot(NamedTuple):
    """A part of the city: its routes, its stops (R,), its vehicles of each type (V,), its luck."""

    routes: list[Route]
    rows: Ints
    fleet: Ints
    rng: np.random.Generator


class Cooling(NamedTuple):
    """Shares of patience from which and to which a phase cools down, and that counted when it began."""

    start: float
    end: float
    counted: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a search found, and how long it took: iterations repeat exactly with the same seed."""

    plan: RoutePlan
    iterations: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SisrSolver:
    """The ``Solver`` by slack induction by string removals, from a handful to tens of thousands of stops.

    ``threads`` search different parts of the city at the same time; the plan depends on ``parts``, not on them. A
    ``phase`` is the iterations of a part before the city is split anew. Temperatures fall from ``heat`` (0: chosen by
    the problem) to ``end``, both in mean costs of a stop.
    """

    threads: int = 2
    parts: int = 2
    heat: float = 0.0
    phase: int = PHASE
    end: float = END_TEMPERATURE

    def solve(self, problem: RoutingProblem, stop: Stop, *, seed: int, start: RoutePlan | None = None) -> RoutePlan:
        """Return the best feasible plan found, never worse than ``start`` or than leaving every stop out.

        Raises
        ------
        InputError
            Naming what the problem asks for and this engine does not plan.
        """
        return self.search(problem, stop, seed=seed, start=start).plan

    def search(self, problem: RoutingProblem, stop: Stop, *, seed: int, start: RoutePlan | None = None) -> Found:
        """Return the plan of ``solve`` with the number of iterations that it took."""
        refused = unsupported(problem)
        if refused:
            raise InputError(f"SisrSolver does not plan {', '.join(refused)} yet.", hint="Maybe PyVrpSolver does.")
        known = [plan for plan in (start, EMPTY) if plan is not None]
        if not (len(problem.stops) and int(problem.vehicles.count.sum())):
            return Found(plan=known[0], iterations=0)
        run = _Run(self, problem, stop, np.random.default_rng(seed))
        run.begin(start)
        run.improve()
        plans = [_as_plan(problem, run.best), *known]
        return Found(plan=min(plans, key=lambda plan: plan.objective_minor(problem)), iterations=run.iterations)


class _Run:
    """One search: the current and the best routes, and the temperature."""

    def __init__(self, engine: SisrSolver, problem: RoutingProblem, stop: Stop, rng: np.random.Generator) -> None:
        self.engine, self.problem, self.stop, self.rng = engine, problem, stop, rng
        self.money = money_of(problem)
        self.points = problem.roads.points()
        self.near = None
        if self.points.shape[0] and not isinstance(problem.roads, TableRoads):
            self.near = nearest_by_points(self.points[len(problem.depots) :], AROUND)
        elif not self.points.shape[0]:
            self.points = _as_points(problem)
        self.current: list[Route] = []
        self.best: list[Route] = []
        self.best_money = at.FAR
        self.iterations = 0
        self.phases = 0
        self.arc = 1.0
        self.fleet_shares = (0.0, 0.0)
        self.first = 1.0
        self.begun = 0.0

    def begin(self, start: RoutePlan | None) -> None:
        """Find a first plan, or take the given one, and measure its arcs."""
        problem = self.problem
        if start is not None and start.routes:
            most = most_trips(problem)
            self.current = [
                Route(route.vehicle, [list(trip) for trip in route.trips])
                for route in start.routes
                if len(route.trips) <= most[route.vehicle]
            ]
        elif self.near is not None and _only_loads(problem):
            routes = savings(problem, self.near[:, : min(self.near.shape[1], 100)])
            self.current = routes[: int(problem.vehicles.count[0])]
        parts = min(
            (
                self._filled(fleet)
                for fleet in _first_fleets(
                    problem, mixed_only=bool(self.current) or self._far_flung() or _some_optional(problem)
                )
            ),
            key=lambda filled: sum(int(part.search.number[at.CURRENT]) for part in filled),
        )
        self._take(parts)
        self.arc = max(1.0, float(np.mean([money_by_stop(part) for part in parts])))
        self.first = self.engine.heat or first_heat(problem, expected_iterations(self.stop))
        self.fleet_shares = closing_shares(problem, parts[0]) if len(parts) == 1 else (0.0, 0.0)
        self.begun = self.stop.spent()

    def _filled(self, fleet: Ints) -> list[Part]:
        """Return everything, in one part if its roads are in reach, with all stops inserted that are in no route."""
        parts = []
        for plot in self._plots(self._parts() if self._far_flung() else 1, fleet):
            part = self._pack(plot)
            insert_all(part)
            parts.append(replace(part, search=part.search._replace(table=NO_TABLE)))
        return parts

    def improve(self) -> None:
        """Search parts of the city, phase after phase, until patience ends."""
        with ThreadPoolExecutor(self.engine.threads) as pool:
            if self.fleet_shares[0] > 0.0:
                self._close_routes(pool)
            while True:
                share = self.stop.spent()
                granted = self.stop.take(self._phase(share))
                if granted <= 0:
                    return
                plots = self._plots(self._parts(), self.problem.vehicles.count)
                quota = [granted // len(plots) + (n < granted % len(plots)) for n in range(len(plots))]
                cooling = self._cooling(share, granted)
                jobs = [pool.submit(self._anneal, *job, cooling) for job in zip(plots, quota, strict=True)]
                done = [job.result() for job in jobs]
                self.iterations += sum(iterations for _, iterations in done)
                self.phases += 1
                self._take([part for part, _ in done])

    def _phase(self, share: float) -> int:
        """Return the iterations of the next phase: where parts wait for one another, half of what may be left."""
        usual = self._parts() * self.engine.phase
        if not self._in_turns():
            return usual
        half = int(self._rate(share) * (1.0 - share) / 2.0)
        return min(FAR_PHASES * usual if self._far_flung() else usual, max(half, self._parts() * CHUNK))

    def _rate(self, share: float) -> float:
        """Return the iterations for the whole patience, by those of the share spent so far."""
        spent = share - self.begun
        return (
            self.iterations / spent if spent > 0.0 and self.iterations else expected_iterations(self.stop) / FAR_PHASES
        )

    def _cooling(self, share: float, granted: int) -> Cooling:
        """Return the temperatures of a phase from a share of patience on.

        The clock knows them, unless parts take turns: it would let the last ones begin where the first ones end.
        """
        counted = self.stop.spent()
        if not self._in_turns():
            return Cooling(share, counted, counted)
        return Cooling(share, max(counted, min(1.0, share + granted / self._rate(share))), counted)

    def _close_routes(self, pool: ThreadPoolExecutor) -> None:
        """Look for fewer routes first, while they cost much."""
        fleet = FleetSearch(
            self.problem,
            self.money,
            self.near,
            attempts=self.engine.parts,
            temperature=closing_heat(self.problem) * self.arc,
            rng=self.rng,
        )
        routes, iterations = fleet.close_routes(self.current, self.stop, *self.fleet_shares, pool)
        self.iterations += iterations
        fleet_of = np.bincount([route.kind for route in routes], minlength=len(self.problem.vehicles))
        everything = np.arange(len(self.problem.stops))
        part = pack(self.problem, everything, routes, fleet_of.astype(np.int64), self.money, self.rng, self.near)
        self._take([part])

    def _in_turns(self) -> bool:
        """Return whether parts wait for one another, which makes a difference where time is what is counted."""
        waiting = self._parts() > self.engine.threads and not is_counted(self.stop)
        return waiting or self._far_flung()

    def _far_flung(self) -> bool:
        """Return whether one table of all roads would be too large."""
        return self._parts() > self.engine.parts

    def _parts(self) -> int:
        count = len(self.problem.stops)
        if count <= ALONE:
            return 1
        if isinstance(self.problem.roads, PlaneRoads):
            return self.engine.parts
        return max(self.engine.parts, math.ceil(count / TABLE_PART))

    def _plots(self, parts: int, fleet: Ints) -> list[Plot]:
        """Return the parts of the city that hold stops, each with its routes and its share of the fleet."""
        problem = self.problem
        served = np.zeros(len(problem.stops), dtype=np.bool_)
        for route in self.current:
            served[route.stops] = True
        groups = split_routes(problem, self.points, self.current, np.flatnonzero(~served), parts, self.rng)
        used = np.array(
            [np.bincount([route.kind for route in routes], minlength=len(problem.vehicles)) for routes, _ in groups],
            dtype=np.int64,
        )
        plots = []
        for (routes, left), share in zip(groups, share_fleet(fleet, used, self.phases), strict=True):
            rows = np.sort(np.concatenate([left, *(np.array(route.stops) for route in routes)]).astype(np.int64))
            if rows.size:
                plots.append(Plot(routes, rows, share, self.rng.spawn(1)[0]))
        return plots

    def _pack(self, plot: Plot) -> Part:
        near = self.near if plot.rows.size == len(self.problem.stops) else None
        return pack(self.problem, plot.rows, plot.routes, plot.fleet, self.money, plot.rng, near)

    def _anneal(self, plot: Plot, quota: int, cooling: Cooling) -> tuple[Part, int]:
        """Search one part; return it without its roads, and its iterations."""
        part = self._pack(plot)
        done = 0
        while done < quota:
            now = self.stop.spent()
            if now >= 1.0 and now > cooling.counted:
                break
            share = cooling.start + (cooling.end - cooling.start) * done / quota
            if now > cooling.end and not self._in_turns():
                share = now
            cooled = max(0.0, share - self.begun) / max(1.0 - self.begun, 1e-9)
            step = min(CHUNK, quota - done)
            iterate(part.search, step, self.arc * self.first * (self.engine.end / self.first) ** cooled)
            done += step
        return replace(part, search=part.search._replace(table=NO_TABLE)), done

    def _take(self, parts: Sequence[Part]) -> None:
        """Take over the routes of all parts, and the best of each if together they are the best so far."""
        if len(self.problem.vehicles) > 1:
            kinds = np.concatenate(retype(self.problem, [part.search for part in parts])).tolist()
            routes = (route.trips for part in parts for route in unpack(part, best=False))
            self.current = [Route(*pair) for pair in zip(kinds, routes, strict=True)]
        else:
            self.current = [route for part in parts for route in unpack(part, best=False)]
        money = sum(int(part.search.number[at.BEST]) for part in parts)
        if money < self.best_money:
            self.best_money = money
            self.best = [route for part in parts for route in unpack(part, best=True)]


def _first_fleets(problem: RoutingProblem, *, mixed_only: bool) -> Iterator[Ints]:
    """Yield the fleets of which first plans are made: all types, then each alone, of which the others may be a mix."""
    count = problem.vehicles.count
    yield count
    if not mixed_only and len(problem.vehicles) > 1:
        for kind in range(len(problem.vehicles)):
            yield np.where(np.arange(count.size) == kind, count, 0)


def _some_optional(problem: RoutingProblem) -> bool:
    """Return whether some stop may be left out: a first plan that serves it all the same says little of its fleet."""
    return bool((problem.stops.prize_minor != REQUIRED).any())


def _only_loads(problem: RoutingProblem) -> bool:
    """Return whether savings know all that counts: one depot and type, straight lines, every stop to be served."""
    return (
        isinstance(problem.roads, PlaneRoads)
        and len(problem.depots) == 1
        and len(problem.vehicles) == 1
        and bool((problem.stops.prize_minor == REQUIRED).all())
        and not walked(problem)
        and not released(problem, np.arange(len(problem.stops)))
        and int(problem.stops.end_at.min()) >= int(problem.vehicles.shift_end_at.max())
        and _adds_up(problem)
    )


def _adds_up(problem: RoutingProblem) -> bool:
    """Return whether loads up to the capacity are all that a route must keep, and each stop alone keeps it."""
    stops, kinds = problem.stops, problem.vehicles
    return bool(
        (stops.load <= kinds.capacity[0]).all()
        and not stops.pickup.any()
        and not len(problem.pairs)
        and (stops.group < 0).all()
        and (stops.vehicle <= 0).all()
        and not (stops.requirements & ~kinds.skills[0]).any()
        and int(kinds.max_distance_m[0]) >= LAST
        and min(int(kinds.max_duration_s[0]), int(kinds.shift_end_at[0] - kinds.shift_start_at[0])) >= LAST - 1
    )


def _as_points(problem: RoutingProblem) -> Floats:
    """Return stand-ins for coordinates (P, 2): how far each place is from two others."""
    count = len(problem.roads)
    everywhere = np.arange(count)
    far = everywhere[:1]
    axes = []
    for _ in range(2):
        metres, _ = problem.roads.along(0, np.full(count, far[0]), everywhere)
        axes.append(np.minimum(metres, 1 << 27).astype(np.float64))
        far = np.argmax(np.where(metres < (1 << 27), metres, -1), keepdims=True)
    return np.column_stack(axes)


def _as_plan(problem: RoutingProblem, routes: Sequence[Route]) -> RoutePlan:
    scheduled = [schedule_route(problem, *route) for route in routes]
    return RoutePlan(routes=tuple(route for route in scheduled if route is not None))
