"""Which engine plans a problem, for how long, and what the terminal sees of it."""

import time
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from doorstep.cli.routes_judgement import impossible_stops
from doorstep.cli.routes_preferences import Wishes
from doorstep.connectors.routes_folder import Search
from doorstep.foundation import AnyOf, InputError, Interrupt, Iterations, Progress, Seconds, Stop
from doorstep.foundation.arrays import Ints
from doorstep.vehicle_routing import PyVrpSolver, RoutePlan, RoutingProblem, SisrSolver, Stops, VehicleTypes
from doorstep.vehicle_routing.preferences import Preferred, prefer
from doorstep.vehicle_routing.problem import LAST, REQUIRED
from doorstep.vehicle_routing.pyvrp_model import unsupported as unsupported_by_pyvrp
from doorstep.vehicle_routing.sisr.supported import unsupported as unsupported_by_sisr

Engine = Literal["auto", "sisr", "pyvrp"]
USUAL_S = 10.0
"""CPU seconds of a search where nobody says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to search: ``iterations`` or, without them, CPU ``seconds``.

    Raises
    ------
    InputError
        If both are given, or one is not above zero.
    """

    iterations: int | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        if self.iterations is not None and self.seconds is not None:
            raise InputError("--seconds and --iterations are both given.", hint="Maybe leave one of them out.")
        if self.iterations is not None and self.iterations < 1:
            raise InputError(f"--iterations {self.iterations} must be 1 or more.")
        if self.seconds is not None and not 0 < self.seconds < LAST:
            raise InputError(f"--seconds {self.seconds} must be above 0 and below {LAST}.")

    @property
    def cpu_s(self) -> float | None:
        """CPU seconds allowed, None if iterations are counted."""
        return None if self.iterations is not None else self.seconds or USUAL_S

    def stop(self, share: float = 1.0) -> Stop:
        """Return the criterion of a share of the patience, its clock running."""
        if self.iterations is not None:
            return Iterations(limit=max(1, round(self.iterations * share)))
        clock = Seconds(limit=share * (self.cpu_s or USUAL_S))
        clock()
        return clock


def choose_engine(problem: RoutingProblem, asked: Engine) -> tuple[str, str]:
    """Return the engine that plans a problem, and why this one.

    Raises
    ------
    InputError
        If there is no such engine, or none that plans all that the problem asks for.
    """
    if asked not in get_args(Engine):
        raise InputError(f"--solver {asked!r} must be one of {', '.join(get_args(Engine))}.")
    if asked != "auto":
        return asked, "it was asked for"
    lacking = unsupported_by_sisr(problem)
    if not lacking:
        return "sisr", "it plans all that this problem asks for"
    other = unsupported_by_pyvrp(problem)
    if other:
        raise InputError(
            f"no engine plans this problem: sisr does not know {', '.join(lacking)}, pyvrp not {', '.join(other)}."
        )
    return "pyvrp", f"sisr does not plan {', '.join(lacking)} yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """How to search: the ``engine`` and ``why`` this one, its ``seed`` and ``threads``, who listens, who interrupts."""

    engine: str
    why: str
    seed: int
    threads: int
    listener: Progress
    interrupt: Interrupt

    def told(self, patience: Patience, iterations: int, since: tuple[float, float]) -> Search:
        """Return what is told of the search that ends now and began at these CPU and wall seconds."""
        return Search(
            engine=self.engine,
            why=self.why,
            seed=self.seed,
            iterations=iterations,
            asked_iterations=patience.iterations,
            asked_cpu_s=patience.cpu_s,
            cpu_s=time.process_time() - since[0],
            wall_s=time.perf_counter() - since[1],
            interrupted=self.interrupt.asked,
        )


def search(
    problem: RoutingProblem, patience: Patience, how: How, *, start: RoutePlan | None = None
) -> tuple[RoutePlan, Search]:
    """Return the best plan found and how; what is compiled is compiled before the clock runs.

    Raises
    ------
    InputError
        If the engine does not plan what the problem asks for.
    """
    since = _prepared(how, f"searching with {how.engine}")
    patient = patience.stop()
    watch = Watched(patient, how.listener)
    stop = AnyOf((patient, how.interrupt, watch))
    if how.engine == "sisr":
        found = SisrSolver(threads=how.threads).search(problem, stop, seed=how.seed, start=start)
        plan, iterations = found.plan, found.iterations
    else:
        plan = _pyvrp(problem).solve(_possible(problem), stop, seed=how.seed, start=start)
        iterations = max(0, watch.asked - 1)  # the last question was answered with: enough
    return plan, how.told(patience, iterations, since)


def search_with_wishes(
    problem: RoutingProblem, patience: Patience, wishes: Wishes, how: How
) -> tuple[tuple[Preferred, Preferred], Search]:
    """Return the best plan without wishes and with them, and how they were found, sharing the patience.

    Raises
    ------
    InputError
        If the engine does not plan what the problem asks for, or territories cannot be drawn.
    """
    since = _prepared(how, f"searching with {how.engine}, with wishes and without")
    watches: list[Watched] = []

    def part(share: float) -> Stop:
        patient = patience.stop(share / wishes.searches)
        watches.append(Watched(patient, how.listener, share=share / wishes.searches))
        return AnyOf((patient, how.interrupt, watches[-1]))

    mine = how.engine == "sisr"
    solver = SisrSolver(threads=how.threads) if mine else _pyvrp(problem)
    possible = problem if mine else _possible(problem)
    free, wished = prefer(possible, solver, part, lambda plan: [wishes.terms(possible, plan)], seed=how.seed)
    return (free, wished), how.told(patience, sum(watch.asked for watch in watches), since)


def _prepared(how: How, stage: str) -> tuple[float, float]:
    """Compile what has to be before any clock runs; return CPU and wall seconds when the search begins."""
    if how.engine == "sisr":
        how.listener.stage("loading the engine (compiled once)", 1)
        warm_up()
    how.listener.stage(stage, 100)
    return time.process_time(), time.perf_counter()


def _pyvrp(problem: RoutingProblem) -> PyVrpSolver:
    """Return the solver: with pairs and dear vehicles PyVRP's own parameters find far fewer routes than ours."""
    return PyVrpSolver(tuned=not len(problem.pairs))


