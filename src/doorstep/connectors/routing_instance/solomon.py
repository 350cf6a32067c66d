"""The classic text of Solomon, and of Gehring and Homberger: vehicle routing with time windows."""

from doorstep.connectors.routing_instance.faults import Faults
from doorstep.connectors.routing_instance.instance import Instance
from doorstep.connectors.routing_instance.nodes import (
    Nodes,
    check_extent,
    check_horizon,
    depot_of,
    fleet_of,
    nodes_of,
    stops_of,
)
from doorstep.connectors.routing_instance.numbers import MOST_ROWS, Rows, must_not_be_negative, whole_field
from doorstep.connectors.routing_instance.scaling import Convention, Scaling, scaling_of
from doorstep.vehicle_routing.problem import RoutingProblem

WIDTH = 7


def is_solomon(text: str) -> bool:
    """Return whether a text has the two headings of the layout."""
    heads = {line.strip().upper() for line in text.splitlines()[:20]}
    return "VEHICLE" in heads and "CUSTOMER" in heads


def read_solomon(text: str, name: str, faults: Faults, convention: Convention) -> Instance:
    """Return the instance of a text in the layout, rounded as DIMACS does unless told otherwise.

    Raises
    ------
    InputError
        Listing every fault.
    """
    scaling = scaling_of("VRPTW", convention)
    fleet, customers = _parts(text)
    count, capacity = _fleet(fleet, faults)
    nodes = nodes_of(customers, faults, field="CUSTOMER", width=WIDTH)
    must_not_be_negative(nodes.column("demand"), faults, lines=nodes.lines, field="demand")
    check_horizon(nodes.column("window start"), nodes.column("service"), scaling, faults, lines=nodes.lines)
    check_extent(nodes.column("x"), nodes.column("y"), scaling, faults, field="CUSTOMER", line=customers.head)
    faults.stop_if_any()
    title = next(line.strip() for line in text.splitlines() if line.strip())
    return Instance(
        name=name if title.upper() == "VEHICLE" else title,
        family="vrptw",
        problem=_problem(nodes, count, capacity, scaling),
        ids=nodes.ids[1:],
        depot_ids=nodes.ids[:1],
        vehicle_numbers=(tuple(range(1, count + 1)),),
        scale=scaling.scale,
        factor=scaling.factor,
        as_published=scaling.is_published,
    )


def _problem(nodes: Nodes, count: int, capacity: int, scaling: Scaling) -> RoutingProblem:
    depots = depot_of(nodes, scaling)
    return RoutingProblem(
        stops=stops_of(nodes, nodes.column("demand")[1:].astype(int), scaling),
        vehicles=fleet_of(count=count, capacity=capacity, fixed_minor=0, depots=depots),
        depots=depots,
        roads=scaling.plane(nodes.column("x"), nodes.column("y")),
    )


def _parts(text: str) -> tuple[Rows, Rows]:
    """Return the rows below VEHICLE and those below CUSTOMER that are not headings."""
    fleet, customers = Rows(lines=[], texts=[]), Rows(lines=[], texts=[])
    part: Rows | None = None
    for line, raw in enumerate(text.splitlines(), start=1):
        row = raw.strip()
        word = row.upper()
        if word == "VEHICLE":
            part = fleet = Rows(lines=[], texts=[], head=line)
        elif word == "CUSTOMER":
            part = customers = Rows(lines=[], texts=[], head=line)
        elif part is not None and row and not word.startswith(("NUMBER", "CUST")):
            part.lines.append(line)
            part.texts.append(row)
    return fleet, customers


def _fleet(rows: Rows, faults: Faults) -> tuple[int, int]:
    """Return the number of vehicles and the capacity of each."""
    cells = rows.texts[0].split() if rows.texts else []
    line = rows.lines[0] if rows.lines else rows.head
    if len(rows) != 1 or len(cells) != 2:
        hint = "Maybe the row below NUMBER and CAPACITY is missing."
        faults.add("must be one row with the number of vehicles and their capacity", line=line, field="VEHICLE",
                   hint=hint)  # fmt: skip
        return 0, 0
    count = whole_field(cells[0], faults, line=line, field="NUMBER", most=MOST_ROWS)
    return count, whole_field(cells[1], faults, line=line, field="CAPACITY")
