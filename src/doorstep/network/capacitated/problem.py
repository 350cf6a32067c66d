"""What capacitated siting needs: costs, demand, sites with levels, and rules on which may open."""

from dataclasses import dataclass

import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Bools, Floats
from doorstep.network.capacitated.faults import input_faults


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacitatedProblem:
    """N customers to be served from M sites, each built at one of L levels or closed.

    Parameters
    ----------
    cost : (N, M)
        Cost of serving the whole customer from the site, handling apart; infinite where it is not allowed.
    demand : (N,)
        Units that each customer wants.
    capacity : (M, L)
        Units that a site serves at each level.
    opening : (M, L)
        Cost of having the site open at each level; infinite for a level that is not offered.
    unit_cost : (M, L)
        Cost of handling a unit at each level.
    closing : (M,)
        Cost of having the site closed, for sites that exist.
    must_open, must_not : (M,)
        Sites that stay open at some level, and sites that stay closed.
    sites
        Number of open sites, or None for any number.
    exactly
        Whether exactly so many are open; otherwise at most.
    split
        Whether several sites may share a customer; otherwise each has one.

    Raises
    ------
    InputError
        If shapes or numbers are broken, or the demand cannot be served; the message lists every fault.

    References
    ----------
    Cornuejols, Sridharan, Thizy (1991), A comparison of heuristics and relaxations for the capacitated plant location
    problem. Mulvey, Beck (1984), Solving capacitated clustering problems (capacitated p-median).
    """

    cost: Floats
    demand: Floats
    capacity: Floats
    opening: Floats
    unit_cost: Floats
    closing: Floats
    must_open: Bools
    must_not: Bools
    sites: int | None = None
    exactly: bool = True
    split: bool = True

    def __post_init__(self) -> None:
        faults = input_faults(self)
        if faults:
            raise InputError(" ".join(faults))


def capacitated_problem(
    cost: Floats,
    demand: Floats,
    capacity: Floats,
    opening: Floats,
    *,
    unit_cost: Floats | None = None,
    closing: Floats | None = None,
    must_open: Bools | None = None,
    must_not: Bools | None = None,
    sites: int | None = None,
    exactly: bool = True,
    split: bool = True,
) -> CapacitatedProblem:
    """Return a problem in which what is not given is absent; ``capacity`` and ``opening`` (M,) mean one level."""

    def by_level(values: Floats) -> Floats:
        array = np.asarray(values, dtype=np.float64)
        return array[:, None] if array.ndim == 1 else array

    levels = by_level(capacity)
    count = levels.shape[0]
    return CapacitatedProblem(
        cost=np.asarray(cost, dtype=np.float64),
        demand=np.asarray(demand, dtype=np.float64),
        capacity=levels,
        opening=by_level(opening),
        unit_cost=np.zeros(levels.shape) if unit_cost is None else by_level(unit_cost),
        closing=np.zeros(count) if closing is None else np.asarray(closing, dtype=np.float64),
        must_open=np.zeros(count, np.bool_) if must_open is None else np.asarray(must_open, dtype=np.bool_),
        must_not=np.zeros(count, np.bool_) if must_not is None else np.asarray(must_not, dtype=np.bool_),
        sites=sites,
        exactly=exactly,
        split=split,
    )
