"""Two stops on a road of one line, planned by hand."""

from pathlib import Path

import numpy as np

from doorstep.connectors.routes_folder import Measure, Search, SolvedRoutes, UnservedStop
from doorstep.connectors.routing_instance.routing_file import RoutingFile
from doorstep.vehicle_routing import RoutePlan, RoutingProblem
from doorstep.vehicle_routing.plan import EMPTY
from doorstep.vehicle_routing.schedule import schedule_route
from tests.vehicle_routing.small_routes import Pair, Stop, Van, routing

SEARCH = Search(
    engine="sisr",
    why="it was asked for",
    seed=7,
    iterations=100,
    asked_iterations=100,
    asked_cpu_s=None,
    cpu_s=0.5,
    wall_s=0.25,
)
PROBLEM = routing(
    [Stop(x=1_000, load=2), Stop(x=2_000, load=1, pickup=3), Stop(x=9_000, prize=700)], [Van()], loading=60
)


def file_of(problem: RoutingProblem = PROBLEM, *, on_earth: bool = True) -> RoutingFile:
    count = len(problem.stops)
    return RoutingFile(
        name="line",
        family="stops table",
        problem=problem,
        stop_ids=tuple("abcdef"[:count]),
        depot_ids=("hub",),
        points=np.column_stack([np.arange(count + 1) / 100, np.zeros(count + 1)]),
        on_earth=on_earth,
    )


def solved(plan: RoutePlan | None = None, file: RoutingFile | None = None) -> SolvedRoutes:
    """Return stops a and b on one route, and c left out."""
    return SolvedRoutes(
        file=file or file_of(),
        plan=plan or one_route(PROBLEM, [0, 1]),
        search=SEARCH,
        measures=(Measure(name="stem", label="Stem", value=0.5, text="50 %", definition="Share."),),
        unserved=(UnservedStop(stop=2, reason="too_dear", text="Its prize is <low>."),),
    )


def one_route(problem: RoutingProblem, trip: list[int]) -> RoutePlan:
    route = schedule_route(problem, 0, [trip])
    return EMPTY if route is None else RoutePlan(routes=(route,))


def paired() -> RoutingProblem:
    return routing([Stop(x=1_000, load=0), Stop(x=2_000, load=0)], [Van()], pairs=[Pair(pickup=0, delivery=1, load=4)])


def written(folder: Path, text: str, name: str = "plan.json") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path
