"""What a routing file holds, with what is needed to report in its own terms."""

from dataclasses import dataclass
from typing import TypeAlias

from doorstep.foundation.arrays import Ints
from doorstep.geography import Places
from doorstep.vehicle_routing.problem import RoutingProblem

Trips: TypeAlias = tuple[tuple[int, ...], ...]
"""The stops of each trip of a route."""

Route: TypeAlias = tuple[int, Trips]
"""The vehicle type of a route, and its trips."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BestKnown:
    """A published cost, in published units; ``vehicles`` is 0 unless the family counts vehicles first."""

    cost: float
    vehicles: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """A routing problem from a public file.

    ``ids`` (N,) and ``depot_ids`` (D,) are the numbers by which solution files name stops and depots;
    ``vehicle_numbers`` are for each type the file's vehicles, from 1. ``factor`` is how many units of the problem's
    distances, times and costs make one of the file's, ``scale`` how many of its cost make one of the published cost.
    ``best_known`` is the published cost in the problem's units, fixed costs of vehicles included; None if no file
    beside tells it, or if the instance is not rounded ``as_published``. ``places`` (P,) are where depots and stops lie
    on the earth, None where the file's coordinates are of a plane.
    """

    name: str
    family: str
    problem: RoutingProblem
    ids: Ints
    depot_ids: Ints
    vehicle_numbers: tuple[tuple[int, ...], ...]
    scale: float
    factor: int = 1
    places: Places | None = None
    as_published: bool = True
    best_known: int | None = None
