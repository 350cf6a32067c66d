"""Why a problem is broken or cannot be served, in sentences with numbers."""

from typing import TYPE_CHECKING

import numpy as np

from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.network.capacitated._transport import transport

if TYPE_CHECKING:
    from doorstep.network.capacitated.problem import CapacitatedProblem

SHOWN = 5
"""Rows that a message names before it only counts."""


def input_faults(problem: "CapacitatedProblem") -> list[str]:
    """Return one sentence for each fault: of shapes first, then of numbers, then of what cannot be served."""
    return _shape_faults(problem) or (_number_faults(problem) + _count_faults(problem)) or _room_faults(problem)


def some(rows: Ints) -> str:
    """Return the first rows, and how many there are if more."""
    shown = ", ".join(str(row) for row in rows[:SHOWN])
    return shown if rows.size <= SHOWN else f"{shown}, ... ({rows.size} in all)"


def _shape_faults(problem: "CapacitatedProblem") -> list[str]:
    if problem.cost.ndim != 2 or problem.capacity.ndim != 2:
        return [f"cost {problem.cost.shape} and capacity {problem.capacity.shape} must be (N, M) and (M, L)."]
    customers, sites = problem.cost.shape
    table = (sites, problem.capacity.shape[1])
    shapes = {
        "demand": (problem.demand, (customers,)),
        "capacity": (problem.capacity, table),
        "opening": (problem.opening, table),
        "unit_cost": (problem.unit_cost, table),
        "closing": (problem.closing, (sites,)),
        "must_open": (problem.must_open, (sites,)),
        "must_not": (problem.must_not, (sites,)),
    }
    faults = [f"{name} {got.shape} must be {wanted}." for name, (got, wanted) in shapes.items() if got.shape != wanted]
    return faults if customers and sites and table[1] else [*faults, f"cost {problem.cost.shape} has no pair."]


def _number_faults(problem: "CapacitatedProblem") -> list[str]:
    offered = np.isfinite(problem.opening)
    finite = {
        "demand": problem.demand,
        "capacity": np.where(offered, problem.capacity, 0.0),
        "unit_cost": np.where(offered, problem.unit_cost, 0.0),
        "closing": problem.closing,
    }
    faults = []
    for name, values in (finite | {"cost": problem.cost, "opening": problem.opening}).items():
        wrong = ~(values >= 0) | (np.isinf(values) if name in finite else False)
        if wrong.any():
            where = np.argwhere(wrong)
            row = tuple(int(r) for r in where[0])
            rule = "be finite and not negative" if name in finite else "not be negative"
            place = row[0] if len(row) == 1 else row
            faults.append(f"{name} must {rule}: {len(where)} entries are not, first row {place}: {values[row]}.")
    return faults


def _count_faults(problem: "CapacitatedProblem") -> list[str]:
    both = np.flatnonzero(problem.must_open & problem.must_not)
    faults = [f"sites {some(both)} must open and must not."] if both.size else []
    offered = np.isfinite(problem.opening).any(axis=1)
    levels = np.flatnonzero(problem.must_open & ~offered)
    faults += [f"sites {some(levels)} must open but no level is offered (opening is infinite)."] if levels.size else []
    if problem.sites is None:
        return faults
    free = int((offered & ~problem.must_not).sum())
    must = int(problem.must_open.sum())
    if problem.sites < 0 or (problem.exactly and problem.sites > free):
        faults.append(f"sites = {problem.sites} must lie between 0 and the {free} that may open.")
    if must > problem.sites:
        faults.append(f"{must} sites must open, more than sites = {problem.sites}.")
    return faults


def _room_faults(problem: "CapacitatedProblem") -> list[str]:
    """Return why the demand cannot be served: in all, customer by customer, or somewhere."""
    offered = np.isfinite(problem.opening) & ~problem.must_not[:, None]
    largest = np.where(offered, problem.capacity, 0.0).max(axis=1)
    allowed = np.isfinite(problem.cost) & offered.any(axis=1)
    faults = []
    open_most = largest.size if problem.sites is None else problem.sites
    must = np.where(problem.must_open, np.inf, largest)
    first = np.argsort(-must, kind="stable")[:open_most]
    room, wanted = float(largest[first].sum()), float(problem.demand.sum())
    if wanted > room * (1 + 1e-9):
        which = "all sites" if problem.sites is None else f"the largest {open_most} sites that may open together"
        faults.append(f"demand {wanted:g} is {wanted - room:g} more than the capacity {room:g} of {which}.")
    alone = np.flatnonzero(~allowed.any(axis=1))
    if alone.size:
        faults.append(f"no site may serve customers {some(alone)}.")
    if not problem.split:
        reach = np.where(allowed, largest, -1.0).max(axis=1)
        big = np.flatnonzero((problem.demand > reach) & (reach >= 0))
        if big.size:
            faults.append(
                f"customers {some(big)} are larger than every site that may serve them: customer {big[0]} wants "
                f"{problem.demand[big[0]]:g}, the largest holds {reach[big[0]]:g}."
            )
        allowed = allowed & (problem.demand[:, None] <= largest)
    return faults or _local_faults(problem.demand, allowed, largest)


def _local_faults(demand: Floats, allowed: Bools, largest: Floats) -> list[str]:
    """Return which customers want more than the sites that may serve them hold, by a largest flow."""
    if allowed.all():
        return []
    chosen = np.flatnonzero(allowed.any(axis=0)).astype(np.int64)
    rate = np.where(allowed.T, 0.0, np.inf)
    flow, shift = np.empty((chosen.size, demand.size)), np.empty((chosen.size, chosen.size))
    sites = np.arange(largest.size)
    _, lost, stuck = transport(rate, np.zeros(largest.size), sites, demand, largest, chosen, flow, shift)
    if lost <= 1e-9 * float(demand.sum()):
        return []
    there = np.flatnonzero((flow[stuck] > 0).any(axis=0))
    sites = chosen[stuck]
    wanted, room = float(demand[there].sum()), float(largest[sites].sum())
    told = f"customers {some(there)} want {wanted:g} and only sites {some(sites)} may serve them"
    return [f"{told}, which hold {room:g}: {wanted - room:g} too little."]
