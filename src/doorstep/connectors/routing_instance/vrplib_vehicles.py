"""The vehicles of a VRPLIB file: equal ones become a type, and the nodes that each may visit become skills."""

from dataclasses import dataclass

import numpy as np

from doorstep.connectors.routing_instance.scaling import NO_LIMIT, PER_UNIT
from doorstep.connectors.routing_instance.vrplib_columns import (
    Column,
    Lists,
    amounts_of,
    lists_of,
    must_be_below,
    whole_amounts_of,
)
from doorstep.connectors.routing_instance.vrplib_layout import Layout
from doorstep.connectors.routing_instance.vrplib_stops import MONEY_BITS
from doorstep.domain.requirements import MOST_WORDS
from doorstep.foundation.arrays import Floats, Ints
from doorstep.vehicle_routing.problem import LAST, Depots, VehicleTypes

UNIT_COST_BITS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleColumns:
    """Columns (V,) of the file's vehicles in its units; ``capacity`` (V, M).

    ``allowed`` numbers the sets of nodes that vehicles may visit; ``forbidden`` (G, P) marks the stops that each of
    the G sets leaves out.
    """

    capacity: Floats
    depot: Floats
    max_distance: Floats
    max_duration: Floats
    reloads: Floats
    fixed: Floats
    unit_cost: Floats
    allowed: Ints
    forbidden: "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]"


def vehicle_columns(layout: Layout, dimensions: int) -> VehicleColumns:
    """Return the columns of the vehicles, with a fault for every value that cannot be."""
    document, count = layout.document, layout.vehicles
    capacity = whole_amounts_of(document, "CAPACITY", count, what="vehicle")
    if capacity and capacity.values.shape[1] != dimensions:
        rule = f"must have as many dimensions as DEMAND, {dimensions}, it has {capacity.values.shape[1]}"
        document.faults.add(rule, line=document.line("CAPACITY"), field="CAPACITY",
                            hint="Maybe a dimension is missing.")  # fmt: skip
    fixed = amounts_of(document, "VEHICLES_FIXED_COST", count, what="vehicle", width=1)
    unit_cost = amounts_of(document, "VEHICLES_UNIT_DISTANCE_COST", count, what="vehicle", width=1)
    must_be_below(fixed, MONEY_BITS, document)
    must_be_below(unit_cost, UNIT_COST_BITS, document)
    if unit_cost:
        costs = unit_cost.rows[:, 0]
        uneven = np.abs(costs * PER_UNIT - np.round(costs * PER_UNIT)) > 1e-6
        hint = "Maybe multiply all costs by 1000."
        document.faults.each(
            uneven,
            "must have three decimals at most",
            lines=unit_cost.row_lines,
            field=unit_cost.name,
            values=costs,
            hint=hint,
        )
    depot = _depots(layout)
    allowed, forbidden = _allowed(layout)
    return VehicleColumns(
        capacity=capacity.values if capacity else np.full((count, dimensions), float(NO_LIMIT)),
        depot=depot,
        max_distance=_limit(layout, "VEHICLES_MAX_DISTANCE"),
        max_duration=_limit(layout, "VEHICLES_MAX_DURATION"),
        reloads=_reloads(layout, depot),
        fixed=fixed.first if fixed else np.zeros(count),
        unit_cost=unit_cost.first if unit_cost else np.ones(count),
        allowed=allowed,
        forbidden=forbidden,
    )


def _limit(layout: Layout, name: str) -> Floats:
    column = amounts_of(layout.document, name, layout.vehicles, what="vehicle", width=1)
    return column.first if column else np.full(layout.vehicles, float(NO_LIMIT))


def _depots(layout: Layout) -> Floats:
    """Return the depot of each vehicle (V,), the first one where the file does not tell."""
    column: Column | None = whole_amounts_of(
        layout.document, "VEHICLES_DEPOT", layout.vehicles, what="vehicle", width=1
    )
    if column is None:
        return np.zeros(layout.vehicles)
    depot_of = {float(node + 1): float(depot) for depot, node in enumerate(layout.order[: layout.depots].tolist())}
    known = np.array([number in depot_of for number in column.rows[:, 0].tolist()], dtype=np.bool_)
    rule = f"must be the number of a depot, one of {', '.join(f'{number:g}' for number in depot_of)}"
    layout.document.faults.each(
        np.isfinite(column.rows[:, 0]) & ~known,
        rule,
        lines=column.row_lines,
        field=column.name,
        values=column.rows[:, 0],
        hint="Maybe DEPOT_SECTION lacks it.",
    )
    return np.array([depot_of.get(number, np.nan) for number in column.first.tolist()], dtype=np.float64)


def _reloads(layout: Layout, depot: Floats) -> Floats:
    """Return how often each vehicle may load again (V,): never unless the file names a depot for it."""
    document, count = layout.document, layout.vehicles
    most = whole_amounts_of(document, "VEHICLES_MAX_RELOADS", count, what="vehicle", width=1)
    where = _lists_by_vehicle(layout, "VEHICLES_RELOAD_DEPOT")
    if where is None:
        return np.zeros(count)
    able = np.zeros(count)
    own = layout.order[: layout.depots]
    for vehicle, (members, line) in enumerate(zip(where.members, where.lines, strict=True)):
        home = int(own[int(depot[vehicle])]) + 1 if depot[vehicle] == depot[vehicle] else 0
        able[vehicle] = home in members
        for node in members if home else ():
            if node != home:
                rule = f"vehicle {vehicle + 1} must reload where it starts, at depot {home}"
                document.faults.add(rule, line=line, field="VEHICLES_RELOAD_DEPOT", value=node,
                                    hint="Maybe leave this depot out.")  # fmt: skip
    return able * (most.first if most else max(layout.stops - 1, 0))


