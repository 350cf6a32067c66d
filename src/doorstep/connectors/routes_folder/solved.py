"""Routes with all that is told of them: where they come from, how they were found, what they are like."""

from dataclasses import dataclass, field

from doorstep.connectors.routing_instance.routing_file import RoutingFile
from doorstep.foundation.arrays import Bools, Ints
from doorstep.vehicle_routing.check_plan import objective_of
from doorstep.vehicle_routing.plan import MISSING_MINOR, RoutePlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """How a plan was found: by which ``engine`` and ``why`` by this one, with which patience, for how long.

    ``asked_iterations`` or ``asked_cpu_s`` is the patience; what was asked in iterations and not interrupted repeats to
    the last digit with the same ``seed``, file and version.
    """

    engine: str
    why: str
    seed: int
    iterations: int
    asked_iterations: int | None
    asked_cpu_s: float | None
    cpu_s: float
    wall_s: float
    interrupted: bool = False
    start: str = ""

    @property
    def repeats(self) -> bool:
        """Whether the same call gives the same plan."""
        return self.asked_iterations is not None and not self.interrupted


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A figure of a plan: its ``name`` in files, its ``label`` and ``text`` for people, and what it means."""

    name: str
    label: str
    value: float | None
    text: str
    definition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnservedStop:
    """A stop in no route: a ``reason`` as a word, and in a sentence."""

    stop: int
    reason: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CostField:
    """What one more stop would cost in each cell of a grid over the stops, in the file's coordinates.

    The cells are ``columns`` x ``rows``, equal and side by side from the least to the greatest coordinate of a stop.
    ``cost`` and ``possible`` (G,) are theirs, row by row from the least x and y; ``cost`` says nothing where it is not
    possible.
    """

    columns: int
    rows: int
    cost: Ints
    possible: Bools


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Another plan's cost for the same problem, in units of the problem's cost, and where it stands.

    ``vehicles`` is how many it takes if the family counts them first, else 0.
    """

    source: str
    cost: int
    vehicles: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SolvedRoutes:
    """A plan for the problem of a file.

    ``objective`` is what the routes cost, and the prizes of what is left out; ``missing`` is how many stops must be
    served and are not, a group counting once: they cost nothing in the objective.
    """

    file: RoutingFile
    plan: RoutePlan
    search: Search
    measures: tuple[Measure, ...] = ()
    unserved: tuple[UnservedStop, ...] = ()
    comparison: Comparison | None = None
    one_more: CostField | None = None
    objective: int = field(init=False)
    missing: int = field(init=False)

    def __post_init__(self) -> None:
        objective = objective_of(self.file.problem, self.plan)
        object.__setattr__(self, "objective", objective)
        more = self.plan.objective_minor(self.file.problem) - objective
        object.__setattr__(self, "missing", more // MISSING_MINOR)  # the plan counts nothing else that the rules do not

    @property
    def routes_cost(self) -> int:
        """What the routes cost."""
        return self.plan.cost_minor(self.file.problem)

    @property
    def cost_beside_vehicles(self) -> int:
        """The objective less the fixed cost of the vehicles: what counts second where vehicles count first."""
        fixed = self.file.problem.vehicles.fixed_minor
        return self.objective - sum(int(fixed[route.vehicle]) for route in self.plan.routes)

    @property
    def gap(self) -> float | None:
        """How much more the plan costs than what it is compared with, as a share; None without or without all stops."""
        if self.comparison is None or not self.comparison.cost or self.missing:
            return None
        return (self.objective - self.comparison.cost) / self.comparison.cost
