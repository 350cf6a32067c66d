"""What can be run, by name: our engine, and PyVRP as its authors would run it on the same problem."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np

from benchmarks.vehicle_routing.generator import city_day
from benchmarks.vehicle_routing.job import OWN, PEERS
from doorstep.connectors.routing_instance import Instance
from doorstep.foundation import InputError, Iterations, Seconds, Stop
from doorstep.vehicle_routing import RoutePlan, RoutingProblem, VehicleRoute, schedule_route
from doorstep.vehicle_routing.problem import LAST, REQUIRED, Depots, Stops, VehicleTypes
from doorstep.vehicle_routing.roads import PlaneRoads


class SkippedError(Exception):
    """Why a solver does not run on an instance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """An instance, with the path of its file, and the patience for it.

    ``stop`` ends a search that can ask; ``clock`` counts the CPU seconds from the reading of the instance on.
    """

    instance: Instance
    path: Path
    stop: Stop
    clock: Seconds
    seed: int
    threads: int

    @property
    def left_s(self) -> float:
        """CPU seconds that are left."""
        return self.clock.limit * (1.0 - self.clock.spent())


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A plan, the iterations that it took (None: not told), faults found while it was read, and what to know."""

    plan: RoutePlan
    iterations: int | None = None
    faults: Sequence[str] = ()
    note: str = ""


class Engine(Protocol):
    """A solver as the benchmark runs it."""

    def warm(self) -> None:
        """Do what is done once on a machine: import, and compile."""
        ...

    def solve(self, task: Task) -> Outcome:
        """Return a plan.

        Raises
        ------
        SkippedError
            If the solver cannot take the instance.
        """
        ...


def engine(name: str) -> Engine:
    """Return the solver of a name; peers are imported here, so that who does not ask for them needs none."""
    if name == OWN:
        return OwnEngine()
    if name == "pyvrp":
        return PyVrpEngine()
    if name == "pyvrp native":
        from benchmarks.vehicle_routing.peer_pyvrp import NativePyVrp

        return NativePyVrp()
    if name == "vroom":
        from benchmarks.vehicle_routing.peer_vroom import Vroom

        return Vroom()
    if name == "ortools":
        from benchmarks.vehicle_routing.peer_ortools import OrTools

        return OrTools()
    raise InputError(f"solver {name!r} must be one of {', '.join((OWN, *PEERS))}.")


class OwnEngine:
    """The engine under test."""

    def warm(self) -> None:
        """Compile for the plane and for travel times that are asked for."""
        from doorstep.vehicle_routing.sisr import SisrSolver

        for problem in (_few_in_the_plane(), city_day(60, seed=1)):
            with suppress(InputError):  # what it does not plan, it need not compile
                SisrSolver(threads=1).solve(problem, Iterations(limit=4_000), seed=1)

    def solve(self, task: Task) -> Outcome:
        """Return the plan found, see ``Engine``."""
        from doorstep.vehicle_routing.sisr import SisrSolver

        try:
            found = SisrSolver(threads=task.threads).search(task.instance.problem, task.stop, seed=task.seed)
        except InputError as error:
            raise SkippedError(str(error)) from error
        return Outcome(plan=found.plan, iterations=found.iterations)


HIGHEST_PENALTY = 100_000
"""What a unit of load too much costs PyVRP at most, by its own parameters."""


class PyVrpEngine:
    """PyVRP on the whole problem at once, translated by our adapter, with PyVRP's own parameters.

    They did better than our adapter's wherever both were tried.
    """

    def warm(self) -> None:
        """Import it."""
        import doorstep.vehicle_routing.pyvrp_solver  # noqa: F401

    def solve(self, task: Task) -> Outcome:
        """Return the plan found, see ``Engine``."""
        from doorstep.vehicle_routing import PyVrpSolver

        problem = task.instance.problem
        must_fit(problem, tables=2 * problem.roads.profiles, bytes_each=16)
        stop = Counted(task.stop)
        try:
            plan = PyVrpSolver(tuned=False).solve(_finer_loads(problem), stop, seed=task.seed)
        except InputError as error:
            raise SkippedError(str(error)) from error
        return Outcome(plan=plan, iterations=stop.asked)


def _finer_loads(problem: RoutingProblem) -> RoutingProblem:
    """Return the same problem with loads in thousandths where vehicles cost much more than PyVRP's penalties.

    It would rather overload a vehicle than start one; its authors read heterogeneous fleets in thousandths, too.
    """
    stops, kinds = problem.stops, problem.vehicles
    if len(kinds) == 1 or int(kinds.fixed_minor.max()) <= HIGHEST_PENALTY:
        return problem
    return replace(
        problem,
        stops=replace(stops, load=1_000 * stops.load, pickup=1_000 * stops.pickup),
        vehicles=replace(kinds, capacity=1_000 * kinds.capacity),
        pairs=replace(problem.pairs, load=1_000 * problem.pairs.load),
    )


@dataclass(slots=True)
class Counted:
    """A stop that counts how often it is asked."""

    stop: Stop
    asked: int = 0

    def __call__(self) -> bool:
        """Ask, and count."""
        self.asked += 1
        return self.stop()

    def take(self, most: int) -> int:
        """Take, and count."""
        granted = self.stop.take(most)
        self.asked += granted
        return granted

    def spent(self) -> float:
        """Return what is spent."""
        return self.stop.spent()


def must_fit(problem: RoutingProblem, *, tables: int, bytes_each: int) -> None:
    """Go on only if so many full tables fit into four fifths of the free memory.

    Raises
    ------
    SkippedError
        If they do not.
    """
    need = len(problem.roads) ** 2 * tables * bytes_each
    free = _free_memory()
    if need > 0.8 * free:
        raise SkippedError(f"its tables need about {need / 1e9:.1f} GB, {free / 1e9:.1f} GB are free")


def as_outcome(problem: RoutingProblem, routes: Sequence[tuple[int, Sequence[Sequence[int]]]], note: str) -> Outcome:
    """Return the plan of a peer's routes (vehicle type, trips of stops), its clock by our schedule."""
    scheduled: list[VehicleRoute] = []
    faults = []
    for number, (kind, trips) in enumerate(routes):
        route = schedule_route(problem, kind, trips)
        if route is None:
            faults.append(f"its route {number} has no clock that keeps windows, shift and duration.")
        else:
            scheduled.append(route)
    return Outcome(plan=RoutePlan(routes=tuple(scheduled)), faults=faults, note=note)