def _possible(problem: RoutingProblem) -> RoutingProblem:
    """Return the problem in which nobody must serve what nobody can: PyVRP would serve nothing at all."""
    prize, must = problem.stops.prize_minor, problem.stops.prize_minor == REQUIRED
    return problem.with_prizes(np.where(must & impossible_stops(problem), 0, prize)) if must.any() else problem


@dataclass(slots=True)
class Watched:
    """A criterion that never ends a search, counts its iterations and tells a listener what share of patience is spent.

    ``share`` is that of all patience which this search has.
    """

    patience: Stop
    listener: Progress
    share: float = 1.0
    asked: int = 0
    told: int = 0

    def __call__(self) -> bool:
        """Count the question, and go on."""
        self.asked += 1
        self._tell()
        return False

    def take(self, most: int) -> int:
        """Grant everything."""
        self.asked += most
        self._tell()
        return most

    def spent(self) -> float:
        """Return 0.0: it is for the others to tell."""
        self._tell()
        return 0.0

    def _tell(self) -> None:
        share = int(100 * self.share * self.patience.spent())
        if share > self.told:
            self.listener.advance(share - self.told)
            self.told = share


def warm_up() -> None:
    """Compile the kernels, or load them: half a minute once on a machine, then about a second."""
    for shift_s in (LAST - 1, 36_000):  # without a clock and with one
        problem = _three_stops(shift_s)
        SisrSolver(threads=1).search(problem, Iterations(limit=100), seed=1)


def _three_stops(shift_s: int) -> RoutingProblem:
    def each(count: int, value: int) -> Ints:
        return np.full(count, value, dtype=np.int64)

    stops = Stops(
        start_at=each(3, 0),
        end_at=each(3, shift_s),
        release_at=each(3, 0),
        service_s=each(3, 1),
        load=each(3, 1)[:, None],
        prize_minor=each(3, REQUIRED),
        requirements=each(3, 0),
    )
    numbers = {"count": 3, "skills": 0, "shift_start_at": 0, "shift_end_at": shift_s, "max_distance_m": LAST,
               "max_reloads": 0, "fixed_minor": 0, "per_km_minor": 1_000, "per_hour_minor": 0}  # fmt: skip
    columns = {name: each(1, value) for name, value in numbers.items()}
    table = np.abs(np.arange(4)[:, None] - np.arange(4))
    return RoutingProblem.around_one_site(
        stops=stops, vehicles=VehicleTypes(capacity=each(1, 2)[:, None], **columns), metres=table, seconds=table,
        loading_s=0,
    )  # fmt: skip