def _lists_by_vehicle(layout: Layout, name: str) -> Lists | None:
    """Return one list for each vehicle, in their order; None if the file has none or has too few or too many."""
    lists = lists_of(layout.document, name, highest=layout.nodes)
    if lists is None:
        return None
    if len(lists.numbers) != layout.vehicles:
        rule = f"must have {layout.vehicles} rows, one for each vehicle, it has {len(lists.numbers)}"
        layout.document.faults.add(rule, line=layout.document.line(name), field=name, hint="Maybe VEHICLES is wrong.")
        return None
    order = sorted(range(layout.vehicles), key=lists.numbers.__getitem__)
    return Lists(numbers=[lists.numbers[row] for row in order], members=[lists.members[row] for row in order],
                 lines=[lists.lines[row] for row in order])  # fmt: skip


def _allowed(layout: Layout) -> tuple[Ints, "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]"]:
    """Return the set of each vehicle (V,), and what each set leaves out (G, P)."""
    lists = _lists_by_vehicle(layout, "VEHICLES_ALLOWED_CLIENTS")
    if lists is None:
        return np.zeros(layout.vehicles, dtype=np.int64), np.zeros((1, layout.nodes), dtype=np.bool_)
    number_of: dict[tuple[int, ...], int] = {}
    by_set: dict[frozenset[int], int] = {}
    for members in lists.members:
        if members not in number_of:
            number_of[members] = by_set.setdefault(frozenset(members), len(by_set))
    forbidden = np.ones((len(by_set), layout.nodes), dtype=np.bool_)
    for allowed, number in by_set.items():
        forbidden[number, [node - 1 for node in allowed]] = False
    forbidden[:, layout.order[: layout.depots]] = False
    if (restricted := int(forbidden.any(axis=1).sum())) > MOST_WORDS:
        rule = f"at most {MOST_WORDS} different sets of nodes are possible, there are {restricted}"
        layout.document.faults.add(rule, line=layout.document.line("VEHICLES_ALLOWED_CLIENTS"),
                                   field="VEHICLES_ALLOWED_CLIENTS", hint="Maybe split the problem.")  # fmt: skip
    return np.array([number_of[members] for members in lists.members], dtype=np.int64), forbidden


def requirements_of(layout: Layout, columns: VehicleColumns) -> tuple[Ints, Ints]:
    """Return the requirements of the stops (N,) and the skills of each set of nodes (G,), as bit sets.

    Bit k is required by the stops that the k-th restricted set leaves out, and held by all sets but that one.
    """
    restricted = np.flatnonzero(columns.forbidden.any(axis=1))
    requirements = np.zeros(layout.nodes, dtype=np.int64)
    skills = np.full(columns.forbidden.shape[0], (1 << restricted.size) - 1, dtype=np.int64)
    for bit, number in enumerate(restricted.tolist()):
        requirements[columns.forbidden[number]] |= 1 << bit
        skills[number] &= ~(1 << bit)
    return requirements[layout.order[layout.depots :]], skills


def build_vehicles(
    layout: Layout, columns: VehicleColumns, skills: Ints, depots: Depots
) -> tuple[VehicleTypes, tuple[tuple[int, ...], ...]]:
    """Return the types of sound columns in the order of their first vehicles, and the file's vehicles of each type."""
    scaling = layout.scaling
    each = np.column_stack([
        columns.depot.astype(np.int64),
        np.minimum(scaling.whole(columns.max_distance), NO_LIMIT),
        np.minimum(scaling.whole(columns.max_duration), LAST),
        columns.reloads.astype(np.int64),
        scaling.whole(columns.fixed),
        np.round(columns.unit_cost * PER_UNIT).astype(np.int64),
        columns.allowed,
        columns.capacity.astype(np.int64),
    ])  # fmt: skip
    _, first, number = np.unique(each, axis=0, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))[number.reshape(-1)]
    kinds = each[np.sort(first)]
    members: list[list[int]] = [[] for _ in first]
    for vehicle, kind in enumerate(rank.tolist()):
        members[kind].append(vehicle + 1)
    start, distance, duration, reloads, fixed, per_unit, allowed = kinds[:, :7].T
    vehicles = VehicleTypes(
        count=np.array([len(group) for group in members], dtype=np.int64),
        capacity=kinds[:, 7:],
        skills=skills[allowed],
        shift_start_at=depots.open_at[start],
        shift_end_at=depots.close_at[start],
        max_distance_m=distance,
        max_reloads=reloads,
        fixed_minor=fixed,
        per_km_minor=per_unit,
        per_hour_minor=np.zeros(len(members), dtype=np.int64),
        start=start,
        end=start,
        max_duration_s=duration,
    )
    return vehicles, tuple(tuple(group) for group in members)
