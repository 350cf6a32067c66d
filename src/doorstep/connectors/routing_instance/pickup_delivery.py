"""Pickup and delivery with time windows: the texts of Li and Lim, and of Sartori and Buriol on real streets.

Both families count vehicles first and distance second, so a vehicle costs more than any two plans differ in distance.

References
----------
Li, Lim (2001), A metaheuristic for the pickup and delivery problem with time windows, ICTAI.
Sartori, Buriol (2020), A study on the pickup and delivery problem with time windows: matheuristics and new instances,
Computers and Operations Research 124.
"""

import numpy as np

from doorstep.connectors.routing_instance.document import Document, cut
from doorstep.connectors.routing_instance.faults import Faults
from doorstep.connectors.routing_instance.instance import Instance
from doorstep.connectors.routing_instance.nodes import (
    COLUMNS,
    Nodes,
    check_extent,
    check_horizon,
    depot_of,
    fleet_of,
    nodes_of,
    stops_of,
)
from doorstep.connectors.routing_instance.numbers import MOST_ROWS, Rows, flat_numbers, whole_field
from doorstep.connectors.routing_instance.pairing import pairs_of
from doorstep.connectors.routing_instance.scaling import Convention, Scaling, scaling_of
from doorstep.foundation.arrays import Ints
from doorstep.geography import GreatCircleTimes, Places
from doorstep.vehicle_routing.problem import Pairs, RoutingProblem
from doorstep.vehicle_routing.roads import UNREACHABLE, AskedRoads, Roads, TableRoads

WIDTH = 9
VEHICLE_MINOR = 10**6
"""What a vehicle costs in units of distance before scaling: a thousand tasks across the map cost a third of it."""


def is_li_lim(text: str) -> bool:
    """Return whether a text begins with a row of three and goes on with rows of nine."""
    widths = [len(line.split()) for line in text.splitlines()[:20] if line.strip()]
    return widths[:1] == [3] and widths[1:2] in ([], [WIDTH])


def read_li_lim(text: str, name: str, faults: Faults, convention: Convention) -> Instance:
    """Return the instance of a text of Li and Lim, its double-precision distances in thousandths.

    Raises
    ------
    InputError
        Listing every fault.
    """
    scaling = scaling_of("LI-LIM", convention)
    filled = [(line, row.strip()) for line, row in enumerate(text.splitlines(), start=1) if row.strip()]
    (line, head), rows = filled[0], filled[1:]
    count, capacity, speed = (
        whole_field(cell, faults, line=line, field=field, most=most)
        for cell, field, most in zip(
            head.split(), ("vehicles", "capacity", "speed"), (MOST_ROWS, 1 << 40, 1 << 40), strict=True
        )
    )
    if speed != 1:
        hint = "Maybe divide the times by the speed."
        faults.add("must be 1: a unit of distance takes a unit of time", line=line, field="speed", value=speed,
                   hint=hint)  # fmt: skip
    listed = Rows(lines=[line for line, _ in rows], texts=[row for _, row in rows], head=line)
    nodes, pairs, load = _paired_nodes(listed, faults, scaling)
    check_extent(nodes.column("x"), nodes.column("y"), scaling, faults, field="coordinates", line=line)
    faults.stop_if_any()
    roads = scaling.plane(nodes.column("x"), nodes.column("y"))
    problem = _problem(nodes, pairs, load, scaling, roads, count=count, capacity=capacity)
    return _instance(name, "pdptw_lilim", nodes, problem, scaling)


def is_real_street(text: str) -> bool:
    """Return whether a text has the two sections of the layout of Sartori and Buriol."""
    return {"NODES", "EDGES"} <= {line.strip() for line in text.splitlines()}


