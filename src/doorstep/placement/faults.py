"""Why a placement problem is broken or has no plan, in sentences with numbers."""

from typing import TYPE_CHECKING

import numpy as np

from doorstep.foundation.arrays import Bools, Floats, Ints

if TYPE_CHECKING:
    from doorstep.placement.problem import PlacementProblem

COSTS = ("stockout_cost", "holding")
MOVES = ("receive_cost", "send_cost")
COUNTS = ("supply", "present", "inbound", "least", "most")
SHOWN = 3
"""Places that a message names before it only counts."""


def input_faults(problem: "PlacementProblem") -> list[str]:
    """Return one sentence for each fault: of shapes first, then of numbers, then of what has no place."""
    return _shape_faults(problem) or _number_faults(problem) or _room_faults(problem)


def _shape_faults(problem: "PlacementProblem") -> list[str]:
    if problem.mean.ndim != 2 or not problem.mean.size:
        return [f"mean {problem.mean.shape} must be (I, S) with at least one product and one site."]
    products, sites = problem.mean.shape
    wanted = {
        "region": (sites,),
        "k": (products, sites),
        "value": (products, 3),
        "stockout_cost": (products,),
        "holding": (products,),
        "cube": (products,),
        "capacity": (sites,),
        "supply": (products,),
        "present": (products, sites),
        "receive_cost": (sites,),
        "send_cost": (sites,),
        "inbound": (sites,),
        "least": (products, sites),
        "most": (products, sites),
    }
    return [
        f"{name} {getattr(problem, name).shape} must be {shape}."
        for name, shape in wanted.items()
        if getattr(problem, name).shape != shape
    ]


def _number_faults(problem: "PlacementProblem") -> list[str]:
    value = problem.value
    rules: list[tuple[str, Floats | Ints, Bools, str]] = [
        ("region", problem.region, problem.region >= 0, "not be negative"),
        ("mean", problem.mean, (problem.mean >= 0) & np.isfinite(problem.mean), "be finite and not negative"),
        ("k", problem.k, problem.k > 0, "be above 0 (infinite for Poisson)"),
        ("value", value, np.isfinite(value), "be finite"),
        ("capacity", problem.capacity, problem.capacity >= 0, "not be negative"),
        ("cube", problem.cube, (problem.cube > 0) & np.isfinite(problem.cube), "be finite and above 0"),
    ]
    arrays = {name: getattr(problem, name) for name in (*COSTS, *MOVES, *COUNTS)}
    rules += [(name, arrays[name], np.isfinite(arrays[name]), "be finite") for name in (*COSTS, *MOVES)]
    rules += [(name, arrays[name], arrays[name] >= 0, "not be negative") for name in (*COSTS, *COUNTS)]
    faults = [_told(name, array, kept, rule) for name, array, kept, rule in rules if not kept.all()]
    if faults:
        return faults
    far = value[:, 2] + problem.stockout_cost
    if not ((np.diff(value, axis=1) <= 0).all() and (far >= 0).all()):
        row = int(np.flatnonzero((np.diff(value, axis=1) > 0).any(axis=1) | (far < 0))[0])
        faults.append(
            f"value must not rise from own site to region to beyond, and not be below -stockout_cost: product {row} "
            f"has {value[row].tolist()}, stockout_cost {problem.stockout_cost[row]:g}."
        )
    both = problem.receive_cost + problem.send_cost
    if (both < 0).any():
        site = int(np.argmin(both))
        faults.append(f"receive_cost + send_cost must not be negative: at site {site} they are {both[site]:g}.")
    return faults


def _told(name: str, array: Floats | Ints, kept: Bools, rule: str) -> str:
    where = np.argwhere(~kept)
    row = tuple(int(r) for r in where[0])
    place = row[0] if len(row) == 1 else row
    return f"{name} must {rule}: {len(where)} entries are not, first {place}: {array[row]}."


def _room_faults(problem: "PlacementProblem") -> list[str]:
    """Return which least units have no place: beyond the most, the supply, the room, or what can be received."""
    least = problem.least
    above = np.maximum(least - problem.present, 0).sum(axis=0)
    wanted = {
        "room": (problem.cube @ least, problem.capacity, "site", "capacity"),
        "units received": (above.astype(np.float64), problem.inbound.astype(np.float64), "site", "inbound"),
        "units in all": (least.sum(axis=1).astype(np.float64), problem.supply.astype(np.float64), "product", "supply"),
    }
    faults = []
    for what, (needed, there, place, name) in wanted.items():
        over = np.flatnonzero(needed > there + 1e-9 * np.maximum(1.0, needed))
        told = [
            f"{place} {row} needs {needed[row]:g}, {name} {there[row]:g}, {needed[row] - there[row]:g} too little"
            for row in over[:SHOWN]
        ]
        if told:
            more = f" (and {over.size - SHOWN} more)" if over.size > SHOWN else ""
            faults.append(f"least asks for more {what} than there is: {'; '.join(told)}{more}.")
    crossed = np.argwhere(least > problem.most)
    if crossed.size:
        i, s = (int(r) for r in crossed[0])
        faults.append(
            f"least must not be above most: {len(crossed)} entries are, first product {i} at site {s}: "
            f"{least[i, s]} above {problem.most[i, s]}."
        )
    return faults
