"""A plan as one JSON object, and back: whole numbers in the problem's own units, which the object names."""

import json
from pathlib import Path
from typing import TypeAlias

import numpy as np

from doorstep import __version__
from doorstep.connectors.routes_folder.solved import SolvedRoutes
from doorstep.connectors.routing_instance.routing_file import TABLE, RoutingFile
from doorstep.connectors.routing_instance.solution import text_of
from doorstep.foundation import InputError
from doorstep.vehicle_routing.plan import RoutePlan, VehicleRoute
from doorstep.vehicle_routing.problem import REQUIRED, RoutingProblem
from doorstep.vehicle_routing.schedule import schedule_route

Json: TypeAlias = "str | int | float | bool | None | list[Json] | dict[str, Json]"

FORMAT, VERSION = "doorstep-routes", 1


def plan_document(solved: SolvedRoutes) -> dict[str, Json]:
    """Return a plan with its search, costs, measures, routes and unserved stops as one JSON object."""
    file, search = solved.file, solved.search
    problem = file.problem
    stops = problem.stops
    return {
        "format": FORMAT,
        "version": VERSION,
        "doorstep": __version__,
        "problem": {
            "name": file.name,
            "family": file.family,
            "stops": len(stops),
            "vehicles": int(problem.vehicles.count.sum()),
            "depots": list(file.depot_ids),
        },
        "units": units(file),
        "search": {
            "engine": search.engine,
            "why": search.why,
            "seed": search.seed,
            "asked_iterations": search.asked_iterations,
            "asked_cpu_s": search.asked_cpu_s,
            "iterations": search.iterations,
            "start": search.start or None,
            "cpu_s": round(search.cpu_s, 2),
            "wall_s": round(search.wall_s, 2),
            "interrupted": search.interrupted,
            "repeats": search.repeats,
        },
        "cost": _cost(solved),
        "measures": {measure.name: measure.value for measure in solved.measures},
        "routes": [_route(file, number, route) for number, route in enumerate(solved.plan.routes, start=1)],
        "unserved": [
            {
                "stop": file.stop_ids[left.stop],
                "must_be_served": int(stops.prize_minor[left.stop]) == REQUIRED,
                "prize": max(0, int(stops.prize_minor[left.stop])),
                "reason": left.reason,
                "text": left.text,
            }
            for left in solved.unserved
        ],
        "one_more": _one_more(solved),
    }


def _one_more(solved: SolvedRoutes) -> Json:
    """Return what one more stop would cost in each cell over the stops, null where none is possible."""
    field = solved.one_more
    if field is None:
        return None
    cells = zip(field.cost.tolist(), field.possible.tolist(), strict=True)
    costs: list[Json] = [cost if possible else None for cost, possible in cells]
    return {"columns": field.columns, "rows": field.rows, "cost": costs}


def units(file: RoutingFile) -> dict[str, Json]:
    """Return what a whole number of the object is, by kind."""
    if file.family == TABLE:
        return {"distance": "m", "time": "s from midnight", "money": "minor units of the currency"}
    part = "a unit of the file" if file.factor == 1 else f"1/{file.factor} of a unit of the file"
    return {"distance": part, "time": part, "money": part}


def _cost(solved: SolvedRoutes) -> dict[str, Json]:
    problem = solved.file.problem
    parts = [route.cost_parts(problem) for route in solved.plan.routes]
    names = ("fixed", "distance", "time", "overtime", "lateness", "extra")
    sums: dict[str, Json] = {name: sum(getattr(part, f"{name}_minor") for part in parts) for name in names}
    published: Json = None if solved.file.instance is None else round(solved.objective / solved.file.scale, 6)
    other = solved.comparison
    return {
        "objective": solved.objective,
        "routes": solved.routes_cost,
        "prizes_left": solved.objective - solved.routes_cost,
        "missing_stops": solved.missing,
        "parts": sums,
        "published_units": published,
        "compared_with": None if other is None else {"source": other.source, "cost": other.cost},
        "gap_pct": None if solved.gap is None else round(100 * solved.gap, 4),
    }


