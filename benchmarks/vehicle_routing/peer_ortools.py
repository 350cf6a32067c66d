"""OR-Tools' routing library: savings, or parallel cheapest insertion where there are windows, then guided local search.

Where the construction finds no plan stops may be dropped at a high price, as its guide advises.

It stops on wall seconds only. On a machine that gave it fewer CPU seconds it goes on from its plan until it has had
them, so that on a quiet machine it is one run.
"""

import math

import numpy as np
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from benchmarks.vehicle_routing.engines import (
    Outcome,
    SkippedError,
    Task,
    as_outcome,
    asks_for,
    must_fit,
    refuse_beyond,
    vehicles_of,
)
from doorstep.foundation.arrays import Ints
from doorstep.vehicle_routing import RoutingProblem
from doorstep.vehicle_routing.problem import REQUIRED

MOST_STOPS = 10_000
ENOUGH = 0.97
"""Share of the CPU seconds after which no further search is begun."""
ABLE = {
    "windows", "skills", "optional stops", "distance limit", "duration limit", "loading", "several depots",
    "several vehicle types", "pairs",
}  # fmt: skip


class OrTools:
    """OR-Tools on full tables."""

    def warm(self) -> None:
        """Nothing: it is imported with this module."""

    def solve(self, task: Task) -> Outcome:
        """Return the plan found, see ``Engine``."""
        problem = task.instance.problem
        refuse_beyond(problem, ABLE)
        if len(problem.stops) > MOST_STOPS:
            raise SkippedError(f"more than {MOST_STOPS} stops: its tables go through Python lists")
        must_fit(problem, tables=2, bytes_each=50)
        routes, searches = Model(problem).search(task)
        if not routes and task.left_s > (1 - ENOUGH) * task.clock.limit:
            routes, searches = Model(problem, dropping=True).search(task)
        note = "" if routes else "it found no plan"
        return as_outcome(problem, routes, f"{searches} searches" if searches > 1 else note)


