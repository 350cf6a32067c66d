"""The stops of a VRPLIB file: what they want, when, and what it is worth."""

from dataclasses import dataclass, replace

import numpy as np

from doorstep.connectors.routing_instance.nodes import check_horizon, check_windows
from doorstep.connectors.routing_instance.numbers import must_be_whole, must_not_be_negative
from doorstep.connectors.routing_instance.pairing import pairs_of
from doorstep.connectors.routing_instance.scaling import HORIZON, Scaling
from doorstep.connectors.routing_instance.vrplib_columns import (
    Column,
    amounts_of,
    column_of,
    lists_of,
    must_be_below,
    whole_amounts_of,
)
from doorstep.connectors.routing_instance.vrplib_layout import Layout
from doorstep.foundation.arrays import Floats, Ints
from doorstep.vehicle_routing.problem import REQUIRED, Depots, Pairs, Stops

MONEY_BITS = 30
PAIR_COLUMNS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeColumns:
    """Columns of all nodes in the file's order and units: (P,), but ``linehaul`` and ``backhaul`` (P, M).

    ``end`` is infinite where the file has no windows; ``prize`` is 0 where a node must be served; ``group`` is -1
    where it is in none.
    """

    linehaul: Floats
    backhaul: Floats
    start: Floats
    end: Floats
    service: Floats
    release: Floats
    prize: Floats
    group: Ints
    pairs: Pairs


def node_columns(layout: Layout) -> NodeColumns:
    """Return the columns of the nodes, with a fault for every value that cannot be."""
    document, count = layout.document, layout.nodes
    none = np.zeros(count)
    if "DEMAND" in document and "LINEHAUL" in document:
        hint = "Maybe delete one of the two: they mean the same."
        document.faults.add("must not stand beside LINEHAUL", line=document.line("DEMAND"), field="DEMAND", hint=hint)
    name = "DEMAND" if "DEMAND" in document else "LINEHAUL"
    linehaul = whole_amounts_of(document, name, count, what="node")
    backhaul = whole_amounts_of(document, "BACKHAUL", count, what="node")
    release = amounts_of(document, "RELEASE_TIME", count, what="node", width=1)
    prize = amounts_of(document, "PRIZE", count, what="node", width=1)
    must_be_below(prize, MONEY_BITS, document)
    start, end, lines = _windows(layout)
    given = linehaul or backhaul
    width = given.values.shape[1] if given else 1
    columns = NodeColumns(
        linehaul=linehaul.values if linehaul else np.zeros((count, width)),
        backhaul=backhaul.values if backhaul else np.zeros((count, width)),
        start=start,
        end=end,
        service=_service(layout),
        release=release.first if release else none,
        prize=prize.first if prize else none,
        group=_groups(layout),
        pairs=Pairs(),
    )
    if columns.linehaul.shape != columns.backhaul.shape:
        rule = f"must have as many columns as {name}: {columns.linehaul.shape[1]}"
        document.faults.add(rule, line=document.line("BACKHAUL"), field="BACKHAUL", value=columns.backhaul.shape[1],
                            hint="Maybe a dimension is missing.")  # fmt: skip
    columns = _with_pairs(layout, columns)
    check_horizon(columns.start, columns.service, layout.scaling, document.faults, lines=lines)
    return columns


def _windows(layout: Layout) -> tuple[Floats, Floats, list[int]]:
    """Return when the windows of the nodes start (P,) and end (P,), and their lines (P,)."""
    windows = amounts_of(layout.document, "TIME_WINDOW", layout.nodes, what="node", width=2)
    if windows is None:
        lines = [layout.document.line("SERVICE_TIME")] * layout.nodes
        return np.zeros(layout.nodes), np.full(layout.nodes, np.inf), lines
    faults, start, end = layout.document.faults, windows.rows[:, 0], windows.rows[:, 1]
    check_windows(start, end, faults, lines=windows.row_lines, field="TIME_WINDOW")
    start, end = windows.values.T
    return start, end, windows.lines


def _service(layout: Layout) -> Floats:
    """Return the time that service takes (P,): one for all stops, but none at a depot, where it is a field."""
    column = amounts_of(layout.document, "SERVICE_TIME", layout.nodes, what="node", width=1)
    service = column.first.copy() if column else np.zeros(layout.nodes)
    if "SERVICE_TIME" in layout.document.fields:
        service[layout.order[: layout.depots]] = 0
    return service


