"""VRPLIB, and PyVRP's dialect of it with vehicles, windows, prizes, releases and pairs.

References
----------
Uchoa et al. (2017), New benchmark instances for the capacitated vehicle routing problem, EJOR 257(3).
Wouda, Lan, Kool (2024), PyVRP: a high-performance VRP solver package, INFORMS Journal on Computing 36(4): the fields.
"""

import numpy as np

from doorstep.connectors.routing_instance.document import cut
from doorstep.connectors.routing_instance.faults import Faults
from doorstep.connectors.routing_instance.instance import Instance
from doorstep.connectors.routing_instance.nodes import check_extent
from doorstep.connectors.routing_instance.pickup_delivery import full_matrix
from doorstep.connectors.routing_instance.scaling import Convention, scaling_of
from doorstep.connectors.routing_instance.vrplib_columns import Column, column_of
from doorstep.connectors.routing_instance.vrplib_layout import Layout, layout_of
from doorstep.connectors.routing_instance.vrplib_stops import NodeColumns, build_depots, build_stops, node_columns
from doorstep.connectors.routing_instance.vrplib_vehicles import build_vehicles, requirements_of, vehicle_columns
from doorstep.vehicle_routing.problem import RoutingProblem
from doorstep.vehicle_routing.roads import OneWayRoads, PlaneRoads, Roads, TableRoads

PLANES = ("EUC_2D", "EXACT_2D")
BACKHAULS_LAST = "VRPB"
"""Type in which linehauls are served before backhauls, and no route begins with a backhaul."""
DEPOT, LINEHAUL, BACKHAUL, NEITHER = range(4)


def is_vrplib(text: str) -> bool:
    """Return whether a text has a section of the format."""
    return any(line.rstrip(" \t:").endswith("_SECTION") for line in text.splitlines())


def read_vrplib(text: str, name: str, faults: Faults, convention: Convention) -> Instance:
    """Return the instance of a text in the format.

    Raises
    ------
    InputError
        Listing every fault.
    """
    document = cut(text, faults)
    kind = document.text("TYPE").upper()
    explicit = document.text("EDGE_WEIGHT_TYPE").upper() == "EXPLICIT"
    timed = "TIME_WINDOW" in document or "PICKUP_AND_DELIVERY" in document
    scaling = scaling_of(kind, convention, explicit=explicit, timed=timed)
    layout = layout_of(document, scaling)
    nodes = node_columns(layout)
    dimensions = nodes.linehaul.shape[1]
    columns = vehicle_columns(layout, dimensions)
    if kind == BACKHAULS_LAST:
        _check_one_way(layout, nodes)
    roads = _roads(layout, explicit=explicit)
    faults.stop_if_any()
    requirements, skills = requirements_of(layout, columns)
    depots = build_depots(layout, nodes)
    vehicles, numbers = build_vehicles(layout, columns, skills, depots)
    stops = build_stops(layout, nodes, requirements)
    roads = _backhauls_last(layout, nodes, roads) if kind == BACKHAULS_LAST else roads
    return Instance(
        name=document.text("NAME", name),
        family=kind.lower() or "cvrp",
        problem=RoutingProblem(stops=stops, vehicles=vehicles, depots=depots, roads=roads, pairs=nodes.pairs),
        ids=layout.order[layout.depots :],
        depot_ids=layout.order[: layout.depots],
        vehicle_numbers=numbers,
        scale=scaling.scale,
        factor=scaling.factor,
        as_published=scaling.is_published,
    )


def _roads(layout: Layout, *, explicit: bool) -> Roads:
    """Return the roads between the places; of no use if the file has faults."""
    document, faults = layout.document, layout.document.faults
    column = column_of(document, "NODE_COORD", layout.nodes, what="node", width=2)
    if explicit:
        return _explicit_roads(layout, column)
    kind = document.text("EDGE_WEIGHT_TYPE").upper()
    if kind not in PLANES:
        faults.add(f"must be one of {', '.join(PLANES)}, EXPLICIT", line=document.line("EDGE_WEIGHT_TYPE"),
                   field="EDGE_WEIGHT_TYPE", value=kind,
                   hint="Maybe give the distances as EXPLICIT, FULL_MATRIX.")  # fmt: skip
    if column is None:
        hint = "Maybe EDGE_WEIGHT_TYPE should be EXPLICIT."
        faults.add("the section is missing", field="NODE_COORD", hint=hint)
        return PlaneRoads(x=np.zeros(layout.nodes), y=np.zeros(layout.nodes))
    x, y = column.values[layout.order].T
    check_extent(x, y, layout.scaling, faults, field="NODE_COORD", line=document.line("NODE_COORD"))
    return layout.scaling.plane(np.nan_to_num(x), np.nan_to_num(y))  # what is no number is a fault already


def _explicit_roads(layout: Layout, column: Column | None) -> TableRoads:
    """Return the distances of the file, with the coordinates that it has beside them."""
    document = layout.document
    form = document.text("EDGE_WEIGHT_FORMAT", "FULL_MATRIX").upper()
    table: np.ndarray[tuple[int, ...], np.dtype[np.int32]]
    table = np.broadcast_to(np.zeros(1, dtype=np.int32), (layout.nodes, layout.nodes))
    if form != "FULL_MATRIX":
        document.faults.add("must be FULL_MATRIX", line=document.line("EDGE_WEIGHT_FORMAT"),
                            field="EDGE_WEIGHT_FORMAT", value=form, hint="Maybe write both halves.")  # fmt: skip
    elif "EDGE_WEIGHT" not in document.sections:
        hint = "Maybe EDGE_WEIGHT_TYPE should be EUC_2D."
        document.faults.add("the section is missing", field="EDGE_WEIGHT", hint=hint)
    else:
        table = full_matrix(document, "EDGE_WEIGHT", layout.nodes, document.faults, layout.scaling)
        table = table if document.faults.found else table[np.ix_(layout.order, layout.order)]
    if column is None or document.faults.found:
        return TableRoads(metres=table, seconds=table)
    x, y = column.values[layout.order].T
    return TableRoads(metres=table, seconds=table, x=x, y=y)


def _check_one_way(layout: Layout, nodes: NodeColumns) -> None:
    document = layout.document
    both = (nodes.linehaul > 0).any(axis=1) & (nodes.backhaul > 0).any(axis=1)
    for node in np.flatnonzero(both).tolist():
        rule = f"node {node + 1} must be a linehaul or a backhaul, not both"
        hint = f"Maybe TYPE should not be {BACKHAULS_LAST}."
        document.faults.add(rule, line=document.line("BACKHAUL"), field="BACKHAUL", hint=hint)


def _backhauls_last(layout: Layout, nodes: NodeColumns, roads: Roads) -> OneWayRoads:
    """Return the roads without those from a depot to a backhaul and from a backhaul to a linehaul."""
    stop = np.arange(layout.nodes) >= layout.depots
    kind = np.full(layout.nodes, NEITHER)
    kind[~stop] = DEPOT
    kind[(nodes.linehaul[layout.order] > 0).any(axis=1) & stop] = LINEHAUL
    kind[(nodes.backhaul[layout.order] > 0).any(axis=1) & stop] = BACKHAUL
    closed = np.zeros((4, 4), dtype=np.bool_)
    closed[DEPOT, BACKHAUL] = closed[BACKHAUL, LINEHAUL] = True
    return OneWayRoads(all_roads=roads, kind=kind, closed=closed)
