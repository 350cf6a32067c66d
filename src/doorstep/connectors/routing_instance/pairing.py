"""Pickups and deliveries that name each other, as pairs."""

import numpy as np

from doorstep.connectors.routing_instance.faults import Faults
from doorstep.foundation.arrays import Floats, Ints
from doorstep.vehicle_routing.problem import LAST, Pairs


def pairs_of(
    numbers: Floats, demand: Floats, pickup: Floats, delivery: Floats, faults: Faults, *, lines: list[int]
) -> tuple[Pairs, Ints]:
    """Return the pairs, and what is brought from the depot to the stops that are in none (N,).

    Parameters
    ----------
    numbers, demand, pickup, delivery : (N,)
        Number of each stop in the file, what it takes up (or, below zero, sets down), and the numbers of its pickup
        and of its delivery; 0 says that it has none.
    """
    load = np.zeros(numbers.size, dtype=np.int64)
    if any(np.isnan(column).any() for column in (numbers, demand, pickup, delivery)):
        return Pairs(), load  # a fault already
    row_of = {int(number): row for row, number in enumerate(numbers)}
    pairs: list[tuple[int, int]] = []
    for row, line in enumerate(lines):
        before, after = int(pickup[row]), int(delivery[row])
        if not before and not after:
            load[row] = int(demand[row])
            _check_single(int(demand[row]), faults, line)
            continue
        mate = _mate(row, row_of, pickup, delivery, numbers, faults, line)
        if mate >= 0 and after and _loads_agree(int(demand[row]), int(demand[mate]), faults, line):
            pairs.append((row, mate))
    ends = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    riding = demand.astype(np.int64)[ends[:, :1]]
    none = Pairs()
    if not pairs:
        return none, load
    limits = np.full(len(pairs), LAST, dtype=np.int64)
    return Pairs(pickup=ends[:, 0], delivery=ends[:, 1], load=riding, max_ride_s=limits), load


def _check_single(demand: int, faults: Faults, line: int) -> None:
    if demand < 0:
        hint = "Maybe the number of its pickup is missing."
        faults.add("the demand of a stop without a pair must not be negative", line=line, field="demand",
                   value=demand, hint=hint)  # fmt: skip


def _mate(
    row: int, row_of: dict[int, int], pickup: Floats, delivery: Floats, numbers: Floats, faults: Faults, line: int
) -> int:
    """Return the row of the other end of a pair, -1 and a fault if there is none that names this one."""
    before, after = int(pickup[row]), int(delivery[row])
    field, other = ("delivery", after) if after else ("pickup", before)
    if before and after:
        faults.add("a stop must not be pickup and delivery at once", line=line, field="pickup", value=before,
                   hint="Maybe one of the two should be 0.")  # fmt: skip
    elif other not in row_of:
        faults.add(f"the {field} must be the number of a stop", line=line, field=field, value=other,
                   hint="Maybe its row is missing.")  # fmt: skip
    elif (pickup if after else delivery)[row_of[other]] != numbers[row]:
        faults.add("the other end of the pair must name this stop", line=line, field=field, value=other,
                   hint="Maybe one of the two numbers is mistyped.")  # fmt: skip
    else:
        return row_of[other]
    return -1


def _loads_agree(taken: int, set_down: int, faults: Faults, line: int) -> bool:
    if taken >= 0 and set_down == -taken:
        return True
    rule = f"a pickup's demand must be positive and its delivery's the same below zero, which is {set_down}"
    faults.add(rule, line=line, field="demand", value=taken, hint="Maybe a sign is wrong.")
    return False
