"""Tables of nodes with a line for each: number, place, demand, window, service, and perhaps a pair."""

from dataclasses import dataclass

import numpy as np

from doorstep.connectors.routing_instance.faults import Faults
from doorstep.connectors.routing_instance.numbers import (
    Rows,
    must_be_once_each,
    must_be_whole,
    must_not_be_negative,
    table_of,
)
from doorstep.connectors.routing_instance.scaling import NO_LIMIT, PER_UNIT, Scaling
from doorstep.foundation.arrays import Floats, Ints
from doorstep.vehicle_routing.problem import LAST, REQUIRED, Depots, Stops, VehicleTypes
from doorstep.vehicle_routing.roads import UNREACHABLE

COLUMNS = ("number", "x", "y", "demand", "window start", "window end", "service", "pickup", "delivery")


@dataclass(frozen=True, slots=True, kw_only=True)
class Nodes:
    """P nodes, the depot first, as the file gives them: columns (P,) in the order of ``COLUMNS``, and their lines."""

    table: Floats
    lines: list[int]

    def column(self, name: str) -> Floats:
        """Return a column (P,)."""
        values: Floats = self.table[:, COLUMNS.index(name)]
        return values

    @property
    def ids(self) -> Ints:
        """The numbers of the nodes (P,)."""
        return self.column("number").astype(np.int64)


def nodes_of(rows: Rows, faults: Faults, *, field: str, width: int) -> Nodes:
    """Return the nodes of ``width`` columns with a fault for all that cannot be; pairs are judged elsewhere."""
    nodes = Nodes(table=table_of(rows, faults, field=field, width=width), lines=rows.lines)
    if not len(rows):
        hint = "Maybe the file was cut off."
        faults.add("the depot is missing, the first of the nodes", line=rows.head, field=field, hint=hint)
        return nodes
    for name in (c for c in COLUMNS[:width] if c not in ("x", "y", "window start", "window end", "service")):
        must_be_whole(nodes.column(name), faults, lines=nodes.lines, field=name)
    for name in (c for c in COLUMNS[:width] if c not in ("x", "y", "demand")):
        must_not_be_negative(nodes.column(name), faults, lines=nodes.lines, field=name)
    must_be_once_each(nodes.column("number"), faults, lines=nodes.lines, field="number")
    if nodes.table[0, 0] > 0:
        hint = "Maybe the row of the depot is missing."
        value = float(nodes.table[0, 0])
        faults.add("the first node must be the depot, number 0", line=rows.lines[0], field="number", value=value,
                   hint=hint)  # fmt: skip
    check_windows(nodes.column("window start"), nodes.column("window end"), faults, lines=nodes.lines)
    return nodes


def check_windows(start: Floats, end: Floats, faults: Faults, *, lines: list[int], field: str = "window end") -> None:
    """Add a fault for every window (P,) that ends before it starts."""
    hint = "Maybe start and end were swapped."
    faults.each(end < start, "the window must not end before it starts", lines=lines, field=field, values=end,
                hint=hint)  # fmt: skip


def check_horizon(start: Floats, service: Floats, scaling: Scaling, faults: Faults, *, lines: list[int]) -> None:
    """Add a fault for every node (P,) that begins, or takes, longer than a problem can last."""
    hint = "Maybe read it with the convention 'round'."
    for field, values in (("window start", start), ("service", service)):
        late = values * scaling.factor >= LAST
        faults.each(late, f"must be below {LAST} after scaling by {scaling.factor}", lines=lines, field=field,
                    values=values, hint=hint)  # fmt: skip


def check_extent(x: Floats, y: Floats, scaling: Scaling, faults: Faults, *, field: str, line: int) -> None:
    """Add a fault if places lie so far apart that the problem takes one for unreachable."""
    if not x.size or np.isnan(x).any() or np.isnan(y).any():
        return
    widest = float(np.hypot(np.ptp(x), np.ptp(y)))
    if widest * scaling.factor >= UNREACHABLE:
        rule = f"places must be less than {UNREACHABLE} apart after scaling by {scaling.factor}"
        hint = "Maybe read it with the convention 'round', or give coordinates in a larger unit."
        faults.add(rule, line=line, field=field, value=widest, hint=hint)


def stops_of(nodes: Nodes, load: Ints, scaling: Scaling) -> Stops:
    """Return every node but the depot as a required stop; ``load`` (N,) is brought from the depot."""
    count = len(nodes.lines) - 1
    none = np.zeros(count, dtype=np.int64)
    return Stops(
        start_at=scaling.times(nodes.column("window start")[1:]),
        end_at=scaling.times(nodes.column("window end")[1:]),
        release_at=none,
        service_s=scaling.whole(nodes.column("service")[1:]),
        load=load.reshape(count, 1),
        prize_minor=none + REQUIRED,
        requirements=none,
    )


def fleet_of(*, count: int, capacity: int, fixed_minor: int, depots: Depots) -> VehicleTypes:
    """Return one type of vehicle that works while the first depot is open, and pays one for a unit of distance."""
    return VehicleTypes(
        count=_one(count),
        capacity=np.array([[capacity]], dtype=np.int64),
        skills=_one(0),
        shift_start_at=depots.open_at[:1],
        shift_end_at=depots.close_at[:1],
        max_distance_m=_one(NO_LIMIT),
        max_reloads=_one(0),
        fixed_minor=_one(fixed_minor),
        per_km_minor=_one(PER_UNIT),
        per_hour_minor=_one(0),
    )


def depot_of(nodes: Nodes, scaling: Scaling) -> Depots:
    """Return the first node as a depot that is open during its window."""
    return Depots(
        open_at=scaling.times(nodes.column("window start")[:1]),
        close_at=scaling.times(nodes.column("window end")[:1]),
        loading_s=_one(0),
    )


def _one(value: int) -> Ints:
    return np.array([value], dtype=np.int64)