def asks_for(problem: RoutingProblem) -> set[str]:
    """Return the names of what a problem has beyond required stops with loads, of vehicles that cost by distance."""
    stops, kinds = problem.stops, problem.vehicles
    first, last = int(kinds.shift_start_at.min()), int(kinds.shift_end_at.max())
    there: dict[str, Callable[[], object]] = {
        "windows": lambda: (stops.start_at > first).any() or (stops.end_at < last).any(),
        "several windows": lambda: len(problem.windows),
        "releases": lambda: (stops.release_at > first).any(),
        "pickups": lambda: stops.pickup.any(),
        "optional stops": lambda: (stops.prize_minor != REQUIRED).any(),
        "skills": lambda: (stops.requirements & ~np.bitwise_and.reduce(kinds.skills)).any(),
        "lateness": lambda: (stops.late_per_hour_minor > 0).any(),
        "approaches": lambda: stops.approach_s.any(),
        "extra costs": lambda: stops.extra_minor.any(),
        "groups": lambda: (stops.group >= 0).any(),
        "pairs": lambda: len(problem.pairs),
        "ride limits": lambda: (problem.pairs.max_ride_s < LAST).any(),
        "pairs beside other loads": lambda: len(problem.pairs) and stops.load.any(),
        "breaks": lambda: len(problem.breaks),
        "traffic": lambda: len(problem.traffic),
        "reloads": lambda: (kinds.max_reloads > 0).any(),
        "distance limit": lambda: (kinds.max_distance_m < 1 << 32).any(),
        "duration limit": lambda: (kinds.max_duration_s < np.minimum(LAST, kinds.shift_end_at - first)).any(),
        "paid hours": lambda: kinds.per_hour_minor.any() or kinds.overtime_per_hour_minor.any(),
        "loading": lambda: problem.depots.loading_s.any(),
        "several depots": lambda: len(problem.depots) > 1,
        "several vehicle types": lambda: len(kinds) > 1,
    }
    return {name for name, asked in there.items() if asked()}


def refuse_beyond(problem: RoutingProblem, able: set[str]) -> None:
    """Go on only if a peer, as we set it up, can do all that a problem asks for.

    Raises
    ------
    SkippedError
        If not, with what it cannot.
    """
    missing = sorted(asks_for(problem) - able)
    if missing:
        raise SkippedError(f"not set up for {', '.join(missing)}")


def vehicles_of(problem: RoutingProblem) -> list[int]:
    """Return the type of each vehicle that a peer gets: all there are, but no more than could ever be of use.

    A type that could bring everything alone needs no more than its loads ask for; where windows or limits may ask
    for more vehicles there are as many as the problem has, one for each stop at most.
    """
    kinds, count = problem.vehicles, len(problem.stops)
    tight = asks_for(problem) & {"windows", "distance limit", "duration limit"}
    total = problem.stops.load.sum(axis=0)
    found: list[int] = []
    for kind in range(len(kinds)):
        capacity = np.maximum(1, kinds.capacity[kind])
        enough = int(np.ceil(1.1 * total / capacity).max(initial=1)) + 5
        found += [kind] * min(int(kinds.count[kind]), count if tight else enough)
    return found


def _few_in_the_plane() -> RoutingProblem:
    """Return forty stops that need a dozen routes."""
    rng = np.random.default_rng(1)
    count = 40
    none, ones = np.zeros(count, dtype=np.int64), np.ones(1, dtype=np.int64)
    return RoutingProblem(
        stops=Stops(
            start_at=none,
            end_at=none + LAST - 1,
            release_at=none,
            service_s=none,
            load=np.ones((count, 1), dtype=np.int64),
            prize_minor=none + REQUIRED,
            requirements=none,
        ),
        vehicles=VehicleTypes(
            count=ones * count,
            capacity=ones[:, None] * 4,
            skills=ones * 0,
            shift_start_at=ones * 0,
            shift_end_at=ones * (LAST - 1),
            max_distance_m=ones << 40,
            max_reloads=ones * 0,
            fixed_minor=ones * 0,
            per_km_minor=ones * 1_000,
            per_hour_minor=ones * 0,
        ),
        depots=Depots(open_at=ones * 0, close_at=ones * (LAST - 1), loading_s=ones * 0),
        roads=PlaneRoads(x=rng.uniform(0, 1_000, count + 1), y=rng.uniform(0, 1_000, count + 1)),
    )


def _free_memory() -> int:
    """Return the bytes that are free, plenty where the system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration):
        return 1 << 60