def _groups(layout: Layout) -> Ints:
    """Return the group of each node (P,), -1 for none; a group of one is no group."""
    document, depots = layout.document, set(layout.order[: layout.depots].tolist())
    group = np.full(layout.nodes, -1, dtype=np.int64)
    listed = lists_of(document, "MUTUALLY_EXCLUSIVE_GROUP", highest=layout.nodes)
    for number, (members, line) in enumerate(zip(listed.members, listed.lines, strict=True) if listed else ()):
        for node in (member - 1 for member in members):
            if node in depots or group[node] >= 0:
                rule = "a depot must be in no group" if node in depots else "a node must be in one group at most"
                document.faults.add(rule, line=line, field="MUTUALLY_EXCLUSIVE_GROUP", value=node + 1,
                                    hint="Maybe the number was mistyped.")  # fmt: skip
            elif len(members) > 1:
                group[node] = number
    return group


def _with_pairs(layout: Layout, columns: NodeColumns) -> NodeColumns:
    """Return the columns with what PICKUP_AND_DELIVERY says of demand, windows, service and pairs."""
    document = layout.document
    table = column_of(document, "PICKUP_AND_DELIVERY", layout.nodes, what="node", width=PAIR_COLUMNS)
    if table is None:
        return columns
    for name in (n for n in ("DEMAND", "LINEHAUL", "BACKHAUL", "TIME_WINDOW", "SERVICE_TIME") if n in document):
        rule = "must not stand beside PICKUP_AND_DELIVERY, which tells it too"
        document.faults.add(rule, line=document.line(name), field=name, hint="Maybe delete it.")
    for part in (0, 4, 5):
        must_be_whole(table.rows[:, part], document.faults, lines=table.row_lines, field=table.name)
    for values in table.rows[:, 1:].T:
        must_not_be_negative(values, document.faults, lines=table.row_lines, field=table.name)
    check_windows(table.rows[:, 1], table.rows[:, 2], document.faults, lines=table.row_lines, field=table.name)
    load, pairs = _pairs(layout, table)
    start, end, service = table.values[:, 1:4].T
    return replace(columns, linehaul=load, start=start, end=end, service=service, pairs=pairs)


def _pairs(layout: Layout, table: Column) -> tuple[Floats, Pairs]:
    """Return what is brought from the depot to each node that is in no pair (P, 1), and the pairs."""
    demand, _, _, _, pickup, delivery = table.values.T
    stops = layout.order[layout.depots :]
    lines = [table.lines[node] for node in stops.tolist()]
    numbers = (stops + 1).astype(np.float64)
    pairs, brought = pairs_of(
        numbers, demand[stops], pickup[stops], delivery[stops], layout.document.faults, lines=lines
    )
    load = np.zeros((layout.nodes, 1))
    load[stops, 0] = brought
    return load, pairs


def build_stops(layout: Layout, columns: NodeColumns, requirements: Ints) -> Stops:
    """Return the stops of sound columns; ``requirements`` (N,) are bit sets."""
    scaling, stops = layout.scaling, layout.order[layout.depots :]
    prize = scaling.whole(columns.prize[stops])
    group = columns.group[stops]
    return Stops(
        start_at=scaling.times(columns.start[stops]),
        end_at=_ends(scaling, columns.end[stops]),
        release_at=scaling.times(columns.release[stops]),
        service_s=scaling.whole(columns.service[stops]),
        load=columns.linehaul[stops].astype(np.int64),
        pickup=columns.backhaul[stops].astype(np.int64),
        prize_minor=np.where((prize > 0) & (group < 0), prize, REQUIRED),
        requirements=requirements,
        group=group,
    )


def build_depots(layout: Layout, columns: NodeColumns) -> Depots:
    """Return the depots of sound columns; loading takes no time."""
    depots = layout.order[: layout.depots]
    return Depots(
        open_at=layout.scaling.times(columns.start[depots]),
        close_at=_ends(layout.scaling, columns.end[depots]),
        loading_s=np.zeros(layout.depots, dtype=np.int64),
    )


def _ends(scaling: Scaling, end: Floats) -> Ints:
    """Return the ends of windows; one that is left open ends with the horizon."""
    return scaling.times(np.minimum(end, float(HORIZON)))
