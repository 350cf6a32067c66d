"""Published solutions: routes by the numbers of their file, and what they cost."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from doorstep.connectors.routing_instance.faults import Faults
from doorstep.connectors.routing_instance.instance import BestKnown, Instance, Route, Trips
from doorstep.connectors.routing_instance.numbers import checked_number
from doorstep.foundation import InputError, NotFoundError

BEST_KNOWN_TABLE = "bks.csv"
_ROUTE = re.compile(r"^\s*Route\s*#?\s*(\d+)\s*:?\s*(.*)$", re.IGNORECASE)
_COST = re.compile(r"^\s*Cost\s*:?\s*(\S+)\s*$", re.IGNORECASE)


def text_of(path: Path) -> str:
    """Return the text of a file.

    Raises
    ------
    InputError
        If it may not be read.
    NotFoundError
        If there is no such file.
    """
    if not path.is_file():
        raise NotFoundError(f"{path} is not a file.", hint="Maybe the name lacks its ending.")
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error
    return raw.removeprefix(b"\xef\xbb\xbf").decode("utf-8", errors="replace")


def read_solution(path: Path, instance: Instance) -> list[Route]:
    """Return the vehicle type and the trips of each route that serves a stop, in the order of the file.

    Reads ``Route #1: 4 2 0 7`` and ``Route 1 : 4 2``: a depot inside a route is a reload, and route k belongs to
    vehicle k of the instance.

    Raises
    ------
    InputError
        Listing every fault: numbers that are no stop, stops on two routes, routes without a vehicle.
    NotFoundError
        If there is no such file.
    """
    faults = Faults(file=path.name)
    reading = _Reading.of(instance, faults)
    routes = [
        (reading.type_of(int(found[1]), line), reading.trips_of(found[2], line))
        for line, found in _numbered(_ROUTE, text_of(path))
    ]
    if not routes:
        faults.add("must hold a route", field="Route", hint="Maybe it is not a solution.")
    faults.stop_if_any()
    return [(kind, trips) for kind, trips in routes if trips]


@dataclass(slots=True, kw_only=True)
class _Reading:
    """What has been read of a solution: the line of each vehicle's route and of each stop's visit."""

    faults: Faults
    stop_of: dict[int, int]
    depots: frozenset[int]
    kind_of: dict[int, int]
    one_kind: bool
    routed: dict[int, int] = field(default_factory=dict)
    visited: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, instance: Instance, faults: Faults) -> "_Reading":
        kinds = instance.vehicle_numbers
        return cls(
            faults=faults,
            stop_of={number: stop for stop, number in enumerate(instance.ids.tolist())},
            depots=frozenset(instance.depot_ids.tolist()),
            kind_of={vehicle: kind for kind, vehicles in enumerate(kinds) for vehicle in vehicles},
            one_kind=len(kinds) == 1,
        )

    def type_of(self, vehicle: int, line: int) -> int:
        """Return the type of a vehicle; if all are alike, more routes than vehicles are for a checker to refuse."""
        if (before := self.routed.setdefault(vehicle, line)) != line:
            rule = f"must be there once: line {before} has it too"
            self.faults.add(rule, line=line, field="Route", value=vehicle, hint="Maybe two solutions were joined.")
        if self.one_kind:
            return 0
        if vehicle not in self.kind_of:
            rule = f"must be the number of a vehicle, 1 to {len(self.kind_of)}"
            hint = "Maybe the solution is of another instance."
            self.faults.add(rule, line=line, field="Route", value=vehicle, hint=hint)
        return self.kind_of.get(vehicle, 0)

    def trips_of(self, text: str, line: int) -> Trips:
        """Return the stops of each trip of a route; trips without stops are left out."""
        trips: list[list[int]] = [[]]
        for cell in text.split():
            if not cell.isdecimal():
                checked_number(cell, self.faults, line=line, field="Route")
            visit = int(cell) if cell.isdecimal() else -1
            if visit in self.depots:
                trips.append([])
            elif visit in self.stop_of:
                self._visit(visit, line)
                trips[-1].append(self.stop_of[visit])
            else:
                hint = "Maybe the solution is of another instance."
                self.faults.add("must be the number of a stop", line=line, field="Route", value=cell, hint=hint)
        return tuple(tuple(trip) for trip in trips if trip)

    def _visit(self, visit: int, line: int) -> None:
        if visit in self.visited:
            rule = f"the stop must be served once: line {self.visited[visit]} serves it too"
            self.faults.add(rule, line=line, field="Route", value=visit, hint="Maybe two solutions were joined.")
        self.visited[visit] = line


def published_cost(path: Path) -> float | None:
    """Return the cost that a solution states, None if it states none.

    Raises
    ------
    InputError
        If what it states is not a number.
    NotFoundError
        If there is no such file.
    """
    faults = Faults(file=path.name)
    costs = [
        checked_number(found[1], faults, line=line, field="Cost") for line, found in _numbered(_COST, text_of(path))
    ]
    faults.stop_if_any()
    return costs[0] if costs else None


def best_known(path: Path) -> BestKnown | None:
    """Return the published cost that lies beside an instance, None if there is none.

    Looked for, in this order: the cost in NAME.sol; the name of a solution, NAME.VEHICLES_COST.txt, upper and lower
    case being the same; the row of NAME in bks.csv.

    Raises
    ------
    InputError
        If what lies there is not a number.
    """
    solution = path.with_suffix(".sol")
    if solution.is_file() and (cost := published_cost(solution)) is not None:
        return BestKnown(cost=cost)
    name = re.escape(path.stem)
    for sibling in sorted(path.parent.glob("*.txt")):
        if found := re.fullmatch(rf"{name}\.(\d+)_(\d+(?:\.\d+)?)", sibling.stem, re.IGNORECASE):
            return BestKnown(vehicles=int(found[1]), cost=float(found[2]))
    table = path.parent / BEST_KNOWN_TABLE
    return _in_table(table, path.stem) if table.is_file() else None


def _in_table(path: Path, name: str) -> BestKnown | None:
    """Return the row of an instance in a table ``instance;size;vehicles;cost;...``, None if it has none."""
    faults = Faults(file=path.name)
    for line, text in enumerate(text_of(path).splitlines(), start=1):
        instance, _, vehicles, cost, *_ = [*(cell.strip() for cell in text.split(";")), "", "", "", ""]
        if instance.lower() == name.lower():
            count = checked_number(vehicles, faults, line=line, field="vehicles")
            total = checked_number(cost, faults, line=line, field="cost")
            faults.stop_if_any()
            return BestKnown(cost=total, vehicles=int(count))
    return None


def in_units_of(instance: Instance, published: BestKnown) -> int:
    """Return a published cost in units of the problem's cost, fixed costs of the counted vehicles included."""
    fixed = instance.problem.vehicles.fixed_minor[:1].sum() if published.vehicles else 0
    return int(np.floor(published.cost * instance.scale + 0.5)) + published.vehicles * int(fixed)


def is_solution(text: str) -> bool:
    """Return whether a text is a solution: it has routes or a cost, and nothing before them tells of an instance."""
    return any(_ROUTE.match(line) for line in text.splitlines())


def _numbered(pattern: "re.Pattern[str]", text: str) -> Iterator[tuple[int, "re.Match[str]"]]:
    """Yield the lines that match, with their numbers."""
    for line, row in enumerate(text.splitlines(), start=1):
        if found := pattern.match(row):
            yield line, found
