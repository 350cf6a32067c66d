"""A problem as the kernels read it: sites in the order of their regions, and the tails of demand at three levels."""

from typing import NamedTuple

import numpy as np

from doorstep.foundation.arrays import Floats, Ints
from doorstep.placement._tails_kernels import demand_tails
from doorstep.placement.problem import PlacementProblem


class Market(NamedTuple):
    """What kernels read; sites are in the order of their regions, ``site[s]`` is the caller's number of site s.

    A unit at its own site gains ``own_value P(D_site > x)``, and besides ``region_value P(D_region > X_region)`` and
    ``nation_value P(D > X)``: the value of the best assignment is the sum of the three levels.
    """

    site: Ints
    """(S,) numbers of the caller."""
    members: Ints
    """(R + 1,) first site of each region."""
    own_value: Floats
    """(I,) what a unit from the own site is worth beyond one from the region."""
    region_value: Floats
    """(I,) what a unit from the region is worth beyond one from another."""
    nation_value: Floats
    """(I,) what a unit from another region is worth beyond a unit not served."""
    own: Floats
    own_start: Ints
    pooled: Floats
    region_start: Ints
    nation: Floats
    nation_start: Ints
    lost: Floats
    """(I, 3) units beyond the tails, by level."""
    cube: Floats
    holding: Floats
    supply: Ints
    present: Ints
    receive_cost: Floats
    send_cost: Floats
    least: Ints
    most: Ints
    capacity: Floats
    inbound: Ints


def market_of(problem: PlacementProblem) -> Market:
    """Return a problem with its tails."""
    site = np.argsort(problem.region, kind="stable").astype(np.int64)
    products, sites = problem.mean.shape
    members = np.searchsorted(problem.region[site], np.arange(problem.regions + 1)).astype(np.int64)
    own_start = np.empty(products * sites + 1, np.int64)
    region_start = np.empty(products * problem.regions + 1, np.int64)
    nation_start = np.empty(products + 1, np.int64)
    lost = np.empty((products, 3))
    mean, k = np.ascontiguousarray(problem.mean[:, site]), np.ascontiguousarray(problem.k[:, site])
    own, pooled, nation = demand_tails(mean, k, members, own_start, region_start, nation_start, lost)
    value = problem.value
    return Market(
        site=site,
        members=members,
        own_value=value[:, 0] - value[:, 1],
        region_value=value[:, 1] - value[:, 2],
        nation_value=value[:, 2] + problem.stockout_cost,
        own=own,
        own_start=own_start,
        pooled=pooled,
        region_start=region_start,
        nation=nation,
        nation_start=nation_start,
        lost=lost,
        cube=np.array(problem.cube),
        holding=np.array(problem.holding),
        supply=np.array(problem.supply),
        present=np.ascontiguousarray(problem.present[:, site]),
        receive_cost=problem.receive_cost[site],
        send_cost=problem.send_cost[site],
        least=np.ascontiguousarray(problem.least[:, site]),
        most=np.ascontiguousarray(problem.most[:, site]),
        capacity=_room(problem)[site],
        inbound=problem.inbound[site],
    )


def _room(problem: PlacementProblem) -> Floats:
    """Return the room that whole units can use: where all are of one size, no more than a multiple of it."""
    size = float(problem.cube[0])
    if not (problem.cube == size).all():
        return np.array(problem.capacity)
    return np.floor(problem.capacity / size * (1 + 1e-12)) * size