def read_real_street(text: str, name: str, faults: Faults, convention: Convention) -> Instance:
    """Return the instance of a text of Sartori and Buriol; a unit of distance and of time is a minute.

    Raises
    ------
    InputError
        Listing every fault.
    """
    scaling = scaling_of("PDPTW", convention, explicit=True)
    document = cut(text, faults)
    for field in (field for field in ("SIZE", "ROUTE-TIME", "CAPACITY") if field not in document.fields):
        faults.add("the field is missing", field=field, hint="Maybe the head of the file was cut off.")
    size, horizon, capacity = (
        whole_field(document.text(field, "1"), faults, line=document.line(field), field=field, most=most)
        for field, most in (("SIZE", MOST_ROWS), ("ROUTE-TIME", 1 << 40), ("CAPACITY", 1 << 40))
    )
    for section in (section for section in ("NODES", "EDGES") if section not in document.sections):
        faults.add("the section is missing", field=section, hint="Maybe EOF stands too early.")
    nothing = Rows(lines=[], texts=[])
    nodes, pairs, load = _paired_nodes(document.sections.get("NODES", nothing), faults, scaling)
    if len(nodes.lines) != size:
        rule = f"must have SIZE = {size} rows, it has {len(nodes.lines)}"
        faults.add(rule, line=document.line("NODES"), field="NODES", hint="Maybe SIZE does not count the depot.")
    minutes = full_matrix(document, "EDGES", size, faults, scaling)
    faults.stop_if_any()
    end = COLUMNS.index("window end")
    nodes.table[0, end] = min(nodes.table[0, end], horizon)
    places = Places(lat=nodes.column("x"), lon=nodes.column("y"))
    x, y = AskedRoads(places=places, travel=(GreatCircleTimes(),)).points().T  # metres
    roads = TableRoads(metres=minutes, seconds=minutes, x=x, y=y)
    problem = _problem(nodes, pairs, load, scaling, roads, count=max(len(pairs), 1), capacity=capacity)
    return _instance(document.text("NAME", name), "pdptw_realroad", nodes, problem, scaling, places)


def full_matrix(
    document: Document, section: str, size: int, faults: Faults, scaling: Scaling
) -> "np.ndarray[tuple[int, ...], np.dtype[np.int32]]":
    """Return a section of distances between all places, scaled, (P, P); all zero if it has faults."""
    rows = document.sections.get(section, Rows(lines=[], texts=[]))
    flat = flat_numbers(rows, faults, field=section)
    none = np.broadcast_to(np.zeros(1, dtype=np.int32), (size, size))
    if flat.size != size * size:
        rule = f"must hold {size} x {size} = {size * size} distances, it holds {flat.size}"
        faults.add(rule, line=rows.head, field=section, hint="Maybe a row is missing, or only half is given.")
        return none
    if np.isnan(flat).any():
        return none
    if flat.size and flat.min() < 0:
        lines = np.repeat(rows.lines, [len(text.split()) for text in rows.texts]).tolist()
        faults.each(flat < 0, "a distance must not be negative", lines=lines, field=section, values=flat,
                    hint="Maybe it says that there is no way: give a large number.")  # fmt: skip
        return none
    return np.minimum(scaling.whole(flat), UNREACHABLE).astype(np.int32).reshape(size, size)


def _paired_nodes(rows: Rows, faults: Faults, scaling: Scaling) -> tuple[Nodes, Pairs, Ints]:
    """Return the nodes, the pairs among them, and the load of the stops in none (N,)."""
    nodes = nodes_of(rows, faults, field="nodes", width=WIDTH)
    check_horizon(nodes.column("window start"), nodes.column("service"), scaling, faults, lines=nodes.lines)
    numbers, demand, pickup, delivery = (nodes.column(name)[1:] for name in ("number", "demand", "pickup", "delivery"))
    pairs, load = pairs_of(numbers, demand, pickup, delivery, faults, lines=nodes.lines[1:])
    return nodes, pairs, load


def _problem(
    nodes: Nodes, pairs: Pairs, load: Ints, scaling: Scaling, roads: Roads, *, count: int, capacity: int
) -> RoutingProblem:
    depots = depot_of(nodes, scaling)
    fixed_minor = VEHICLE_MINOR * scaling.factor
    return RoutingProblem(
        stops=stops_of(nodes, load, scaling),
        vehicles=fleet_of(count=count, capacity=capacity, fixed_minor=fixed_minor, depots=depots),
        depots=depots,
        roads=roads,
        pairs=pairs,
    )


def _instance(
    name: str, family: str, nodes: Nodes, problem: RoutingProblem, scaling: Scaling, places: Places | None = None
) -> Instance:
    return Instance(
        name=name,
        family=family,
        problem=problem,
        ids=nodes.ids[1:],
        depot_ids=nodes.ids[:1],
        vehicle_numbers=(tuple(range(1, int(problem.vehicles.count[0]) + 1)),),
        scale=scaling.scale,
        factor=scaling.factor,
        places=places,
        as_published=scaling.is_published,
    )
