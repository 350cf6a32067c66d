"""A routing problem from a file of any kind that is read here, with names for what it numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from doorstep.connectors.routing_instance.instance import Instance
from doorstep.connectors.routing_instance.read import FORMATS, read_instance
from doorstep.connectors.routing_instance.scaling import Convention
from doorstep.connectors.routing_instance.solution import text_of
from doorstep.connectors.routing_instance.stops_table import Fleet, StopsTable, read_stops_table
from doorstep.foundation.arrays import Floats
from doorstep.geography import Places
from doorstep.vehicle_routing.problem import RoutingProblem
from doorstep.vehicle_routing.roads import AskedRoads, OneWayRoads, PlaneRoads

TABLE = "stops table"
"""Family of what is read from a table of stops."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingFile:
    """A problem and what its numbers mean.

    ``stop_ids`` (N,) and ``depot_ids`` (D,) are the file's names of stops and depots. ``points`` (P, 2) are where
    places lie: longitude and latitude if ``on_earth``, else the file's x and y; (0, 2) if it does not tell. ``factor``
    and ``scale`` are those of ``Instance``, 1 for a table, whose times are seconds from midnight. ``instance`` is None
    for a table.
    """

    name: str
    family: str
    problem: RoutingProblem
    stop_ids: tuple[str, ...]
    depot_ids: tuple[str, ...]
    points: Floats
    on_earth: bool
    factor: int = 1
    scale: float = 1.0
    instance: Instance | None = None
    warnings: tuple[str, ...] = ()

    @classmethod
    def of_instance(cls, instance: Instance) -> "RoutingFile":
        """Return an instance of a public benchmark as such."""
        roads = instance.problem.roads
        if isinstance(roads, OneWayRoads) and isinstance(roads.all_roads, PlaneRoads):
            roads = roads.all_roads
        return cls(
            name=instance.name,
            family=instance.family,
            problem=instance.problem,
            stop_ids=tuple(str(number) for number in instance.ids.tolist()),
            depot_ids=tuple(str(number) for number in instance.depot_ids.tolist()),
            points=roads.points() if instance.places is None else _positions(instance.places),
            on_earth=instance.places is not None,
            factor=instance.factor,
            scale=instance.scale,
            instance=instance,
        )

    @classmethod
    def of_table(cls, name: str, table: StopsTable) -> "RoutingFile":
        """Return a table of stops as such."""
        roads = table.problem.roads
        return cls(
            name=name,
            family=TABLE,
            problem=table.problem,
            stop_ids=table.ids,
            depot_ids=(table.depot_id,),
            points=_positions(roads.places) if isinstance(roads, AskedRoads) else roads.points(),
            on_earth=True,
            warnings=table.warnings,
        )


def read_routing_file(
    path: Path,
    *,
    vehicles: Sequence[Fleet] = (),
    depot: str = "",
    loading_s: int = 0,
    convention: Convention = "auto",
) -> RoutingFile:
    """Return the problem in a file: an instance of a public benchmark if it reads like one, else a table of stops.

    ``vehicles``, ``depot`` and ``loading_s`` are for a table, ``convention`` is for an instance.

    Raises
    ------
    InputError
        Listing every fault of the file.
    NotFoundError
        If there is no such file.
    """
    text = text_of(path)
    known = any(matches(text) for matches, _ in FORMATS)
    if not known and (path.suffix.lower() == ".csv" or _has_coordinates(text)):
        table = read_stops_table(path, vehicles=vehicles, depot=depot, loading_s=loading_s)
        return RoutingFile.of_table(path.stem, table)
    return RoutingFile.of_instance(read_instance(path, convention))


def _has_coordinates(text: str) -> bool:
    """Return whether the first line names the columns of a table, whatever the file is called."""
    return {"lat", "lon"} <= {name.strip() for name in text.partition("\n")[0].split(",")}


def _positions(places: Places) -> Floats:
    return np.column_stack([places.lon, places.lat])