class Model:
    """A problem in OR-Tools' words: place p is node p."""

    def __init__(self, problem: RoutingProblem, *, dropping: bool = False) -> None:
        self.problem, self.dropping = problem, dropping
        self.owner = vehicles_of(problem)
        kinds = problem.vehicles
        starts, ends = ([int(column[kind]) for kind in self.owner] for column in (kinds.start, kinds.end))
        self.nodes = pywrapcp.RoutingIndexManager(len(problem.roads), len(self.owner), starts, ends)
        self.model = pywrapcp.RoutingModel(self.nodes)
        self.asked = asks_for(problem)
        self.highest = 0
        self._costs()
        self._loads()
        if self.asked & {"windows", "duration limit"}:
            self._clock()
        self._choices()
        self._pairs()

    def search(self, task: Task) -> tuple[list[tuple[int, list[list[int]]]], int]:
        """Return the routes of the best plan, and how many searches it took to use the CPU seconds."""
        parameters = pywrapcp.DefaultRoutingSearchParameters()
        first = routing_enums_pb2.FirstSolutionStrategy
        timed = "windows" in self.asked
        parameters.first_solution_strategy = first.PARALLEL_CHEAPEST_INSERTION if timed else first.SAVINGS
        parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
        found, searches = None, 0
        while task.left_s > (1 - ENOUGH) * task.clock.limit or not searches:
            seconds = max(1.0, task.left_s)
            parameters.time_limit.FromMilliseconds(math.ceil(1_000 * seconds))
            if found is None:
                found = self.model.SolveWithParameters(parameters)
            else:
                found = self.model.SolveFromAssignmentWithParameters(found, parameters) or found
            searches += 1
            if found is None:
                break
        return ([] if found is None else self._routes(found)), searches

    def _costs(self) -> None:
        """Each vehicle pays its rate on the roads of its profile, and its start."""
        kinds = self.problem.vehicles
        known: dict[tuple[int, int], int] = {}
        for number, kind in enumerate(self.owner):
            profile, rate = int(kinds.profile[kind]), int(kinds.per_km_minor[kind])
            if (profile, rate) not in known:
                costs: Ints = (self._tables(profile)[0] * rate + 500) // 1000
                self.highest = max(self.highest, 20 * int(costs.max()) + int(kinds.fixed_minor.max()))
                known[profile, rate] = self._register(costs)
            self.model.SetArcCostEvaluatorOfVehicle(known[profile, rate], number)
            self.model.SetFixedCostOfVehicle(int(kinds.fixed_minor[kind]), number)
        if "distance limit" in self.asked:
            by_profile = {p: self._register(self._tables(p)[0]) for p in set(kinds.profile.tolist())}
            transits = [by_profile[int(kinds.profile[kind])] for kind in self.owner]
            most = [int(kinds.max_distance_m[kind]) for kind in self.owner]
            self.model.AddDimensionWithVehicleTransitAndCapacity(transits, 0, most, True, "metres")

    def _loads(self) -> None:
        for dimension in range(self.problem.vehicles.capacity.shape[1]):
            load, pairs = self.problem.stops.load[:, dimension].copy(), self.problem.pairs
            if len(pairs):
                load[pairs.pickup] += pairs.load[:, dimension]
                load[pairs.delivery] -= pairs.load[:, dimension]
            transit = self.model.RegisterUnaryTransitVector([0] * len(self.problem.depots) + load.tolist())
            most = [int(self.problem.vehicles.capacity[kind, dimension]) for kind in self.owner]
            self.model.AddDimensionWithVehicleCapacity(transit, 0, most, True, f"load {dimension}")

    def _clock(self) -> None:
        """Time at a node is when service begins; what leaves it takes service, or loading, and the road."""
        problem, kinds = self.problem, self.problem.vehicles
        origin, last = int(kinds.shift_start_at.min()), int(kinds.shift_end_at.max())
        stay = np.concatenate([problem.depots.loading_s, problem.stops.service_s])
        by_profile = {
            profile: self._register(self._tables(profile)[1] + stay[:, None]) for profile in set(kinds.profile.tolist())
        }
        transits = [by_profile[int(kinds.profile[kind])] for kind in self.owner]
        horizon = last - origin
        self.model.AddDimensionWithVehicleTransits(transits, horizon, horizon, False, "clock")
        clock = self.model.GetDimensionOrDie("clock")
        for stop in range(len(problem.stops)):
            opens, closes = int(problem.stops.start_at[stop]), int(problem.stops.end_at[stop])
            clock.CumulVar(self.nodes.NodeToIndex(problem.place(stop))).SetRange(
                max(0, opens - origin), min(horizon, closes - origin)
            )
        for number, kind in enumerate(self.owner):
            opens = max(int(kinds.shift_start_at[kind]), int(problem.depots.open_at[kinds.start[kind]])) - origin
            closes = min(int(kinds.shift_end_at[kind]), int(problem.depots.close_at[kinds.end[kind]])) - origin
            clock.CumulVar(self.model.Start(number)).SetRange(opens, closes)
            clock.CumulVar(self.model.End(number)).SetRange(opens, closes)
            if "duration limit" in self.asked:
                clock.SetSpanUpperBoundForVehicle(min(horizon, int(kinds.max_duration_s[kind])), number)
                self.model.AddVariableMinimizedByFinalizer(clock.CumulVar(self.model.End(number)))
                self.model.AddVariableMaximizedByFinalizer(clock.CumulVar(self.model.Start(number)))

    def _choices(self) -> None:
        """Say which stops may be left out, at their prize, and which vehicles may come to a stop."""
        problem, kinds = self.problem, self.problem.vehicles
        for stop, (prize, needs) in enumerate(
            zip(problem.stops.prize_minor.tolist(), problem.stops.requirements.tolist(), strict=True)
        ):
            index = self.nodes.NodeToIndex(problem.place(stop))
            if prize != REQUIRED or self.dropping:
                self.model.AddDisjunction([index], prize if prize != REQUIRED else self.highest)
            if "skills" in self.asked:
                able = [n for n, kind in enumerate(self.owner) if not needs & ~int(kinds.skills[kind])]
                self.model.VehicleVar(index).SetValues([-1, *able])

    def _pairs(self) -> None:
        """Have what is fetched brought later by the same vehicle; without windows a count of stops tells the order."""
        pairs, solver = self.problem.pairs, self.model.solver()
        if not len(pairs):
            return
        order = "clock"
        if not self.asked & {"windows", "duration limit"}:
            order = "order"
            self.model.AddConstantDimension(1, len(self.problem.roads) + 1, True, order)
        when = self.model.GetDimensionOrDie(order)
        for pair in zip(pairs.pickup.tolist(), pairs.delivery.tolist(), strict=True):
            fetched, brought = (self.nodes.NodeToIndex(self.problem.place(stop)) for stop in pair)
            self.model.AddPickupAndDelivery(fetched, brought)
            solver.Add(self.model.VehicleVar(fetched) == self.model.VehicleVar(brought))
            solver.Add(when.CumulVar(fetched) <= when.CumulVar(brought))

    def _tables(self, profile: int) -> tuple[Ints, Ints]:
        metres, seconds = self.problem.roads.block(profile, np.arange(len(self.problem.roads)))
        return metres.astype(np.int64, copy=False), seconds.astype(np.int64, copy=False)

    def _register(self, table: Ints) -> int:
        number: int = self.model.RegisterTransitMatrix(table.tolist())
        return number

    def _routes(self, found: pywrapcp.Assignment) -> list[tuple[int, list[list[int]]]]:
        """Return vehicle type and trips of each vehicle that leaves."""
        depots = len(self.problem.depots)
        routes = []
        for number, kind in enumerate(self.owner):
            stops = []
            index = found.Value(self.model.NextVar(self.model.Start(number)))
            while not self.model.IsEnd(index):
                stops.append(self.nodes.IndexToNode(index) - depots)
                index = found.Value(self.model.NextVar(index))
            if stops:
                routes.append((kind, [stops]))
        return routes