def _route(file: RoutingFile, number: int, route: VehicleRoute) -> dict[str, Json]:
    problem = file.problem
    kinds = problem.vehicles
    parts = route.cost_parts(problem)
    return {
        "route": number,
        "vehicle_type": route.vehicle,
        "depot": file.depot_ids[int(kinds.start[route.vehicle])],
        "back_at": file.depot_ids[int(kinds.end[route.vehicle])],
        "start_at": route.start_at,
        "end_at": route.end_at,
        "rest_at": list(route.rest_at),
        "distance": route.metres(problem),
        "cost": parts.total_minor,
        "trips": [_trip(file, route, trip) for trip in range(len(route.trips))],
    }


def _trip(file: RoutingFile, route: VehicleRoute, number: int) -> dict[str, Json]:
    trip = route.trips[number]
    board = on_board(file.problem, trip)
    times = zip(trip, route.arrive_at[number], route.service_at[number], board[1:], strict=True)
    return {
        "load_at": route.load_at[number],
        "load": board[0],
        "stops": [
            {"stop": file.stop_ids[stop], "arrive_at": arrive, "service_at": begin, "load_after": after}
            for stop, arrive, begin, after in times
        ],
    }


def on_board(problem: RoutingProblem, trip: tuple[int, ...]) -> list[list[Json]]:
    """Return what a vehicle carries on a trip in each dimension when it leaves, and after each stop."""
    rows = list(trip)
    stops, pairs = problem.stops, problem.pairs
    change = stops.pickup[rows] - stops.load[rows]
    place = {stop: n for n, stop in enumerate(rows)}
    for sign, ends in ((1, pairs.pickup), (-1, pairs.delivery)):
        for pair in np.flatnonzero(np.isin(ends, rows)).tolist():
            change[place[int(ends[pair])]] += sign * pairs.load[pair]
    first = stops.load[rows].sum(axis=0)
    board: list[list[Json]] = np.vstack([first, first + np.cumsum(change, axis=0)]).tolist()
    return board


def read_routes(path: Path, file: RoutingFile) -> RoutePlan:
    """Return the plan of a ``plan.json`` for a problem, timed anew.

    Raises
    ------
    InputError
        If it is no such object, or its routes are not for this problem.
    NotFoundError
        If there is no such file.
    """
    hint = "Maybe it is not the plan.json that doorstep routes wrote."
    try:
        document = json.loads(text_of(path))
        listed = [
            (int(route["vehicle_type"]), [[str(stop["stop"]) for stop in trip["stops"]] for trip in route["trips"]])
            for route in document["routes"]
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path.name} is not a plan: {type(error).__name__} {error}.", hint=hint) from error
    number = {name: stop for stop, name in enumerate(file.stop_ids)}
    unknown = [name for _, trips in listed for trip in trips for name in trip if name not in number]
    faults = [f"{path.name} stop {name!r}: {file.name} has no such stop." for name in dict.fromkeys(unknown)]
    types = len(file.problem.vehicles)
    faults += [f"{path.name} vehicle_type {kind}: {file.name} has {types} types." for kind, _ in listed
               if not 0 <= kind < types]  # fmt: skip
    if faults:
        raise InputError("\n".join(faults), hint="Maybe the plan is of another problem.")
    return timed(file.problem, [(kind, [[number[name] for name in trip] for trip in trips]) for kind, trips in listed],
                 path.name)  # fmt: skip


def timed(problem: RoutingProblem, routes: list[tuple[int, list[list[int]]]], name: str) -> RoutePlan:
    """Return the plan of routes (vehicle type, trips of stops) with their clock.

    Raises
    ------
    InputError
        Naming every route that no clock allows.
    """
    found = [schedule_route(problem, kind, trips) for kind, trips in routes]
    late = [str(n) for n, route in enumerate(found, start=1) if route is None]
    if late:
        raise InputError(f"{name}: no clock allows its routes {', '.join(late)}.", hint="Maybe windows have changed.")
    return RoutePlan(routes=tuple(route for route in found if route is not None))
